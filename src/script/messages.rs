//! Tests that every message a script can cause uses the words of scripts, caught or not, and is the same in every run.

use super::diagnostic::{self, Explainer};
use super::{Host, Script, ScriptOptions, words};
use crate::Error;
use crate::cancel::CancelToken;
use rhai::{Dynamic, EvalAltResult, LexError, ParseErrorType, Position, Scope};
use std::collections::BTreeSet;
use std::path::Path;
use std::sync::Arc;
use std::time::Duration;

/// Words of the implementation, which no message may have.
const INTERNALS: &[&str] = &[
    "::",
    "&mut",
    "_:",
    "i64",
    "f64",
    "u8",
    "core",
    "alloc",
    "rhai",
    "plotrt",
    "Dynamic",
    "EvalAltResult",
    "ImmutableString",
    "NdArray",
    "FnPtr",
    "Box",
    "Vec",
    "BTreeMap",
    "Fn$",
    "anon$",
    "get$",
    "set$",
    "index$",
    "ndarray",
    "getter",
    "setter",
    "registered",
    "Indexer",
    "Runtime error",
];

/// The faults in the words of an error.
fn fault(error: &Error) -> Option<String> {
    let texts = [Some(&error.message), error.hint.as_ref()];
    for text in texts.into_iter().flatten() {
        let is_part = |c: char| c.is_alphanumeric() || c == '_';
        let holds = |inner: &&&str| {
            let is_word = inner.chars().all(is_part);
            match is_word {
                true => text.split(|c: char| !is_part(c)).any(|word| word == **inner),
                false => text.contains(**inner),
            }
        };
        // The program may be named where it is called.
        let inner = INTERNALS
            .iter()
            .filter(|inner| **inner != "plotrt" || !text.contains("`plotrt ") && !text.contains("in plotrt,"))
            .find(|i| holds(i));
        if let Some(inner) = inner {
            return Some(format!("`{inner}` in: {text}"));
        }
        if text.is_empty() || text.ends_with('.') && !text.ends_with("..") {
            return Some(format!("empty, or with a full stop: {text:?}"));
        }
    }
    error.message.starts_with(|c: char| c.is_uppercase()).then(|| format!("capital letter: {}", error.message))
}

fn host() -> Host {
    let script = Script::from_source("t.rhai", "fn own(a) { a }", Path::new(""), ScriptOptions::default()).unwrap();
    let mut host = Host::new(&script).unwrap();
    host.run_top_level(&CancelToken::new(), Duration::from_secs(20)).unwrap();
    host
}

fn check(explainer: &Explainer, error: Box<EvalAltResult>, what: &str, wrong: &mut Vec<String>) {
    let mut inner: &EvalAltResult = &error;
    while let EvalAltResult::ErrorInFunctionCall(_, _, next, _) | EvalAltResult::ErrorInModule(_, next, _) = inner {
        inner = next;
    }
    // A value that the script has thrown is passed on unchanged.
    let is_value = matches!(inner, EvalAltResult::ErrorRuntime(..) | EvalAltResult::ErrorTerminated(..));
    let caught = (!is_value && inner.is_catchable()).then(|| explainer.explain_caught(&error, None));
    let plain = explainer.explain(error, "t.rhai", false);
    if let Some(fault) = fault(&plain) {
        wrong.push(format!("{what}: {fault}"));
    }
    if let Some(caught) = caught {
        if let Some(fault) = fault(&caught) {
            wrong.push(format!("{what}, caught: {fault}"));
        }
        if caught.message != plain.message {
            wrong.push(format!("{what}: caught {:?}, else {:?}", caught.message, plain.message));
        }
    }
}

#[test]
fn the_comparison_sees_internals() {
    for text in ["got core::ops::range::Range<i64>", "it takes i64", "pad(_: string)", "Upper", "ends."] {
        assert!(fault(&Error::script(text)).is_some(), "{text}");
    }
    assert_eq!(fault(&Error::script("a score of alloys").hint("write `Fn(\"name\")`")), None);
}

#[test]
fn every_kind_of_error_has_its_words() {
    use EvalAltResult as E;
    let host = host();
    let (engine, runtime) = host.parts();
    let explainer = Explainer { units: &runtime.script.units, budget: &runtime.budget, engine };
    let at = Position::new(1, 1);
    let text = |t: &str| t.to_string();
    let mut wrong = Vec::new();
    let kinds = || {
        vec![
            E::ErrorSystem(text("System failure"), "broken".into()),
            E::ErrorSystem(text(""), "Broken".into()),
            E::ErrorParsing(ParseErrorType::UnexpectedEOF, at),
            E::ErrorVariableExists(text("x"), at),
            E::ErrorForbiddenVariable(text("x"), at),
            E::ErrorVariableNotFound(text("x"), at),
            E::ErrorPropertyNotFound(text("x"), at),
            E::ErrorIndexNotFound(5.into(), at),
            E::ErrorFunctionNotFound(text("f (i64, plotrt::array::node::NdArray)"), at),
            E::ErrorFunctionNotFound(text("* (array, i64)"), at),
            E::ErrorFunctionNotFound(text("- (&str | ImmutableString | String)"), at),
            E::ErrorFunctionNotFound(text("elements of different types cannot be sorted"), at),
            E::ErrorFunctionNotFound(text("elements of i64 cannot be sorted"), at),
            E::ErrorModuleNotFound(text("m"), at),
            E::ErrorInFunctionCall(text("f"), text("t.rhai"), E::ErrorFor(at).into(), at),
            E::ErrorInModule(text("m"), E::ErrorFor(at).into(), at),
            E::ErrorUnboundThis(at),
            E::ErrorMismatchDataType(text("i64"), text("core::ops::range::Range<i64>"), at),
            E::ErrorMismatchDataType(text("bool"), text("plotrt::array::node::NdArray"), at),
            E::ErrorMismatchDataType(text("INT"), text("&str"), at),
            E::ErrorMismatchOutputType(text("f64"), text("()"), at),
            E::ErrorIndexingType(text("i64 [string]"), at),
            E::ErrorIndexingType(text("rhai::Instant"), at),
            E::ErrorArrayBounds(0, 1, at),
            E::ErrorArrayBounds(1, 1, at),
            E::ErrorArrayBounds(2, 7, at),
            E::ErrorStringBounds(2, 7, at),
            E::ErrorBitFieldBounds(64, 99, at),
            E::ErrorFor(at),
            E::ErrorDataRace(text("x"), at),
            E::ErrorNonPureMethodCallOnConstant(text("push"), at),
            E::ErrorNonPureMethodCallOnConstant(text("set$x"), at),
            E::ErrorNonPureMethodCallOnConstant(text("get$x"), at),
            E::ErrorNonPureMethodCallOnConstant(text("index$get$"), at),
            E::ErrorNonPureMethodCallOnConstant(text("index$set$"), at),
            E::ErrorAssignmentToConstant(text("K"), at),
            E::ErrorDotExpr(text("Unknown property 'x' - a getter is not registered for type 'i64'"), at),
            E::ErrorDotExpr(
                text("No writable property 'x' - a setter is not registered for type 'Rt' to handle 'i64'"),
                at,
            ),
            E::ErrorDotExpr(text(""), at),
            E::ErrorArithmetic(text("Addition overflow: 1 + 2"), at),
            E::ErrorArithmetic(text("Modulo division by zero or overflow: 1 % 0"), at),
            E::ErrorArithmetic(text("Division by zero: 1 / 0"), at),
            E::ErrorArithmetic(text("Error parsing integer number 'x': invalid digit found in string"), at),
            E::ErrorArithmetic(text("Error parsing floating-point number 'x': invalid float literal"), at),
            E::ErrorArithmetic(text("Integer overflow: to_int(1e300)"), at),
            E::ErrorArithmetic(text(""), at),
            E::ErrorTooManyOperations(at),
            E::ErrorTooManyVariables(at),
            E::ErrorTooManyModules(at),
            E::ErrorStackOverflow(at),
            E::ErrorDataTooLarge(text("Length of string"), at),
            E::ErrorTerminated(Dynamic::UNIT, at),
            E::ErrorCustomSyntax(text("Invalid custom syntax prefix: rhai"), vec![text("a")], at),
            E::ErrorRuntime(Dynamic::UNIT, at),
            E::ErrorRuntime("error in comparer for sorting".into(), at),
            E::LoopBreak(true, Dynamic::UNIT, at),
            E::Return(Dynamic::UNIT, at),
            E::Exit(Dynamic::UNIT, at),
        ]
    };
    for kind in kinds() {
        let what = format!("{kind:?}");
        check(&explainer, kind.into(), &what, &mut wrong);
    }
    assert!(wrong.is_empty(), "{}", wrong.join("\n"));
}

#[test]
#[allow(deprecated)]
fn every_error_of_the_compiler_has_its_words() {
    use ParseErrorType as P;
    let text = |t: &str| t.to_string();
    let lexical = [
        LexError::UnexpectedInput(text("$")),
        LexError::UnterminatedString,
        LexError::StringTooLong(5),
        LexError::MalformedEscapeSequence(text("\\q")),
        LexError::MalformedNumber(text("1x")),
        LexError::MalformedChar(text("ab")),
        LexError::MalformedIdentifier(text("__")),
        LexError::ImproperSymbol(
            text("==="),
            text("'===' is not a valid operator. This is not JavaScript! Should it be '=='?"),
        ),
        LexError::ImproperSymbol(text("->"), text("'->' is not a valid symbol. This is not C or C++!")),
        LexError::ImproperSymbol(text("="), text("Possibly a typo of '=='?")),
        LexError::ImproperSymbol(text("this"), text("'this' can only be used in functions")),
        LexError::ImproperSymbol(text("eval"), text("reserved keyword 'eval' is disabled")),
        LexError::ImproperSymbol(text("!"), text("")),
        LexError::Runtime(text("Something rhai")),
    ];
    let mut kinds: Vec<P> =
        lexical.into_iter().filter(|e| !matches!(e, LexError::Runtime(_))).map(P::BadInput).collect();
    kinds.extend([
        P::UnexpectedEOF,
        P::UnknownOperator(text("?")),
        P::MissingToken(text(";"), text("to terminate this statement")),
        P::MissingSymbol(text("")),
        P::MissingSymbol(text("Expecting '{' or '|'")),
        P::MalformedCallExpr(text("Bad")),
        P::MalformedIndexExpr(text("Array, string or bit-field expects numeric index, not a string")),
        P::MalformedIndexExpr(text("Object map expects string index, not a number")),
        P::MalformedIndexExpr(text("")),
        P::MalformedInExpr(text("")),
        P::MalformedCapture(text("method-call style does not support running within the caller's scope")),
        P::DuplicatedProperty(text("a")),
        P::DuplicatedSwitchCase,
        P::DuplicatedVariable(text("a")),
        P::WrongSwitchIntegerCase,
        P::WrongSwitchDefaultCase,
        P::WrongSwitchCaseCondition,
        P::PropertyExpected,
        P::VariableExpected,
        P::ForbiddenVariable(text("a")),
        P::Reserved(text("var")),
        P::Reserved(text("++")),
        P::MismatchedType(text("a boolean expression"), text("a string")),
        P::ExprExpected(text("")),
        P::ExprExpected(text("a literal")),
        P::ExprExpected(text("literal")),
        P::WrongDocComment,
        P::WrongFnDefinition,
        P::FnDuplicatedDefinition(text("f"), 1),
        P::FnMissingName,
        P::FnMissingParams(text("f")),
        P::FnDuplicatedParam(text("f"), text("a")),
        P::FnMissingBody(text("")),
        P::FnMissingBody(text("f")),
        P::WrongExport,
        P::AssignmentToConstant(text("")),
        P::AssignmentToConstant(text("K")),
        P::AssignmentToInvalidLHS(text("")),
        P::VariableExists(text("a")),
        P::VariableUndefined(text("a")),
        P::ModuleUndefined(text("a")),
        P::ExprTooDeep,
        P::TooManyFunctions,
        P::LiteralTooLarge(text("Length of string"), 5),
        P::LoopBreak,
    ]);
    let mut wrong = Vec::new();
    for kind in kinds {
        let what = format!("{kind:?}");
        let error = diagnostic::parse_error(&rhai::ParseError(kind.into(), Position::NONE), "t.rhai", "");
        wrong.extend(fault(&error).map(|fault| format!("{what}: {fault}")));
    }
    assert!(wrong.is_empty(), "{}", wrong.join("\n"));
}

/// Values of every type that a script can hold.
const VALUES: &[&str] = &[
    "1",
    "2.5",
    "\"x\"",
    "'c'",
    "true",
    "()",
    "[1, \"a\"]",
    "#{ a: 1 }",
    "array([1, 2])",
    "0..3",
    "0..=3",
    "blob(1)",
    "|x| x",
    "slice(0, 1)",
    "timestamp()",
];

/// Calls every function with too few, too many and wrong arguments.
#[test]
fn wrong_calls_of_every_function_are_refused_in_words() {
    let host = host();
    let (engine, runtime) = host.parts();
    let explainer = Explainer { units: &runtime.script.units, budget: &runtime.budget, engine };
    let functions: BTreeSet<(String, usize)> = host.natives().into_iter().collect();
    assert!(functions.len() > 400, "{}", functions.len());
    let (mut wrong, mut failed) = (Vec::new(), 0);
    let mut run = |code: String| {
        runtime.budget.start(None, &CancelToken::new(), Duration::from_secs(20));
        // Errors of the compiler have a test of their own.
        let Ok(ast) = engine.compile(&code) else { return };
        let _arrays = crate::array::Scope {
            space: runtime.script.space.clone(),
            watch: crate::array::Watch { cancel: CancelToken::new(), deadline: None },
            seed: 0,
            tells_costs: false,
        }
        .enter();
        if let Err(error) = engine.eval_ast_with_scope::<Dynamic>(&mut Scope::new(), &ast) {
            failed += 1;
            check(&explainer, error, &code, &mut wrong);
        }
    };
    let names: BTreeSet<&str> = functions.iter().map(|(name, _)| name.as_str()).collect();
    for (i, (name, count)) in functions.iter().enumerate() {
        if !rhai::is_valid_identifier(name) {
            continue;
        }
        for (k, value) in VALUES.iter().enumerate() {
            // Every function gets every type as its first argument; other numbers of arguments are tried with some.
            let extra = if (i + k) % 5 == 0 { 1 } else { 0 };
            let args = vec![VALUES[(k * 7 + i) % VALUES.len()]; (count + extra).saturating_sub(1)];
            run(format!("let v = {value}; v.{name}({})", args.join(", ")));
            run(format!("{name}({})", [&[*value], args.as_slice()].concat().join(", ")));
        }
        run(format!("{name}()"));
    }
    for name in names.iter().filter(|name| !rhai::is_valid_identifier(name) && !name.contains('$')) {
        for a in VALUES {
            for b in VALUES {
                run(format!("let a = {a}; a {name} {b}"));
            }
        }
    }
    for a in VALUES {
        for code in [
            "if v { }",
            "for i in v { }",
            "v.foo",
            "v.foo = 1",
            "v[0] = v",
            "v += 1",
            "v.call(1)",
            "v.0",
            "-v",
            "!v",
            "v()",
            "while v { }",
            "switch v { 1 => 2 }",
        ] {
            run(format!("let v = {a}; {code}"));
        }
        for b in VALUES {
            run(format!("let v = {a}; v[{b}]"));
            run(format!("{b} in {a}"));
        }
    }
    assert!(failed > 5000, "{failed}");
    let total = wrong.len();
    wrong.truncate(60);
    assert!(wrong.is_empty(), "{total} of {failed}:\n{}", wrong.join("\n"));
}

#[test]
fn every_type_has_its_word() {
    let host = host();
    let (engine, _) = host.parts();
    let types = |f: rhai::FuncInfo| {
        Some(
            f.metadata
                .params_info
                .iter()
                .map(|p| p.split_once(':').map_or("", |(_, ty)| ty).to_string())
                .collect::<Vec<_>>(),
        )
    };
    let types: BTreeSet<String> = engine.collect_fn_metadata(None, types, true).into_iter().flatten().collect();
    assert!(types.len() > 10, "{types:?}");
    for ty in types.iter().flat_map(|ty| [ty.clone(), engine.map_type_name(ty.trim()).to_string()]) {
        let word = words::type_name(&ty);
        assert_eq!(fault(&Error::script(format!("got {word}"))), None, "{ty}");
    }
}

/// Hints suggest the nearest name, and of equally near names always the same one.
#[test]
fn messages_do_not_depend_on_the_order_of_tables() {
    let messages = || {
        let host = host();
        let (engine, runtime) = host.parts();
        let explainer = Explainer { units: &runtime.script.units, budget: &runtime.budget, engine };
        let calls = [
            "pda(1)",
            "\"7\".pad(\"0\", 4)",
            "[1].sotr()",
            "1.foo()",
            "abc(1)",
            "lenn([1])",
            "\"a\".to_int()",
            "se(1)",
        ];
        calls.map(|code| {
            let error = engine.eval::<Dynamic>(code).unwrap_err();
            let error = explainer.explain(error, "t.rhai", false);
            format!("{}; {}", error.message, error.hint.unwrap_or_default())
        })
    };
    let first = messages();
    for _ in 0..5 {
        assert_eq!(messages(), first);
    }
    let script: Arc<Script> = Script::from_source(
        "t.rhai",
        "fn init(rt) { [1].sotr(); lenn([1]); se(1); }",
        Path::new(""),
        ScriptOptions::default(),
    )
    .unwrap();
    let first = super::check(&script).unwrap();
    for _ in 0..5 {
        assert_eq!(super::check(&script).unwrap(), first);
    }
}
