//! Errors for expressions without brackets that Rhai reads differently from mathematics or NumPy: `-x ** 2` is
//! `(-x) ** 2` for Rhai. Each error shows both readings.

use super::unit::Unit;
use crate::Error;
use rhai::{AST, ASTNode, Engine, Expr, FnCallExpr, ParseError, Position, Stmt, Token};
use std::sync::{Arc, Mutex, PoisonError};

/// Where the round brackets of a text open and close. The syntax tree does not have them.
pub(super) type Pairs = Vec<(Position, Position)>;

#[derive(Default)]
struct Seen {
    open: Vec<Position>,
    pairs: Pairs,
}

/// Compiles texts and notes where their brackets are.
pub(super) struct Compiler {
    engine: Engine,
    seen: Arc<Mutex<Seen>>,
}

impl Compiler {
    pub fn new(mut engine: Engine) -> Compiler {
        let seen = Arc::<Mutex<Seen>>::default();
        let notes = seen.clone();
        // Deprecated only to say that its interface may change.
        #[allow(deprecated)]
        engine.on_parse_token(move |token, pos, _| {
            let mut seen = notes.lock().unwrap_or_else(PoisonError::into_inner);
            match &token {
                Token::LeftParen => seen.open.push(pos),
                Token::RightParen => {
                    if let Some(open) = seen.open.pop() {
                        seen.pairs.push((open, pos));
                    }
                }
                _ => {}
            }
            token
        });
        Compiler { engine, seen }
    }

    pub fn compile(&self, text: &str) -> Result<(AST, Pairs), ParseError> {
        *self.seen.lock().unwrap_or_else(PoisonError::into_inner) = Seen::default();
        let ast = self.engine.compile(text)?;
        let seen = std::mem::take(&mut *self.seen.lock().unwrap_or_else(PoisonError::into_inner));
        Ok((ast, seen.pairs))
    }
}

/// The expressions of a unit that need brackets.
pub(super) fn missing(unit: &Unit, pairs: &Pairs) -> Vec<Error> {
    let mut found = Vec::new();
    unit.ast.walk(&mut |path: &[ASTNode]| {
        if let Some(ASTNode::Expr(Expr::FnCall(call, pos)) | ASTNode::Stmt(Stmt::FnCall(call, pos))) = path.last()
            && let [left, right] = call.args.as_slice()
            && let Some(error) = misread(call, left, right, |inner| !are_between(pairs, inner, *pos))
        {
            found.push(match unit.place(*pos) {
                Some(place) => error.at(place),
                None => error,
            });
        }
        true
    });
    found
}

/// Whether brackets enclose the position `inner` but not the operator at `outer`.
fn are_between(pairs: &Pairs, inner: Position, outer: Position) -> bool {
    pairs.iter().any(|(open, close)| (*open..=*close).contains(&inner) && !(*open..=*close).contains(&outer))
}

fn error(shown: &str, hint: &str) -> Option<Error> {
    Some(Error::script(format!("`{shown}` needs brackets")).hint(hint))
}

/// The error of an operator whose operand is an operation without brackets that others read differently.
fn misread(call: &FnCallExpr, left: &Expr, right: &Expr, is_bare: impl Fn(Position) -> bool) -> Option<Error> {
    let outer = call.name.as_str();
    let [left_name, right_name] = [left, right].map(|operand| {
        let bare = operation(operand).filter(|(_, pos)| is_bare(*pos));
        bare.map(|(name, _)| name)
    });
    let either = |is: fn(&str) -> bool| [left_name, right_name].into_iter().flatten().find(|name| is(name));
    match outer {
        "**" if left_name == Some("-x") => {
            error("-a ** b", "write `-(a ** b)`, as mathematics and NumPy read it, or `(-a) ** b`")
        }
        "**" if left_name == Some("!x") => error("!a ** b", "write `!(a ** b)` or `(!a) ** b`"),
        "**" if left_name == Some("**") => error("a ** b ** c", "write `a ** (b ** c)`, or `(a ** b) ** c`"),
        "<" | "<=" | ">" | ">=" | "==" | "!=" => either(is_comparison).and_then(|inner| {
            let (first, second) = if left_name == Some(inner) { (inner, outer) } else { (outer, inner) };
            error(
                &format!("a {first} b {second} c"),
                &format!(
                    "write `a {first} b && b {second} c`, of arrays `a {first} b & b {second} c`; \
                     `(a {first} b) {second} c` compares a truth value"
                ),
            )
        }),
        "+" | "-" | "*" | "/" | "%" | "**" => either(|name| matches!(name, "<<" | ">>")).and_then(|shift| {
            let (shown, tight, loose) = if left_name == Some(shift) {
                (
                    format!("a {shift} b {outer} c"),
                    format!("(a {shift} b) {outer} c"),
                    format!("a {shift} (b {outer} c)"),
                )
            } else {
                (
                    format!("a {outer} b {shift} c"),
                    format!("a {outer} (b {shift} c)"),
                    format!("(a {outer} b) {shift} c"),
                )
            };
            error(&shown, &format!("write `{tight}` or `{loose}`: shifts bind tightest here, and loosest in Python"))
        }),
        "&" | "|" | "^" if starts_with_integer(right, right_name) => {
            let inner = right_name.unwrap_or_default();
            error(
                &format!("a {outer} 1 {inner} b"),
                &format!("write `(a {outer} 1) {inner} b`, or `a {outer} (1 {inner} b)`"),
            )
        }
        "^" if left_name == Some("|") => error("a | b ^ c", "write `a | (b ^ c)`, as NumPy reads it, or `(a | b) ^ c`"),
        "|" | "^" if either(|name| name == "&&").is_some() || outer == "^" && either(|name| name == "||").is_some() => {
            let logic = either(|name| matches!(name, "&&" | "||")).unwrap_or_default();
            let (shown, tight, loose) = if left_name == Some(logic) {
                (
                    format!("a {logic} b {outer} c"),
                    format!("(a {logic} b) {outer} c"),
                    format!("a {logic} (b {outer} c)"),
                )
            } else {
                (
                    format!("a {outer} b {logic} c"),
                    format!("a {outer} (b {logic} c)"),
                    format!("(a {outer} b) {logic} c"),
                )
            };
            error(&shown, &format!("write `{loose}`, as Python reads it, or `{tight}`"))
        }
        _ => None,
    }
}

fn is_comparison(name: &str) -> bool {
    matches!(name, "<" | "<=" | ">" | ">=" | "==" | "!=")
}

/// Whether an operand is a comparison without brackets of an integer that is written out, as in `flags & 1 == 0`.
fn starts_with_integer(operand: &Expr, name: Option<&str>) -> bool {
    match operand {
        Expr::FnCall(call, _) if name.is_some_and(is_comparison) => {
            matches!(call.args.first(), Some(Expr::IntegerConstant(..)))
        }
        _ => false,
    }
}

/// The operator that an operand is made with, and where it stands; `-x` and `!x` are those of one operand.
fn operation(operand: &Expr) -> Option<(&str, Position)> {
    match operand {
        Expr::IntegerConstant(i, pos) if *i < 0 => Some(("-x", *pos)),
        Expr::FloatConstant(x, pos) if x.is_sign_negative() => Some(("-x", *pos)),
        Expr::And(_, pos) => Some(("&&", *pos)),
        Expr::Or(_, pos) => Some(("||", *pos)),
        Expr::FnCall(call, pos) if !rhai::is_valid_identifier(&call.name) => {
            match (call.name.as_str(), call.args.len()) {
                ("-", 1) => Some(("-x", *pos)),
                ("!", 1) => Some(("!x", *pos)),
                (name, 2) => Some((name, *pos)),
                _ => None,
            }
        }
        _ => None,
    }
}
