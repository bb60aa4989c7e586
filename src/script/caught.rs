//! The value of `catch (e)` for errors of Rhai itself: an [`Error`](crate::Error) like every other one, in our words.
//!
//! Rhai converts its own error into a map that keeps only the text. So the text is parsed back into the
//! error, which is then explained like an uncaught one.

use super::diagnostic::Explainer;
use super::source::Script;
use super::unit;
#[cfg(test)]
use super::unit::Unit;
use rhai::{ASTNode, Dynamic, EvalAltResult, EvalContext, Expr, Map, Position, Stmt};
use std::collections::HashSet;

/// Names under which a script catches errors.
pub(super) fn variables(script: &Script) -> HashSet<String> {
    let mut names = HashSet::new();
    for unit in &script.units {
        unit.ast.walk(&mut |path: &[ASTNode]| {
            if let Some(ASTNode::Stmt(Stmt::TryCatch(flow, _))) = path.last()
                && let Expr::Variable(variable, ..) = &flow.expr
            {
                names.insert(variable.1.to_string());
            }
            true
        });
    }
    names
}

/// The error that the variable `name` has caught, if it has caught one of Rhai's.
pub(super) fn explained(name: &str, context: &EvalContext, explainer: &Explainer) -> Option<Dynamic> {
    let value = context.scope().get(name)?.flatten_clone();
    let map = value.as_map_ref().ok()?;
    let text = |key: &str| map.get(key).and_then(|value| value.as_immutable_string_ref().ok().map(|t| t.to_string()));
    // A map that the script itself has thrown has no such kind.
    text("error").filter(|kind| kind.starts_with("Error"))?;
    let message = text("message")?;
    let file = text("source").unwrap_or_default();
    let (fact, inner) = read(&message);
    let pos = if inner.is_none() { position(&map) } else { inner };
    let unit = unit::named(explainer.units, &file);
    let error = explainer.leaf(fact, unit, pos);
    Some(Dynamic::from(match unit.and_then(|unit| unit.place(pos)) {
        Some(place) => error.at(place),
        None => error,
    }))
}

fn position(map: &Map) -> Position {
    let number = |key: &str| map.get(key).and_then(|value| value.as_int().ok()).and_then(|i| u16::try_from(i).ok());
    number("line").map_or(Position::NONE, |line| Position::new(line.max(1), number("position").unwrap_or(0)))
}

/// Rhai's text of an error as the error that it was, and its place.
fn read(message: &str) -> (EvalAltResult, Position) {
    use EvalAltResult as E;
    // The rest are the calling functions.
    let text = message.split("\nin call to function").next().unwrap_or_default();
    let (text, pos) = without_position(text);
    let none = Position::NONE;
    let after = |start: &str| text.strip_prefix(start).map(str::to_string);
    let quoted = || text.split('\'').nth(1).unwrap_or_default().to_string();
    let bounds = |start: &str| {
        let rest = text.strip_prefix(start)?;
        let index = rest.split(' ').next()?.parse::<i64>().ok()?;
        let length = rest.split("only ").nth(1).and_then(|rest| rest.split(' ').next()?.parse().ok());
        Some((length.unwrap_or(0), index))
    };
    let types = |start: &str| {
        let rest = text.strip_prefix(start)?;
        Some(match rest.strip_prefix(", expecting ") {
            Some(wanted) => (wanted.to_string(), String::new()),
            None => {
                let rest = rest.strip_prefix(": ")?;
                let (got, wanted) = rest.rsplit_once(" (expecting ").unwrap_or((rest, ""));
                (wanted.trim_end_matches(')').to_string(), got.to_string())
            }
        })
    };
    let error = if let Some(signature) = after("Function not found: ") {
        E::ErrorFunctionNotFound(signature, none)
    } else if let Some(name) = after("Variable not found: ") {
        E::ErrorVariableNotFound(name, none)
    } else if let Some(name) = after("Property not found: ") {
        E::ErrorPropertyNotFound(name, none)
    } else if let Some(name) = after("Module not found: ") {
        E::ErrorModuleNotFound(name, none)
    } else if let Some(index) = after("Invalid index: ") {
        E::ErrorIndexNotFound(index.into(), none)
    } else if let Some(name) = after("Data race detected on ").or_else(|| after("Data race detected")) {
        E::ErrorDataRace(name, none)
    } else if let Some(types) = after("Indexer unavailable: ") {
        E::ErrorIndexingType(types, none)
    } else if let Some((wanted, got)) = types("Data type incorrect").or_else(|| types("Output type incorrect")) {
        E::ErrorMismatchDataType(wanted, got, none)
    } else if let Some(name) = after("Variable already defined: ") {
        E::ErrorVariableExists(name, none)
    } else if let Some(name) = after("Forbidden variable name: ") {
        E::ErrorForbiddenVariable(name, none)
    } else if let Some(name) = after("Cannot modify constant ") {
        E::ErrorAssignmentToConstant(name, none)
    } else if text.ends_with(" cannot be called on constant") {
        E::ErrorNonPureMethodCallOnConstant(quoted(), none)
    } else if text.starts_with("Cannot modify property")
        || text.ends_with("of constant")
        || text.ends_with("on constant")
    {
        E::ErrorAssignmentToConstant(String::new(), none)
    } else if let Some((length, index)) = bounds("Array index ") {
        E::ErrorArrayBounds(length, index, none)
    } else if let Some((length, index)) = bounds("String index ") {
        E::ErrorStringBounds(length, index, none)
    } else if let Some((length, index)) = bounds("Bit-field index ") {
        E::ErrorBitFieldBounds(length, index, none)
    } else if text.starts_with("'this' not bound") {
        E::ErrorUnboundThis(none)
    } else if text.starts_with("For loop expects") {
        E::ErrorFor(none)
    } else if text.starts_with("Unknown property")
        || text.starts_with("No writable property")
        || text == "Malformed dot expression"
    {
        E::ErrorDotExpr(text.to_string(), none)
    } else {
        E::ErrorArithmetic(text.to_string(), none)
    };
    (error, pos)
}

/// Takes ` (line 3, position 5)` and the file off the end.
fn without_position(text: &str) -> (&str, Position) {
    let parsed = text.rsplit_once(" (line ").and_then(|(text, rest)| {
        let (line, column) = rest.strip_suffix(')')?.split_once(", position ")?;
        Some((text, Position::new(line.parse::<u16>().ok().filter(|line| *line > 0)?, column.parse().ok()?)))
    });
    let (text, pos) = parsed.unwrap_or((text, Position::NONE));
    let text = match text.rsplit_once(" @ '") {
        Some((text, file)) if file.ends_with('\'') => text,
        _ => text,
    };
    (text, pos)
}

impl Explainer<'_> {
    /// The error as seen by a script that has caught it.
    #[cfg(test)]
    pub(super) fn explain_caught(&self, error: &EvalAltResult, unit: Option<&Unit>) -> crate::Error {
        let (error, pos) = read(&error.to_string());
        self.leaf(error, unit, pos)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn errors_are_read_back_from_their_texts() {
        use EvalAltResult as E;
        let at = Position::new(3, 5);
        for error in [
            E::ErrorFunctionNotFound("pad (i64, map)".into(), at),
            E::ErrorVariableNotFound("x".into(), at),
            E::ErrorPropertyNotFound("key".into(), at),
            E::ErrorModuleNotFound("m".into(), at),
            E::ErrorDataRace("a".into(), at),
            E::ErrorIndexingType("i64 [string]".into(), at),
            E::ErrorMismatchDataType("i64".into(), "core::ops::range::Range<i64>".into(), at),
            E::ErrorAssignmentToConstant("K".into(), at),
            E::ErrorNonPureMethodCallOnConstant("push".into(), at),
            E::ErrorArrayBounds(0, 2, at),
            E::ErrorArrayBounds(1, 2, at),
            E::ErrorArrayBounds(7, -9, at),
            E::ErrorStringBounds(3, 4, at),
            E::ErrorBitFieldBounds(64, 99, at),
            E::ErrorUnboundThis(at),
            E::ErrorFor(at),
            E::ErrorDotExpr("Unknown property 'x' - a getter is not registered for type 'i64'".into(), at),
            E::ErrorArithmetic("Division by zero: 1 / 0".into(), at),
        ] {
            let mut bare = format!("{error:?}");
            bare = bare.replace("3:5", "none");
            for outer in
                [error.to_string(), format!("{error}\nin call to function 'f' @ 'a.rhai' (line 9, position 1)")]
            {
                let (read, pos) = read(&outer);
                assert_eq!((format!("{read:?}"), pos), (bare.clone(), at), "{outer}");
            }
        }
    }
}
