//! Runs the top level of the units of a script and gives their functions access to what it has defined.
//!
//! Rhai would forget top-level variables and imports once the top level has run. Here each statement is run on its
//! own; what it has defined moves into a shared cell of the [`ScriptState`], and every later lookup uses it. A
//! unit that others import becomes a Rhai module whose functions run in the unit's own environment.

use super::caught;
use super::diagnostic::Explainer;
use super::runtime::Runtime;
use super::source::Script;
use super::state::{ScriptState, Slot, UnitState, holds_shared};
use super::thrown::thrown;
use super::unit::Unit;
use crate::{Error, Result};
use rhai::{
    ASTFlags, Caches, Dynamic, Engine, EvalAltResult, FnAccess, FuncRegistration, GlobalRuntimeState, ImmutableString,
    Module, ModuleResolver, NativeCallContext, Position, RhaiFunc, Scope, Stmt,
};
use std::any::TypeId;
use std::collections::HashMap;
use std::sync::Arc;

/// Resolves imports to modules that were built before the importing code runs.
#[derive(Clone, Default)]
struct Imports(HashMap<String, HashMap<String, Arc<Module>>>);

impl ModuleResolver for Imports {
    fn resolve(
        &self,
        _engine: &Engine,
        source: Option<&str>,
        path: &str,
        pos: Position,
    ) -> Result<Arc<Module>, Box<EvalAltResult>> {
        source
            .and_then(|source| self.0.get(source)?.get(path))
            .cloned()
            .ok_or_else(|| EvalAltResult::ErrorModuleNotFound(path.to_string(), pos).into())
    }
}

/// Builds the state of a host, unit by unit.
pub(super) struct Builder<'a> {
    script: &'a Script,
    runtime: &'a Arc<Runtime>,
    units: Vec<Arc<UnitState>>,
    modules: Vec<Arc<Module>>,
    imports: Imports,
    global: Option<GlobalRuntimeState>,
}

impl<'a> Builder<'a> {
    pub fn new(script: &'a Script, runtime: &'a Arc<Runtime>) -> Self {
        let (units, modules) = (Vec::new(), Vec::new());
        Builder { script, runtime, units, modules, imports: Imports::default(), global: None }
    }

    /// Runs the top level of a unit. Its imports have been built.
    pub fn run(&mut self, engine: &mut Engine, index: usize) -> Result<()> {
        let script = self.script;
        let unit = &script.units[index];
        let mut run = self.begin(engine, index);
        for statement in unit.ast.statements() {
            run.step(engine, std::slice::from_ref(statement)).map_err(|e| self.explain(engine, e, unit))?;
            run.adopt_new(unit, statement)?;
            self.publish(engine, &run);
        }
        self.end(engine, unit, run)
    }

    /// Takes over the values that another host has for a unit.
    pub fn adopt(&mut self, engine: &mut Engine, index: usize, from: &UnitState) -> Result<()> {
        let unit = &self.script.units[index];
        let mut run = self.begin(engine, index);
        for slot in &from.slots {
            run.define(Arc::new(Slot::new(slot.name.clone(), slot.constant, slot.value())));
        }
        for statement in unit.ast.statements() {
            if matches!(statement, Stmt::Import(..)) {
                run.step(engine, std::slice::from_ref(statement)).map_err(|e| self.explain(engine, e, unit))?;
            }
        }
        self.end(engine, unit, run)
    }

    fn explain(&self, engine: &Engine, error: Box<EvalAltResult>, unit: &Unit) -> Error {
        Explainer { units: &self.script.units, budget: &self.runtime.budget, engine }.explain(error, &unit.name, false)
    }

    /// The state of all units, and the environment of the script's functions.
    pub fn finish(self) -> (Arc<ScriptState>, GlobalRuntimeState) {
        let state = Arc::new(ScriptState { units: self.units });
        (state, self.global.expect("the script itself is the last unit"))
    }

    fn begin(&mut self, engine: &mut Engine, index: usize) -> Run {
        let unit = &self.script.units[index];
        let imports = unit.imports.iter().map(|(path, &i)| (path.clone(), self.modules[i].clone())).collect();
        self.imports.0.insert(unit.name.clone(), imports);
        engine.set_module_resolver(self.imports.clone());
        let mut global = engine.new_global_runtime_state();
        global.source = Some(unit.name.as_str().into());
        // Rhai calls closures of the first library without the name of their unit, those of others with it.
        global.lib.push(Module::new().into());
        global.lib.push(unit.ast.shared_lib().clone());
        let run = Run {
            scope: Scope::new(),
            global,
            caches: Caches::new(),
            slots: Vec::new(),
            unit: unit.name.as_str().into(),
        };
        self.publish(engine, &run);
        run
    }

    /// Makes the variables that have been defined so far visible to functions.
    fn publish(&self, engine: &mut Engine, run: &Run) {
        let mut units = self.units.clone();
        units.push(run.state());
        resolve_with(engine, self.runtime, Arc::new(ScriptState { units }));
    }

    fn end(&mut self, engine: &mut Engine, unit: &Unit, run: Run) -> Result<()> {
        self.publish(engine, &run);
        self.units.push(run.state());
        let mut module = Module::new();
        module.set_id(unit.name.as_str());
        for (name, alias) in exports(unit) {
            if let Some(slot) = run.state().get(name) {
                module.set_var(alias, slot.shared());
            }
        }
        let environment = Arc::new(run.global.clone());
        for function in unit.ast.iter_functions().filter(|f| matches!(f.access, FnAccess::Public)) {
            export_function(engine, &mut module, &environment, function.name, function.params.len());
        }
        module.build_index();
        self.modules.push(Arc::new(module));
        self.global = Some(run.global);
        Ok(())
    }
}

/// Puts a function of a unit into the module that others import.
///
/// Rhai would look up the unit's functions in one cache with those of its caller, and so take the caller's function
/// where both have one of the same name. Here each call of a unit's function runs in the unit's own environment.
fn export_function(
    engine: &Engine,
    module: &mut Module,
    environment: &Arc<GlobalRuntimeState>,
    name: &str,
    parameters: usize,
) {
    // No names that a variable of the module may have.
    let arguments: Vec<String> = (0..parameters).map(|i| format!("__argument_{i}")).collect();
    let mut scope = Scope::new();
    arguments.iter().for_each(|argument| {
        scope.push(argument.as_str(), ());
    });
    let Ok(call) = engine.compile_with_scope(&scope, format!("{name}({})", arguments.join(", "))) else {
        // Only names of closures, which are not called by name, are no names.
        return;
    };
    let environment = environment.clone();
    let function = move |context: Option<NativeCallContext>, values: &mut [&mut Dynamic]| {
        let context = context.ok_or("a module's function needs its context")?;
        let caller = context.global_runtime_state();
        let mut global = (*environment).clone();
        // Functions of the caller stay in reach behind the unit's own: for those that are passed by name.
        global.lib = caller.lib.clone();
        global.lib.extend(environment.lib.last().cloned());
        global.level = caller.level + 1;
        let mut scope = Scope::new();
        for (argument, value) in arguments.iter().zip(values) {
            scope.push_dynamic(argument.as_str(), value.take().flatten());
        }
        #[allow(deprecated)]
        let result =
            context.engine().eval_statements_raw(&mut global, &mut Caches::new(), &mut scope, call.statements());
        result.map_err(|error| match *error {
            // The caller adds the place of the call.
            EvalAltResult::ErrorInFunctionCall(name, source, inner, _) => {
                EvalAltResult::ErrorInFunctionCall(name, source, inner, Position::NONE).into()
            }
            other => other.into(),
        })
    };
    FuncRegistration::new(name).set_into_module_raw(
        module,
        vec![TypeId::of::<Dynamic>(); parameters],
        RhaiFunc::Pure { func: Arc::new(function), has_context: true, is_pure: true, is_volatile: true },
    );
}

/// The error of a variable that keeps a closure that shares a cell with another variable.
pub(super) fn captures(name: &str) -> Error {
    Error::script(format!("`{name}` keeps a closure that has captured a variable"))
        .hint("write a function instead and keep `Fn(\"name\")`: functions see all top-level variables")
}

/// The variables that a unit exports, and the names under which it does.
pub(super) fn exports(unit: &Unit) -> Vec<(&str, &str)> {
    let statements = unit.ast.statements().iter();
    statements
        .filter_map(|statement| match statement {
            Stmt::Var(var, options, _) if options.contains(ASTFlags::EXPORTED) => {
                Some((var.0.name.as_str(), var.0.name.as_str()))
            }
            Stmt::Export(export, _) => {
                let (name, alias) = (export.0.name.as_str(), export.1.name.as_str());
                Some((name, if alias.is_empty() { name } else { alias }))
            }
            _ => None,
        })
        .collect()
}

/// Looks up every name that is not a local variable in `state`.
fn resolve_with(engine: &mut Engine, runtime: &Arc<Runtime>, state: Arc<ScriptState>) {
    let runtime = runtime.clone();
    // Deprecated only to say that its interface may change.
    #[allow(deprecated)]
    engine.on_var(move |name, index, context| {
        if runtime.budget.spent() {
            return Err(thrown(runtime.budget.error(), Position::NONE));
        }
        if runtime.budget.is_too_deep(context.call_level()) {
            return Err(thrown(runtime.budget.too_deep(), Position::NONE));
        }
        if index != 0 {
            if !runtime.caught.contains(name) {
                return Ok(None);
            }
            let explainer =
                Explainer { units: &runtime.script.units, budget: &runtime.budget, engine: context.engine() };
            return Ok(caught::explained(name, &context, &explainer));
        }
        state.resolve(name, context.source())
    });
}

/// The top level of one unit while it runs.
struct Run {
    scope: Scope<'static>,
    global: GlobalRuntimeState,
    caches: Caches,
    slots: Vec<Arc<Slot>>,
    unit: ImmutableString,
}

impl Run {
    fn step(&mut self, engine: &Engine, statements: &[Stmt]) -> Result<(), Box<EvalAltResult>> {
        // The only way into Rhai that keeps imports from statement to statement.
        #[allow(deprecated)]
        engine.eval_statements_raw(&mut self.global, &mut self.caches, &mut self.scope, statements).map(drop)
    }

    fn state(&self) -> Arc<UnitState> {
        let mut state = UnitState::new(self.unit.clone());
        self.slots.iter().for_each(|slot| state.push(slot.clone()));
        Arc::new(state)
    }

    /// Moves what a statement has defined into shared cells.
    fn adopt_new(&mut self, unit: &Unit, statement: &Stmt) -> Result<()> {
        let mut plain: Vec<(usize, String, bool, Dynamic)> = Vec::new();
        // The newest comes first.
        for (i, (name, constant, value)) in (0..self.scope.len()).rev().zip(self.scope.iter_raw()) {
            if !value.is_shared() {
                plain.push((i, name.to_string(), constant, value.clone()));
            }
        }
        for (i, name, constant, value) in plain.into_iter().rev() {
            if holds_shared(&value) {
                let error = captures(&name);
                return Err(match unit.place(statement.position()) {
                    Some(place) => error.at(place),
                    None => error,
                });
            }
            let slot = Arc::new(Slot::new(name.into(), constant, value));
            if i < self.slots.len() {
                // Defined again: Rhai has put the new value in the place of the old one.
                self.slots[i] = slot;
                self.rebuild_scope();
            } else {
                self.scope.rewind(i);
                self.define(slot);
            }
        }
        Ok(())
    }

    fn define(&mut self, slot: Arc<Slot>) {
        self.push_to_scope(&slot);
        self.slots.push(slot);
    }

    fn rebuild_scope(&mut self) {
        self.scope.rewind(0);
        for slot in self.slots.clone() {
            self.push_to_scope(&slot);
        }
    }

    fn push_to_scope(&mut self, slot: &Slot) {
        let name = slot.name.as_str();
        if slot.constant {
            self.scope.push_constant_dynamic(name, slot.shared());
            // `global::NAME` then reads the cell instead of a copy.
            let constants = self.global.constants.get_or_insert_with(Default::default);
            if let Some(mut constants) = rhai::locked_write(constants) {
                constants.insert(slot.name.clone(), slot.shared());
            }
        } else {
            self.scope.push_dynamic(name, slot.shared());
        }
    }
}
