//! Scripts and their host: state, callbacks, traps of the language, limits, errors.

use plotrt::cancel::CancelToken;
use plotrt::scene::Scene;
use plotrt::script::{CallContext, Callback, Host, Script, ScriptOptions, merge};
use plotrt::{Error, Result};
use std::path::Path;
use std::sync::Arc;
use std::time::Duration;

const TIMEOUT: Duration = Duration::from_secs(20);

fn context(callback: Callback) -> CallContext {
    CallContext {
        callback,
        scene: Scene::default(),
        edits: Vec::new(),
        commands: Vec::new(),
        frame: 0,
        seed: 0,
        image: None,
        fixed_size: false,
        permissions: Arc::default(),
        services: None,
        cancel: CancelToken::new(),
    }
}

fn host(text: &str) -> Result<Host> {
    let script = Script::from_source("main.rhai", text, Path::new(""), ScriptOptions::default())?;
    let mut host = Host::new(&script)?;
    host.run_top_level(&CancelToken::new(), TIMEOUT)?;
    Ok(host)
}

fn call(host: &mut Host, callback: Callback) -> Result<()> {
    host.call(context(callback), 4, TIMEOUT).1
}

/// Runs the top level, `init` and `compute`, and returns the first error.
fn run(text: &str) -> Result<Host> {
    let mut host = host(text)?;
    call(&mut host, Callback::Init)?;
    call(&mut host, Callback::Compute)?;
    Ok(host)
}

fn value(host: &Host, name: &str) -> String {
    host.value(name).expect("a variable of the script").to_string()
}

fn error(text: &str) -> Error {
    run(text).err().expect("the script should fail")
}

#[test]
fn top_level_variables_are_read_and_written_in_functions() {
    let host = run("let t = 0; let u = [[0.0, 0.0], [0.0, 0.0]]; let m = #{ a: #{ b: [1, 2] } };
         fn helper() { u[1][0] = 2.5; m.a.b[1] += 40; u.push([7]); }
         fn compute(rt, delta) { t += delta; helper(); }")
    .unwrap();
    assert_eq!(value(&host, "t"), "4");
    assert_eq!(value(&host, "u"), "[[0.0, 0.0], [2.5, 0.0], [7]]");
    assert_eq!(value(&host, "m"), r#"#{"a": #{"b": [1, 42]}}"#);
}

#[test]
fn a_failing_call_leaves_the_state_as_it_was() {
    let mut host = host(
        "let t = 1; let u = [1, [2, 3]];
         fn compute(rt, delta) { t = 5; u[1][0] = 9; u.push(4); u.nonsense(); }",
    )
    .unwrap();
    assert!(call(&mut host, Callback::Compute).is_err());
    assert_eq!((value(&host, "t"), value(&host, "u")), ("1".into(), "[1, [2, 3]]".into()));
}

#[test]
fn merging_brings_changes_to_the_other_side_and_names_conflicts() {
    let mut a = host(
        "let t = 0; let shown = 0; let both = 0;
         fn compute(rt, delta) { t += 1; }
         fn update_image(rt) { shown = t + 10; }
         fn update_data(rt) { both = 1; }
         fn accum_done(rt) { both = 2; }",
    )
    .unwrap();
    let mut b = a.fork().unwrap();
    call(&mut a, Callback::Compute).unwrap();
    call(&mut b, Callback::UpdateImage).unwrap();
    merge(&mut a, &mut b).unwrap();
    for host in [&a, &b] {
        assert_eq!((value(host, "t"), value(host, "shown")), ("1".into(), "10".into()));
    }
    call(&mut a, Callback::UpdateData).unwrap();
    call(&mut b, Callback::AccumDone).unwrap();
    let error = merge(&mut a, &mut b).unwrap_err();
    assert_eq!(error.message, "`both` was changed on both threads in one round");
    assert_eq!(value(&b, "both"), "1");
    merge(&mut a, &mut b).unwrap();
}

#[test]
fn a_const_cannot_be_written_and_is_reachable_by_global() {
    for (statement, part) in
        [("K = 2;", "K"), ("TABLE[0] = 2;", "TABLE"), ("TABLE.push(2);", "push"), ("MAP.a = 2;", "MAP")]
    {
        let text = format!(
            "const K = 1; const TABLE = [1, 2]; const MAP = #{{ a: 1 }}; let seen = 0;
             fn compute(rt, delta) {{ {statement} }}"
        );
        let error = error(&text);
        assert!(error.message.contains(part), "{error}");
        assert_eq!(error.place.map(|p| p.line), Some(2));
    }
    let host = run("const TABLE = [1, 2]; let seen = 0; fn compute(rt, delta) { seen = global::TABLE[1] + TABLE[0]; }");
    assert_eq!(value(&host.unwrap(), "seen"), "3");
}
