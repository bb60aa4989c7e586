//! Textures.

use super::call::Call;
use super::rows::{column, joined};
use super::table::{Code, Function, METHOD, Param, Type, optional, required};
use crate::array::io::{Picture, Pixels, load_picture};
use crate::array::{Scope, upload};
use crate::scene::{ADDRESS_MODES, AddressMode, Edit, FILTER_MODES, FilterMode, Texels, Texture};
use crate::{Error, Result};
use rhai::Dynamic;

const NAME: Param = required("name", Type::Text, "Name of the texture.");

const ADDRESS_NAMES: [&str; ADDRESS_MODES.len()] = column!(ADDRESS_MODES, name);
const ADDRESS_DOCS: [&str; ADDRESS_MODES.len()] = column!(ADDRESS_MODES, doc);
const FILTER_NAMES: [&str; FILTER_MODES.len()] = column!(FILTER_MODES, name);
const FILTER_DOCS: [&str; FILTER_MODES.len()] = column!(FILTER_MODES, doc);

const ADDRESS: Param = optional(
    "addr_mode",
    Type::Choice(&ADDRESS_NAMES, &[]),
    "\"Wrap\", or that of the texture it replaces",
    joined!(ADDRESS_DOCS),
);
const FILTER: Param = optional(
    "filter_mode",
    Type::Choice(&FILTER_NAMES, &[]),
    "\"Trilinear\", or that of the texture it replaces",
    joined!(FILTER_DOCS),
);

pub const FUNCTIONS: &[Function] = &[
    Function {
        name: "set_texture_2d",
        params: &[
            NAME,
            required(
                "data",
                Type::Array,
                "Rows of pixels from the top, of shape (height, width) or (height, width, channels): 1 channel is grey, 2 grey \
                 and alpha, 3 RGB, 4 RGB and alpha.",
            ),
        ],
        options: &[
            ADDRESS,
            FILTER,
            optional(
                "srgb",
                Type::Bool,
                "false",
                "Whether the numbers, but for alpha, are encoded for screens (sRGB).",
            ),
        ],
        later: &["keep_on_host", "refresh"],
        doc: "Makes a texture of an array, or replaces the texture of that name, also while it is in use. It covers the \
              square of texture coordinates from 0 to 1: along `u` of a parallelogram from its left to its right, along `v` from \
              its bottom to its top, so that an image is upright where `v` points up; on a box it is on each face. \
              Spheres have no texture coordinates, and show its lower left corner everywhere. Alpha has no effect yet.",
        example: r#"fn init(rt) {
    let x = arange(64).reshape([1, 64]);
    let y = arange(64).reshape([64, 1]);
    rt.set_texture_2d("waves", 0.5 + 0.5 * sin(0.3 * x) * cos(0.2 * y), #{ addr_mode: "Clamp" });
    rt.setup_material("paper", #{ color_tex: "waves" });
    rt.set_data("sheet", #{ geom: "Parallelograms", pos: [[0, 0, 0]], u: [1, 0, 0], v: [0, 1, 0], mat: "paper" });
}"#,
        code: Code::Method(|call| {
            let name = call.required_text("name")?;
            let array = call.required_array("data")?;
            let srgb = call.bool("srgb")?.unwrap_or(false);
            let shape = array.shape();
            let (height, width, channels) = match *shape.dims() {
                [height, width] => (height, width, 1),
                [height, width, channels] => (height, width, channels),
                _ => {
                    return Err(Error::script(format!(
                        "`data` is an array of shape {shape}, it wants (height, width) or (height, width, channels)"
                    )));
                }
            };
            let floats = upload::numbers(&array)?;
            call.warn_of_bright("data", floats.as_chunks::<3>().0, true);
            let texture = made(width, height, channels, Texels::Floats(floats), srgb)?;
            stage(call, name, texture)
        }),
        ..METHOD
    },
    Function {
        name: "load_texture",
        params: &[
            NAME,
            required(
                "file",
                Type::Text,
                "File name of an image: PNG, JPEG, TIFF, OpenEXR, GIF or WebP. A relative path starts at the folder of the \
                 script.",
            ),
        ],
        options: &[
            ADDRESS,
            FILTER,
            optional(
                "srgb",
                Type::Bool,
                "true, but false for floats",
                "Whether the numbers, but for alpha, are encoded for screens (sRGB), as those of photographs are; false for images \
                 that are no pictures, such as roughness.",
            ),
        ],
        later: &["rt_format", "prescale", "baseline", "exposure", "gamma", "keep_on_host", "refresh"],
        doc: "Makes a texture of an image file, as `set_texture_2d` does of an array. 8 bits stay 8 bits, everything else \
              becomes 32-bit float.",
        example: r#"fn init(rt) {
    rt.load_texture("picture", "data/attractor.png", #{ addr_mode: "Clamp" });
    rt.setup_material("picture", #{ shader: "Flat", color_tex: "picture" });
    rt.set_data("sheet", #{ geom: "Parallelograms", pos: [[0, 0, 0]], u: [4, 0, 0], v: [0, 3, 0], mat: "picture" });
}"#,
        code: Code::Method(|call| {
            let name = call.required_text("name")?;
            let path = call.files()?.to_read(&call.required_text("file")?)?;
            let srgb = call.bool("srgb")?;
            let scope = Scope::current();
            let loaded = scope.space.install(|| {
                upload::uncounted(|| {
                    let Picture { width, height, channels, pixels } =
                        load_picture(&path, scope.space.unused() as u64, &scope.watch)?;
                    let (texels, encoded) = match pixels {
                        Pixels::Bytes(bytes) => (Texels::Bytes(bytes.into()), true),
                        Pixels::Words(words) => (Texels::Floats(words.iter().map(unit).collect()), true),
                        Pixels::Floats(floats) => (Texels::Floats(floats.into()), false),
                    };
                    Texture::new(width, height, channels, texels, srgb.unwrap_or(encoded))
                })
            });
            stage(call, name, loaded?)
        }),
        ..METHOD
    },
];

/// 16 bits as a number from 0 to 1.
fn unit(word: &u16) -> f32 {
    f32::from(*word) / f32::from(u16::MAX)
}

fn made(width: usize, height: usize, channels: usize, texels: Texels, srgb: bool) -> Result<Texture> {
    // Too large for a number is too large for a texture.
    let [width, height, channels] = [width, height, channels].map(|n| u32::try_from(n).unwrap_or(u32::MAX));
    Texture::new(width, height, channels, texels, srgb)
}

/// Stages the texture with the modes of the call, or of the texture that it replaces.
fn stage(call: &mut Call, name: String, mut texture: Texture) -> Result<Dynamic> {
    let address = call.choice("addr_mode")?.and_then(AddressMode::from_name);
    let filter = call.choice("filter_mode")?.and_then(FilterMode::from_name);
    if let Some(before) = call.cx().scene.textures.get(&name) {
        (texture.address, texture.filter) = (before.address, before.filter);
    }
    texture.address = address.unwrap_or(texture.address);
    texture.filter = filter.unwrap_or(texture.filter);
    call.stage(Edit::SetTexture { name, texture })
}
