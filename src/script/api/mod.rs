//! The script API as one table: from an entry come registration, `plotrt api`, the reference in `docs/`, the
//! editor definitions and the test that runs its example.
//!
//! To add a function, add an entry to the file of its concept. `table` says what an entry holds, `call` passes the
//! arguments to the code of an entry, `convert` converts script values.

mod array;
mod background;
mod call;
mod camera;
mod camera_move;
mod control;
mod convert;
mod docs;
mod files;
mod frozen;
mod geometry;
mod image;
mod language;
mod later;
mod light;
mod literal;
mod material;
mod params;
mod plotoptix;
mod postproc;
mod register;
mod render;
mod rows;
mod search;
mod table;
mod texture;
mod transform;
mod variables;

#[cfg(test)]
mod tests;

pub use array::Access;
pub(super) use array::arrays_in;
pub use call::{changes_apart, takes_map, unknown_option, wrong_count};
pub(super) use convert::describe as describe_value;
pub use docs::{definitions, list, reference};
pub use image::{Image, picture_file, picture_name};
pub use later::{not_found, unknown_function, unknown_property};
pub use literal::check_literal;
pub use plotoptix::{PLOTOPTIX, plotoptix};
pub use register::{register, register_files};
pub use search::look_up;
pub use table::{Code, Function, Object, Param, Phases, Range, Type};

/// The whole table, by concept.
pub const SECTIONS: &[(&str, &[Function])] = &[
    ("Plots", geometry::FUNCTIONS),
    ("Moving plots", transform::FUNCTIONS),
    ("Cameras", camera::FUNCTIONS),
    ("Moving cameras", camera_move::FUNCTIONS),
    ("Lights", light::FUNCTIONS),
    ("Background and ambient light", background::FUNCTIONS),
    ("Materials", material::FUNCTIONS),
    ("Textures", texture::FUNCTIONS),
    ("Parameters", params::FUNCTIONS),
    ("Variables of the tracer", variables::FUNCTIONS),
    ("Post-processing", postproc::FUNCTIONS),
    ("The image", image::FUNCTIONS),
    ("Rendering", render::FUNCTIONS),
    ("The run", control::FUNCTIONS),
    ("Making arrays", array::MAKE),
    ("Elements of arrays", array::ELEMENTS),
    ("Parts and shapes of arrays", array::SHAPE),
    ("Reductions of arrays", array::REDUCE),
    ("Order and repetition in arrays", array::ORDER),
    ("Vectors, matrices, transforms, noise", array::LINEAR),
    ("Values as colours", array::COLOR),
    ("Functions of the script over elements", array::USER),
    ("Data files", array::FILES),
    ("Functions of the language", language::FUNCTIONS),
];

/// All entries.
pub fn functions() -> impl Iterator<Item = &'static Function> {
    SECTIONS.iter().flat_map(|(_, functions)| functions.iter())
}

/// The entries of this name: at most one for each object.
pub fn find(name: &str) -> impl Iterator<Item = &'static Function> {
    functions().filter(move |f| f.name == name)
}
