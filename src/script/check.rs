//! Mistakes found in the text of a script, which Rhai itself finds only when the code runs.

use super::callback::Callback;
use super::language::DISABLED;
use super::literals::{self, Literals};
use super::source::Script;
use super::unit::Unit;
use super::{Host, api, diagnostic, foreign, modules, names};
use crate::error::nearest;
use crate::{Error, Result};
use rhai::{ASTFlags, ASTNode, BinaryExpr, Expr, FnCallExpr, Position, Stmt};
use std::collections::{BTreeSet, HashMap, HashSet};
use std::sync::{Arc, OnceLock};

/// Severity of a finding.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Severity {
    /// The script fails when the code runs.
    Error,
    /// The script runs, but the code may not do what its author meant.
    Warning,
}

/// A mistake or likely mistake in the text of a script.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Finding {
    pub severity: Severity,
    pub error: Error,
}

/// Functions that Rhai implements as part of its calls, with any number of arguments.
const BUILT_IN: [&str; 7] = ["Fn", "call", "curry", "is_shared", "is_def_var", "is_def_fn", "type_of"];

/// Looks for unknown functions, variables, modules and option keys, wrong numbers of arguments and of callbacks'
/// parameters, writes to constants and divisions of integers, in the script and its modules; in the order of the text.
pub fn check(script: &Arc<Script>) -> Result<Vec<Finding>> {
    let host = Host::new(script)?;
    let mut natives: HashMap<String, HashSet<usize>> = HashMap::new();
    for (name, parameters) in host.natives() {
        natives.entry(name).or_default().insert(parameters);
    }
    let mut findings = Vec::new();
    // Faults of files that could not be read or compiled belong to no unit.
    let of_no_unit = |f: &&Error| f.place.as_ref().is_none_or(|p| script.unit(&p.file).is_none());
    let nowhere = script.faults().iter().filter(of_no_unit);
    findings.extend(nowhere.map(|fault| Finding { severity: Severity::Error, error: fault.clone() }));
    for unit in &script.units {
        let mut checker = Checker::new(script, unit, &natives);
        unit.ast.walk(&mut |path: &[ASTNode]| {
            checker.visit(path);
            true
        });
        if unit.name == script.main().name {
            checker.misspelt_callbacks();
        }
        let mut found = checker.findings;
        let faults = script.faults().iter().filter(|f| f.place.as_ref().is_some_and(|p| p.file == unit.name));
        found.extend(faults.map(|fault| Finding { severity: Severity::Error, error: fault.clone() }));
        found.sort_by_key(|f| f.error.place.as_ref().map_or((0, 0), |p| (p.line, p.column)));
        found.dedup();
        findings.extend(found);
    }
    Ok(findings)
}

struct Checker<'a> {
    script: &'a Script,
    unit: &'a Unit,
    natives: &'a HashMap<String, HashSet<usize>>,
    functions: Vec<(String, usize)>,
    /// Top-level variables, and whether they are constant.
    variables: HashMap<String, bool>,
    /// Top-level variables that hold an integer from their first value to their last.
    integers: HashSet<String>,
    /// Where closures use what they have as parameters or have captured.
    known_in_closures: HashSet<Position>,
    literals: Literals,
    /// Names of parameters that hold `rt`.
    handles: HashSet<String>,
    findings: Vec<Finding>,
}

impl<'a> Checker<'a> {
    fn new(script: &'a Script, unit: &'a Unit, natives: &'a HashMap<String, HashSet<usize>>) -> Self {
        let mut handles = HashSet::from(["rt".to_string()]);
        for function in unit.ast.iter_functions() {
            if Callback::ALL.iter().any(|c| c.name() == function.name && c.arity() == function.params.len()) {
                handles.insert(function.params[0].to_string());
            }
        }
        let mut checker = Checker {
            script,
            unit,
            natives,
            functions: names::functions(unit),
            variables: HashMap::new(),
            integers: HashSet::new(),
            known_in_closures: names::known_in_closures(unit),
            literals: Literals::of(unit),
            handles,
            findings: Vec::new(),
        };
        let changed = names::assigned(unit);
        for statement in unit.ast.statements() {
            if let Stmt::Var(var, options, _) = statement {
                let name = var.0.name.to_string();
                if checker.is_integer(&var.1) && !changed.contains(&name) {
                    checker.integers.insert(name.clone());
                }
                checker.variables.insert(name, options.contains(ASTFlags::CONSTANT));
            }
        }
        checker
    }

    fn visit(&mut self, path: &[ASTNode]) {
        match path.last() {
            Some(ASTNode::Stmt(Stmt::Assignment(assignment))) => self.assignment(&assignment.1.lhs),
            Some(ASTNode::Stmt(Stmt::FnCall(call, pos)) | ASTNode::Expr(Expr::FnCall(call, pos))) => {
                self.call(call, *pos);
            }
            Some(ASTNode::Expr(Expr::MethodCall(call, pos))) => {
                let on_handle = path.len() >= 2 && self.is_first_after_handle(&path[..path.len() - 1], call, *pos);
                if !on_handle {
                    self.method(call, *pos);
                }
            }
            Some(ASTNode::Expr(Expr::Dot(chain, ..))) => self.handle_chain(chain),
            Some(ASTNode::Expr(Expr::Variable(variable, short, pos))) => {
                // A captured variable exists, or the compiler would not have captured it.
                let parent = path.len().checked_sub(2).map(|parent| &path[parent]);
                let captured = matches!(parent, Some(ASTNode::Expr(Expr::FnCall(call, _))) if call.name == "curry");
                let local = short.is_some() || variable.0.is_some() || captured;
                if variable.2.is_empty() && !local {
                    self.variable(&variable.1, *pos);
                } else if !variable.2.is_empty() {
                    self.qualified_variable(variable.2.root(), &variable.1, *pos);
                }
            }
            _ => {}
        }
    }

    fn report(&mut self, severity: Severity, error: Error, pos: Position) {
        let error = match self.unit.place(pos) {
            Some(place) => error.at(place),
            None => error,
        };
        self.findings.push(Finding { severity, error });
    }

    fn error(&mut self, error: Error, pos: Position) {
        self.report(Severity::Error, error, pos);
    }

    fn assignment(&mut self, target: &Expr) {
        if let Some((name, pos)) = names::root(target) {
            // A local variable of the same name is meant: the compiler has checked those.
            if is_global(target) && self.variables.get(name) == Some(&true) {
                self.error(diagnostic::constant(name), pos);
            }
        } else if let Some((space, name, pos)) = names::qualified_root(target) {
            let error = Error::script(format!("`{space}::{name}` cannot be changed from outside its module"));
            self.error(error.hint("let the module have a function that changes it"), pos);
        }
    }

    fn variable(&mut self, name: &str, pos: Position) {
        let known = self.variables.contains_key(name)
            || super::math::CONSTANTS.iter().any(|(constant, _)| *constant == name)
            || self.functions.iter().any(|(function, _)| function == name)
            || self.known_in_closures.contains(&pos);
        if !known {
            let error = diagnostic::unknown_variable(self.unit, name, pos);
            self.error(error, pos);
        }
    }

    fn qualified_variable(&mut self, space: &str, name: &str, pos: Position) {
        if space == "global" {
            if self.variables.get(name) != Some(&true) {
                self.error(diagnostic::unknown_qualified_variable(space, name), pos);
            }
            return;
        }
        match self.module(space) {
            None => self.unknown_module(space, pos),
            Some(module) if !modules::exports(module).iter().any(|(_, alias)| *alias == name) => {
                self.error(diagnostic::unknown_qualified_variable(space, name), pos);
            }
            Some(_) => {}
        }
    }

    fn module(&self, alias: &str) -> Option<&'a Unit> {
        names::imported(self.unit, alias).and_then(|index| self.script.units.get(index))
    }

    fn unknown_module(&mut self, name: &str, pos: Position) {
        // The failed import has been reported.
        if names::imports(self.unit, name) {
            return;
        }
        self.error(diagnostic::unknown_module(name), pos);
    }

    fn call(&mut self, call: &FnCallExpr, pos: Position) {
        let (name, count) = (call.name.as_str(), call.args.len());
        if name == "/" {
            self.division(&call.args, pos);
        }
        if let ("^", [_, Expr::IntegerConstant(exponent @ 2..=9, _)]) = (name, call.args.as_slice()) {
            let warning = Error::script(format!("`a ^ {exponent}` is the exclusive or of the bits"));
            self.report(Severity::Warning, warning.hint(format!("a power is written `a ** {exponent}`")), pos);
        }
        if let [a, b] = call.args.as_slice() {
            self.lists(name, a, b, pos);
        }
        if !rhai::is_valid_identifier(name) || BUILT_IN.contains(&name) {
            return;
        }
        if !call.namespace.is_empty() {
            let space = call.namespace.root();
            match self.module(space) {
                None => self.unknown_module(space, pos),
                Some(module) => {
                    let functions = names::functions(module);
                    self.arity(&format!("{space}::{name}"), name, count, &functions, pos);
                }
            }
            return;
        }
        if let Some((_, remedy)) = DISABLED.iter().find(|(disabled, _)| *disabled == name) {
            self.error(Error::script(format!("`{name}` is not available in scripts")).hint(*remedy), pos);
            return;
        }
        let is_native = self.natives.get(name).is_some_and(|arities| arities.contains(&count));
        let is_own = self.functions.iter().any(|(function, _)| function == name);
        if is_native && !is_own {
            let free = api::find(name).find(|f| f.object == api::Object::Free);
            free.into_iter().for_each(|function| self.arguments(function, &call.args));
        }
        if !is_native {
            let functions = self.functions.clone();
            self.arity(name, name, count, &functions, pos);
        }
    }

    /// Checks a call of a function of the script against those of its name.
    fn arity(&mut self, shown: &str, name: &str, count: usize, functions: &[(String, usize)], pos: Position) {
        let mut arities: Vec<usize> = functions.iter().filter(|(f, _)| f == name).map(|(_, a)| *a).collect();
        if arities.contains(&count) {
            return;
        }
        let in_module = shown != name;
        // A method of `rt` that is called without it is meant to be one.
        let is_method = api::find(name).any(|f| f.object == api::Object::Rt);
        if !in_module && arities.is_empty() && !is_method {
            arities.extend(self.natives.get(name).into_iter().flatten());
        }
        arities.sort_unstable();
        let error = if arities.is_empty() {
            if let (Some(error), false) = (api::unknown_function(name, api::Object::Free), in_module) {
                self.error(error, pos);
                return;
            }
            let error = Error::script(format!("unknown function `{shown}`"));
            if let (Some(hint), false) = (foreign::of_call(name), in_module) {
                self.error(error.hint(hint), pos);
                return;
            }
            let natives = self.natives.keys().map(String::as_str).filter(|_| !in_module);
            // In order, so that of equally near ones it is always the same.
            let known: BTreeSet<&str> = functions.iter().map(|(f, _)| f.as_str()).chain(natives).collect();
            match nearest(name, known) {
                Some(near) => error.hint(format!("did you mean `{near}`?")),
                None => error.hint("`plotrt api` lists the functions of `rt`; others are written with `fn`"),
            }
        } else {
            let error = diagnostic::wrong_arity(shown, &arities, count);
            let is_own = functions.iter().any(|(function, _)| function == name);
            match foreign::of_count(name).filter(|_| !is_own && !in_module) {
                Some(hint) => error.hint(hint),
                None => error,
            }
        };
        self.error(error, pos);
    }

    /// Checks a method of a value of unknown type: only that some method has this name.
    fn method(&mut self, call: &FnCallExpr, pos: Position) {
        let name = call.name.as_str();
        let known = BUILT_IN.contains(&name)
            || self.natives.contains_key(name)
            || self.functions.iter().any(|(function, _)| function == name);
        if !known {
            if let Some(property) = api::find(name).find(|f| f.is_property() && f.object != api::Object::Rt)
                && let Some(error) = api::unknown_function(name, property.object)
            {
                self.error(error, pos);
                return;
            }
            let error = Error::script(format!("unknown method `{name}`"));
            let own = self.functions.iter().map(|(f, _)| f.as_str());
            let known: BTreeSet<&str> = own.chain(self.natives.keys().map(String::as_str)).collect();
            let error = match (foreign::of_call(name), nearest(name, known)) {
                (Some(hint), _) => error.hint(hint),
                (None, Some(near)) => error.hint(format!("did you mean `{near}`?")),
                (None, None) => error,
            };
            self.error(error, pos);
        }
        // Names that other values have methods of, too, can mean those.
        if let Some(function) = api::find(name).find(|f| f.object == api::Object::Array && !f.is_property())
            && !self.functions.iter().any(|(own, _)| own == name)
            && !standard_names().contains(name)
        {
            self.arguments(function, &call.args);
        }
    }

    /// Checks arguments that are written out.
    fn arguments(&mut self, function: &'static api::Function, args: &[Expr]) {
        let permissions = &self.script.options.permissions;
        for (error, pos) in literals::arguments(function, args, &self.literals, permissions) {
            self.error(error, pos);
        }
    }

    /// Arithmetic with lists: Rhai joins two of them by `+`, and has nothing else.
    fn lists(&mut self, operator: &str, a: &Expr, b: &Expr, pos: Position) {
        let lengths = (self.literals.numbers(a), self.literals.numbers(b));
        if operator == "+"
            && let (Some(n), Some(m)) = lengths
            && n == m
        {
            let warning = Error::script(format!("`+` joins the two lists: the result has {} elements", n + m));
            let shown = self.unit.place(pos).and_then(|place| diagnostic::operands_at(&place, "+"));
            let (a, b) = shown.unwrap_or(("a".into(), "b".into()));
            let hint = format!("to add element by element, write `array({a}) + {b}`; to join, `a.append(b)`");
            self.report(Severity::Warning, warning.hint(hint), pos);
            return;
        }
        let computes = ["+", "-", "*", "/", "%", "**", "<", "<=", ">", ">="].contains(&operator);
        let (Some(left), Some(right)) = (self.literals.type_of(a), self.literals.type_of(b)) else { return };
        let joins = operator == "+" && left == "list";
        if computes && !joins && (left == "list" || right == "list") {
            let error = diagnostic::wrong_operands(operator, &[left, right], self.unit.place(pos));
            self.error(error, pos);
        }
    }

    /// A function that is never called and has nearly the name of a callback was probably meant to be one.
    fn misspelt_callbacks(&mut self) {
        let unit = self.unit;
        let mut used = HashSet::new();
        unit.ast.walk(&mut |path: &[ASTNode]| {
            match path.last() {
                Some(
                    ASTNode::Stmt(Stmt::FnCall(call, _))
                    | ASTNode::Expr(Expr::FnCall(call, _) | Expr::MethodCall(call, _)),
                ) => {
                    used.insert(call.name.to_string());
                }
                // Functions can be passed on by their names.
                Some(ASTNode::Expr(Expr::StringConstant(text, _))) => {
                    used.insert(text.to_string());
                }
                Some(ASTNode::Expr(Expr::Variable(variable, ..))) => {
                    used.insert(variable.1.to_string());
                }
                _ => {}
            }
            true
        });
        for function in unit.ast.iter_fn_def().filter(|f| !used.contains(f.name.as_str())) {
            let callbacks = Callback::ALL.map(Callback::name);
            if let Some(near) = nearest(&function.name, callbacks)
                && near != function.name.as_str()
            {
                let warning = Error::script(format!("nothing calls `{}`", function.name));
                let hint = format!("did you mean the callback `{near}`?");
                self.report(Severity::Warning, warning.hint(hint), function.body.start_position());
            }
        }
    }

    fn is_handle(&self, expr: &Expr) -> bool {
        names::root(expr).is_some_and(|(name, _)| self.handles.contains(name)) && matches!(expr, Expr::Variable(..))
    }

    /// Whether the method call at the end of `path` is what directly follows `rt.`: those are checked with the chain.
    fn is_first_after_handle(&self, path: &[ASTNode], call: &FnCallExpr, pos: Position) -> bool {
        path.iter().rev().take(2).any(|node| match node {
            ASTNode::Expr(Expr::Dot(chain, ..)) if self.is_handle(&chain.lhs) => {
                matches!(first_link(&chain.rhs), Expr::MethodCall(first, at) if *at == pos && first.name == call.name)
            }
            _ => false,
        })
    }

    /// `rt.name(…)` and `rt.name`.
    fn handle_chain(&mut self, chain: &BinaryExpr) {
        if !self.is_handle(&chain.lhs) {
            return;
        }
        let rt = api::Object::Rt;
        match first_link(&chain.rhs) {
            Expr::MethodCall(call, pos) => {
                let function = api::find(&call.name).find(|f| f.object == rt && !f.is_property());
                let Some(function) = function else {
                    let own = self.functions.iter().any(|(f, a)| *f == call.name.as_str() && *a == call.args.len());
                    if let (Some(error), false) = (api::unknown_function(&call.name, rt), own) {
                        self.error(error, *pos);
                    }
                    return;
                };
                let (fewest, most) = function.arity();
                if !(fewest..=most).contains(&call.args.len()) {
                    self.error(api::wrong_count(function), *pos);
                }
                self.arguments(function, &call.args);
            }
            Expr::Property(property, pos) => {
                let name = property.2.as_str();
                if !api::find(name).any(|f| f.object == rt && f.is_property()) {
                    self.error(api::unknown_property(name, rt), *pos);
                }
            }
            _ => {}
        }
    }

    fn division(&mut self, args: &[Expr], pos: Position) {
        let [a, b] = args else { return };
        // `width * 3 / 4` is a deliberate integer division.
        let plain = |e: &Expr| matches!(e, Expr::IntegerConstant(..) | Expr::Variable(..)) && self.is_integer(e);
        if !plain(a) || !plain(b) {
            return;
        }
        let (message, hint) = match (a, b) {
            (Expr::IntegerConstant(_, _), Expr::IntegerConstant(0, _)) => return,
            (Expr::IntegerConstant(a, _), Expr::IntegerConstant(b, _)) => {
                if a % b == 0 {
                    return;
                }
                (format!("`{a} / {b}` divides integers: the result is {}", a / b), format!("write `{a}.0 / {b}`"))
            }
            _ => (
                "this divides integers and drops the remainder".to_string(),
                "write one of the two as a float, such as `5.0`, or `x.to_float()`".to_string(),
            ),
        };
        self.report(Severity::Warning, Error::script(message).hint(hint), pos);
    }

    fn is_integer(&self, expr: &Expr) -> bool {
        match expr {
            Expr::IntegerConstant(..) => true,
            Expr::Variable(variable, _, pos) => {
                let top_level = || !self.unit.ast.iter_fn_def().any(|f| names::span(f).contains(pos));
                variable.2.is_empty() && self.integers.contains(variable.1.as_str()) && (is_global(expr) || top_level())
            }
            Expr::FnCall(call, _) => match (call.name.as_str(), call.args.as_slice()) {
                ("param", [_, default, ..]) => self.is_integer(default),
                ("+" | "-" | "*" | "%" | "/", [a, b]) => self.is_integer(a) && self.is_integer(b),
                ("-", [a]) => self.is_integer(a),
                _ => false,
            },
            _ => false,
        }
    }
}

/// Names of Rhai's own functions.
fn standard_names() -> &'static HashSet<String> {
    static NAMES: OnceLock<HashSet<String>> = OnceLock::new();
    NAMES.get_or_init(|| {
        let name = |f: rhai::FuncInfo| Some(f.metadata.name.to_string());
        rhai::Engine::new().collect_fn_metadata(None, name, true).into_iter().collect()
    })
}

/// The first link of what follows a dot.
fn first_link(rest: &Expr) -> &Expr {
    match rest {
        Expr::Dot(chain, ..) | Expr::Index(chain, ..) => &chain.lhs,
        other => other,
    }
}

/// Whether the variable at the root of an expression is not a local one of the running function.
fn is_global(expr: &Expr) -> bool {
    match expr {
        Expr::Variable(variable, short, _) => short.is_none() && variable.0.is_none(),
        Expr::Index(chain, ..) | Expr::Dot(chain, ..) => is_global(&chain.lhs),
        _ => false,
    }
}
