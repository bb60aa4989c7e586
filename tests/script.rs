//! Scripts and their host: state, callbacks, traps of the language, limits, errors.

use plotrt::cancel::CancelToken;
use plotrt::scene::Scene;
use plotrt::script::{CallContext, Callback, Finding, Host, Limits, Script, ScriptOptions, Severity, check, merge};
use plotrt::{Error, ErrorKind, Result};
use std::path::Path;
use std::sync::Arc;
use std::time::Duration;

#[global_allocator]
static ALLOCATOR: plotrt::memory::Counting = plotrt::memory::Counting;

const TIMEOUT: Duration = Duration::from_secs(20);

fn context(callback: Callback) -> CallContext {
    CallContext::new(callback, Scene::default())
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
    run(text).err().unwrap_or_else(|| panic!("the script should fail:\n{text}"))
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
    assert_eq!(merge(&mut a, &mut b), []);
    for host in [&a, &b] {
        assert_eq!((value(host, "t"), value(host, "shown")), ("1".into(), "10".into()));
    }
    call(&mut a, Callback::UpdateData).unwrap();
    call(&mut b, Callback::AccumDone).unwrap();
    let errors = merge(&mut a, &mut b);
    let [error] = errors.as_slice() else { panic!("one conflict: {errors:?}") };
    assert_eq!(error.message, "`both` was changed on both threads in one round");
    assert_eq!(value(&b, "both"), "1");
    assert_eq!(merge(&mut a, &mut b), []);
}

#[test]
fn a_conflict_names_both_callbacks_and_both_places() {
    let text = "let n = 0; let list = [];
         fn compute(rt, delta) { if true { n = 1; } list.push(1); }
         fn update_image(rt) { grow(2); }
         fn accum_done(rt) { n = 2; }
         fn grow(x) {
             list.push(x);
         }";
    let mut a = host(text).unwrap();
    let mut b = a.fork().unwrap();
    call(&mut a, Callback::Compute).unwrap();
    call(&mut b, Callback::UpdateImage).unwrap();
    call(&mut b, Callback::AccumDone).unwrap();
    let errors = merge(&mut a, &mut b);
    let shown: Vec<_> = errors
        .iter()
        .map(|e| (e.message.as_str(), e.place.as_ref().unwrap().line, e.notes[0].text.as_str(), e.notes[0].place.line))
        .collect();
    let expected = [
        (
            "`n` was changed on both threads in one round, by `compute` and by `accum_done`",
            2,
            "`accum_done` changes it here",
            4,
        ),
        (
            "`list` was changed on both threads in one round, by `compute` and by `update_image`",
            2,
            "`update_image` changes it here",
            6,
        ),
    ];
    assert_eq!(shown, expected);
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

/// Writes files into a folder of their own and loads `main.rhai`.
fn project(files: &[(&str, &str)]) -> (tempfile::TempDir, Result<Host>) {
    let dir = tempfile::tempdir().unwrap();
    for (name, text) in files {
        std::fs::write(dir.path().join(name), text).unwrap();
    }
    let load = || {
        let script = Script::load(&dir.path().join("main.rhai"), ScriptOptions::default())?;
        let mut host = Host::new(&script)?;
        host.run_top_level(&CancelToken::new(), TIMEOUT)?;
        Ok(host)
    };
    let host = load();
    (dir, host)
}

#[test]
fn top_level_imports_work_in_callbacks_and_run_once() {
    let (_dir, host) = project(&[
        ("util.rhai", "let calls = 0; fn next() { calls += 1; calls } fn top() { calls }"),
        (
            "main.rhai",
            r#"import "util" as u; let runs = 0; runs += 1; let seen = 0;
               fn helper() { u::next() }
               fn compute(rt, delta) { seen = 10 * helper() + u::top(); }"#,
        ),
    ]);
    let mut host = host.unwrap();
    let mut other = host.fork().unwrap();
    for expected in ["11", "22"] {
        call(&mut host, Callback::Compute).unwrap();
        assert_eq!(value(&host, "seen"), expected);
    }
    assert_eq!(value(&host, "runs"), "1");
    // A module's variables are merged like the script's own.
    assert_eq!(merge(&mut host, &mut other), []);
    call(&mut other, Callback::Compute).unwrap();
    assert_eq!(value(&other, "seen"), "33");
}

#[test]
fn a_module_sees_its_own_variables_and_never_those_of_the_script() {
    let (_dir, host) = project(&[
        (
            "util.rhai",
            "let t = 100; const K = 7; fn get() { t } fn set(x) { t = x; } fn k() { global::K + K }
             fn apply(f) { f.call(1) } fn leak() { only_main } fn helper() { \"module\" } fn ask() { helper() }",
        ),
        (
            "main.rhai",
            r#"import "util" as u; let t = 1; let only_main = 5; let seen = []; const K = 1000;
               fn helper() { "main" }
               fn compute(rt, delta) {
                   u::set(200);
                   seen = [t, u::get(), u::k(), u::apply(|x| x + t), helper(), u::ask(), helper()];
               }
               fn init(rt) { u::leak(); }"#,
        ),
    ]);
    let mut host = host.unwrap();
    call(&mut host, Callback::Compute).unwrap();
    assert_eq!(value(&host, "seen"), r#"[1, 200, 14, 2, "main", "module", "main"]"#);
    let error = call(&mut host, Callback::Init).unwrap_err();
    assert!(error.message.contains("only_main"), "{error}");
    let place = error.place.unwrap();
    assert!(place.file.ends_with("util.rhai") && place.line == 2, "{place:?}");
}

#[test]
fn exported_variables_are_seen_by_the_importing_script() {
    let (_dir, host) = project(&[
        ("util.rhai", "export const SIZE = 3; export let count = 0; fn up() { count += 1; }"),
        (
            "main.rhai",
            r#"import "util" as u; let seen = 0; fn compute(rt, delta) { u::up(); seen = u::SIZE + u::count; }"#,
        ),
    ]);
    let mut host = host.unwrap();
    call(&mut host, Callback::Compute).unwrap();
    assert_eq!(value(&host, "seen"), "4");
    let mut fork = host.fork().unwrap();
    call(&mut fork, Callback::Compute).unwrap();
    assert_eq!(value(&fork, "seen"), "5");
}

#[test]
fn mistakes_with_state_name_the_remedy() {
    let cases = [
        // An assignment to an undeclared name.
        ("fn compute(rt, delta) { speed = 3; }", 1, "`speed` is not declared", "add `let speed"),
        // A misspelt one.
        ("let speed = 0; fn compute(rt, delta) { sped += 3; }", 1, "`sped` is not declared", "did you mean `speed`"),
        ("let speed = 0;\nfn compute(rt, delta) { print(sped); }", 2, "unknown variable `sped`", "`speed`"),
        // A closure with captured variables.
        ("let a = 1;\nlet f = |x| x + a;", 2, "`f` keeps a closure", "function"),
        ("let f = 0;\nfn compute(rt, delta) { let a = 1; f = || a; }", 2, "`f` keeps a closure", "function"),
        // A variable used inside a method that works on it.
        ("let u = [1];\nfn compute(rt, delta) { u.map(|x| x + u[0]); }", 2, "is in use by the method", "copy"),
        ("fn compute(rt, delta) { param(\"a\", 1); }", 1, "`param(\"a\", …)` is called outside the top level", "let a"),
        ("fn compute(rt, delta) { eval(\"1\"); }", 1, "`eval`", "write the code"),
        ("fn compute(rt, delta) { sleep(1); }", 1, "`sleep`", "host decides"),
    ];
    for (text, line, message, hint) in cases {
        let error = error(text);
        assert!(error.message.contains(message), "{text}\n{error}");
        assert_eq!(error.place.as_ref().map(|p| p.line), Some(line), "{text}\n{error}");
        assert!(error.hint.as_deref().unwrap_or_default().contains(hint), "{text}\n{error:?}");
    }
}

#[test]
fn runaway_scripts_are_errors_of_kind_limit() {
    let cases = [
        ("fn compute(rt, delta) { loop { } }", "operations"),
        ("fn compute(rt, delta) { let x = 0; loop { x += 1; } }", "operations"),
        ("fn compute(rt, delta) { loop { try { throw 1; } catch { } } }", "operations"),
        ("fn f(x) { f(x + 1) } fn compute(rt, delta) { f(0); }", "calls"),
        ("fn compute(rt, delta) { blob(1000000000000); }", "blob"),
        ("fn compute(rt, delta) { [].pad(1000000000000, 0); }", "pad"),
        ("fn compute(rt, delta) { let a = [0]; a.pad(100000, 0); [].pad(100000, a); }", "pad"),
        ("fn compute(rt, delta) { let s = \"\"; s.pad(1000000000000, 'x'); }", "pad"),
        ("fn compute(rt, delta) { let s = \"xxxxxxxx\"; loop { s += s; } }", "MiB"),
        ("let u = [1]; fn compute(rt, delta) { loop { u.append(u); } }", "MiB"),
        ("fn compute(rt, delta) { let a = [1]; loop { a = [a, a]; } }", "MiB"),
        ("fn compute(rt, delta) { let m = #{}; loop { m = #{ a: m, b: m }; } }", "MiB"),
        ("fn compute(rt, delta) { let s = \"aaaaaaaa\"; loop { let t = s + \"\"; s.replace(\"a\", t); } }", "replace"),
    ];
    for (text, part) in cases {
        let limits = Limits { max_operations: 300_000, memory: 32 << 20, ..Limits::default() };
        let options = ScriptOptions { limits, ..ScriptOptions::default() };
        let script = Script::from_source("main.rhai", text, Path::new(""), options).unwrap();
        let mut host = Host::new(&script).unwrap();
        host.run_top_level(&CancelToken::new(), TIMEOUT).unwrap();
        let error = call(&mut host, Callback::Compute).unwrap_err();
        assert_eq!(error.kind, ErrorKind::Limit, "{text}\n{error:?}");
        assert!(error.message.contains(part), "{text}\n{error}");
        assert!(error.place.is_some() && error.hint.is_some(), "{text}\n{error:?}");
    }
}

#[test]
fn a_limit_in_a_loop_without_variables_points_at_the_loop() {
    for (body, line) in
        [("loop {}", 3), ("while true { 1; }", 3), ("do {} while true;", 3), ("f();", 6), ("x += 1; f();", 6)]
    {
        let text = format!("let x = 0;\nfn compute(rt, delta) {{\n{body}\n}}\nfn f() {{\n  loop {{}}\n}}");
        let mut host = host(&text).unwrap();
        let (_, result) = host.call(context(Callback::Compute), 1, Duration::from_millis(5));
        assert_eq!(result.unwrap_err().place.map(|p| p.line), Some(line), "{body}");
    }
}

#[test]
fn time_and_cancelling_end_a_call() {
    let mut host = host("let x = 0; fn compute(rt, delta) { loop { x += 1; } }").unwrap();
    let (_, result) = host.call(context(Callback::Compute), 1, Duration::from_millis(20));
    let error = result.unwrap_err();
    assert_eq!(error.kind, ErrorKind::Limit);
    assert_eq!(error.message, "`compute` took longer than 0.02 s");
    assert_eq!(error.place.map(|p| p.line), Some(1));
    let cx = context(Callback::Compute);
    cx.cancel.cancel();
    assert_eq!(host.call(cx, 1, TIMEOUT).1.unwrap_err().kind, ErrorKind::Interrupted);
    assert_eq!(value(&host, "x"), "0");
}

#[test]
fn a_large_array_is_filled_in_linear_time() {
    // With Rhai's own size limits this takes minutes; the operations are what is bounded here.
    let host =
        run("let n = 0; fn compute(rt, delta) { let a = []; for i in 0..200000 { a.push([i, i]); } n = a.len(); }");
    assert_eq!(value(&host.unwrap(), "n"), "200000");
}

#[test]
fn parameters_take_the_type_of_their_default() {
    let set = |sets: &[(&str, &str)], text: &str| {
        let sets = sets.iter().map(|(n, v)| (n.to_string(), v.to_string())).collect();
        let options = ScriptOptions { sets, ..ScriptOptions::default() };
        let script = Script::from_source("main.rhai", text, Path::new(""), options)?;
        let mut host = Host::new(&script)?;
        host.run_top_level(&CancelToken::new(), TIMEOUT)?;
        Ok::<_, Error>(host)
    };
    let text = r#"let n = param("n", 10); let a = param("a", 5.0, #{ min: 0, max: 9, doc: "edge" });
                  let on = param("on", false); let name = param("name", "x"); let eye = param("eye", [0.0, 0.0]);"#;
    let host = set(&[("n", "20"), ("a", "7"), ("on", "true"), ("name", "12"), ("eye", "1, 2.5")], text).unwrap();
    let values = ["n", "a", "on", "name", "eye"].map(|n| value(&host, n));
    assert_eq!(values, ["20", "7.0", "true", "12", "[1.0, 2.5]"]);
    let params = host.params();
    assert_eq!((params[1].name.as_str(), params[1].kind, params[1].max), ("a", "float", Some(9.0)));
    assert_eq!(params[1].doc.as_deref(), Some("edge"));
    for (sets, message, hint) in [
        (("naem", "1"), "`--set naem`: the script has no such parameter", "did you mean `name`?"),
        (("n", "1.5"), "`--set n=1.5`: not an integer", "the default of `n` is 10"),
        (("a", "10"), "parameter `a` is 10.0, outside 0 to 9", "--set a=VALUE"),
        (("on", "perhaps"), "`--set on=perhaps`: not true or false", "false"),
    ] {
        let error = set(&[sets], text).err().unwrap();
        assert_eq!(error.kind, ErrorKind::Usage);
        assert_eq!(error.message, message);
        assert!(error.hint.as_deref().unwrap().contains(hint), "{error:?}");
    }
}

#[test]
fn elementary_functions_take_integers_and_mixtures() {
    let cases = [
        ("sin(0)", "0.0"),
        ("sqrt(16)", "4.0"),
        ("2 ** 10", "1024"),
        ("2 ** 0.5 == sqrt(2)", "true"),
        ("2.0 ** 3", "8.0"),
        ("2 ** -1", "0.5"),
        ("2 * 3 ** 2", "18"),
        ("pow(2, 0.5) == 2.0 ** 0.5", "true"),
        ("min(1, 2.5)", "1.0"),
        ("max(1, 2)", "2"),
        ("max(1, 2.5)", "2.5"),
        ("abs(-3)", "3"),
        ("abs(-3.5)", "3.5"),
        ("floor(3)", "3"),
        ("floor(-3.5)", "-4.0"),
        ("atan2(1, 1) == PI / 4", "true"),
        ("PI() == PI && TAU == 2 * PI", "true"),
        ("clamp(5, 0, 3)", "3"),
        ("clamp(0.5, 0, 1)", "0.5"),
        ("1 + 0.5", "1.5"),
        ("round(2.5)", "2.0"),
        ("hypot(3, 4)", "5.0"),
        ("2 ** (3 ** 2)", "512"),
        ("(2 ** 3) ** 2 + 2 ** 1 * 3 ** 1", "70"),
        ("[2 ** 2, (-2) ** 2, 2 ** [3][0] + 1]", "[4, 4, 9]"),
    ];
    for (expression, expected) in cases {
        let host = run(&format!("let x = 0; fn compute(rt, delta) {{ x = {expression}; }}"));
        let host = host.unwrap_or_else(|e| panic!("{expression}: {e}"));
        assert_eq!(value(&host, "x"), expected, "{expression}");
    }
    let error = error("fn compute(rt, delta) { 10 ** 100 }");
    assert!(error.message.contains("10 ** 100 is too large for an integer"), "{error}");
}

#[test]
fn expressions_that_are_read_in_two_ways_need_brackets() {
    let power = "`-a ** b` needs brackets";
    for (expression, message) in [
        ("-x ** 2", power),
        ("exp(-x**2)", power),
        ("-2 ** 2", power),
        ("-2.5 ** 2", power),
        ("1 - -x ** 2", power),
        ("-f(x) ** 2", power),
        ("-l[1] ** 2", power),
        ("-m.k ** 2", power),
        ("-(x + 1) ** 2", power),
        ("-(-x) ** 2", power),
        ("-array([1, 2]) ** 2", power),
        ("`${-x ** 2}`", power),
        ("l.map(|y| -y ** 2)", power),
        ("#{ k: [1, -x ** 2] }", power),
        ("if x > 0 { -x ** 2 } else { 0 }", power),
        ("switch x { 3 => -x ** 2, _ => 0 }", power),
        ("{ if x > 9 { return 1; } -x ** 2 }", power),
        ("-x /* the place */ ** 2", power),
        ("!x ** 2", "`!a ** b` needs brackets"),
        ("2 ** f(3) ** 2", "`a ** b ** c` needs brackets"),
        ("2 ** -x ** 2", "`a ** b ** c` needs brackets"),
        ("0 < x < 5", "`a < b < c` needs brackets"),
        ("x == 3 != false", "`a == b != c` needs brackets"),
        ("x == 1 < 2", "`a == b < c` needs brackets"),
        ("1 << x + 1", "`a << b + c` needs brackets"),
        ("2 * x >> 1", "`a * b >> c` needs brackets"),
        ("x & 1 == 0", "`a & 1 == b` needs brackets"),
        ("1 | x ^ 2", "`a | b ^ c` needs brackets"),
        ("true | false && false", "`a | b && c` needs brackets"),
        ("true || true ^ true", "`a || b ^ c` needs brackets"),
    ] {
        let text =
            format!("let x = 3; let l = [1, 2]; let m = #{{ k: 2 }};\nfn f(x) {{ x }}\nfn init(rt) {{ {expression} }}");
        let error = error(&text);
        assert_eq!(error.message, message, "{expression}");
        assert_eq!(error.place.as_ref().map(|place| place.line), Some(3), "{expression}");
        assert!(error.hint.is_some_and(|hint| hint.contains('(')), "{expression}");
    }
    let hint = error("fn init(rt) { -2 ** 2 }").hint.unwrap();
    assert_eq!(hint, "write `-(a ** b)`, as mathematics and NumPy read it, or `(-a) ** b`");
    for (expression, shown) in [
        ("(-x) ** 2", "9"),
        ("-(x ** 2)", "-9"),
        ("(-2) ** 2 - (2) ** 2", "0"),
        ("((-x)) ** 2", "9"),
        ("1 - x ** 2", "-8"),
        ("f(-x) ** 2", "9"),
        ("[-x][0] ** 2", "9"),
        ("{ let y = if x > 9 { 1 } else { 2 } - x ** 2; y }", "-7"),
        ("2 ** -1", "0.5"),
        ("2 ** (3 ** 2) + (2 ** 3) ** 2", "576"),
        ("0 < x && x < 5", "true"),
        ("(0 < x) == (x < 5)", "true"),
        ("(1 << x) + 1", "9"),
        ("1 << (x + 1)", "16"),
        ("(x & 1) == 1", "true"),
        ("x > 1 & x < 2", "false"),
        ("x == 3 & true", "true"),
        ("(true | false) && false", "false"),
        ("1 | (x ^ 2)", "1"),
        ("-x * 2 - -x", "-3"),
    ] {
        let text = format!("let x = 3; let r = ();\nfn f(x) {{ x }}\nfn init(rt) {{ r = {expression}; }}");
        let host = run(&text).unwrap_or_else(|e| panic!("{expression}: {e}"));
        assert_eq!(value(&host, "r"), shown, "{expression}");
    }
}

#[test]
fn brackets_are_missed_in_modules_and_by_check_all_at_once() {
    let (_folder, loaded) = project(&[
        ("main.rhai", "import \"util\" as u; fn init(rt) { u::f(2); }"),
        ("util.rhai", "\nfn f(x) { -x ** 2 }"),
    ]);
    let error = loaded.err().expect("the module is refused");
    assert_eq!(error.message, "`-a ** b` needs brackets");
    assert!(error.place.is_some_and(|place| place.file.ends_with("util.rhai") && place.line == 2));

    let script = tempfile::tempdir().unwrap();
    let path = script.path().join("main.rhai");
    std::fs::write(&path, "fn init(rt) {\n let a = -2 ** 2;\n let b = 1 < 2 < 3;\n nonsense;\n}").unwrap();
    let script = Script::load_for_check(&path, ScriptOptions::default()).unwrap();
    let found: Vec<_> = check(&script).unwrap().into_iter().map(|f| f.error.message).collect();
    let expected = ["`-a ** b` needs brackets", "`a < b < c` needs brackets", "unknown variable `nonsense`"];
    assert_eq!(found, expected);
}

#[test]
fn lists_are_sorted_as_their_elements_compare() {
    for (statements, shown) in [
        ("[1, 0.5, -2, 2.5].sort()", "[-2, 0.5, 1, 2.5]"),
        ("[1, 0.5, -2].sort_desc()", "[1, 0.5, -2]"),
        ("[0.0 / 0.0, 1, 0.5].sort()", "[0.5, 1, NaN]"),
        ("[9007199254740993, 9007199254740992.0].sort()", "[9007199254740992.0, 9007199254740993]"),
        ("[\"b\", \"a\"].sort()", "[\"a\", \"b\"]"),
        ("[2.5, 0.5, 1].sort(|x, y| x - y)", "[0.5, 1, 2.5]"),
        ("[2.5, 0.5, 1].sort(|x, y| x > y)", "[2.5, 1, 0.5]"),
    ] {
        let text = format!("let r = {}; fn init(rt) {{ r.{}; }}", &statements[..=statements.find(']').unwrap()], {
            &statements[statements.find(']').unwrap() + 2..]
        });
        let host = run(&text).unwrap_or_else(|e| panic!("{statements}: {e}"));
        assert_eq!(value(&host, "r"), shown, "{statements}");
    }
    let host = run(
        "let r = (); fn init(rt) { let a = [3, 1.5]; r = [a.order(), a.order_desc(), a.order_by(|x, y| y - x), a, \
                    a.index_of(3.0), a.contains(3.0), 1 == 1.0, [1, 2] == [1.0, 2.0]]; r[7] = [r[7], [1, 1.0].len()]; }",
    );
    let shown = "[[1.5, 3], [3, 1.5], [3, 1.5], [3, 1.5], 0, true, true, [true, 2]]";
    assert_eq!(value(&host.unwrap(), "r"), shown);
    for (statement, message) in [
        ("[1, \"a\"].sort()", "`sort` of a list that holds numbers and strings"),
        ("[[1], [2]].order()", "`order` of a list that holds an array of 1"),
        ("[1, 2].sort(|x, y| \"no\")", "the function of `sort` returns \"no\""),
        ("[1, 2].sort(|x, y| 0.0 / 0.0)", "the function of `sort` returns NaN"),
        ("[1, 2].sort(|x, y| x / 0)", "division by zero"),
    ] {
        let error = error(&format!("fn init(rt) {{ {statement}; }}"));
        assert!(error.message.to_lowercase().contains(&message.to_lowercase()), "{statement}: {error}");
    }
}

#[test]
fn check_warns_of_an_exclusive_or_that_looks_like_a_power() {
    let found = findings("fn init(rt) { let x = 3; x ^ 2; x ^ 255; x ** 2 }");
    assert_eq!(found, [(1, Severity::Warning, "`a ^ 2` is the exclusive or of the bits".to_string())]);
}

#[test]
fn callbacks_with_a_wrong_number_of_parameters_are_an_error_at_start() {
    let error = host("fn compute(rt) { }").err().unwrap();
    assert_eq!(error.message, "`compute` takes (rt, delta), this one has 1 parameter");
    assert_eq!(error.place.map(|p| p.line), Some(1));
}

#[test]
fn a_kept_rt_is_empty_outside_its_callback() {
    let mut host = host("let kept = 0; fn init(rt) { kept = rt; } fn compute(rt, delta) { kept.frame; }").unwrap();
    call(&mut host, Callback::Init).unwrap();
    assert!(call(&mut host, Callback::Compute).is_err());
}

/// Findings of `check` in a text: line, severity, message.
fn findings(text: &str) -> Vec<(usize, Severity, String)> {
    let script = Script::from_source("main.rhai", text, Path::new(""), ScriptOptions::default()).unwrap();
    let line = |f: &Finding| f.error.place.as_ref().map_or(0, |p| p.line);
    check(&script).unwrap().into_iter().map(|f| (line(&f), f.severity, f.error.message.clone())).collect()
}

#[test]
fn check_finds_all_mistakes_at_once() {
    let text = "let s = 5 / 10;
        let n = param(\"n\", 7); const K = 1;
        fn init(rt) {
            rt.set_data(\"plot\", #{ pos: [[0, 0, 0]], colour: 1 });
            rt.set_dta(\"plot\", #{});
            rt.setup_camera();
            rt.fraem;
        }
        fn helper(a) { nn + a / 2 + n / 2 }
        fn compute(rt, delta) {
            helper();
            hepler(1);
            speed = 3;
            K = 2;
            let x = 1; x += K; x.foo();
            u::f();
            sleep(1);
        }";
    let found = findings(text);
    let expected = [
        (1, Severity::Warning, "`5 / 10` divides integers: the result is 0"),
        (4, Severity::Error, "unknown option `colour` of `rt.set_data`"),
        (5, Severity::Error, "unknown function `rt.set_dta`"),
        (6, Severity::Error, "wrong arguments for `rt.setup_camera`"),
        (7, Severity::Error, "`rt` has no property `fraem`"),
        (9, Severity::Error, "unknown variable `nn`"),
        (9, Severity::Warning, "this divides integers and drops the remainder"),
        (11, Severity::Error, "`helper` takes 1 argument, this call has 0"),
        (12, Severity::Error, "unknown function `hepler`"),
        (13, Severity::Error, "`speed` is not declared"),
        (14, Severity::Error, "`K` is a constant and cannot be changed"),
        (15, Severity::Error, "unknown method `foo`"),
        (16, Severity::Error, "there is no module `u`"),
        (17, Severity::Error, "`sleep` is not available in scripts"),
    ];
    let expected: Vec<_> = expected.into_iter().map(|(l, s, m)| (l, s, m.to_string())).collect();
    assert_eq!(found, expected);
}

#[test]
fn check_finds_nothing_in_correct_scripts() {
    let gallery = Path::new(env!("CARGO_MANIFEST_DIR")).join("scripts");
    for entry in std::fs::read_dir(gallery).unwrap() {
        let path = entry.unwrap().path();
        if path.extension().is_some_and(|e| e == "rhai") {
            let script = Script::load(&path, ScriptOptions::default()).unwrap();
            assert_eq!(check(&script).unwrap(), [], "{}", path.display());
        }
    }
    let text = r#"
        let u = [1, 2]; let f = |x| x * 2; const T = #{ a: [1] }; let g = Fn("helper");
        fn helper(x) { let y = 0; for (i, k) in 0..3 { y += i * k; } try { throw 1 } catch (e) { y += e; } y + x }
        fn grow() { this.push(1); }
        fn compute(rt, delta) {
            u.grow(); u.sort(|a, b| a - b);
            let z = u.map(|v| v + delta).filter(|v| v > 1).len();
            let k = 1; let h = || k + 1; let i = |a| a * k + [1].map(|b| b + a + k)[0];
            let s = `${z} and ${u[0]}`;
            let m = #{ x: f.call(1), y: g.call(2), z: T.a[0] };
            if "x" in m && z in u { m.x += 1; }
            switch z { 1 => helper(1), _ => print(s) }
            PI * E + global::T.a[0] + type_of(z).len() + rt.frame;
            let size = rt.get_size(); size[0] / 2;
        }"#;
    assert_eq!(findings(text), []);
}

#[test]
fn check_knows_modules() {
    let (dir, host) = project(&[
        ("util.rhai", "export const N = 1; let t = 0; fn f(x) { x + t } private fn g() { 1 }"),
        (
            "main.rhai",
            "import \"util\" as u;\nfn compute(rt, delta) {\nu::f(1) + u::N;\nu::f();\nu::h();\nu::M;\nu::N = 2;\n}",
        ),
    ]);
    host.unwrap();
    let script = Script::load(&dir.path().join("main.rhai"), ScriptOptions::default()).unwrap();
    let found: Vec<_> = check(&script).unwrap().into_iter().map(|f| f.error.message).collect();
    assert_eq!(
        found,
        [
            "`u::f` takes 1 argument, this call has 0",
            "unknown function `u::h`",
            "there is no constant `u::M`",
            "`u::N` cannot be changed from outside its module",
        ]
    );
}

#[test]
fn print_and_debug_go_to_the_log_with_their_place() {
    #[derive(Clone, Default)]
    struct Log(Arc<std::sync::Mutex<Vec<u8>>>);
    impl std::io::Write for Log {
        fn write(&mut self, bytes: &[u8]) -> std::io::Result<usize> {
            self.0.lock().unwrap().extend_from_slice(bytes);
            Ok(bytes.len())
        }
        fn flush(&mut self) -> std::io::Result<()> {
            Ok(())
        }
    }
    let log = Log::default();
    let writer = log.clone();
    let subscriber = tracing_subscriber::fmt()
        .with_max_level(tracing::Level::DEBUG)
        .with_ansi(false)
        .with_writer(move || writer.clone())
        .finish();
    tracing::subscriber::with_default(subscriber, || {
        run("let u = [1, 2.5];\nfn compute(rt, delta) {\n    print(`u is ${u}`);\n    debug(\"a\"); print(u); print(7); }").unwrap();
    });
    let text = String::from_utf8(log.0.lock().unwrap().clone()).unwrap();
    for part in [
        " INFO script: main.rhai:3: u is [1, 2.5]",
        "DEBUG script: main.rhai:4: \"a\"",
        " INFO script: main.rhai:4: [1, 2.5]",
        " INFO script: main.rhai:4: 7",
    ] {
        assert!(text.contains(part), "{text}");
    }
}

/// Runs a script on a thread with the stack that a host is promised.
fn run_on_stack(text: &'static str) -> Result<()> {
    let thread = std::thread::Builder::new().stack_size(Host::STACK_SIZE).spawn(move || run(text).map(drop));
    thread.unwrap().join().unwrap()
}

#[test]
fn deep_values_and_deep_calls_fit_the_stack() {
    const DEEP: &str = "fn deep() { let a = []; for i in 0..2000 { a = [a]; } a }";
    for statement in [
        "let b = deep();",
        "print(deep());",
        "`${deep()}`;",
        "deep() == deep();",
        "deep().to_debug();",
        "let m = #{ a: deep() }; print(m); m.to_json();",
        "kept = deep();",
        "deep() in [deep()];",
        "try { throw deep(); } catch (e) { e.len(); }",
    ] {
        let text = format!("let kept = 0; {DEEP} fn compute(rt, delta) {{ {statement} }}");
        run_on_stack(text.leak()).unwrap_or_else(|e| panic!("{statement}: {e}"));
    }
    let error = run_on_stack(format!("{DEEP} fn compute(rt, delta) {{ throw deep(); }}").leak()).unwrap_err();
    assert!(error.message.len() < 1000);
    let nested =
        format!("fn f(x) {{ {}f(x + 1){} }} fn compute(rt, delta) {{ f(0); }}", "-(".repeat(25), ")".repeat(25));
    assert_eq!(run_on_stack(nested.leak()).unwrap_err().kind, ErrorKind::Limit);
    let closures = "fn f(x) { [x].map(|y| f(y + 1)) } fn compute(rt, delta) { f(0); }";
    assert_eq!(run_on_stack(closures).unwrap_err().kind, ErrorKind::Limit);
}

#[test]
fn check_warns_of_a_misspelt_callback() {
    let text = "fn init(rt) { used(); by_name(Fn(\"initt\")); }
        fn udpate_data(rt) { }
        fn used() { } fn by_name(f) { f.call() } fn initt() { } fn anything() { }";
    assert_eq!(findings(text), [(2, Severity::Warning, "nothing calls `udpate_data`".to_string())]);
}

#[test]
fn variables_may_be_called_like_the_arguments_of_the_host() {
    let host = run("let rt = 5; let delta = 70; let seen = [];
        fn init(rt) { seen.push(rt.frame); }
        fn compute(handle, step) { seen.push(step); seen.push(delta); seen.push(rt); }")
    .unwrap();
    assert_eq!(value(&host, "seen"), "[0, 4, 70, 5]");
    let (_dir, host) = project(&[
        ("util.rhai", "let a0 = 100; fn same(x) { x + a0 }"),
        ("main.rhai", "import \"util\" as u; let seen = 0; fn compute(rt, delta) { seen = u::same(1); }"),
    ]);
    let mut host = host.unwrap();
    call(&mut host, Callback::Compute).unwrap();
    assert_eq!(value(&host, "seen"), "101");
}

#[test]
fn rt_outside_a_callback_says_where_it_is() {
    for text in ["rt.resize(4, 4);", "fn helper() { rt.resize(4, 4); } fn compute(rt, delta) { helper(); }"] {
        let error = error(text);
        assert_eq!(error.message, "`rt` is not known here", "{text}");
        assert!(error.hint.as_deref().is_some_and(|h| h.contains("fn init(rt)")), "{error:?}");
    }
}

#[test]
fn texts_of_odd_editors_and_keyboards() {
    run("\u{feff}let x = 1;\r\nfn compute(rt, delta) {\r\n\tx += 1;\r\n}\r\n").unwrap();
    let error = error("let x = 1;\nlet größe = 1;");
    assert_eq!(error.message, "unexpected `ö`");
    assert!(error.hint.as_deref().is_some_and(|h| h.contains("a-z")), "{error:?}");
    assert_eq!(error.place.map(|p| (p.line, p.column)), Some((2, 7)));
}

#[test]
fn a_function_of_the_language_fails_where_it_is_called() {
    let error = error("fn compute(rt, delta) {\n  for i in range(0, 10, 0) { }\n}");
    let place = error.place.unwrap();
    assert_eq!((place.line, place.column), (2, 12));
    assert!(error.notes.is_empty(), "{:?}", error.notes);
}

#[test]
fn a_caught_error_is_its_message() {
    let host = run("let seen = [];
        fn init(rt) {
            try { rt.resize(0, 1); } catch (e) { seen = [`${e}`, e.message, e.hint]; }
        }")
    .unwrap();
    let message = "`width` is 0, it wants 1 to 32768, in pixels";
    assert_eq!(value(&host, "seen"), format!("[{message:?}, {message:?}, \"\"]"));
    let error = error("fn init(rt) {\n  try { rt.resize(0, 1); } catch (e) { throw e; }\n}");
    assert_eq!(error.message, message);
}
