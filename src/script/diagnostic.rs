//! Rhai's errors as errors of this program: fact, place, remedy, in our words.

use super::api;
use super::language::DISABLED;
use super::limits::Budget;
use super::source::{Script, Unit};
use super::{names, nested};
use crate::error::{Note, nearest};
use crate::{Error, Place};
use rhai::{Engine, EvalAltResult, LexError, ParseError, ParseErrorType, Position};

/// What it takes to explain an error of running code.
pub(super) struct Explainer<'a> {
    pub script: &'a Script,
    pub budget: &'a Budget,
    pub engine: &'a Engine,
}

/// An error of the compiler.
pub(super) fn parse_error(error: &ParseError, file: &str, text: &str) -> Error {
    let mut result = explain_parse(error.err_type());
    let Some(line) = error.position().line() else { return result };
    let source = text.lines().nth(line - 1);
    let column = error.position().position().unwrap_or(0);
    if let Some(instead) = source.and_then(foreign) {
        result = result.hint(instead);
    } else if matches!(error.err_type(), ParseErrorType::MissingToken(token, _) if token == ";")
        && source.is_some_and(|source| source.chars().take(column.saturating_sub(1)).all(char::is_whitespace))
    {
        result = result.hint("is a `;` missing at the end of the line before?");
    }
    result.at(Place { file: file.to_string(), line, column, source: source.map(str::to_string) })
}

/// What to write instead where a line that cannot be compiled looks like another language.
fn foreign(line: &str) -> Option<&'static str> {
    let code = line.split("//").next().unwrap_or_default().trim();
    let begins = |words: &[&str]| words.iter().any(|word| code.starts_with(word));
    let holds = |parts: &[&str]| parts.iter().any(|part| code.contains(part));
    if begins(&["def ", "function ", "func "]) {
        Some("functions are written `fn name(a, b) { … }`")
    } else if begins(&["for (", "for(", "for each"]) || code.starts_with("for ") && code.ends_with(':') {
        Some("loops are written `for i in 0..10 { … }`")
    } else if begins(&["if ", "elif ", "else", "while "]) && code.ends_with(':') {
        Some("blocks are written in braces: `if a { … } else if b { … } else { … }`")
    } else if begins(&["var ", "auto ", "float ", "int ", "double "]) {
        Some("variables are made with `let name = value;`")
    } else if begins(&["import ", "from "]) && !code.contains('"') {
        Some("modules are imported by their file's name in quotes: `import \"util\" as util;`")
    } else if holds(&["++", "--"]) {
        Some("to count, write `i += 1` or `i -= 1`")
    } else if holds(&["=> "]) && !code.starts_with("switch") {
        Some("a function without a name is written `|x| x * 2`")
    } else if code.starts_with("rt.") && code.contains('(') && !code.contains("#{") && holds(&[":", "="]) {
        Some("arguments by name go into one map at the end: `rt.set_data(\"plot\", #{ pos: xyz, r: 0.1 })`")
    } else {
        None
    }
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
        ParseErrorType::Reserved(name) => Error::script(format!("`{name}` is a reserved word"))
            .hint("use another name, or put it in quotes where it is a key of a map"),
        ParseErrorType::UnknownOperator(symbol) => Error::script(format!("there is no operator `{symbol}`")),
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
            error.hint("names are written with a-z, A-Z, 0-9 and _; anything else may stand in texts and comments")
        }
        ParseErrorType::BadInput(LexError::UnterminatedString) => {
            Error::script("a text does not end on its line").hint("close it with a quotation mark; `...` spans lines")
        }
        ParseErrorType::LoopBreak => Error::script("`break` or `continue` outside a loop"),
        other => Error::script(lower(&other.to_string())),
    }
}

pub(super) fn constant(name: &str) -> Error {
    if name.is_empty() {
        return Error::script("a constant cannot be changed");
    }
    Error::script(format!("`{name}` is a constant and cannot be changed"))
        .hint(format!("declare it with `let {name} = …` if it is to change"))
}

/// The first letter small: messages begin with one.
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
        // What Rhai calls a system error comes without the calls, and with the place of the outermost one.
        let pos = if called && !entered { Position::NONE } else { error.position() };
        let mut result = self.leaf(*error, self.script.unit(&file), pos);
        if let Some(place) = self.place(&file, pos) {
            result = result.at(place);
        } else if result.place.is_none() && !calls.is_empty() {
            // Some of Rhai's own functions tell no place: it is that of their call.
            result = result.at(calls.remove(0).place);
        }
        result.notes = calls;
        result
    }

    fn place(&self, file: &str, pos: Position) -> Option<Place> {
        self.script.unit(file)?.place(pos)
    }

    fn leaf(&self, error: EvalAltResult, unit: Option<&Unit>, pos: Position) -> Error {
        use EvalAltResult as E;
        match error {
            E::ErrorTerminated(value, _) => value.try_cast::<Error>().unwrap_or_else(|| self.budget.error()),
            E::ErrorRuntime(value, _) => match value.try_cast_result::<Error>() {
                Ok(error) => error,
                Err(value) if value.is_unit() => Error::script("the script gave up with `throw`"),
                Err(value) => Error::script(nested::brief(&value)),
            },
            E::ErrorVariableNotFound(name, _) => variable_not_found(&name, unit, pos),
            E::ErrorFunctionNotFound(signature, _) => self.unknown_function(&signature, unit),
            E::ErrorModuleNotFound(name, _) => unknown_module(&name),
            E::ErrorAssignmentToConstant(name, _) => constant(&name),
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
                        .hint("arrays are indexed by integers, maps by strings")
                }
                None => Error::script(format!("a value of type {} has no elements", type_name(&what))),
            },
            E::ErrorDotExpr(message, _) => self.unknown_property(&message),
            E::ErrorMismatchDataType(wanted, got, _) | E::ErrorMismatchOutputType(wanted, got, _) => {
                Error::script(format!("expected {}, got {}", type_name(&wanted), type_name(&got)))
            }
            E::ErrorFor(_) => Error::script("`for` cannot run over this value")
                .hint("it runs over ranges (`0..n`), arrays, strings and maps' `keys()`"),
            E::ErrorUnboundThis(_) => Error::script("`this` stands for nothing here").hint(
                "it is the value before the dot, inside a function that is called as a method; variables of the top \
                     level are reached by their names alone",
            ),
            E::ErrorArithmetic(message, _) => Error::script(lower(&message)),
            E::ErrorStackOverflow(_) => self.budget.too_deep(),
            E::ErrorTooManyVariables(_) => Error::limit("more variables at one time than the limit allows"),
            E::ErrorTooManyModules(_) => Error::limit("more modules than the limit allows"),
            E::ErrorDataTooLarge(kind, _) => Error::limit(format!("{} is larger than the limit", lower(&kind)))
                .hint("does it grow in every call, or in an endless loop?"),
            mut other => {
                other.set_position(Position::NONE);
                Error::script(lower(&other.to_string()))
            }
        }
    }

    /// `signature` is Rhai's: `name (type, type)`.
    fn unknown_function(&self, signature: &str, unit: Option<&Unit>) -> Error {
        let (name, types) = signature.split_once(" (").unwrap_or((signature, ""));
        let types: Vec<String> = types.trim_end_matches(')').split(", ").map(type_name).collect();
        let given = types.iter().map(String::as_str).filter(|t| !t.is_empty()).collect::<Vec<_>>();
        if !name.chars().any(|c| c.is_alphanumeric()) {
            let error = Error::script(match given.as_slice() {
                [a] => format!("`{name}` does not take a value of type {a}"),
                [a, b] => format!("`{name}` does not take {a} and {b}"),
                _ => format!("`{name}` does not take these values"),
            });
            return match given.contains(&"()") {
                true => error.hint("one side has no value: does a function return nothing, or a map lack a key?"),
                false => error,
            };
        }
        let (space, short) = match name.rsplit_once("::") {
            Some((space, short)) => (Some(space), short),
            None => (None, name),
        };
        // A module's functions are those of another unit; all others are the script's own and the built-in ones.
        let unit = match space {
            None => unit,
            Some(space) => unit.and_then(|u| names::imported(u, space)).and_then(|i| self.script.units.get(i)),
        };
        let own: Vec<(String, usize)> = unit.map(names::functions).unwrap_or_default();
        let arities: Vec<usize> = own.iter().filter(|(n, _)| n == short).map(|(_, a)| *a).collect();
        if !arities.is_empty() {
            return wrong_arity(name, &arities, given.len());
        }
        let native = if space.is_none() { self.natives() } else { Vec::new() };
        if let (Some(error), None) = (api::not_found(signature), space) {
            return error;
        }
        let versions: Vec<&str> = native.iter().filter(|(n, _)| n == short).map(|(_, s)| s.as_str()).collect();
        if !versions.is_empty() {
            let shown = versions.iter().take(4).map(|s| format!("`{s}`")).collect::<Vec<_>>().join(", ");
            return Error::script(format!("`{name}` does not take ({})", given.join(", ")))
                .hint(format!("it is there as {shown}"));
        }
        let known = own.iter().map(|(n, _)| n.as_str()).chain(native.iter().map(|(n, _)| n.as_str()));
        let error = Error::script(format!("unknown function `{name}` for ({})", given.join(", ")));
        match nearest(short, known) {
            Some(near) => error.hint(format!("did you mean `{near}`?")),
            None => error,
        }
    }

    /// Names and signatures of the functions that the engine has.
    fn natives(&self) -> Vec<(String, String)> {
        let signatures = self.engine.gen_fn_signatures(true).into_iter();
        signatures
            .filter_map(|s| Some((s.split_once('(')?.0.to_string(), s)))
            .filter(|(name, _)| rhai::is_valid_identifier(name))
            .collect()
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
                Error::script(format!("a value of type {} has no property `{property}`", type_name(of)))
            }
            _ => Error::script(lower(message)),
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
            "callbacks are given it, `fn init(rt)` and `fn compute(rt, delta)`: work there, and hand it on to functions \
             that need it",
        );
    }
    if ["math", "Math", "np", "numpy", "std"].contains(&name) {
        return Error::script(format!("unknown variable `{name}`"))
            .hint("mathematical functions are called by their names alone: `sin(x)`, `sqrt(x)`, `PI()`");
    }
    if name == "self" {
        return Error::script("`self` is not known here")
            .hint("variables of the top level are reached by their names alone");
    }
    if ["null", "None", "nil", "undefined"].contains(&name) {
        return Error::script(format!("unknown variable `{name}`")).hint("no value is written `()`");
    }
    if ["True", "False"].contains(&name) {
        return Error::script(format!("unknown variable `{name}`")).hint("write `true` or `false`");
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

/// Rhai's names of types in our words.
fn type_name(name: &str) -> String {
    match name.trim().trim_start_matches("&mut ") {
        "i64" => "int".into(),
        "f64" => "float".into(),
        "Fn" => "function".into(),
        "&str | ImmutableString | String" | "ImmutableString" => "string".into(),
        other => other.to_string(),
    }
}
