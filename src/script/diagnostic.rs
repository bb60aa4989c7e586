//! Converts Rhai's errors into ours: fact, place and hint in the words of scripts.

use super::api;
use super::foreign::{self, Spot};
use super::language::DISABLED;
use super::limits::Budget;
use super::unit::{self, Unit};
use super::words::{self, type_name};
use super::{names, nested};
use crate::error::{Note, nearest};
use crate::{Error, Place};
use rhai::{Engine, EvalAltResult, LexError, ParseError, ParseErrorType, Position};
use std::collections::BTreeSet;

/// State that explains errors of running code.
pub(super) struct Explainer<'a> {
    /// The script and its modules.
    pub units: &'a [Unit],
    pub budget: &'a Budget,
    pub engine: &'a Engine,
}

/// An error of the compiler.
pub(super) fn parse_error(error: &ParseError, file: &str, text: &str) -> Error {
    let kind = error.err_type();
    let mut result = explain_parse(kind);
    let Some(line) = error.position().line() else { return result };
    let source = text.lines().nth(line - 1);
    let column = error.position().position().unwrap_or(0);
    let spot = source.map(|source| Spot::new(kind, source, column.saturating_sub(1)));
    let is_first = spot.as_ref().is_some_and(|spot| spot.before.is_empty());
    // The end of something that began on a line before may be missing here.
    let line_before =
        text.lines().take(line - 1).filter(|line| !foreign::without_comment(line).trim().is_empty()).last();
    let ends_before = is_first.then_some(line_before).flatten().map(|line| Spot::new(kind, line, line.chars().count()));
    if let Some(instead) = spot.as_ref().and_then(foreign::of_text) {
        result = result.hint(instead);
    } else if matches!(kind, ParseErrorType::MissingToken(token, _) if token == ";") && is_first {
        result = result.hint("is a `;` missing at the end of the line before?");
    } else if let Some(instead) = ends_before.as_ref().and_then(foreign::of_text) {
        result = result.hint(instead);
    }
    result.at(Place { file: file.to_string(), line, column, source: source.map(str::to_string) })
}

fn explain_parse(kind: &ParseErrorType) -> Error {
    let disabled = |name: &str| DISABLED.iter().find(|(n, _)| *n == name);
    match kind {
        ParseErrorType::Reserved(name)
        | ParseErrorType::UnknownOperator(name)
        | ParseErrorType::BadInput(LexError::ImproperSymbol(name, _))
            if disabled(name).is_some() =>
        {
            let remedy = disabled(name).map_or("", |(_, remedy)| remedy);
            Error::script(format!("`{name}` is not available in scripts")).hint(remedy)
        }
        ParseErrorType::Reserved(name) if rhai::is_valid_identifier(name) => {
            Error::script(format!("`{name}` is a reserved word"))
                .hint("use another name, or put it in quotes where it is a key of a map")
        }
        ParseErrorType::Reserved(symbol) | ParseErrorType::UnknownOperator(symbol) => no_operator(symbol),
        ParseErrorType::BadInput(LexError::ImproperSymbol(symbol, why)) => match symbol.as_str() {
            "=" => Error::script("`=` in the place of a value")
                .hint("a comparison is written `==`; arguments are not given by name"),
            "** **" => Error::script(why.clone()),
            "this" => Error::script("`this` has no value here")
                .hint("it is the value before the dot, inside a function that is called as a method"),
            symbol => no_operator(symbol),
        },
        ParseErrorType::ExprTooDeep => Error::limit("expressions and blocks nest too deep")
            .hint("take parts of it into functions, or name intermediate results with `let`"),
        ParseErrorType::TooManyFunctions => Error::limit("the script defines too many functions"),
        ParseErrorType::LiteralTooLarge(kind, limit) => {
            Error::limit(format!("this {} is larger than the limit of {limit}", lower(kind)))
        }
        ParseErrorType::FnDuplicatedDefinition(name, parameters) => {
            let plural = if *parameters == 1 { "" } else { "s" };
            Error::script(format!("there are two functions `{name}` with {parameters} parameter{plural}"))
                .hint("rename or remove one of them")
        }
        ParseErrorType::AssignmentToConstant(name) => constant(name),
        ParseErrorType::AssignmentToInvalidLHS(_) => Error::script("this cannot be assigned to")
            .hint("the left side is a variable, an element `a[i]` or a property `m.key`; to compare, write `==`"),
        ParseErrorType::MissingToken(token, why) => Error::script(format!("expected `{token}` {why}")),
        ParseErrorType::UnexpectedEOF => {
            Error::script("the script ends too early").hint("is a bracket or a brace not closed?")
        }
        ParseErrorType::WrongFnDefinition => Error::script("a function is defined inside a block")
            .hint("move it to the top level; functions see all top-level variables"),
        ParseErrorType::BadInput(LexError::UnexpectedInput(input)) => {
            let error = Error::script(format!("unexpected `{input}`"));
            if input.is_ascii() {
                return error.hint("is something missing before it, such as a value, an operator or a bracket?");
            }
            error.hint("names are written with a-z, A-Z, 0-9 and _; other characters are allowed in texts and comments")
        }
        ParseErrorType::BadInput(LexError::UnterminatedString) => {
            Error::script("a text does not end on its line").hint("close it with a quotation mark; `...` spans lines")
        }
        ParseErrorType::BadInput(LexError::MalformedChar(text)) => {
            Error::script(format!("`'{}'` is not one character", text.trim_matches('\'')))
                .hint("single quotes hold one character; texts are put in double quotes")
        }
        ParseErrorType::BadInput(LexError::MalformedNumber(text)) => {
            Error::script(format!("`{text}` is not a number")).hint("numbers are written `12`, `1.5`, `2.0e-3`, `0xff`")
        }
        ParseErrorType::BadInput(LexError::MalformedIdentifier(text)) => {
            Error::script(format!("`{text}` is not a name"))
                .hint("names are written with a-z, A-Z, 0-9 and _, and begin with a letter")
        }
        ParseErrorType::BadInput(LexError::MalformedEscapeSequence(text)) => {
            Error::script(format!("`{text}` is not an escape sequence"))
                .hint("a backslash itself is written `\\\\`; there are `\\n`, `\\t`, `\\\"` and `\\u0041`")
        }
        ParseErrorType::BadInput(LexError::StringTooLong(limit)) => {
            Error::limit(format!("this text is longer than the limit of {limit} bytes"))
        }
        ParseErrorType::BadInput(error) => Error::script(lower(&error.to_string())),
        ParseErrorType::LoopBreak => Error::script("`break` or `continue` outside a loop"),
        ParseErrorType::MismatchedType(wanted, got) => {
            Error::script(format!("expected {wanted}, got {}", got.trim_start_matches("a ")))
        }
        ParseErrorType::ExprExpected(what) => Error::script(format!("expected {}", article(what)))
            .hint("is something missing before it, or is a bracket not closed?"),
        ParseErrorType::MalformedIndexExpr(why) => index_literal(why),
        ParseErrorType::DuplicatedProperty(key) => {
            Error::script(format!("the map has two keys `{key}`")).hint("keep one of them")
        }
        ParseErrorType::DuplicatedVariable(name) | ParseErrorType::VariableExists(name) => {
            Error::script(format!("there are two variables `{name}` here")).hint("give one of them another name")
        }
        ParseErrorType::FnDuplicatedParam(function, parameter) => {
            Error::script(format!("`{function}` has two parameters `{parameter}`"))
                .hint("give one of them another name")
        }
        ParseErrorType::FnMissingName => {
            Error::script("a function has no name").hint("functions are written `fn name(a, b) { … }`")
        }
        ParseErrorType::FnMissingParams(name) => Error::script(format!("`{name}` has no list of parameters"))
            .hint(format!("write `fn {name}() {{ … }}` for none")),
        ParseErrorType::FnMissingBody(name) => match name.as_str() {
            "" => Error::script("a function without a name has no body"),
            name => Error::script(format!("`{name}` has no body")),
        }
        .hint("functions are written `fn name(a, b) { … }`, without a name `|x| x * 2`"),
        ParseErrorType::PropertyExpected => Error::script("expected the name of a key or a property")
            .hint("maps are written `#{ key: value }`; other names are put in quotes"),
        ParseErrorType::VariableExpected => Error::script("expected the name of a variable"),
        ParseErrorType::ForbiddenVariable(name) => Error::script(format!("no variable can be called `{name}`")),
        ParseErrorType::VariableUndefined(name) => Error::script(format!("unknown variable `{name}`")),
        ParseErrorType::ModuleUndefined(name) => unknown_module(name),
        ParseErrorType::WrongExport => {
            Error::script("`export` is inside a block").hint("move it to the top level of the module")
        }
        ParseErrorType::WrongDocComment => Error::script("no function follows the comment `///`").hint("write `//`"),
        ParseErrorType::WrongSwitchDefaultCase => {
            Error::script("the case `_` of a `switch` is not the last").hint("move it to the end")
        }
        ParseErrorType::WrongSwitchIntegerCase => {
            Error::script("a number of a `switch` follows a range").hint("move the ranges behind the single numbers")
        }
        ParseErrorType::WrongSwitchCaseCondition => {
            Error::script("this case of a `switch` cannot have a condition").hint("test the condition inside the case")
        }
        ParseErrorType::MissingSymbol(_) | ParseErrorType::MalformedCapture(_) => {
            Error::script("something is missing here")
        }
        other => Error::script(lower(&other.to_string())),
    }
}

fn no_operator(symbol: &str) -> Error {
    let error = Error::script(format!("there is no operator `{symbol}`"));
    match symbol {
        "->" => error.hint("functions are written `fn name(a, b) { … }`, without a type"),
        "<-" | ":=" => error.hint("write `=`"),
        "===" => error.hint("write `==`"),
        "!==" | "<>" => error.hint("write `!=`"),
        "..." => error.hint("ranges are written `0..n`"),
        "~" => error.hint("what is not true is written `!a`"),
        "@" => error.hint("matrices are multiplied by `a.matmul(b)`"),
        "::<" => error.hint("functions are called without types: `f(x)`"),
        _ => error,
    }
}

/// The error of an index of a wrong type, from Rhai's message: "… expects numeric index, not a string".
fn index_literal(why: &str) -> Error {
    let got = why.rsplit("not ").next().unwrap_or_default().trim_start_matches("a ").trim_start_matches("an ");
    let is_map = why.contains("map");
    let wanted = if is_map { "maps are indexed by strings" } else { "lists and texts are indexed by integers" };
    Error::script(format!("{got} is no index here")).hint(wanted)
}

/// Rhai's word for an expression with its article.
fn article(what: &str) -> String {
    match what {
        "" => "a value".into(),
        what if what.starts_with("a ") || what.starts_with("an ") => what.to_string(),
        what => format!("a value: {what}"),
    }
}

pub(super) fn constant(name: &str) -> Error {
    if name.is_empty() {
        return Error::script("a constant cannot be changed");
    }
    Error::script(format!("`{name}` is a constant and cannot be changed"))
        .hint(format!("declare it with `let {name} = …` if it is to change"))
}

/// The text with its first letter in lower case, as messages begin.
fn lower(text: &str) -> String {
    let mut chars = text.chars();
    chars.next().map_or(String::new(), |first| first.to_lowercase().chain(chars).collect())
}

impl Explainer<'_> {
    /// An error of the top level of the unit `file`, or of a callback (`called`) in it, whose own call is no place in
    /// the script.
    pub fn explain(&self, error: Box<EvalAltResult>, file: &str, called: bool) -> Error {
        let mut file = file.to_string();
        let mut error = error;
        let mut calls = Vec::new();
        let mut entered = false;
        loop {
            match *error {
                EvalAltResult::ErrorInFunctionCall(function, source, inner, pos) => {
                    entered = true;
                    if let Some(place) = self.place(&file, pos) {
                        let function = if function.starts_with("anon$") { "closure".to_string() } else { function };
                        calls.push(Note { text: format!("in this call of `{function}`"), place });
                    }
                    if !source.is_empty() {
                        file = source;
                    }
                    error = inner;
                }
                EvalAltResult::ErrorInModule(_, inner, _) => error = inner,
                _ => break,
            }
        }
        if called && !calls.is_empty() {
            calls.remove(0);
        }
        calls.reverse();
        // Rhai's system errors have no calling functions, and the place of the outermost call.
        let pos = if called && !entered { Position::NONE } else { error.position() };
        let mut result = self.leaf(*error, unit::named(self.units, &file), pos);
        if let Some(place) = self.place(&file, pos) {
            result = result.at(place);
        } else if result.place.is_none() && !calls.is_empty() {
            // Some of Rhai's own functions report no place: then it is that of their call.
            result = result.at(calls.remove(0).place);
        }
        result.notes = calls;
        result
    }

    fn place(&self, file: &str, pos: Position) -> Option<Place> {
        unit::named(self.units, file)?.place(pos)
    }

    /// The error without its place. `pos` is that place in the text of `unit`.
    pub fn leaf(&self, error: EvalAltResult, unit: Option<&Unit>, pos: Position) -> Error {
        use EvalAltResult as E;
        match error {
            E::ErrorTerminated(value, _) => value.try_cast::<Error>().unwrap_or_else(|| self.budget.error()),
            E::ErrorRuntime(value, _) => match value.try_cast_result::<Error>() {
                Ok(error) => error,
                Err(value) if value.is_unit() => Error::script("the script gave up with `throw`"),
                Err(value) if value.is_string() && value.to_string() == "error in comparer for sorting" => {
                    Error::script("the function that compares for `sort` fails")
                        .hint("it returns a negative number, 0 or a positive one, or whether the first comes first: `|a, b| a - b`")
                }
                Err(value) => Error::script(nested::brief(&value)),
            },
            E::ErrorVariableNotFound(name, _) => variable_not_found(&name, unit, pos),
            E::ErrorFunctionNotFound(signature, _) => self.unknown_function(&signature, unit, pos),
            E::ErrorModuleNotFound(name, _) => unknown_module(&name),
            E::ErrorAssignmentToConstant(name, _) => constant(&name),
            E::ErrorNonPureMethodCallOnConstant(function, _) if !rhai::is_valid_identifier(&function) => constant("")
                .hint("declare the variable with `let`, or work on a copy: `let copy = …`"),
            E::ErrorNonPureMethodCallOnConstant(function, _) => {
                Error::script(format!("`{function}` would change a constant"))
                    .hint("declare the variable with `let`, or work on a copy: `let copy = …`")
            }
            E::ErrorDataRace(name, _) if name.contains(' ') => {
                Error::script("a variable is in use by the method that works on it")
                    .hint("work on a copy: `let copy = …;`, then call the method on `copy`")
            }
            E::ErrorDataRace(name, _) => Error::script(format!("`{name}` is in use by the method that works on it"))
                .hint(format!("work on a copy: `let copy = {name};`, then call the method on `copy`")),
            E::ErrorArrayBounds(0, ..) => Error::script("the array is empty")
                .hint("elements are added with `push`; `len()` is how many there are"),
            E::ErrorArrayBounds(1, index, _) => {
                Error::script(format!("index {index} is outside the array of 1 element")).hint("its index is 0")
            }
            E::ErrorArrayBounds(length, index, _) => {
                Error::script(format!("index {index} is outside the array of {length} elements"))
                    .hint(format!("indices go from 0 to {}; -1 is the last element", length - 1))
            }
            E::ErrorStringBounds(length, index, _) => {
                Error::script(format!("index {index} is outside the string of {length} characters"))
            }
            E::ErrorBitFieldBounds(bits, index, _) => {
                Error::script(format!("bit {index} is outside the {bits} bits of an integer"))
            }
            E::ErrorPropertyNotFound(name, _) => Error::script(format!("the map has no key `{name}`")),
            E::ErrorIndexNotFound(index, _) => Error::script(format!("there is no element {index}")),
            E::ErrorIndexingType(what, _) => match what.split_once(" [") {
                Some((of, with)) => {
                    let with = with.split(']').next().unwrap_or_default();
                    let (of, with) = (type_name(of), type_name(with));
                    Error::script(format!("a value of type {of} has no elements by {with}"))
                        .hint("lists and arrays are indexed by integers, maps by strings")
                }
                None => Error::script(format!("a value of type {} has no elements", type_name(&what))),
            },
            E::ErrorDotExpr(message, _) => self.unknown_property(&message),
            E::ErrorMismatchDataType(wanted, got, _) | E::ErrorMismatchOutputType(wanted, got, _) => {
                mismatch(type_name(&wanted), type_name(&got), unit.and_then(|unit| index_at(unit, pos)))
            }
            E::ErrorFor(_) => Error::script("`for` cannot run over this value")
                .hint("it runs over ranges (`0..n`), arrays, strings and maps' `keys()`"),
            E::ErrorUnboundThis(_) => Error::script("`this` has no value here").hint(
                "it is the value before the dot, inside a function that is called as a method; variables of the top \
                     level are reached by their names alone",
            ),
            E::ErrorArithmetic(message, _) => arithmetic(&message),
            E::ErrorStackOverflow(_) => self.budget.too_deep(),
            E::ErrorTooManyVariables(_) => Error::limit("more variables at one time than the limit allows"),
            E::ErrorTooManyModules(_) => Error::limit("more modules than the limit allows"),
            E::ErrorDataTooLarge(kind, _) => Error::limit(format!("{} is larger than the limit", lower(&kind)))
                .hint("check whether it grows in every call, or in an endless loop"),
            E::ErrorTooManyOperations(_) => self.budget.error(),
            E::ErrorParsing(kind, _) => explain_parse(&kind),
            E::ErrorVariableExists(name, _) => Error::script(format!("there is a variable `{name}` already"))
                .hint("give one of the two another name"),
            E::ErrorForbiddenVariable(name, _) => Error::script(format!("no variable can be called `{name}`")),
            E::LoopBreak(..) => Error::script("`break` or `continue` outside a loop"),
            E::ErrorInFunctionCall(_, _, inner, _) | E::ErrorInModule(_, inner, _) => self.leaf(*inner, unit, pos),
            E::ErrorSystem(message, inner) => match message.as_str() {
                "" => Error::script(lower(&inner.to_string())),
                message => Error::script(lower(message)),
            },
            _ => Error::script("the script ends in an unexpected way")
                .hint("this is a mistake in plotrt, not in the script; please report it"),
        }
    }

    /// `signature` is Rhai's: `name (type, type)`.
    fn unknown_function(&self, signature: &str, unit: Option<&Unit>, pos: Position) -> Error {
        if signature.starts_with("elements of ") {
            return Error::script("the elements of the list cannot be sorted")
                .hint("say what comes first: `list.sort(|a, b| a.key - b.key)`");
        }
        let (name, types) = signature.split_once(" (").unwrap_or((signature, ""));
        let types = types.strip_suffix(')').unwrap_or(types);
        let given: Vec<&str> = types.split(", ").filter(|ty| !ty.is_empty()).map(type_name).collect();
        if !name.chars().any(|c| c.is_alphanumeric()) {
            return wrong_operands(name, &given, unit.and_then(|unit| unit.place(pos)));
        }
        if name.contains('$') {
            return Error::script("this is not a function that can be called here");
        }
        let (space, short) = match name.rsplit_once("::") {
            Some((space, short)) => (Some(space), short),
            None => (None, name),
        };
        // A module's functions are those of another unit; all others are the script's own and the built-in ones.
        let unit = match space {
            None => unit,
            Some(space) => unit.and_then(|u| names::imported(u, space)).and_then(|i| self.units.get(i)),
        };
        let own: Vec<(String, usize)> = unit.map(names::functions).unwrap_or_default();
        let arities: BTreeSet<usize> = own.iter().filter(|(n, _)| n == short).map(|(_, a)| *a).collect();
        if !arities.is_empty() {
            return wrong_arity(name, &arities.into_iter().collect::<Vec<_>>(), given.len());
        }
        if space.is_none() {
            if let Some(error) = api::not_found(signature) {
                return error;
            }
            if let Some(error) = self.wrong_values(name, &given) {
                return error;
            }
        }
        let error = Error::script(format!("unknown function `{name}` for ({})", given.join(", ")));
        if let (None, Some(hint)) = (space, foreign::of_call(name)) {
            return error.hint(hint);
        }
        let native = if space.is_none() { self.natives() } else { BTreeSet::new() };
        let known: BTreeSet<&str> =
            own.iter().map(|(n, _)| n.as_str()).chain(native.iter().map(String::as_str)).collect();
        match nearest(short, known) {
            Some(near) => error.hint(format!("did you mean `{near}`?")),
            None => error,
        }
    }

    /// The error of values that a built-in function does not take; `None` where there is no such function.
    fn wrong_values(&self, name: &str, given: &[&str]) -> Option<Error> {
        let forms = words::forms(self.engine, name, given);
        let error = Error::script(format!("`{name}` does not take ({})", given.join(", ")));
        let first = given.first().copied().unwrap_or_default();
        if let Some(hint) = foreign::of_types(name, first) {
            return Some(error.hint(hint));
        }
        if first == "list"
            && let Some(method) = api::find(name).find(|f| f.object == api::Object::Array)
        {
            let call = method.signature();
            let call = call.trim_start_matches(method.object.prefix());
            return Some(error.hint(format!("arrays have it, lists have not: `array(list).{call}`")));
        }
        if forms.is_empty() {
            return None;
        }
        let forms: Vec<String> = forms.iter().map(|form| format!("`{form}`")).collect();
        Some(error.hint(format!("it is called as {}", forms.join(", "))))
    }

    /// Names of the functions that the engine has.
    fn natives(&self) -> BTreeSet<String> {
        let name = |f: rhai::FuncInfo| Some(f.metadata.name.to_string()).filter(|name| rhai::is_valid_identifier(name));
        self.engine.collect_fn_metadata(None, name, true).into_iter().collect()
    }

    fn unknown_property(&self, message: &str) -> Error {
        let mut quoted = message.split('\'').skip(1).step_by(2);
        match (quoted.next(), quoted.next()) {
            (Some(property), Some("Rt"))
                if message.starts_with("No writable") && api::find(property).any(|f| f.is_property()) =>
            {
                Error::script(format!("`rt.{property}` can be read, but not set"))
            }
            (Some(property), Some("Rt")) => api::unknown_property(property, api::Object::Rt),
            (Some(property), Some("Image")) => api::unknown_property(property, api::Object::Image),
            (Some(property), Some("ndarray")) if message.starts_with("No writable") => {
                Error::script(format!("`a.{property}` of an array cannot be set"))
            }
            (Some(property), Some("ndarray")) => api::unknown_property(property, api::Object::Array),
            (Some(property), Some(of)) if message.starts_with("No writable") => {
                Error::script(format!("`{property}` of a value of type {} cannot be set", type_name(of)))
            }
            (Some(property), Some(of)) => {
                let of = type_name(of);
                let error = Error::script(format!("a value of type {of} has no property `{property}`"));
                let of_arrays = api::find(property).find(|f| f.object == api::Object::Array);
                match of_arrays {
                    Some(found) if of == "list" => {
                        let call = found.signature();
                        let call = call.trim_start_matches(found.object.prefix());
                        error.hint(format!("arrays have it, lists have not: `array(list).{call}`"))
                    }
                    _ if self.natives().contains(property) => {
                        error.hint(format!("it is a function: write `.{property}()`"))
                    }
                    _ => match foreign::of_call(property) {
                        Some(hint) => error.hint(hint),
                        None => error,
                    },
                }
            }
            _ => Error::script("this has no properties"),
        }
    }
}

fn variable_not_found(name: &str, unit: Option<&Unit>, pos: Position) -> Error {
    match (name.split_once("::"), unit) {
        (Some((space, name)), _) => unknown_qualified_variable(space, name),
        (None, Some(unit)) => unknown_variable(unit, name, pos),
        (None, None) => Error::script(format!("unknown variable `{name}`")),
    }
}

/// The variable `name` is used at `pos`, and there is none.
pub(super) fn unknown_variable(unit: &Unit, name: &str, pos: Position) -> Error {
    if name == "rt" || name == "delta" {
        return Error::script(format!("`{name}` is not known here")).hint(
            "callbacks are given it, `fn init(rt)` and `fn compute(rt, delta)`: work there, and pass it on to functions \
             that need it",
        );
    }
    if let Some(hint) =
        foreign::of_variable(name, rest_at(unit, pos).map_or("", |rest| &rest[name.len().min(rest.len())..]))
    {
        let fact = match name {
            "self" => "`self` is not known here".to_string(),
            _ => format!("unknown variable `{name}`"),
        };
        return Error::script(fact).hint(hint);
    }
    let known = names::variables(unit);
    let meant = nearest(name, known.iter().map(String::as_str)).map(|k| format!("did you mean `{k}`?"));
    let declare = format!("add `let {name} = …;` at the top level of the script");
    if names::is_assigned_at(unit, pos) {
        let hint = match meant {
            Some(meant) => format!("{meant} otherwise {declare}"),
            None => declare,
        };
        return Error::script(format!("`{name}` is not declared")).hint(hint);
    }
    Error::script(format!("unknown variable `{name}`")).hint(meant.unwrap_or(declare))
}

pub(super) fn unknown_qualified_variable(space: &str, name: &str) -> Error {
    let error = Error::script(format!("there is no constant `{space}::{name}`"));
    match space {
        "global" => error.hint(format!("`global::` reaches constants; write `{name}` for a variable")),
        _ => error.hint(format!(
            "does the module export it? write `export let {name} = …` or `export const {name} = …` there"
        )),
    }
}

pub(super) fn unknown_module(name: &str) -> Error {
    Error::script(format!("there is no module `{name}`"))
        .hint(format!("import it at the top of the file: `import \"{name}\" as {name};`"))
}

pub(super) fn wrong_arity(name: &str, wanted: &[usize], given: usize) -> Error {
    let wanted = wanted.iter().map(usize::to_string).collect::<Vec<_>>().join(" or ");
    let plural = if wanted == "1" { "argument" } else { "arguments" };
    Error::script(format!("`{name}` takes {wanted} {plural}, this call has {given}"))
}

/// The text from this place to the end of the line.
fn rest_at(unit: &Unit, pos: Position) -> Option<&str> {
    let line = unit.text.lines().nth(pos.line()? - 1)?;
    let (at, _) = line.char_indices().nth(pos.position()?.checked_sub(1)?)?;
    Some(&line[at..])
}

/// The text between the brackets around this place.
fn index_at(unit: &Unit, pos: Position) -> Option<&str> {
    let rest = rest_at(unit, pos)?;
    let line = unit.text.lines().nth(pos.line()? - 1)?;
    let at = line.len() - rest.len();
    let start = line[..at].rfind('[')? + 1;
    let end = at + line[at..].find(']')?;
    Some(line[start..end].trim())
}

/// The error of a value of a wrong type; `index` is the text in brackets at that place.
fn mismatch(wanted: &str, got: &str, index: Option<&str>) -> Error {
    let error = Error::script(format!("expected {wanted}, got {got}"));
    match (wanted, got) {
        ("int", "range") => {
            // The range as it is written, if it is.
            let range = index.filter(|text| text.contains("..")).unwrap_or("1..3");
            error.hint(format!("a part of a list is `list.extract({range})`; of an array it is `a[{range}]`"))
        }
        ("int", "float") => error.hint("whole numbers are made by `x.to_int()`, which drops the fraction"),
        ("int", "list" | "array" | "slice") => error.hint("only arrays are indexed by those: `array(list)[…]`"),
        ("int", "string") => error.hint("lists and texts are indexed by integers, maps by strings"),
        ("bool", "array") => {
            error.hint("comparing arrays gives an array of truth values: write `(a == b).all()` or `(a == b).any()`")
        }
        ("bool", "()") => error.hint("is it a value? a function returns its last expression, or what follows `return`"),
        ("bool", _) => {
            error.hint("nothing counts as true by itself: write a comparison, such as `n != 0` or `list.len() > 0`")
        }
        (_, "()") => error.hint("it has no value: does a function return nothing?"),
        ("function", _) => error.hint("a function is written `|x| x * 2`, or `Fn(\"name\")`"),
        _ => error,
    }
}

/// The error of an operator between values that it does not take.
pub(super) fn wrong_operands(name: &str, given: &[&str], place: Option<Place>) -> Error {
    let error = Error::script(match given {
        [a] => format!("`{name}` does not take a value of type {a}"),
        [a, b] => format!("`{name}` does not take {a} and {b}"),
        _ => format!("`{name}` does not take these values"),
    });
    if given.contains(&"()") {
        return error.hint("one side has no value: does a function return nothing, or a map lack a key?");
    }
    if let Some(hint) = given.first().and_then(|first| foreign::of_types(name, first)) {
        return error.hint(hint);
    }
    let computes = ["+", "-", "*", "/", "%", "**", "<", "<=", ">", ">=", "+=", "-=", "*=", "/=", "%="].contains(&name);
    let is = |ty: &str| given.contains(&ty);
    if computes && is("list") && given.iter().all(|ty| ["list", "int", "float", "bool"].contains(ty)) {
        let shown = place.and_then(|place| operands_at(&place, name)).map(|(a, b)| match given {
            ["list", _] => format!("array({a}) {name} {b}"),
            [_, "list"] => format!("{a} {name} array({b})"),
            _ => format!("{name}array({b})"),
        });
        let shown = shown.unwrap_or_else(|| match given {
            ["list", "list"] => format!("array(a) {name} b"),
            ["list", _] => format!("array(list) {name} x"),
            _ => format!("x {name} array(list)"),
        });
        return error.hint(format!("lists do not compute, arrays do: `{shown}`"));
    }
    if computes && is("string") && (is("int") || is("float")) {
        return error.hint("a number is read from a text by `parse_float(text)` or `parse_int(text)`");
    }
    if name == "in" && is("array") {
        return error.hint("write `(a == x).any()`");
    }
    error
}

/// The texts on both sides of the operator at a place.
pub(super) fn operands_at(place: &Place, operator: &str) -> Option<(String, String)> {
    let line: Vec<char> = place.source.as_ref()?.chars().collect();
    let at = place.column.checked_sub(1)?;
    let after = at + operator.chars().count();
    if line.get(at..after)?.iter().collect::<String>() != operator {
        return None;
    }
    let left = operand(line[..at].iter().rev().copied(), ")]}", "([{")?;
    let right = operand(line[after..].iter().copied(), "([{", ")]}")?;
    Some((left.chars().rev().collect(), right))
}

/// A name, a number or a bracketed expression at the beginning of `chars`.
fn operand(chars: impl Iterator<Item = char>, opening: &str, closing: &str) -> Option<String> {
    let mut text = String::new();
    let mut depth = 0;
    for c in chars.skip_while(|c| *c == ' ') {
        if opening.contains(c) {
            depth += 1;
        } else if closing.contains(c) {
            if depth == 0 {
                break;
            }
            depth -= 1;
        } else if depth == 0 && !(c.is_alphanumeric() || "_.".contains(c)) {
            break;
        }
        text.push(c);
    }
    (depth == 0 && !text.is_empty()).then_some(text)
}

/// The error of a computation, from Rhai's message.
fn arithmetic(message: &str) -> Error {
    let rest = |start: &str| message.strip_prefix(start);
    let quoted = || message.split('\'').nth(1).unwrap_or_default();
    if message.starts_with("Error parsing integer") {
        return Error::script(format!("\"{}\" is not an integer", quoted()))
            .hint("other numbers are read by `parse_float(text)`");
    }
    if message.starts_with("Error parsing floating-point") {
        return Error::script(format!("\"{}\" is not a number", quoted()))
            .hint("numbers are written `12`, `1.5`, `2.0e-3`");
    }
    if let Some(sum) = ["Addition", "Subtraction", "Multiplication", "Division", "Negation", "Exponential"]
        .iter()
        .find_map(|what| rest(what)?.strip_prefix(" overflow: "))
    {
        return Error::script(format!("integer overflow: {sum}"))
            .hint("integers go to 9223372036854775807; floats go further: `1.0 * x`");
    }
    if let Some(what) = rest("Modulo division by zero or overflow: ") {
        return Error::script(format!("division by zero: {what}")).hint("a float gives NaN instead: `x % 0.0`");
    }
    if rest("Division by zero").is_some() {
        return Error::script(lower(message)).hint("test the divisor first; a float gives infinity instead: `1.0 / 0`");
    }
    if rest("Integer overflow: to_int").is_some() {
        return Error::script("the number is too large for an integer").hint("integers go to 9223372036854775807");
    }
    match message {
        "" | "Arithmetic error" => Error::script("the computation fails"),
        message => Error::script(lower(message)),
    }
}
