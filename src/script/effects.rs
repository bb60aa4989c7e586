//! Side effects of callbacks: variables that they write, and changes of the scene and of the run.
//!
//! Image callbacks run only for frames that are traced, so a script whose image callbacks change what the other callbacks
//! read cannot be rendered in parts. This is found in the syntax tree, without running anything; an access that is not
//! certainly a read counts as a write.

use super::callback::Callback;
use super::source::Script;
use super::unit::Unit;
use super::{api, names};
use crate::{Error, Place, Result};
use rhai::{ASTNode, Expr, Position, Stmt, StmtBlock};
use std::collections::{HashMap, HashSet};
use std::ops::RangeInclusive;
use std::path::Path;

/// Functions of the language that change their object.
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

/// Accesses of one function to top-level variables and to `rt`.
#[derive(Default)]
struct Facts {
    reads: HashSet<Global>,
    /// Variables that it writes, each with the first place.
    writes: HashMap<Global, Position>,
    /// Methods of `rt` that change the scene or the run.
    stages: Vec<(&'static api::Function, Position)>,
    /// Loops in whose bodies no variable is used.
    blind_loops: Vec<Position>,
    calls: HashSet<Global>,
}

/// The name under which the facts of a unit's top level are kept: no function has it.
const TOP_LEVEL: &str = "";

/// Selects functions by when they run.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Reach {
    /// Functions that the top level and `init` call, `init` included.
    Setup,
    /// Functions that the other callbacks call, themselves included.
    Rounds,
}

/// The callbacks that run only for frames that are traced.
const IMAGE: [Callback; 2] = [Callback::UpdateImage, Callback::AccumDone];

impl Script {
    /// Whether the frames of a batch may be rendered apart from each other. Fails where `update_image` or
    /// `accum_done` write top-level variables that `rt_starting`, `compute` or `update_data` read, themselves or in
    /// functions that they call.
    pub fn check_image_callbacks_apart(&self) -> Result<()> {
        let all = self.facts();
        let others = self.reachable(&all, &[Callback::RtStarting, Callback::Compute, Callback::UpdateData]);
        let read: HashSet<&Global> = others.iter().flat_map(|(_, facts)| &facts.reads).collect();
        let mut found: Vec<(String, Callback, Option<Place>)> = Vec::new();
        for callback in IMAGE {
            for ((unit, _), facts) in self.reachable(&all, &[callback]) {
                for (variable, pos) in &facts.writes {
                    if self.is_top_level(variable) && read.contains(variable) {
                        found.push((self.shown(variable), callback, self.units[*unit].place(*pos)));
                    }
                }
            }
        }
        found.sort_by(|a, b| a.0.cmp(&b.0));
        found.dedup_by(|a, b| a.0 == b.0);
        let Some((_, callback, place)) = found.first().cloned() else { return Ok(()) };
        let names = found.iter().map(|(name, ..)| format!("`{name}`")).collect::<Vec<_>>().join(", ");
        let error = Error::script(format!(
            "a part of the frames cannot be rendered on its own: `{}` writes {names}, which other callbacks read",
            callback.name()
        ))
        .hint("render all frames from 0, without steps and without skipping, or move that work to `update_data`");
        Err(match place {
            Some(place) => error.at(place),
            None => error,
        })
    }

    /// Calls in `update_image` and `accum_done`, and in functions that they call, which fail where only a part of the
    /// frames is rendered.
    pub fn image_callback_changes(&self) -> Vec<Error> {
        let all = self.facts();
        let mut found: Vec<Error> = Vec::new();
        for callback in IMAGE {
            for ((unit, _), facts) in self.reachable(&all, &[callback]) {
                for (function, pos) in &facts.stages {
                    let place = self.units[*unit].place(*pos);
                    if !found.iter().any(|known| known.place == place) {
                        let error = api::changes_apart(function, callback);
                        found.push(Error { place, ..error });
                    }
                }
            }
        }
        found.sort_by_key(|error| error.place.as_ref().map(|p| (p.file.clone(), p.line, p.column)));
        found
    }

    /// The first of `callbacks` that changes a top-level variable, and where it or a function that it calls does.
    pub(super) fn change_of(&self, unit: usize, name: &str, callbacks: &[Callback]) -> Option<(Callback, Place)> {
        let all = self.facts();
        let variable = (unit, name.to_string());
        callbacks.iter().find_map(|callback| {
            let reachable = self.reachable(&all, &[*callback]);
            reachable.iter().find_map(|((unit, _), facts)| {
                let pos = facts.writes.get(&variable)?;
                Some((*callback, self.units[*unit].place(*pos)?))
            })
        })
    }

    /// The likely place of a callback that was stopped by a limit while it used no variable, so that the limit could not
    /// report one: its first loop without a variable.
    pub(super) fn blind_loop(&self, callback: Callback) -> Option<Place> {
        let all = self.facts();
        let reachable = self.reachable(&all, &[callback]);
        let mut loops = reachable.iter().flat_map(|((unit, _), facts)| facts.blind_loops.iter().map(|p| (*unit, *p)));
        loops.find_map(|(unit, pos)| self.units[unit].place(pos))
    }

    /// The functions that may run at this time.
    pub(super) fn reach(&self, when: Reach) -> HashSet<Global> {
        let all = self.facts();
        self.roots(&all, when).into_iter().map(|(name, _)| name.clone()).collect()
    }

    /// Whether the top level, `init`, or a function that they call reads a variable.
    pub(super) fn setup_reads(&self, variable: &Global) -> bool {
        let all = self.facts();
        self.roots(&all, Reach::Setup).iter().any(|(_, facts)| facts.reads.contains(variable))
    }

    fn roots<'a>(&self, all: &'a HashMap<Global, Facts>, when: Reach) -> Vec<(&'a Global, &'a Facts)> {
        let main = self.units.len() - 1;
        let callbacks = Callback::ALL.iter().filter(|c| (**c == Callback::Init) == (when == Reach::Setup));
        let mut roots: Vec<Global> = callbacks.map(|c| (main, c.name().to_string())).collect();
        if when == Reach::Setup {
            roots.extend((0..self.units.len()).map(|unit| (unit, TOP_LEVEL.to_string())));
        }
        reachable_from(all, roots)
    }

    /// Accesses of all functions, by name: overloads count as one function.
    fn facts(&self) -> HashMap<Global, Facts> {
        let mut all = HashMap::new();
        for (index, unit) in self.units.iter().enumerate() {
            facts(index, unit, &mut all);
        }
        all
    }

    fn is_top_level(&self, (unit, name): &Global) -> bool {
        self.units[*unit].ast.statements().iter().filter_map(defined).any(|defined| defined == *name)
    }

    /// A variable of a module is called `file::name`.
    fn shown(&self, (unit, name): &Global) -> String {
        match Path::new(&self.units[*unit].name).file_stem() {
            Some(file) if unit + 1 != self.units.len() => format!("{}::{name}", file.to_string_lossy()),
            _ => name.clone(),
        }
    }

    /// The functions that may run when one of `callbacks` is called, those themselves first.
    fn reachable<'a>(&self, all: &'a HashMap<Global, Facts>, callbacks: &[Callback]) -> Vec<(&'a Global, &'a Facts)> {
        let main = self.units.len() - 1;
        reachable_from(all, callbacks.iter().map(|c| (main, c.name().to_string())))
    }
}

/// The functions of these names, and all that they may call.
fn reachable_from(all: &HashMap<Global, Facts>, roots: impl IntoIterator<Item = Global>) -> Vec<(&Global, &Facts)> {
    let mut found: Vec<(&Global, &Facts)> = Vec::new();
    found.extend(roots.into_iter().filter_map(|root| all.get_key_value(&root)));
    let mut next = 0;
    while let Some((_, facts)) = found.get(next) {
        let mut calls: Vec<_> = facts.calls.iter().filter_map(|name| all.get_key_value(name)).collect();
        // In the same order in every run.
        calls.sort_by_key(|(name, _)| *name);
        for call in calls {
            if !found.iter().any(|(name, _)| *name == call.0) {
                found.push(call);
            }
        }
        next += 1;
    }
    found
}

/// The variable that a statement makes.
fn defined(statement: &Stmt) -> Option<String> {
    if let Stmt::Var(var, ..) = statement { Some(var.0.name.to_string()) } else { None }
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
    let mut top_level = Facts::default();
    ast.walk(&mut |path: &[ASTNode<'_>]| {
        let Some(node) = path.last() else { return true };
        let facts = match functions.iter_mut().find(|f| f.span.contains(&node.position())) {
            Some(function) => {
                own_variables(node, &mut function.own);
                &mut function.facts
            }
            None => &mut top_level,
        };
        Visit { index, unit, functions: &names, facts }.node(node);
        true
    });
    all.insert((index, TOP_LEVEL.to_string()), top_level);
    for function in &functions {
        let inner = functions.iter().filter(|f| f.name != function.name && function.span.contains(f.span.start()));
        let known = all.entry((index, function.name.clone())).or_default();
        let foreign = |(at, name): &&Global| *at != index || !function.own.contains(name);
        known.reads.extend(function.facts.reads.iter().filter(foreign).cloned());
        for (variable, pos) in function.facts.writes.iter().filter(|(variable, _)| foreign(variable)) {
            let first = known.writes.entry(variable.clone()).or_insert(*pos);
            *first = (*first).min(*pos);
        }
        known.stages.extend(function.facts.stages.iter().copied());
        known.blind_loops.extend(function.facts.blind_loops.iter().copied());
        known.calls.extend(function.facts.calls.iter().cloned());
        known.calls.extend(inner.map(|f| (index, f.name.clone())));
    }
}

/// A function, identified by the place of its body.
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
            ASTNode::Stmt(Stmt::Assignment(assignment)) => self.written(&assignment.1.lhs),
            ASTNode::Stmt(Stmt::While(flow, pos) | Stmt::Do(flow, _, pos))
                if !uses_variable(&flow.body) && !matches!(flow.expr, Expr::Variable(..)) =>
            {
                self.facts.blind_loops.push(*pos);
            }
            ASTNode::Stmt(Stmt::For(parts, pos)) if !uses_variable(&parts.2.body) => {
                self.facts.blind_loops.push(*pos);
            }
            ASTNode::Stmt(Stmt::FnCall(call, _)) | ASTNode::Expr(Expr::FnCall(call, _)) => {
                if call.namespace.is_empty() {
                    self.called(&call.name);
                } else if let Some(module) = names::imported(self.unit, call.namespace.root()) {
                    self.facts.calls.insert((module, call.name.to_string()));
                }
                // `push(list, 1)` is `list.push(1)`.
                if let (Some(target), true) = (call.args.first(), MUTATING.contains(&call.name.as_str())) {
                    self.written(target);
                }
            }
            ASTNode::Expr(Expr::MethodCall(call, pos)) => {
                self.called(&call.name);
                if !self.functions.contains(call.name.as_str()) {
                    let changing = api::find(&call.name).find(|function| function.stages());
                    self.facts.stages.extend(changing.map(|function| (function, *pos)));
                }
            }
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
                self.written(chain);
            }
            _ => {}
        }
    }

    /// `target`, or something in it, is changed.
    fn written(&mut self, target: &Expr) {
        if let Some((name, pos)) = names::root(target) {
            let first = self.facts.writes.entry((self.index, name.to_string())).or_insert(pos);
            *first = (*first).min(pos);
        }
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

fn uses_variable(body: &StmtBlock) -> bool {
    let mut found = false;
    for statement in body.statements() {
        statement.walk(&mut Vec::new(), &mut |path: &[ASTNode]| {
            found |= matches!(path.last(), Some(ASTNode::Expr(Expr::Variable(..))));
            !found
        });
    }
    found
}

#[cfg(test)]
mod tests {
    use crate::script::{Script, ScriptOptions};
    use std::path::Path;
    use std::sync::Arc;

    fn script(text: &str, dir: &Path) -> Arc<Script> {
        Script::from_source("t.rhai", text, dir, ScriptOptions::default()).expect("the script compiles")
    }

    /// The variables that keep a script from being rendered in parts.
    fn named(script: &Script) -> Vec<String> {
        let Err(error) = script.check_image_callbacks_apart() else { return Vec::new() };
        assert!(error.place.is_some(), "{error}");
        let names = error.message.split("writes ").nth(1).unwrap().split(", which").next().unwrap();
        names.split(", ").map(|name| name.trim_matches('`').to_string()).collect()
    }

    fn effects(text: &str) -> Vec<String> {
        named(&script(text, Path::new(".")))
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
            named(&script(&text, dir.path()))
        };
        assert_eq!(effects("u::get();"), ["util::n"]);
        assert_eq!(effects("u::no();"), [""; 0]);
    }

    #[test]
    fn changes_of_the_scene_and_of_the_run_in_image_callbacks_are_found() {
        let text = "fn update_image(rt) {\n if rt.frame > 5 { finish(rt); }\n let s = rt.get_size();\n}\n\
                    fn finish(handle) {\n handle.save_image(\"a.png\");\n handle.close();\n}\n\
                    fn accum_done(rt) { rt.set_background(0); finish(rt); }\n\
                    fn update_data(rt) { rt.set_ambient(1); }";
        let found = script(text, Path::new(".")).image_callback_changes();
        let shown: Vec<_> = found.iter().map(|e| (e.place.as_ref().unwrap().line, e.message.as_str())).collect();
        let message = |call, callback| {
            format!("`rt.{call}` in `{callback}` changes the frames that follow, of which only a part is rendered")
        };
        let expected = [(7, message("close", "update_image")), (9, message("set_background", "accum_done"))];
        assert_eq!(shown, expected.each_ref().map(|(line, message)| (*line, message.as_str())));
    }
}
