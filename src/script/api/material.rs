//! Materials.

use super::call::Call;
use super::convert::{to_array, to_float};
use super::rows::{column, joined, later, later_count};
use super::table::{Code, Function, METHOD, Param, Range, Type, optional, required};
use crate::Result;
use crate::scene::{
    Edit, MATERIALS, Material, MaterialKind, MaterialSlot, MaterialUpdate, SLOTS, SlotRow, SlotType, unknown_name,
};
use glam::Vec3;
use rhai::{Dynamic, Map};

/// PlotOptiX's shaders that are not available in every version.
const PLOTOPTIX: &[&str] =
    &["TransparentDiffuse", "Reflective", "TransparentReflective", "Transmissive", "ThinWalled", "ShadowCatcher"];

/// PlotOptiX's other parameters of materials.
const LATER: &[&str] = &[
    "metalness",
    "metalness_tex",
    "normal_tex",
    "normaltilt_iar",
    "specular",
    "albedo_color",
    "subsurface_color",
    "radiation_length",
    "light_emission",
    "refraction_index",
    "flags",
];

const NAME: Param = required("name", Type::Text, "Name of the material, as `mat` of `set_data` takes it.");

const KINDS: [&str; MATERIALS.len()] = column!(MATERIALS, name);

const LATER_KINDS: [&str; later_count(PLOTOPTIX, &KINDS)] = later(PLOTOPTIX, &KINDS);

const DOCS: [&str; MATERIALS.len()] = column!(MATERIALS, doc);

const SHADER: Param = optional("shader", Type::Choice(&KINDS, &LATER_KINDS), "\"Diffuse\"", joined!(DOCS));

const OPTIONS: [Param; 1 + SLOTS.len() + textured(&SLOTS)] = {
    let mut options = [SHADER; 1 + SLOTS.len() + textured(&SLOTS)];
    let (mut i, mut at) = (0, 1);
    while i < SLOTS.len() {
        options[at] = option(&SLOTS[i]);
        at += 1;
        if let Some(name) = SLOTS[i].texture {
            options[at] = optional(name, Type::Text, "none", TEXTURE);
            at += 1;
        }
        i += 1;
    }
    options
};

const TEXTURE: &str = "Name of a texture that the option before is multiplied by at each point of the surface; `\"\"` removes \
                       it. A colour takes grey or RGB, a number the first channel.";

/// How many of the values can have a texture.
const fn textured(slots: &[SlotRow]) -> usize {
    let (mut i, mut count) = (0, 0);
    while i < slots.len() {
        count += slots[i].texture.is_some() as usize;
        i += 1;
    }
    count
}

const fn option(slot: &SlotRow) -> Param {
    let ty = match slot.ty {
        SlotType::Color => Type::Color,
        SlotType::Number => Type::Number,
    };
    let (least, most) = (slot.range.0 as f64, slot.range.1 as f64);
    let range = if most.is_finite() { Range::Within(least, most) } else { Range::From(least) };
    optional(slot.name, ty, slot.default_text, slot.doc).unit(slot.unit).range(range)
}

pub const FUNCTIONS: &[Function] = &[
    Function {
        name: "setup_material",
        params: &[NAME],
        options: &OPTIONS,
        later: LATER,
        doc: "Makes a material, or updates the material of that name. `\"diffuse\"` exists from the start.",
        example: r#"fn init(rt) {
    rt.setup_material("clay", #{ shader: "Diffuse", roughness: 1, color: [1, 0.8, 0.7] });
    rt.set_data("points", #{ pos: [[0, 0, 0]], r: 1, mat: "clay" });
}"#,
        code: Code::Method(|call| {
            let name = call.required_text("name")?;
            stage(call, name)
        }),
        ..METHOD
    },
    Function {
        name: "update_material",
        params: &[NAME],
        options: &OPTIONS,
        later: LATER,
        keeps: true,
        doc: "Changes the given values of a material and leaves all others as they are.",
        example: r#"fn init(rt) {
    rt.set_data("points", #{ pos: [[0, 0, 0]], r: 1 });
    rt.update_material("diffuse", #{ roughness: 0.5 });
}"#,
        code: Code::Method(|call| {
            let name = call.required_text("name")?;
            known(call, &name)?;
            stage(call, name)
        }),
        ..METHOD
    },
    Function {
        name: "get_material",
        params: &[NAME],
        returns: "a map with the options of `setup_material`",
        doc: "All values of a material.",
        example: r#"fn init(rt) {
    print(rt.get_material("diffuse").roughness);
}"#,
        code: Code::Method(|call| {
            let name = call.required_text("name")?;
            let material = known(call, &name)?;
            let values = SLOTS.iter().map(|row| {
                let value = material.value(row.slot);
                let value = match row.ty {
                    SlotType::Color => to_array(value),
                    SlotType::Number => to_float(value.x),
                };
                (row.name.into(), value)
            });
            let textures = material.textures().filter_map(|(row, name)| Some((row.texture?.into(), name.into())));
            let shader = [("shader".into(), material.kind.name().into())];
            Ok(Map::from_iter(shader.into_iter().chain(values).chain(textures)).into())
        }),
        ..METHOD
    },
];

fn known(call: &mut Call, name: &str) -> Result<Material> {
    let materials = &call.cx().scene.materials;
    materials.get(name).cloned().ok_or_else(|| unknown_name("material", name, materials.keys()))
}

fn stage(call: &mut Call, name: String) -> Result<Dynamic> {
    let material = update(call)?;
    let color = material.value(MaterialSlot::Color);
    let done = call.stage(Edit::SetupMaterial { name: name.clone(), material })?;
    if let Some(color) = color {
        let shines = call.cx().scene.materials.get(&name).is_some_and(Material::shines);
        call.warn_of_bright("color", &[color.into()], shines);
    }
    Ok(done)
}

fn update(call: &Call) -> Result<MaterialUpdate> {
    let kind = call.choice("shader")?.and_then(MaterialKind::from_name);
    let mut update = MaterialUpdate { kind, ..MaterialUpdate::default() };
    for row in SLOTS {
        let value = match row.ty {
            SlotType::Color => call.color(row.name)?,
            SlotType::Number => call.number(row.name)?.map(Vec3::splat),
        };
        if let Some(value) = value {
            update = update.with(row.slot, value);
        }
        if let Some(option) = row.texture
            && let Some(name) = call.text(option)?
        {
            update = update.with_texture(row.slot, &name);
        }
    }
    Ok(update)
}
