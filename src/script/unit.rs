//! The text of a script or module, compiled.

use crate::Place;
use rhai::{AST, Position};
use std::collections::HashMap;
use std::path::PathBuf;
use std::sync::Arc;

/// The script or one module of it.
pub(super) struct Unit {
    /// The path as a user would type it: errors show it, and it identifies the unit.
    pub name: String,
    pub text: Arc<str>,
    pub ast: AST,
    /// The folder where its relative paths start.
    pub dir: PathBuf,
    /// Imports of this unit: path as written, index of the imported unit.
    pub imports: HashMap<String, usize>,
}

impl Unit {
    pub fn place(&self, pos: Position) -> Option<Place> {
        let line = pos.line()?;
        Some(Place {
            file: self.name.clone(),
            line,
            column: pos.position().unwrap_or(0),
            source: self.text.lines().nth(line - 1).map(str::to_string),
        })
    }
}

/// The unit of this name.
pub(super) fn named<'a>(units: &'a [Unit], name: &str) -> Option<&'a Unit> {
    units.iter().find(|unit| unit.name == name)
}
