//! Materials.

use super::call::Call;
use super::convert::{to_array, to_float};
use super::table::{Code, Function, METHOD, Param, Range, Type, optional, required};
use crate::Result;
use crate::scene::{Edit, Material, MaterialKind, MaterialUpdate, unknown_name};
use rhai::{Dynamic, Map};

const LATER_SHADERS: &[&str] =
    &["TransparentDiffuse", "Reflective", "TransparentReflective", "Transmissive", "ThinWalled", "ShadowCatcher"];

/// PlotOptiX's other parameters of materials.
const LATER: &[&str] = &[
    "color_tex",
    "roughness_tex",
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
const OPTIONS: &[Param] = &[
    optional(
        "shader",
        Type::Choice(&["Flat", "Cosine", "Diffuse"], LATER_SHADERS),
        "\"Diffuse\"",
        "`Flat`: its colour, whatever the light. `Cosine`: darker where the surface turns away from the viewer, no \
         light needed. `Diffuse`: scatters light evenly.",
    ),
    optional(
        "color",
        Type::Color,
        "1",
        "Linear, grey or RGB; multiplied by the colours of the primitives. Of `Diffuse`, products above 1 count as 1.",
    )
    .range(Range::From(0.0)),
    optional("roughness", Type::Number, "0", "Of `Diffuse`: 0 is Lambert's law, above it is that of Oren and Nayar.")
        .unit("radians")
        .range(Range::From(0.0)),
];

pub const FUNCTIONS: &[Function] = &[
    Function {
        name: "setup_material",
        params: &[NAME],
        options: OPTIONS,
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
        options: OPTIONS,
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
            Ok(Map::from_iter([
                ("shader".into(), material.kind.name().into()),
                ("color".into(), to_array(material.color)),
                ("roughness".into(), to_float(material.roughness)),
            ])
            .into())
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
    let color = material.color;
    let done = call.stage(Edit::SetupMaterial { name: name.clone(), material })?;
    if let Some(color) = color {
        let shines = call.cx().scene.materials.get(&name).is_some_and(Material::shines);
        call.warn_of_bright("color", &[color.into()], shines);
    }
    Ok(done)
}

fn update(call: &Call) -> Result<MaterialUpdate> {
    let kind = call.choice("shader")?.map(|name| match name {
        "Flat" => MaterialKind::Flat,
        "Cosine" => MaterialKind::Cosine,
        _ => MaterialKind::Diffuse,
    });
    Ok(MaterialUpdate { kind, color: call.color("color")?, roughness: call.number("roughness")? })
}
