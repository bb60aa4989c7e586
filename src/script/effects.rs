//! What image callbacks leave behind: variables that they write and that the callbacks between two frames read.
//!
//! Image callbacks run only for frames that are traced, so such a script cannot be rendered in parts. Found in the
//! syntax tree, without running anything; where that cannot tell, it is taken for a write.

use super::Callback;
use super::names;
use super::source::{Script, Unit};
use rhai::{ASTNode, Expr, Position, Stmt};
use std::collections::{BTreeSet, HashMap, HashSet};
use std::ops::RangeInclusive;
use std::path::Path;

/// Functions of the language that change what they are called on.
const MUTATING: &[&str] = &[
    "append",
    "chop",
    "clear",
    "crop",
    "dedup",
    "drain",
    "extend",
    "fill_with",
    "insert",
    "make_lower",
    "make_upper",
    "mixin",
    "pad",
    "pop",
    "push",
    "remove",
    "replace",
    "retain",
    "reverse",
    "set",
    "set_bit",
    "set_bits",
    "shift",
    "sort",
    "sort_by",
    "sort_desc",
    "splice",
    "transform",
    "trim",
    "truncate",
    "write",
];

type Names = HashSet<String>;
/// A function or variable of a unit.
type Global = (usize, String);

/// What one function does with variables that are not its own.
#[derive(Default)]
struct Facts {
    reads: HashSet<Global>,
    writes: HashSet<Global>,
    calls: HashSet<Global>,
}

impl Script {
    /// Top-level variables that `update_image` or `accum_done` write and `rt_starting`, `compute` or `update_data`
    /// read, themselves or in functions that they call; sorted by name. Those of a module are called `file::name`.
    pub fn image_callback_effects(&self) -> Vec<String> {
        let mut all = HashMap::new();
        let mut state = HashSet::new();
        for (index, unit) in self.units.iter().enumerate() {
            facts(index, unit, &mut all);
            state.extend(unit.ast.statements().iter().filter_map(defined).map(|name| (index, name)));
        }
        let main = self.units.len() - 1;
        let image = reachable(&all, main, &[Callback::UpdateImage, Callback::AccumDone]);
        let others = reachable(&all, main, &[Callback::RtStarting, Callback::Compute, Callback::UpdateData]);
        let read: HashSet<&Global> = others.iter().flat_map(|facts| &facts.reads).collect();
        let written = image.iter().flat_map(|facts| &facts.writes);
        let both = written.filter(|&variable| state.contains(variable) && read.contains(variable));
        let name = |(index, name): &Global| match Path::new(&self.units[*index].name).file_stem() {
            Some(file) if *index != main => format!("{}::{name}", file.to_string_lossy()),
            _ => name.clone(),
        };
        both.map(name).collect::<BTreeSet<String>>().into_iter().collect()
    }
}

/// The variable that a statement makes.
fn defined(statement: &Stmt) -> Option<String> {
    if let Stmt::Var(var, ..) = statement { Some(var.0.name.to_string()) } else { None }
}

/// The functions that may run when one of `callbacks` of the unit `main` is called.
fn reachable<'a>(all: &'a HashMap<Global, Facts>, main: usize, callbacks: &[Callback]) -> Vec<&'a Facts> {
    let mut open: Vec<Global> = callbacks.iter().map(|c| (main, c.name().to_string())).collect();
    let (mut seen, mut found) = (HashSet::new(), Vec::new());
    while let Some(name) = open.pop() {
        if let Some(facts) = all.get(&name)
            && seen.insert(name)
        {
            found.push(facts);
            open.extend(facts.calls.iter().cloned());
        }
    }
    found
}

/// Adds the facts of all functions of a unit, by name: overloads count as one function.
fn facts(index: usize, unit: &Unit, all: &mut HashMap<Global, Facts>) {
    let ast = &unit.ast;
    let names: Names = ast.iter_fn_def().map(|f| f.name.to_string()).collect();
    let mut functions: Vec<Function> = ast
        .iter_fn_def()
        .map(|f| Function {
            name: f.name.to_string(),
            span: f.body.start_position()..=f.body.end_position(),
            own: f.params.iter().map(|p| p.to_string()).collect(),
            facts: Facts::default(),
        })
        .collect();
    // Innermost first: a closure is a function of its own, written inside another.
    functions.sort_by_key(|f| std::cmp::Reverse(*f.span.start()));
    ast.walk(&mut |path: &[ASTNode<'_>]| {
        if let Some(node) = path.last()
            && let Some(function) = functions.iter_mut().find(|f| f.span.contains(&node.position()))
        {
            own_variables(node, &mut function.own);
            Visit { index, unit, functions: &names, facts: &mut function.facts }.node(node);
        }
        true
    });
    for function in &functions {
        let inner = functions.iter().filter(|f| f.name != function.name && function.span.contains(f.span.start()));
        let known = all.entry((index, function.name.clone())).or_default();
        let foreign = |(at, name): &&Global| *at != index || !function.own.contains(name);
        known.reads.extend(function.facts.reads.iter().filter(foreign).cloned());
        known.writes.extend(function.facts.writes.iter().filter(foreign).cloned());
        known.calls.extend(function.facts.calls.iter().cloned());
        known.calls.extend(inner.map(|f| (index, f.name.clone())));
    }
}

/// A function, told apart by where its body stands.
struct Function {
    name: String,
    span: RangeInclusive<Position>,
    own: Names,
    facts: Facts,
}

/// Variables that a function makes hide those of the top level.
fn own_variables(node: &ASTNode<'_>, own: &mut Names) {
    if let ASTNode::Stmt(statement) = node {
        own.extend(defined(statement));
        if let Stmt::For(parts, _) = statement {
            own.insert(parts.0.name.to_string());
            own.extend(parts.1.as_ref().map(|counter| counter.name.to_string()));
        }
    }
}

struct Visit<'a> {
    index: usize,
    unit: &'a Unit,
    functions: &'a Names,
    facts: &'a mut Facts,
}

impl Visit<'_> {
    fn node(&mut self, node: &ASTNode<'_>) {
        match node {
            ASTNode::Stmt(Stmt::Assignment(assignment)) => self.written(root(&assignment.1.lhs)),
            ASTNode::Stmt(Stmt::FnCall(call, _)) | ASTNode::Expr(Expr::FnCall(call, _)) => {
                if call.namespace.is_empty() {
                    self.called(&call.name);
                } else if let Some(module) = names::imported(self.unit, call.namespace.root()) {
                    self.facts.calls.insert((module, call.name.to_string()));
                }
                // `push(list, 1)` is `list.push(1)`.
                if MUTATING.contains(&call.name.as_str()) {
                    self.written(call.args.first().and_then(root));
                }
            }
            ASTNode::Expr(Expr::MethodCall(call, _)) => self.called(&call.name),
            ASTNode::Expr(Expr::Variable(variable, ..)) => {
                let module = match variable.2.is_empty() {
                    true => Some(self.index),
                    false => names::imported(self.unit, variable.2.root()),
                };
                self.facts.reads.extend(module.map(|index| (index, variable.1.to_string())));
            }
            // The name of a function may become a call.
            ASTNode::Expr(Expr::StringConstant(text, _)) => self.called(text),
            ASTNode::Expr(chain @ (Expr::Dot(parts, ..) | Expr::Index(parts, ..))) if self.mutates(&parts.rhs) => {
                self.written(root(chain));
            }
            _ => {}
        }
    }

    fn written(&mut self, variable: Option<String>) {
        self.facts.writes.extend(variable.map(|name| (self.index, name)));
    }

    fn called(&mut self, name: &str) {
        if self.functions.contains(name) {
            self.facts.calls.insert((self.index, name.to_string()));
        }
    }

    /// Whether the rest of a chain (what follows the first dot or bracket) calls something that changes its object:
    /// a function of the script may change `this`.
    fn mutates(&self, rest: &Expr) -> bool {
        match rest {
            Expr::MethodCall(call, _) => {
                MUTATING.contains(&call.name.as_str()) || self.functions.contains(call.name.as_str())
            }
            Expr::Dot(parts, ..) | Expr::Index(parts, ..) => self.mutates(&parts.lhs) || self.mutates(&parts.rhs),
            _ => false,
        }
    }
}

/// The variable at the beginning of `x`, `x.y`, `x[i].z`.
fn root(expression: &Expr) -> Option<String> {
    match expression {
        Expr::Variable(variable, ..) => Some(variable.1.to_string()),
        Expr::Dot(parts, ..) | Expr::Index(parts, ..) => root(&parts.lhs),
        _ => None,
    }
}

#[cfg(test)]
mod tests {
    use crate::script::{Script, ScriptOptions};
    use std::path::Path;

    fn effects(text: &str) -> Vec<String> {
        let script = Script::from_source("t.rhai", text, Path::new("."), ScriptOptions::default());
        script.expect("the script compiles").image_callback_effects()
    }

    #[test]
    fn writes_of_image_callbacks_that_others_read_are_found() {
        let reads = "let a = [1]; let b = #{ c: [] }; let n = 0; fn compute(rt, delta) { print(a); f(); } \
                     fn f() { n + b.len() }";
        for (write, names) in [
            ("n = 1;", &["n"][..]),
            ("if true { n += 1; }", &["n"]),
            ("a[0] = 1;", &["a"]),
            ("a.push(1);", &["a"]),
            ("push(a, 1);", &["a"]),
            ("b.c.push(n);", &["b"]),
            ("b.c = 2; a.clear();", &["a", "b"]),
            ("g();", &["n"]),
            ("call(Fn(\"g\"));", &["n"]),
            ("a.h();", &["a"]),
            ("[1].for_each(|| n += 1);", &["n"]),
            // Not writes, or not of the state.
            ("print(a.len() + n);", &[]),
            ("let n = 1; n += 1;", &[]),
            ("for n in 0..3 { n += 1; }", &[]),
        ] {
            let helpers = "fn g() { n = 3; } fn h() { this[0] = 1; }";
            assert_eq!(effects(&format!("{reads} {helpers} fn update_image(rt) {{ {write} }}")), names, "{write}");
            assert_eq!(effects(&format!("{reads} {helpers} fn accum_done(rt) {{ {write} }}")), names, "{write}");
            assert_eq!(effects(&format!("{reads} {helpers} fn rt_starting(rt) {{ {write} }}")), [""; 0], "{write}");
        }
    }

    #[test]
    fn what_only_image_callbacks_read_does_not_matter() {
        assert_eq!(effects("let n = 0; fn update_image(rt) { n += 1; } fn accum_done(rt) { print(n); }"), [""; 0]);
    }

    #[test]
    fn variables_of_modules_count() {
        let dir = tempfile::tempdir().unwrap();
        std::fs::write(dir.path().join("util.rhai"), "let n = 0; fn up() { n += 1; } fn get() { n } fn no() { 1 }")
            .unwrap();
        let effects = |other: &str| {
            let text =
                format!("import \"util\" as u; fn update_image(rt) {{ u::up(); }} fn compute(rt, delta) {{ {other} }}");
            let script = Script::from_source("t.rhai", &text, dir.path(), ScriptOptions::default());
            script.expect("the script compiles").image_callback_effects()
        };
        assert_eq!(effects("u::get();"), ["util::n"]);
        assert_eq!(effects("u::no();"), [""; 0]);
    }
}
