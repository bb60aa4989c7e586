//! Runs scripts and reads the values of their variables.

use plotrt::array::NdArray;
use plotrt::cancel::CancelToken;
use plotrt::scene::Scene;
use plotrt::script::{CallContext, Callback, Host, Script, ScriptOptions};
use plotrt::{Error, Result};
use std::path::Path;
use std::time::Duration;

pub const TIMEOUT: Duration = Duration::from_secs(60);

pub fn context(callback: Callback, scene: Scene, frame: u64) -> CallContext {
    CallContext { frame, ..CallContext::new(callback, scene) }
}

pub fn host_with(text: &str, options: ScriptOptions) -> Result<Host> {
    let script = Script::from_source("main.rhai", text, Path::new(""), options)?;
    let mut host = Host::new(&script)?;
    host.run_top_level(&CancelToken::new(), TIMEOUT)?;
    Ok(host)
}

pub fn host(text: &str) -> Result<Host> {
    host_with(text, ScriptOptions::default())
}

pub fn call(host: &mut Host, callback: Callback) -> Result<Scene> {
    let (context, result) = host.call(context(callback, Scene::default(), 0), 4, TIMEOUT);
    result.map(|()| context.scene)
}

/// The value of an expression, as a script prints it.
pub fn print(expression: &str) -> String {
    let text = format!("let x = ();\nfn init(rt) {{ x = {expression}; x = `${{x}}`; }}");
    let mut host = host(&text).unwrap_or_else(|e| panic!("{expression}: {e}"));
    call(&mut host, Callback::Init).unwrap_or_else(|e| panic!("{expression}: {e}"));
    host.value("x").expect("a variable").to_string()
}

/// The error of some statements.
pub fn error(statements: &str) -> Error {
    let mut host = host(&format!("fn init(rt) {{\n{statements};\n}}")).expect("compiles");
    call(&mut host, Callback::Init).err().unwrap_or_else(|| panic!("`{statements}` should fail"))
}

/// An array that is the value of a variable.
pub fn array(host: &Host, name: &str) -> NdArray {
    let value = host.value(name).expect("a variable");
    value.clone().try_cast::<NdArray>().unwrap_or_else(|| panic!("`{name}` is {value:?}"))
}
