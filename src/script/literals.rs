//! Checks arguments that are written out as literals, without running anything.

use super::api;
use super::permissions::Permissions;
use super::unit::Unit;
use crate::Error;
use rhai::{ASTNode, Expr, FnCallExpr, Position, Stmt};
use std::collections::{HashMap, HashSet};

/// Values of the variables of a unit that are defined once, by a literal, and never assigned to.
pub(super) struct Literals(HashMap<String, Expr>);

impl Literals {
    pub fn of(unit: &Unit) -> Literals {
        let mut several: HashSet<String> = super::names::assigned(unit).into_iter().collect();
        several.extend(unit.ast.iter_functions().flat_map(|f| f.params).map(str::to_string));
        let mut found = HashMap::new();
        unit.ast.walk(&mut |path: &[ASTNode]| {
            match path.last() {
                Some(ASTNode::Stmt(Stmt::For(each, _))) => {
                    several.insert(each.0.name.to_string());
                }
                Some(ASTNode::Stmt(Stmt::Var(var, ..))) => {
                    let name = var.0.name.to_string();
                    let is_literal = matches!(
                        var.1,
                        Expr::StringConstant(..)
                            | Expr::Array(..)
                            | Expr::IntegerConstant(..)
                            | Expr::FloatConstant(..)
                    );
                    let value = if is_literal { var.1.clone() } else { Expr::Unit(Position::NONE) };
                    if found.insert(name.clone(), value).is_some() {
                        several.insert(name);
                    }
                }
                _ => {}
            }
            true
        });
        found.retain(|name, value| !several.contains(name) && !matches!(value, Expr::Unit(_)));
        Literals(found)
    }

    /// The expression itself, or the constant value of its variable.
    pub fn resolve<'a>(&'a self, expr: &'a Expr) -> &'a Expr {
        match expr {
            Expr::Variable(variable, ..) if variable.2.is_empty() => self.0.get(variable.1.as_str()).unwrap_or(expr),
            other => other,
        }
    }

    /// The type of an expression in the words of messages, where it is evident.
    pub fn type_of(&self, expr: &Expr) -> Option<&'static str> {
        match self.resolve(expr) {
            Expr::IntegerConstant(..) => Some("int"),
            Expr::FloatConstant(..) => Some("float"),
            Expr::Array(..) => Some("list"),
            _ => None,
        }
    }

    /// Length of a list that is written out and holds only numbers.
    pub fn numbers(&self, expr: &Expr) -> Option<usize> {
        let Expr::Array(elements, _) = self.resolve(expr) else { return None };
        let is_number = |e: &Expr| matches!(e, Expr::IntegerConstant(..) | Expr::FloatConstant(..));
        (!elements.is_empty() && elements.iter().all(is_number)).then_some(elements.len())
    }
}

/// Errors in the arguments of a call of `function`, each with its place.
pub(super) fn arguments(
    function: &'static api::Function,
    args: &[Expr],
    literals: &Literals,
    permissions: &Permissions,
) -> Vec<(Error, Position)> {
    let mut found = Vec::new();
    let (args, map) = match args.split_last() {
        Some((Expr::Map(map, _), rest)) if !function.options.is_empty() && !api::takes_map(function, args.len()) => {
            (rest, Some(map))
        }
        _ => (args, None),
    };
    for (param, arg) in function.params.iter().zip(args) {
        found.extend(value(function, param, arg, literals, permissions));
    }
    for (key, arg) in map.iter().flat_map(|map| &map.0) {
        match function.options.iter().find(|option| option.name == key.name.as_str()) {
            Some(option) => found.extend(value(function, option, arg, literals, permissions)),
            None => found.push((api::unknown_option(function, &key.name), key.pos)),
        }
    }
    found
}

fn value(
    function: &'static api::Function,
    param: &'static api::Param,
    arg: &Expr,
    literals: &Literals,
    permissions: &Permissions,
) -> Option<(Error, Position)> {
    let resolved = literals.resolve(arg);
    let pos = arg.start_position();
    if param.ty == api::Type::PictureFile {
        return picture(resolved, permissions).map(|error| (error, pos));
    }
    // `()` counts as left out, or belongs to a message of its own.
    let value = resolved.get_literal_value(None).filter(|value| !value.is_unit())?;
    let wrong = api::check_literal(function, param, value)?;
    Some((wrong, pos))
}

/// The error in the name of an image, as far as it is written out.
fn picture(name: &Expr, permissions: &Permissions) -> Option<Error> {
    match name {
        Expr::StringConstant(name, _) if permissions.out_dir.as_os_str().is_empty() => api::picture_name(name).err(),
        Expr::StringConstant(name, _) => api::picture_file(name, permissions).err(),
        // The last part has the ending.
        Expr::InterpolatedString(parts, _) => match parts.last()? {
            Expr::StringConstant(end, _) if end.contains('.') => api::picture_name(&format!("x{end}")).err(),
            _ => None,
        },
        _ => None,
    }
}

/// Errors of images that a script would trace and then could not save, because of their names.
pub(super) fn pictures(unit: &Unit, permissions: &Permissions) -> Vec<Error> {
    let literals = Literals::of(unit);
    let own: Vec<(String, usize)> = super::names::functions(unit);
    let mut found = Vec::new();
    unit.ast.walk(&mut |path: &[ASTNode]| {
        // Inside `try`, calls may fail.
        let is_tried = || path.iter().any(|node| matches!(node, ASTNode::Stmt(Stmt::TryCatch(..))));
        if let Some(ASTNode::Expr(Expr::MethodCall(call, _))) = path.last()
            && saves_picture(call)
            && !own.iter().any(|(name, _)| *name == call.name.as_str())
            && !is_tried()
            && let Some(error) = picture(literals.resolve(&call.args[0]), permissions)
        {
            found.push(match unit.place(call.args[0].start_position()) {
                Some(place) => error.at(place),
                None => error,
            });
        }
        true
    });
    found
}

/// Whether this is a method that saves an image, whatever it is called on: nothing else has methods of these names with
/// one argument.
pub(super) fn saves_picture(call: &FnCallExpr) -> bool {
    call.args.len() == 1
        && api::find(&call.name)
            .any(|f| f.object != api::Object::Free && f.params.first().is_some_and(|p| p.ty == api::Type::PictureFile))
}
