//! Names that are not in the table: known from PlotOptiX and not there yet, or misspelt.

use super::call::wrong_count;
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

/// What to say of a call of `name` that Rhai could not resolve: not available yet, wrong arguments, or misspelt with
/// the nearest name. `None` where the name is nothing like one of ours.
pub fn unknown_function(name: &str) -> Option<Error> {
    if let Some((_, instead)) = LATER.iter().find(|(later, _)| *later == name) {
        let error = Error::script(format!("`{name}` is not available in this version"));
        return Some(if instead.is_empty() { error } else { error.hint(*instead) });
    }
    if let Some(function) = find(name).next() {
        return Some(match function.is_property() {
            true => Error::script(format!("`{name}` is not a function"))
                .hint(format!("write `{}` without brackets", function.signature())),
            false => wrong_count(function),
        });
    }
    let near = nearest(name, functions().map(|f| f.name))?;
    let function = find(near).next()?;
    Some(
        Error::script(format!("unknown function `{name}`"))
            .hint(format!("did you mean `{}{near}`?", function.object.prefix())),
    )
}
