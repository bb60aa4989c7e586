//! Names that a unit defines and uses, from its syntax tree.

use super::math::CONSTANTS;
use super::unit::Unit;
use rhai::{ASTNode, Expr, Position, ScriptFuncDef, Stmt};
use std::collections::HashSet;
use std::ops::RangeInclusive;

/// Names of all variables of a unit: top level, local, parameters, predefined constants.
pub(super) fn variables(unit: &Unit) -> Vec<String> {
    let mut names: Vec<String> = CONSTANTS.iter().map(|(name, _)| name.to_string()).collect();
    names.extend(unit.ast.iter_functions().flat_map(|f| f.params).map(str::to_string));
    unit.ast.walk(&mut |path: &[ASTNode]| {
        match path.last() {
            Some(ASTNode::Stmt(Stmt::Var(var, ..))) => names.push(var.0.name.to_string()),
            Some(ASTNode::Stmt(Stmt::For(each, _))) => {
                names.push(each.0.name.to_string());
                names.extend(each.1.iter().map(|counter| counter.name.to_string()));
            }
            _ => {}
        }
        true
    });
    names.sort();
    names.dedup();
    names
}

/// Names and parameter counts of a unit's functions.
pub(super) fn functions(unit: &Unit) -> Vec<(String, usize)> {
    let functions = unit.ast.iter_functions().filter(|f| !f.name.starts_with("anon$"));
    functions.map(|f| (f.name.to_string(), f.params.len())).collect()
}

/// The range of a function's body in the text.
pub(super) fn span(function: &ScriptFuncDef) -> RangeInclusive<Position> {
    // The end of a closure without braces is unknown: rather too late than too early.
    let end = match function.body.end_position() {
        end if end.is_none() => Position::new(u16::MAX, u16::MAX),
        end => end,
    };
    function.body.start_position()..=end
}

/// Where the closures of a unit use what they have as parameters or have captured.
pub(super) fn known_in_closures(unit: &Unit) -> HashSet<Position> {
    let mut known = HashSet::new();
    for closure in unit.ast.iter_fn_def().filter(|f| f.name.starts_with("anon$")) {
        let alone = unit.ast.clone_functions_only_filtered(|_, _, _, name, _| name == closure.name.as_str());
        alone.walk(&mut |path: &[ASTNode]| {
            if let Some(ASTNode::Expr(Expr::Variable(variable, _, pos))) = path.last()
                && closure.params.contains(&variable.1)
            {
                known.insert(*pos);
            }
            true
        });
    }
    known
}

/// The variable at the root of `a`, `a[i].b`, ...
pub(super) fn root(expr: &Expr) -> Option<(&str, Position)> {
    match expr {
        Expr::Variable(variable, _, pos) if variable.2.is_empty() => Some((variable.1.as_str(), *pos)),
        Expr::Index(chain, ..) | Expr::Dot(chain, ..) => root(&chain.lhs),
        _ => None,
    }
}

/// Module, name and place of the exported variable at the root of `m::a`, `m::a[i].b`, ...
pub(super) fn qualified_root(expr: &Expr) -> Option<(&str, &str, Position)> {
    match expr {
        Expr::Variable(variable, _, pos) if !variable.2.is_empty() => {
            Some((variable.2.root(), variable.1.as_str(), *pos))
        }
        Expr::Index(chain, ..) | Expr::Dot(chain, ..) => qualified_root(&chain.lhs),
        _ => None,
    }
}

/// Names of all variables that a unit assigns to after their definition, local ones included.
pub(super) fn assigned(unit: &Unit) -> Vec<String> {
    let mut names = Vec::new();
    unit.ast.walk(&mut |path: &[ASTNode]| {
        if let Some(ASTNode::Stmt(Stmt::Assignment(assignment))) = path.last() {
            names.extend(root(&assignment.1.lhs).map(|(name, _)| name.to_string()));
        }
        true
    });
    names
}

/// Whether the variable at this place is what an assignment changes.
pub(super) fn is_assigned_at(unit: &Unit, pos: Position) -> bool {
    let mut found = false;
    unit.ast.walk(&mut |path: &[ASTNode]| {
        if let Some(ASTNode::Stmt(Stmt::Assignment(assignment))) = path.last() {
            found |= root(&assignment.1.lhs).is_some_and(|(_, at)| at == pos);
        }
        !found
    });
    found
}

/// Whether a unit imports a module under a name, whether it exists or not.
pub(super) fn imports(unit: &Unit, alias: &str) -> bool {
    let mut found = false;
    unit.ast.walk(&mut |path: &[ASTNode]| {
        if let Some(ASTNode::Stmt(Stmt::Import(import, _))) = path.last() {
            found |= import.1.name == alias;
        }
        !found
    });
    found
}

/// Index of the unit that a unit has imported under a name.
pub(super) fn imported(unit: &Unit, alias: &str) -> Option<usize> {
    let mut found = None;
    unit.ast.walk(&mut |path: &[ASTNode]| {
        if let Some(ASTNode::Stmt(Stmt::Import(import, _))) = path.last() {
            found = found.or(match &import.0 {
                Expr::StringConstant(text, _) if import.1.name == alias => unit.imports.get(text.as_str()).copied(),
                _ => None,
            });
        }
        found.is_none()
    });
    found
}
