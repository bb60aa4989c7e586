//! Hints for names that are not in the table: names of PlotOptiX or NumPy that are missing or elsewhere, and misspelt ones.

use super::call::{later_option, wrong_count};
use super::table::{Code, Function, Object, Type};
use super::{find, functions, variables};
use crate::Error;
use crate::error::nearest;
use crate::script::foreign;

/// Names of PlotOptiX that this version does not have, with a replacement where there is one. Its option keys and kinds
/// are listed with the functions of the table.
pub const PLOTOPTIX: &[(&str, &str)] = &[
    // Meshes, surfaces, graphs.
    ("set_mesh", ""),
    ("update_mesh", ""),
    ("load_mesh_obj", ""),
    ("load_multiple_mesh_obj", ""),
    ("load_merged_mesh_obj", ""),
    ("set_data_2d", ""),
    ("update_data_2d", ""),
    ("set_surface", ""),
    ("update_surface", ""),
    ("set_graph", ""),
    ("update_graph", ""),
    ("set_coordinates", ""),
    // Data of plots.
    ("update_raw_data", "use `rt.update_data`"),
    ("sync_raw_data", "data is always in step: `rt.get_data` reads it"),
    ("update_geom_buffers", "use `rt.update_data`"),
    ("move_primitive", "use `rt.update_data`"),
    ("rotate_primitive", "use `rt.update_data`"),
    ("scale_primitive", "use `rt.update_data`"),
    ("PinnedBuffer", "use `rt.get_data` and `rt.update_data`"),
    ("GeomBuffer", "buffers are named by texts: `rt.get_data(\"plot\", \"pos\")`"),
    ("geometry_data", "use `rt.get_data(name, buffer)`"),
    ("geometry_names", "use `rt.get_geometry_names()`"),
    ("enable_cupy", "arrays of scripts go to the device as they are"),
    ("enable_torch", "arrays of scripts go to the device as they are"),
    ("update_device_buffers", "buffers are always in step"),
    // Textures.
    ("set_texture_1d", ""),
    ("set_texture_2d", ""),
    ("load_texture", ""),
    ("set_normal_tilt", ""),
    ("load_normal_tilt", ""),
    ("set_displacement", ""),
    ("load_displacement", ""),
    ("update_material_texture", ""),
    ("set_correction_curve", ""),
    ("bg_texture", ""),
    ("bg_texture8", ""),
    ("frame_mask", ""),
    ("frame_overlay", ""),
    ("tone_curve_gray", ""),
    ("tone_curve_r", ""),
    ("tone_curve_g", ""),
    ("tone_curve_b", ""),
    ("get_image_meta", ""),
    ("read_image", ""),
    ("make_color_2d", "use `make_color`, a function without `rt.`"),
    // Background and lights.
    ("set_background_mode", "use `rt.set_background` and `rt.set_ambient`"),
    ("get_background_mode", "use `rt.get_background()` and `rt.get_ambient()`"),
    ("setup_spherical_light", "use `rt.setup_light(name, #{ light_type: \"Spherical\" })`"),
    ("setup_parallelogram_light", "use `rt.setup_light(name, #{ light_type: \"Parallelogram\" })`"),
    ("setup_area_light", "use `rt.setup_light(name, #{ light_type: \"Parallelogram\" })`"),
    ("update_area_light", "use `rt.update_light`"),
    ("get_light_pos", "use `rt.get_light(name).pos`"),
    ("get_light_color", "use `rt.get_light(name).color`"),
    ("get_light_r", "use `rt.get_light(name).radius`"),
    ("get_light_u", "use `rt.get_light(name).u`"),
    ("get_light_v", "use `rt.get_light(name).v`"),
    ("get_light_shading", "use `rt.get_param(\"light_shading\")`"),
    ("set_light_shading", "use `rt.set_param(#{ light_shading: \"Soft\" })`"),
    // Cameras.
    ("get_camera_glock", ""),
    ("set_camera_glock", ""),
    ("get_camera_name_handle", "use `rt.get_current_camera()`"),
    ("RayGeneration", "use `rt.get_camera(name).cam_type`"),
    // The image.
    ("get_current_noise_level", ""),
    ("get_float2", ""),
    ("get_rt_output", "use `rt.image` in `update_image` or `accum_done`"),
    ("_img_rgba", "use `rt.image` in `update_image` or `accum_done`"),
    ("_raw_rgba", "use `rt.image` in `update_image` or `accum_done`: `pixel(x, y)` is linear radiance"),
    ("_hit_pos", ""),
    ("_geo_id", ""),
    ("_albedo", ""),
    ("_normal", ""),
    ("get_hit_at", ""),
    // Animations.
    ("encoder_create", "use `plotrt render --out animation.gif`"),
    ("encoder_start", "use `plotrt render --out animation.gif`"),
    ("encoder_stop", "use `plotrt render --out animation.gif`"),
    ("encoder_is_open", "use `plotrt render --out animation.gif`"),
    ("encoded_frames", "use `plotrt render --out animation.gif`"),
    ("encoding_frames", "use `plotrt render --out animation.gif`"),
    // Scenes as files.
    ("save_scene", ""),
    ("load_scene", ""),
    ("get_scene", ""),
    ("set_scene", ""),
    // The run.
    ("start", "the run starts by itself after `init`"),
    ("show", "`plotrt run` shows the window"),
    ("is_started", "callbacks are called while it runs"),
    ("is_closed", "callbacks are called while it runs"),
    ("get_rt_size", "use `rt.get_size()`"),
    ("set_rt_size", "use `rt.resize(width, height)`"),
    ("select", "click on things in the window"),
    ("get_gpu_architecture", "`plotrt devices` lists the devices"),
    ("set_gpu_architecture", "`--device` chooses the device"),
    ("log_level", "use the option `--log` of the command line"),
    ("start_now", "the run starts by itself after `init`"),
    ("devices", "`--device` chooses the device"),
    ("src", "a script sets up the scene in `init`"),
    ("TkOptiX", "callbacks receive the ray tracer as `rt`: `fn init(rt) { … }`"),
    ("NpOptiX", "callbacks receive the ray tracer as `rt`: `fn init(rt) { … }`"),
    // Callbacks.
    ("on_initialization", "write a function `init(rt)`: the host finds it by its name"),
    ("on_scene_compute", "write a function `compute(rt, delta)`: the host finds it by its name"),
    ("set_scene_compute_cb", "write a function `compute(rt, delta)`: the host finds it by its name"),
    ("on_rt_completed", "write a function `update_data(rt)`: the host finds it by its name"),
    ("set_rt_completed_cb", "write a function `update_data(rt)`: the host finds it by its name"),
    ("on_launch_finished", "write a function `update_image(rt)`: the host finds it by its name"),
    ("set_launch_finished_cb", "write a function `update_image(rt)`: the host finds it by its name"),
    ("on_rt_accum_done", "write a function `accum_done(rt)`: the host finds it by its name"),
    ("set_accum_done_cb", "write a function `accum_done(rt)`: the host finds it by its name"),
    ("rt_starting", "write a function `rt_starting(rt)`: the host finds it by its name"),
    ("set_rt_starting_cb", "write a function `rt_starting(rt)`: the host finds it by its name"),
    // Materials.
    ("make_material", "use `rt.setup_material(name, #{ shader: \"Diffuse\" })`"),
    ("m_flat", "ready-made materials are written out: `rt.setup_material(\"name\", #{ shader: \"Diffuse\" })`"),
    (
        "m_eye_normal_cos",
        "ready-made materials are written out: `rt.setup_material(\"name\", #{ shader: \"Diffuse\" })`",
    ),
    ("m_diffuse", "ready-made materials are written out: `rt.setup_material(\"name\", #{ shader: \"Diffuse\" })`"),
    ("m_matt_diffuse", "ready-made materials are written out: `rt.setup_material(\"name\", #{ shader: \"Diffuse\" })`"),
    (
        "m_transparent_diffuse",
        "ready-made materials are written out: `rt.setup_material(\"name\", #{ shader: \"Diffuse\" })`",
    ),
    ("m_mirror", "ready-made materials are written out: `rt.setup_material(\"name\", #{ shader: \"Diffuse\" })`"),
    ("m_metallic", "ready-made materials are written out: `rt.setup_material(\"name\", #{ shader: \"Diffuse\" })`"),
    (
        "m_transparent_metallic",
        "ready-made materials are written out: `rt.setup_material(\"name\", #{ shader: \"Diffuse\" })`",
    ),
    ("m_plastic", "ready-made materials are written out: `rt.setup_material(\"name\", #{ shader: \"Diffuse\" })`"),
    ("m_matt_plastic", "ready-made materials are written out: `rt.setup_material(\"name\", #{ shader: \"Diffuse\" })`"),
    (
        "m_transparent_plastic",
        "ready-made materials are written out: `rt.setup_material(\"name\", #{ shader: \"Diffuse\" })`",
    ),
    ("m_volume_color", "ready-made materials are written out: `rt.setup_material(\"name\", #{ shader: \"Diffuse\" })`"),
    ("m_clear_glass", "ready-made materials are written out: `rt.setup_material(\"name\", #{ shader: \"Diffuse\" })`"),
    ("m_matt_glass", "ready-made materials are written out: `rt.setup_material(\"name\", #{ shader: \"Diffuse\" })`"),
    (
        "m_dispersive_glass",
        "ready-made materials are written out: `rt.setup_material(\"name\", #{ shader: \"Diffuse\" })`",
    ),
    ("m_thin_walled", "ready-made materials are written out: `rt.setup_material(\"name\", #{ shader: \"Diffuse\" })`"),
    (
        "m_shadow_catcher",
        "ready-made materials are written out: `rt.setup_material(\"name\", #{ shader: \"Diffuse\" })`",
    ),
    (
        "RadianceProgram",
        "the options of a material are flat: `rt.setup_material(\"name\", #{ shader: \"Diffuse\", roughness: 0.5 })`",
    ),
    (
        "OcclusionProgram",
        "the options of a material are flat: `rt.setup_material(\"name\", #{ shader: \"Diffuse\", roughness: 0.5 })`",
    ),
    (
        "VarUInt",
        "the options of a material are flat: `rt.setup_material(\"name\", #{ shader: \"Diffuse\", roughness: 0.5 })`",
    ),
    (
        "VarFloat",
        "the options of a material are flat: `rt.setup_material(\"name\", #{ shader: \"Diffuse\", roughness: 0.5 })`",
    ),
    (
        "VarFloat3",
        "the options of a material are flat: `rt.setup_material(\"name\", #{ shader: \"Diffuse\", roughness: 0.5 })`",
    ),
    (
        "VarFloat4",
        "the options of a material are flat: `rt.setup_material(\"name\", #{ shader: \"Diffuse\", roughness: 0.5 })`",
    ),
    (
        "base_color",
        "the options of a material are flat: `rt.setup_material(\"name\", #{ shader: \"Diffuse\", roughness: 0.5 })`",
    ),
    (
        "base_roughness",
        "the options of a material are flat: `rt.setup_material(\"name\", #{ shader: \"Diffuse\", roughness: 0.5 })`",
    ),
    (
        "surface_albedo",
        "the options of a material are flat: `rt.setup_material(\"name\", #{ shader: \"Diffuse\", roughness: 0.5 })`",
    ),
    ("ColorTextures", ""),
    ("RoughnessTextures", ""),
    ("MetalnessTextures", ""),
    ("NormalTextures", ""),
    ("MaterialFlag", ""),
    ("reflectivity_index", ""),
    ("reflectivity_range", ""),
    // Enumerations.
    ("Geometry", "kinds are named by texts: `geom: \"ParticleSet\"`"),
    ("Camera", "kinds are named by texts: `cam_type: \"Pinhole\"`"),
    ("Light", "kinds are named by texts: `light_type: \"Spherical\"`"),
    ("LightShading", "kinds are named by texts: `light_shading: \"Soft\"`"),
    ("MaterialType", "kinds are named by texts: `shader: \"Diffuse\"`"),
    ("Postprocessing", "kinds are named by texts: `rt.add_postproc(\"Gamma\")`"),
    ("DenoiserKind", "kinds are named by texts: `denoiser_kind: \"RgbAlbedo\"`"),
    ("Coordinates", ""),
    ("MissProgram", ""),
    ("GeomAttributeProgram", ""),
    ("DisplacementMapping", ""),
    ("TextureMapping", ""),
    ("TextureAddressMode", ""),
    ("TextureFilterMode", ""),
    ("WorkDistribution", ""),
    ("Channel", ""),
    ("ChannelOrder", ""),
    ("ChannelDepth", ""),
    ("RtResult", ""),
    ("RtFormat", ""),
    ("NvEncCodec", ""),
    ("NvEncProfile", ""),
    ("NvEncPreset", ""),
    ("GpuArchitecture", ""),
];

/// The answer to a name of PlotOptiX that this version does not have.
pub fn plotoptix(name: &str) -> Option<Error> {
    let (_, instead) = PLOTOPTIX.iter().find(|(known, _)| *known == name)?;
    let error = Error::script(format!("`{name}` is not available in this version"));
    Some(if instead.is_empty() { error } else { error.hint(*instead) })
}

/// Where a name belongs that is no function and no property of `rt`: a variable of the tracer, an option, a value of an
/// option, a function without an object.
pub fn place_of(name: &str) -> Option<String> {
    if let Some(function) = find(name).find(|f| f.object == Object::Free) {
        return Some(format!("it is a function without an object: `{}`", function.signature()));
    }
    if let Some((setter, getter)) = variables::accessors(name) {
        return Some(format!("it is a variable: `rt.{setter}(\"{name}\", …)` and `rt.{getter}(\"{name}\")`"));
    }
    let of_rt = || functions().filter(|f| f.object == Object::Rt);
    if let Some(function) = of_rt().find(|f| f.options.iter().any(|p| p.name == name)) {
        return Some(format!("it is an option: `rt.{}({})`", function.name, function.with_option(name, "…")));
    }
    if let Some(function) = of_rt().find(|f| f.later.contains(&name)) {
        return Some(later_option(function, name).message);
    }
    for function in of_rt() {
        for param in function.params.iter().chain(function.options) {
            let Type::Choice(names, later) = param.ty else { continue };
            let is_option = function.options.iter().any(|p| p.name == param.name);
            let call = match is_option {
                true => function.with_option(param.name, &format!("\"{name}\"")),
                false => format!("\"{name}\""),
            };
            if names.contains(&name) {
                return Some(format!("it is a value of `{}`: `rt.{}({call})`", param.name, function.name));
            }
            if later.contains(&name) {
                return Some(format!("it is a value of `{}` that is not available in this version", param.name));
            }
        }
    }
    None
}

/// The error of a call that Rhai could not resolve, from its signature: `set_mesh (Rt, map)`. `None` where it does
/// not resemble a function of the table.
pub fn not_found(signature: &str) -> Option<Error> {
    let (name, arguments) = signature.split_once(" (").unwrap_or((signature, ""));
    let object = match arguments.split([',', ')']).next() {
        Some("Rt") => Object::Rt,
        Some("Image") => Object::Image,
        Some("ndarray") => Object::Array,
        _ => Object::Free,
    };
    unknown_function(name, object)
}

/// The error of an unknown call of `name` on `object`: not available yet, wrong arguments, a method
/// called without its object, or misspelt. `None` where the name does not resemble one of ours.
pub fn unknown_function(name: &str, object: Object) -> Option<Error> {
    if let Some(function) = find(name).find(|f| f.object == object) {
        // Numbers have these, too, and the engine knows what they take there.
        if matches!(function.code, Code::Elementwise(_) | Code::Pairwise(_)) {
            return None;
        }
        return Some(match function.is_property() {
            true => Error::script(format!("`{}{name}` is not a function", object.prefix()))
                .hint(format!("write `{}` without brackets", function.signature())),
            false => wrong_count(function),
        });
    }
    if let (Some(error), Object::Rt | Object::Free) = (plotoptix(name), object) {
        return Some(error);
    }
    let unknown = Error::script(format!("unknown function `{}{name}`", object.prefix()));
    match object {
        Object::Free => {
            // Names of images are too common (`min`, `size`) to be guessed at.
            let function = find(name).find(|f| f.object == Object::Rt && !f.is_property())?;
            Some(unknown.hint(format!("it is a method: `{}`", function.signature())))
        }
        Object::Rt => Some(match place_of(name) {
            Some(place) => unknown.hint(place),
            None => nearest_of(unknown, object, name, |_| true),
        }),
        Object::Array => Some(match foreign::instead(name) {
            Some(hint) => unknown.hint(hint),
            None => nearest_of(unknown, object, name, |_| true),
        }),
        Object::Image => Some(nearest_of(unknown, object, name, |_| true)),
    }
}

/// The error of a property that `object` does not have.
pub fn unknown_property(name: &str, object: Object) -> Error {
    let what = Error::script(format!("`{}` has no property `{name}`", object.prefix().trim_end_matches('.')));
    if let Some(function) = find(name).find(|f| f.object == object) {
        return what.hint(format!("it is a function: `{}`", function.signature()));
    }
    match object {
        Object::Rt => match (plotoptix(name), place_of(name)) {
            (Some(error), _) => return error,
            (None, Some(place)) => return what.hint(place),
            (None, None) => {}
        },
        Object::Array => {
            if let Some(hint) = foreign::instead(name) {
                return what.hint(hint);
            }
        }
        Object::Image | Object::Free => {}
    }
    nearest_of(what, object, name, Function::is_property)
}

fn nearest_of(error: Error, object: Object, name: &str, wanted: impl Fn(&Function) -> bool) -> Error {
    let known = functions().filter(|f| f.object == object && wanted(f)).map(|f| f.name);
    match nearest(name, known) {
        Some(near) => error.hint(format!("did you mean `{}{near}`?", object.prefix())),
        None => error.hint("`plotrt api` lists all functions and properties"),
    }
}
