//! Plots: `set_data` and what belongs to it.

use super::call::{Call, unknown_choice};
use super::convert::shortest;
use super::table::{Code, Function, METHOD, Param, Range, Type, optional, required};
use crate::Result;
use crate::array::{ArrayShape, NdArray};
use crate::choice::Choice;
use crate::scene::{
    CHANNELS, Channel, Channels, DEFAULT_R, Edit, Geometry, GeometryKind, GeometryUpdate, LATER_KINDS, Material,
    Values, unknown_name,
};
use glam::{DVec3, Vec3};
use rhai::{Array, Dynamic};

const POS: Param = optional(
    "pos",
    Type::Rows,
    "required in a new plot",
    "Positions, of which `geom` says what they are: centres, corners, or nodes. A new plot needs them. Rows of one or \
     two numbers are filled up with 0. `[]` or `zeros([0, 3])`: an empty plot.",
)
.unit("scene units");
const R: Param = optional(
    "r",
    Type::Numbers,
    "0.05",
    "Radius, one or one for each position; for the kinds with edges, their length where edge vectors are missing. The \
     `ConstSize` kinds take one number and have no default.",
)
.unit("scene units")
.range(Range::From(0.0));
const C: Param = optional(
    "c",
    Type::Colors,
    "0.95",
    "Colour, linear: grey or RGB, one or one for each position. Three plain numbers are one RGB colour. 0 to 1, times \
     the material's: what is above counts as 1, but where the material is `Flat` or `Cosine`.",
)
.range(Range::From(0.0));
const U: Param =
    optional("u", Type::Vectors, "see `rnd`", "First edge, of the kinds that have edges.").unit("scene units");
const V: Param = optional("v", Type::Vectors, "see `rnd`", "Second edge.").unit("scene units");
const W: Param =
    optional("w", Type::Vectors, "see `rnd`", "Third edge, of the kinds that have three.").unit("scene units");
const MAT: Param = optional("mat", Type::Text, "\"diffuse\"", "Name of the material.");
const RND: Param = optional(
    "rnd",
    Type::Bool,
    "true",
    "Edge vectors that are not given make regular primitives: true turns each of them at random, false aligns them \
     with the axes.",
);

pub const FUNCTIONS: &[Function] = &[
    Function {
        name: "set_data",
        params: &[required("name", Type::Text, "Name of the plot.")],
        options: &[
            POS,
            R,
            C,
            U,
            V,
            W,
            optional("geom", Type::Choice(GeometryKind::NAMES, LATER_KINDS), "\"ParticleSet\"", GeometryKind::DOC),
            MAT,
            RND,
        ],
        later: &["geom_attr"],
        doc: "Makes a plot, or updates the plot of that name: options that are left out keep their values.",
        example: r#"fn init(rt) {
    rt.set_data("points", #{ pos: [[0, 0, 0], [1, 0, 0], [0, 1, 0]], r: 0.3, c: [0.9, 0.5, 0.2] });
    rt.set_data("boxes", #{
        pos: [[0, 0, 2], [2, 0, 2]],
        u: [1, 0, 0], v: [0, 1, 0], w: [[0, 0, 1], [0, 0, 2]],
        geom: "Parallelepipeds",
    });
}"#,
        code: Code::Method(|call| {
            let name = call.required_text("name")?;
            let kind = call.kind("geom")?;
            let data = data(call, &name, kind)?;
            let color = data.values[Channel::Color].clone();
            let done = call.stage(Edit::SetData { name: name.clone(), data })?;
            warn_of_color(call, &name, color);
            Ok(done)
        }),
        ..METHOD
    },
    Function {
        name: "update_data",
        params: &[required("name", Type::Text, "Name of the plot.")],
        options: &[POS, R, C, U, V, W, MAT, RND],
        keeps: true,
        doc: "Changes a plot that exists. When the number of positions changes, arrays with one value for each \
              primitive must be given again; those that are not fall back to their defaults.",
        example: r#"fn init(rt) {
    rt.set_data("points", #{ pos: [[0, 0, 0], [1, 0, 0]], r: 0.3 });
}
fn update_data(rt) {
    rt.update_data("points", #{ r: [0.3, 0.1 + 0.2 * (rt.frame % 2)] });
}"#,
        code: Code::Method(|call| {
            let name = call.required_text("name")?;
            let data = data(call, &name, None)?;
            let color = data.values[Channel::Color].clone();
            let done = call.stage(Edit::UpdateData { name: name.clone(), data })?;
            warn_of_color(call, &name, color);
            Ok(done)
        }),
        ..METHOD
    },
    Function {
        name: "get_data",
        params: &[
            required("name", Type::Text, "Name of the plot."),
            required(
                "buffer",
                Type::Choice(&BUFFERS, &[]),
                "Which data: positions, radii, colours or one of the edge vectors.",
            ),
        ],
        returns: "an array of float64: of shape (n,) for `r`, else (n, 3), where n is the number of positions",
        doc: "Reads a plot's data back, including edits of this callback. A value that is one for all comes \
              once for each position. Plots hold single precision: what comes back is the shortest decimal for that.",
        example: r#"fn init(rt) {
    rt.set_data("points", #{ pos: [[0, 0, 0], [1, 0, 0]], r: [0.3, 0.5] });
    print(rt.get_data("points", "r")[1]);
    print(rt.get_data("points", "pos").mean(0));
}"#,
        code: Code::Method(get_data),
        ..METHOD
    },
    Function {
        name: "delete_geometry",
        params: &[required("name", Type::Text, "Name of the plot.")],
        doc: "Removes a plot.",
        example: r#"fn init(rt) {
    rt.set_data("points", #{ pos: [[0, 0, 0]] });
    rt.delete_geometry("points");
}"#,
        code: Code::Method(|call| {
            let name = call.required_text("name")?;
            call.stage(Edit::DeleteGeometry { name })
        }),
        ..METHOD
    },
    Function {
        name: "get_geometry_names",
        returns: "an array of strings, in the order in which the plots were made",
        doc: "Names of all plots.",
        example: r#"fn init(rt) {
    rt.set_data("points", #{ pos: [[0, 0, 0]] });
    for name in rt.get_geometry_names() { print(name); }
}"#,
        code: Code::Method(|call| Ok(names(call.cx().scene.geometries.keys()))),
        ..METHOD
    },
];

/// The names of all channels.
const BUFFERS: [&str; CHANNELS.len()] = {
    let mut names = [""; CHANNELS.len()];
    let mut i = 0;
    while i < names.len() {
        names[i] = CHANNELS[i].name;
        i += 1;
    }
    names
};

/// Names as an array of strings.
pub fn names<'a>(names: impl Iterator<Item = &'a String>) -> Dynamic {
    names.map(|name| Dynamic::from(name.clone())).collect::<Array>().into()
}

fn data(call: &mut Call, name: &str, kind: Option<GeometryKind>) -> Result<GeometryUpdate> {
    let plot = call.cx().scene.geometries.get(name).cloned();
    let mut values = Channels::default();
    for (channel, given) in values.iter_mut() {
        *given = match channel {
            Channel::Color => call.colors(channel.name())?,
            _ if channel.row().width == 1 => call.numbers(channel.name())?,
            _ => call.vectors(channel.name())?,
        };
    }
    Ok(GeometryUpdate {
        kind,
        pos: call.places("pos", || primitive_size(call, kind, plot.as_deref()))?,
        values,
        material: call.text("mat")?,
        rnd: call.bool("rnd")?,
    })
}

/// Warns of given colours that the plot's material cannot show.
fn warn_of_color(call: &mut Call, name: &str, color: Option<Values>) {
    let scene = &call.cx().scene;
    let material = scene.geometries.get(name).and_then(|plot| scene.materials.get(&plot.material));
    let shines = material.is_some_and(Material::shines);
    if let Some(color) = color {
        call.warn_of_bright("c", color.vectors(), shines);
    }
}

/// The largest extent of a primitive, scene units: of the sizes that this call gives, or that the plot has. Only what the
/// shape uses counts.
fn primitive_size(call: &Call, kind: Option<GeometryKind>, plot: Option<&Geometry>) -> f64 {
    let shape = kind.or(plot.map(|plot| plot.kind)).unwrap_or(GeometryKind::ParticleSet).shape();
    let plot = plot.filter(|plot| plot.kind.shape() == shape);
    let longest = |edges: &Values| edges.vectors().iter().map(|edge| Vec3::from(*edge).length()).fold(0.0, f32::max);
    // Errors in an argument are reported where it is used.
    let edge = |edge: &Channel| match call.vectors(edge.name()) {
        Ok(Some(given)) => Some(longest(&given)),
        _ => plot.map(|plot| longest(&plot[*edge])),
    };
    let edges: Vec<Option<f32>> = shape.edges().iter().map(edge).collect();
    let largest = |radii: &Values| radii.numbers().iter().copied().fold(0.0, f32::max);
    let r = || match call.numbers("r") {
        Ok(Some(given)) => largest(&given),
        _ => plot.map_or(DEFAULT_R, |plot| largest(&plot[Channel::R])),
    };
    let size = edges.iter().flatten().copied().fold(0.0, f32::max);
    f64::from(match (edges.is_empty(), size > 0.0) {
        (true, _) => 2.0 * r(),
        // Edges that are not given are as long as those that are, or as `r`.
        (false, true) => size,
        (false, false) => r(),
    })
}

fn get_data(call: &mut Call) -> Result<Dynamic> {
    let name = call.required_text("name")?;
    let buffer = call.required_text("buffer")?;
    let Some(geometry) = call.cx().scene.geometries.get(&name).cloned() else {
        return Err(unknown_name("geometry", &name, call.cx().scene.geometries.keys()));
    };
    let count = geometry.count();
    let Some(row) = CHANNELS.iter().find(|row| row.name == buffer) else {
        return Err(unknown_choice("buffer", &buffer, &BUFFERS, &[]));
    };
    let numbers = match row.channel {
        // Double precision is needed where they are far from the scene's origin.
        Channel::Pos => match geometry.pos.origin() {
            DVec3::ZERO => geometry.pos.relative().as_flattened().iter().map(|&x| shortest(x)).collect(),
            _ => geometry.pos.iter().flat_map(|p| p.to_array()).collect(),
        },
        channel => {
            let values = &geometry[channel];
            (0..count).flat_map(|i| values.vector(i).into_iter().take(row.width)).map(shortest).collect()
        }
    };
    let shape = if row.width == 1 { ArrayShape::line(count) } else { ArrayShape::new(&[count, row.width])? };
    let array = NdArray::from_vec::<f64>(shape, numbers);
    array.map(Dynamic::from)
}
