//! Names that are not in the table: known from PlotOptiX and not there yet, or misspelt.

use super::call::wrong_count;
use super::table::{Code, Function, Object};
use super::{find, functions};
use crate::Error;
use crate::error::nearest;

/// PlotOptiX's functions that this version does not have, with what to use instead where there is something.
const LATER: &[(&str, &str)] = &[
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
    ("update_raw_data", "use `rt.update_data`"),
    ("sync_raw_data", "data is always in step"),
    ("update_geom_buffers", "use `rt.update_data`"),
    ("move_primitive", "use `rt.update_data`"),
    ("rotate_primitive", "use `rt.update_data`"),
    ("scale_primitive", "use `rt.update_data`"),
    ("set_coordinates", ""),
    ("set_texture_1d", ""),
    ("set_texture_2d", ""),
    ("load_texture", ""),
    ("set_normal_tilt", ""),
    ("load_normal_tilt", ""),
    ("set_displacement", ""),
    ("load_displacement", ""),
    ("update_material_texture", ""),
    ("set_correction_curve", ""),
    ("set_background_mode", "use `rt.set_background` and `rt.set_ambient`"),
    ("get_background_mode", ""),
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
    ("set_light_shading", "use `rt.set_param(#{ light_shading: ... })`"),
    ("get_camera_glock", ""),
    ("set_camera_glock", ""),
    ("get_camera_name_handle", "use `rt.get_current_camera()`"),
    ("get_current_noise_level", ""),
    ("get_float2", ""),
    ("get_rt_output", "use `rt.image` in `update_image` or `accum_done`"),
    ("get_hit_at", ""),
    ("encoder_create", "use `plotrt render --out animation.gif`"),
    ("encoder_start", "use `plotrt render --out animation.gif`"),
    ("encoder_stop", "use `plotrt render --out animation.gif`"),
    ("save_scene", ""),
    ("load_scene", ""),
    ("start", "the run starts by itself after `init`"),
    ("make_material", "use `rt.setup_material(name, #{ shader: \"Diffuse\" })`"),
];

/// What to say of a call that Rhai could not resolve, from its signature: `set_mesh (Rt, map)`. `None` where it has
/// nothing to do with the functions of the table.
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

/// What to say of a call of `name` on `object` that is not there: not available yet, wrong arguments, a method
/// called without its object, or misspelt. `None` where the name is nothing like one of ours.
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
    if let Some((_, instead)) = LATER.iter().find(|(later, _)| *later == name) {
        let error = Error::script(format!("`{name}` is not available in this version"));
        return Some(if instead.is_empty() { error } else { error.hint(*instead) });
    }
    let unknown = Error::script(format!("unknown function `{}{name}`", object.prefix()));
    if object == Object::Free {
        // Names of images are too common (`min`, `size`) to be guessed at.
        let function = find(name).find(|f| f.object == Object::Rt && !f.is_property())?;
        return Some(unknown.hint(format!("it is a method: `{}`", function.signature())));
    }
    Some(nearest_of(unknown, object, name, |_| true))
}

/// What to say of a property that `object` does not have.
pub fn unknown_property(name: &str, object: Object) -> Error {
    let what = format!("`{}` has no property `{name}`", object.prefix().trim_end_matches('.'));
    match find(name).find(|f| f.object == object) {
        Some(function) => Error::script(what).hint(format!("it is a function: `{}`", function.signature())),
        None => nearest_of(Error::script(what), object, name, Function::is_property),
    }
}

fn nearest_of(error: Error, object: Object, name: &str, wanted: impl Fn(&Function) -> bool) -> Error {
    let known = functions().filter(|f| f.object == object && wanted(f)).map(|f| f.name);
    match nearest(name, known) {
        Some(near) => error.hint(format!("did you mean `{}{near}`?", object.prefix())),
        None => error.hint("`plotrt api` lists all functions and properties"),
    }
}
