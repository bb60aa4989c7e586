//! Edits: staged by scripts and by the viewer, and applied at the sync point.

use super::check::{MAX_MAGNITUDE, check_color, check_range, check_size, unknown_name};
use super::pending::CameraFit;
use super::{
    Camera, CameraUpdate, Geometry, GeometryUpdate, LightFit, LightUpdate, Material, MaterialUpdate, Params, Postproc,
    Scene, Texture, Variables,
};
use crate::{Error, Result};
use glam::{DAffine3, Vec3};
use std::sync::Arc;

/// One staged change of a scene. Edits of several callbacks are applied one after another in a fixed order.
#[derive(Debug, Clone)]
pub enum Edit {
    /// Creates the plot, or updates it if it exists.
    SetData {
        name: String,
        data: GeometryUpdate,
    },
    UpdateData {
        name: String,
        data: GeometryUpdate,
    },
    DeleteGeometry {
        name: String,
    },
    /// Multiplies the plot's transform from the left.
    TransformGeometry {
        name: String,
        transform: DAffine3,
    },
    /// Creates the camera, or updates it if it exists.
    SetupCamera {
        name: String,
        camera: CameraUpdate,
        make_current: bool,
    },
    UpdateCamera {
        name: String,
        camera: CameraUpdate,
    },
    SetCurrentCamera {
        name: String,
    },
    /// Moves eye and target so that a plot, or all, are in view: at once, or as soon as there is a plot.
    FitCamera {
        name: String,
        geometry: Option<String>,
        scale: f32,
    },
    SetupLight {
        name: String,
        light: LightUpdate,
    },
    UpdateLight {
        name: String,
        light: LightUpdate,
    },
    /// Places a light relative to a camera, or to the current one: at once, or when that has been fitted.
    FitLight {
        name: String,
        camera: Option<String>,
        fit: LightFit,
    },
    SetupMaterial {
        name: String,
        material: MaterialUpdate,
    },
    /// Makes the texture, or replaces it.
    SetTexture {
        name: String,
        texture: Texture,
    },
    SetAmbient(Vec3),
    SetBackground(Vec3),
    /// Replaces the parameters; the caller changes a copy of the present ones.
    SetParams(Params),
    SetVariables(Variables),
    AddPostproc(Postproc),
    Resize(u32, u32),
}

impl Scene {
    /// Applies one edit, or fails and leaves the scene as it was.
    pub fn apply(&mut self, edit: &Edit) -> Result<()> {
        match edit {
            Edit::SetData { name, data } => self.set_data(name, data),
            Edit::UpdateData { name, data } => match self.geometries.contains_key(name) {
                true => self.set_data(name, data),
                false => Err(self.no_geometry(name)),
            },
            Edit::DeleteGeometry { name } => match self.geometries.shift_remove(name) {
                Some(_) => Ok(()),
                None => Err(self.no_geometry(name)),
            },
            Edit::TransformGeometry { name, transform } => self.transform_geometry(name, transform),
            Edit::SetupCamera { name, camera, make_current } => self.setup_camera(name, camera, *make_current),
            Edit::UpdateCamera { name, camera } => match self.cameras.contains_key(name) {
                true => self.setup_camera(name, camera, false),
                false => Err(unknown_name("camera", name, self.cameras.keys())),
            },
            Edit::SetCurrentCamera { name } => match self.cameras.contains_key(name) {
                true => {
                    self.current_camera = Some(name.clone());
                    Ok(())
                }
                false => Err(unknown_name("camera", name, self.cameras.keys())),
            },
            Edit::FitCamera { name, geometry, scale } => self.refit_camera(name, geometry.as_ref(), *scale),
            Edit::SetupLight { name, light } => self.setup_light(name, light),
            Edit::UpdateLight { name, light } => match self.lights.contains_key(name) {
                true => self.setup_light(name, light),
                false => Err(unknown_name("light", name, self.lights.keys())),
            },
            Edit::FitLight { name, camera, fit } => self.refit_light(name, camera.as_ref(), *fit),
            Edit::SetupMaterial { name, material } => self.setup_material(name, material),
            Edit::SetTexture { name, texture } => self.set_texture(name, texture),
            Edit::SetAmbient(color) => check_color("color", *color).map(|()| self.ambient = *color),
            Edit::SetBackground(color) => check_color("bg", *color).map(|()| self.background = *color),
            Edit::SetParams(params) => self.set_params(params),
            Edit::SetVariables(variables) => {
                variables.check()?;
                self.variables = variables.clone();
                Ok(())
            }
            Edit::AddPostproc(stage) => self.add_postproc(*stage),
            Edit::Resize(width, height) => {
                check_size(*width, *height)?;
                self.size = (*width, *height);
                Ok(())
            }
        }
    }

    fn no_geometry(&self, name: &str) -> Error {
        unknown_name("geometry", name, self.geometries.keys())
    }

    fn set_data(&mut self, name: &str, data: &GeometryUpdate) -> Result<()> {
        if let Some(material) = &data.material
            && !self.materials.contains_key(material)
        {
            return Err(unknown_name("material", material, self.materials.keys()));
        }
        match self.geometries.get_mut(name) {
            Some(geometry) => *geometry = Arc::new(geometry.updated(name, data)?),
            None => {
                check_name("geometry", name)?;
                let geometry = Geometry::create(name, data)?;
                self.geometries.insert(name.to_string(), Arc::new(geometry));
            }
        }
        Ok(())
    }

    fn transform_geometry(&mut self, name: &str, transform: &DAffine3) -> Result<()> {
        let Some(geometry) = self.geometries.get_mut(name) else {
            return Err(self.no_geometry(name));
        };
        let next = *transform * geometry.transform;
        let size = next.matrix3.determinant().abs();
        let sane = next.is_finite() && next.translation.abs().max_element() <= f64::from(MAX_MAGNITUDE) && size > 0.0;
        // Rays are transformed by the inverse.
        if !sane || !next.inverse().is_finite() {
            return Err(Error::script(format!("the transformation makes geometry `{name}` infinite or flat"))
                .hint("scale by finite factors that are not zero"));
        }
        Arc::make_mut(geometry).transform = next;
        Ok(())
    }

    fn setup_camera(&mut self, name: &str, update: &CameraUpdate, make_current: bool) -> Result<()> {
        let (camera, fit) = match self.cameras.get(name) {
            Some(camera) => (camera.clone(), self.pending_fit(name, update)),
            None => {
                check_name("camera", name)?;
                let free = update.eye.is_none() || update.target.is_none();
                (Camera::default(), free.then(|| CameraFit::of_new(update)))
            }
        };
        let camera = match &fit {
            // Placeholder values of eye and target must not conflict with those that are given.
            Some(fit) => fit.meanwhile(&camera).updated(&CameraUpdate { eye: None, target: None, ..update.clone() })?,
            None => camera.updated(update)?,
        };
        self.put_camera(name, camera, fit)?;
        if make_current || self.current_camera.is_none() {
            self.current_camera = Some(name.to_string());
        }
        Ok(())
    }

    fn refit_camera(&mut self, name: &str, geometry: Option<&String>, scale: f32) -> Result<()> {
        let Some(camera) = self.camera(name) else {
            return Err(unknown_name("camera", name, self.cameras.keys()));
        };
        if let Some(geometry) = geometry
            && !self.geometries.contains_key(geometry)
        {
            return Err(self.no_geometry(geometry));
        }
        check_range("scale", scale, scale > 0.0, "above 0")?;
        let back = match self.pending_fit(name, &CameraUpdate::default()) {
            Some(CameraFit { eye: None, back, .. }) => back,
            _ => -camera.sight(),
        };
        let fit = CameraFit { geometry: geometry.cloned(), scale, back, eye: None, target: None };
        self.put_camera(name, camera, Some(fit))
    }

    fn setup_light(&mut self, name: &str, update: &LightUpdate) -> Result<()> {
        let old = self.lights.get(name);
        if old.is_none() {
            check_name("light", name)?;
        }
        let light = old.cloned().unwrap_or_default().updated(update)?;
        if let Some(camera) = &update.autofit_camera
            && !self.cameras.contains_key(camera)
        {
            return Err(unknown_name("camera", camera, self.cameras.keys()));
        }
        let fitted = update.autofit_camera.is_some() || (old.is_none() && update.pos.is_none());
        self.lights.insert(name.to_string(), light);
        self.keep_light_fit(name, update);
        if fitted {
            let turned = update.u.is_none() && update.v.is_none();
            self.fit_light(name, update.autofit_camera.clone(), LightFit::default(), turned);
        }
        Ok(())
    }

    fn refit_light(&mut self, name: &str, camera: Option<&String>, fit: LightFit) -> Result<()> {
        if !self.lights.contains_key(name) {
            return Err(unknown_name("light", name, self.lights.keys()));
        }
        if let Some(camera) = camera
            && !self.cameras.contains_key(camera)
        {
            return Err(unknown_name("camera", camera, self.cameras.keys()));
        }
        self.fit_light(name, camera.cloned(), fit, true);
        Ok(())
    }

    fn setup_material(&mut self, name: &str, update: &MaterialUpdate) -> Result<()> {
        let old = self.materials.get(name);
        if old.is_none() {
            check_name("material", name)?;
        }
        let material = old.cloned().unwrap_or_default().updated(update)?;
        for (_, texture) in material.textures() {
            let found = self.textures.get(texture);
            let found = found.ok_or_else(|| unknown_name("texture", texture, self.textures.keys()))?;
            check_texture(&material, texture, found)?;
        }
        self.materials.insert(name.to_string(), material);
        Ok(())
    }

    fn set_texture(&mut self, name: &str, texture: &Texture) -> Result<()> {
        check_name("texture", name)?;
        self.materials.values().try_for_each(|material| check_texture(material, name, texture))?;
        self.textures.insert(name.to_string(), texture.clone());
        Ok(())
    }

    fn set_params(&mut self, params: &Params) -> Result<()> {
        params.check()?;
        if params.light_shading != self.params.light_shading && !self.lights.is_empty() {
            return Err(Error::script("`light_shading` cannot change once there are lights")
                .hint("call `rt.set_param(#{ light_shading: ... })` before the first `rt.setup_light`"));
        }
        self.params = params.clone();
        Ok(())
    }

    fn add_postproc(&mut self, stage: Postproc) -> Result<()> {
        if self.postproc.contains(&stage) {
            return Err(Error::script(format!("the post-processing chain already has `{}`", stage.name()))
                .hint("add a stage once, in `init`"));
        }
        let denoiser = self.postproc.iter().copied().find(|stage| stage.is_denoiser());
        if let (Some(other), true) = (denoiser, stage.is_denoiser()) {
            let (other, stage) = (other.name(), stage.name());
            return Err(Error::script(format!(
                "the post-processing chain has a denoiser already, `{other}`: `{stage}` would be a second one"
            ))
            .hint("use one denoiser"));
        }
        let gamma = stage == Postproc::Gamma || self.postproc.contains(&Postproc::Gamma);
        if let (Some(denoiser), true) = (denoiser.or(stage.is_denoiser().then_some(stage)), gamma) {
            let name = denoiser.name();
            return Err(Error::script(format!(
                "`{name}` and `Gamma` do not go together: gamma would be applied twice"
            ))
            .hint(format!("use `{name}` alone, it applies exposure and gamma itself")));
        }
        self.postproc.push(stage);
        Ok(())
    }
}

/// Refuses a texture that has numbers below what the values of a material that uses it may be.
fn check_texture(material: &Material, name: &str, texture: &Texture) -> Result<()> {
    let users = material.textures().filter(|(_, used)| *used == name);
    users
        .map(|(slot, _)| slot)
        .try_for_each(|slot| texture.check_least(name, slot.texture.unwrap_or(slot.name), slot.range.0))
}

fn check_name(what: &str, name: &str) -> Result<()> {
    match name.is_empty() {
        true => Err(Error::script(format!("the name of a {what} is empty"))),
        false => Ok(()),
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::scene::{Channel, GeometryKind, LightShading, LightShape, Positions, Values};
    use glam::DVec3;

    fn points(n: usize) -> Option<Positions> {
        Some((0..n).map(|i| [i as f32; 3]).collect())
    }

    fn boxes(n: usize) -> GeometryUpdate {
        GeometryUpdate { kind: Some(GeometryKind::Parallelepipeds), pos: points(n), ..GeometryUpdate::default() }
    }

    fn set(name: &str, data: GeometryUpdate) -> Edit {
        Edit::SetData { name: name.into(), data }
    }

    fn update(name: &str, data: GeometryUpdate) -> Edit {
        Edit::UpdateData { name: name.into(), data }
    }

    #[test]
    fn data_that_cannot_be_drawn_is_refused_and_leaves_the_scene_as_it_was() {
        let each = |n: usize| Values::each(vec![[1.0, 0.0, 0.0]; n]);
        // One bad number after many good ones.
        let late = |x: f32| {
            let mut rows = vec![[1.0, 0.0, 0.0]; 6000];
            rows[5000][1] = x;
            Values::each(rows)
        };
        let none = GeometryUpdate::default;
        let cases = [
            (set("q", none()), "`pos` is missing, and there is no geometry `q` yet"),
            (set("", boxes(1)), "the name of a geometry is empty"),
            (
                set("q", GeometryUpdate { kind: Some(GeometryKind::SegmentChain), pos: points(1), ..none() }),
                "`pos` has 1 row, `SegmentChain` wants at least 2",
            ),
            (
                set("q", GeometryUpdate { kind: Some(GeometryKind::Segments), pos: points(3), ..none() }),
                "`pos` has 3 rows, `Segments` wants a multiple of 2",
            ),
            (
                set("q", GeometryUpdate { values: [(Channel::U, each(999))].into(), ..boxes(1000) }),
                "`u` has 999 rows, `pos` has 1000",
            ),
            (update("plt", none()), "there is no geometry `plt`"),
            (
                update("plot", GeometryUpdate { pos: Some([[0.0, f32::NAN, 0.0]].into()), ..none() }),
                "`pos` is NaN in row 0",
            ),
            (
                update(
                    "plot",
                    GeometryUpdate { values: [(Channel::U, Values::one([f32::INFINITY, 0.0, 0.0]))].into(), ..none() },
                ),
                "`u` is inf in row 0",
            ),
            (
                update("plot", GeometryUpdate { values: [(Channel::V, late(f32::NAN))].into(), ..none() }),
                "`v` is NaN in row 5000",
            ),
            (
                update("plot", GeometryUpdate { values: [(Channel::Color, late(-1.0))].into(), ..none() }),
                "`c` is [1, -1, 0] in row 5000, it wants at least 0",
            ),
            (
                update("plot", GeometryUpdate { values: [(Channel::R, Values::one(-1.0))].into(), ..none() }),
                "`r` is -1 in row 0, it wants at least 0",
            ),
            (
                update("plot", GeometryUpdate { material: Some("difuse".into()), ..none() }),
                "there is no material `difuse`",
            ),
            (
                set(
                    "q",
                    GeometryUpdate {
                        kind: Some(GeometryKind::ParticleSetConstSize),
                        pos: points(2),
                        values: [(Channel::R, Values::each([1.0, 2.0]))].into(),
                        ..none()
                    },
                ),
                "`r` has one value per position, `ParticleSetConstSize` wants one number",
            ),
            (
                set("q", GeometryUpdate { kind: Some(GeometryKind::ParticleSetConstSize), pos: points(2), ..none() }),
                "`r` is missing: `ParticleSetConstSize` has no default size",
            ),
            (Edit::Resize(0, 10), "an image of 0x10 has no pixels"),
            (Edit::Resize(1_000_000, 10), "an image of 1000000x10 is too large"),
            (Edit::SetAmbient(Vec3::new(0.0, -1.0, 0.0)), "`color` is [0, -1, 0], it wants at least 0"),
            (
                Edit::SetVariables(Variables { path_seg_range: (3, 2), ..Variables::default() }),
                "`path_seg_range` is (3, 2), it wants 1 <= min <= max <= 1024",
            ),
            (
                Edit::SetVariables(Variables { path_seg_range: (6, 100_000), ..Variables::default() }),
                "`path_seg_range` is (6, 100000), it wants 1 <= min <= max <= 1024",
            ),
            (
                Edit::SetParams(Params { light_shading: LightShading::Hard, ..Params::default() }),
                "`light_shading` cannot change once there are lights",
            ),
            (
                Edit::UpdateLight {
                    name: "lamp".into(),
                    light: LightUpdate { radius: Some(-1.0), ..LightUpdate::default() },
                },
                "`radius` is -1, it wants above 0",
            ),
            (
                Edit::TransformGeometry {
                    name: "plot".into(),
                    transform: DAffine3::from_scale(DVec3::new(1.0, 0.0, 1.0)),
                },
                "the transformation makes geometry `plot` infinite or flat",
            ),
        ];
        let mut scene = Scene::default();
        scene.apply(&set("plot", boxes(3))).unwrap();
        scene.apply(&Edit::SetupLight { name: "lamp".into(), light: LightUpdate::default() }).unwrap();
        for (edit, message) in cases {
            let before = scene.clone();
            let error = scene.apply(&edit).expect_err(message);
            assert_eq!(error.message, message);
            assert_eq!(scene, before);
        }
        let error = scene.apply(&update("plt", GeometryUpdate::default())).unwrap_err();
        assert_eq!(error.hint.as_deref(), Some("did you mean `plot`?"));
    }

    #[test]
    fn a_plot_may_be_empty_and_is_filled_again() {
        let mut scene = Scene::default();
        for name in ["balls", "boxes"] {
            let data = GeometryUpdate {
                kind: Some(if name == "balls" { GeometryKind::ParticleSet } else { GeometryKind::Parallelepipeds }),
                pos: points(0),
                values: [(Channel::Color, Values::each(Vec::<[f32; 3]>::new()))].into(),
                ..GeometryUpdate::default()
            };
            scene.apply(&set(name, data)).unwrap();
            assert!(scene.bounds(None).is_empty() && !scene.has_plots());
            scene.apply(&update(name, GeometryUpdate { pos: points(3), ..GeometryUpdate::default() })).unwrap();
            let plot = &scene.geometries[name];
            assert_eq!((plot.count(), &plot[Channel::Color]), (3, &Values::one([0.95; 3])));
            assert!(scene.has_plots());
            scene.apply(&update(name, GeometryUpdate { pos: points(0), ..GeometryUpdate::default() })).unwrap();
        }
        let one_colour_too_few =
            GeometryUpdate { values: [(Channel::Color, Values::each(Vec::<[f32; 3]>::new()))].into(), ..boxes(1) };
        let error = scene.apply(&set("q", one_colour_too_few)).unwrap_err();
        assert_eq!(error.message, "`c` has 0 rows, `pos` has 1");
    }

    #[test]
    fn a_new_number_of_primitives_resets_what_was_given_for_each() {
        let mut scene = Scene::default();
        let data = GeometryUpdate {
            rnd: Some(false),
            values: [
                (Channel::R, Values::one(0.5)),
                (Channel::Color, Values::each([[0.1; 3], [0.2; 3]])),
                (Channel::U, Values::each([[2.0, 0.0, 0.0], [3.0, 0.0, 0.0]])),
            ]
            .into(),
            ..boxes(2)
        };
        scene.apply(&set("p", data)).unwrap();
        assert_eq!(scene.geometries["p"][Channel::V].vector(1), [0.0, 3.0, 0.0]);
        scene.apply(&update("p", GeometryUpdate { pos: points(5), ..GeometryUpdate::default() })).unwrap();
        let g = &scene.geometries["p"];
        assert_eq!(g[Channel::Color], Values::one([0.95; 3]));
        assert_eq!(g[Channel::U], Values::one([0.5, 0.0, 0.0]));
        assert_eq!(g[Channel::W], Values::one([0.0, 0.0, 0.5]));
    }

    #[test]
    fn chosen_edges_follow_the_radius_and_keep_their_rotation() {
        let mut scene = Scene::default();
        scene.apply(&set("p", boxes(2))).unwrap();
        let before = scene.geometries["p"][Channel::U].vector(1);
        let twice = GeometryUpdate { values: [(Channel::R, Values::one(0.1))].into(), ..GeometryUpdate::default() };
        scene.apply(&update("p", twice)).unwrap();
        let after = Vec3::from(scene.geometries["p"][Channel::U].vector(1));
        assert!(after.abs_diff_eq(Vec3::from(before) * 2.0, 1e-6));
    }

    #[test]
    fn a_light_without_a_position_fits_the_camera() {
        let mut scene = Scene::default();
        scene.apply(&set("p", boxes(6))).unwrap();
        let camera = CameraUpdate { eye: Some(DVec3::splat(20.0)), ..CameraUpdate::default() };
        scene.apply(&Edit::SetupCamera { name: "c".into(), camera, make_current: true }).unwrap();
        let light = LightUpdate { radius: Some(4.0), ..LightUpdate::default() };
        scene.apply(&Edit::SetupLight { name: "l".into(), light }).unwrap();
        let view = scene.view();
        let distance = view.eye.distance(view.target);
        assert!((scene.lights["l"].pos.distance(view.target) / distance - 1.5).abs() < 1e-4);
        assert_eq!(scene.lights["l"].shape, LightShape::Spherical { radius: 4.0 });
    }

    #[test]
    fn updates_change_only_what_is_given() {
        let mut scene = Scene::default();
        let camera = CameraUpdate { eye: Some(DVec3::splat(20.0)), fov: Some(50.0), ..CameraUpdate::default() };
        scene.apply(&Edit::SetupCamera { name: "c".into(), camera, make_current: true }).unwrap();
        let before = scene.cameras["c"].clone();
        let focus = CameraUpdate { focal_scale: Some(0.5), ..CameraUpdate::default() };
        scene.apply(&Edit::UpdateCamera { name: "c".into(), camera: focus }).unwrap();
        assert_eq!(scene.cameras["c"], Camera { focal_scale: 0.5, ..before });
    }

    #[test]
    fn the_chain_takes_one_stage_that_applies_gamma() {
        let mut scene = Scene::default();
        scene.apply(&Edit::AddPostproc(Postproc::Denoiser)).unwrap();
        assert!(scene.apply(&Edit::AddPostproc(Postproc::Denoiser)).is_err());
        for (stage, expected) in [
            (Postproc::Gamma, "`Denoiser` and `Gamma` do not go together: gamma would be applied twice"),
            (
                Postproc::OiDenoiser,
                "the post-processing chain has a denoiser already, `Denoiser`: `OIDenoiser` would be a second one",
            ),
        ] {
            assert_eq!(scene.apply(&Edit::AddPostproc(stage)).unwrap_err().message, expected);
        }
        let mut scene = Scene::default();
        scene.apply(&Edit::AddPostproc(Postproc::Gamma)).unwrap();
        let error = scene.apply(&Edit::AddPostproc(Postproc::OiDenoiserHdr)).unwrap_err();
        assert_eq!(error.message, "`OIDenoiserHDR` and `Gamma` do not go together: gamma would be applied twice");
    }

    #[test]
    fn every_channel_follows_the_number_of_positions_whatever_the_kind() {
        let mut scene = Scene::default();
        let kinds = GeometryKind::ALL.iter().filter(|row| !row.const_size);
        for (round, row) in kinds.clone().chain(kinds).enumerate() {
            let count = 2 + 2 * (round % 3);
            let data = GeometryUpdate { kind: Some(row.kind), pos: points(count), ..GeometryUpdate::default() };
            scene.apply(&set("q", data)).unwrap();
            let edges = [Channel::U, Channel::V].map(|edge| (edge, Values::each(vec![[1.0, 0.5, 0.0]; count])));
            scene.apply(&update("q", GeometryUpdate { values: edges.into(), ..GeometryUpdate::default() })).unwrap();
            let plot = &scene.geometries["q"];
            assert!(plot.data.iter().all(|(_, values)| values.fits(count)), "{} of {count}", row.name);
            assert!(!plot.world_bounds().is_empty(), "{}", row.name);
        }
    }
}
