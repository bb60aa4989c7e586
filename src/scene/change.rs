//! The change set between two states of a scene: what a device has to update.

use super::setting::Affects;
use super::{Channel, Geometry, Scene};
use std::sync::Arc;

/// The difference between the scene that a device holds and the next one.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct ChangeSet {
    /// Plots that are new.
    pub added: Vec<String>,
    /// Plots whose positions, radii or vectors changed while kind and count stayed: refit.
    pub moved: Vec<String>,
    /// Plots whose kind or number of primitives changed: rebuild.
    pub rebuilt: Vec<String>,
    /// Plots of which only colours or the material changed.
    pub shaded: Vec<String>,
    /// Plots of which the transform changed.
    pub transformed: Vec<String>,
    pub deleted: Vec<String>,
    pub size: bool,
    pub camera: bool,
    pub lights: bool,
    pub materials: bool,
    pub textures: bool,
    /// Ambient light, background, or a parameter of the path loop changed.
    pub environment: bool,
    /// Only the way in which the film is developed changed: no new tracing is needed.
    pub postproc: bool,
}

impl ChangeSet {
    /// The change set from an empty device: passed with the first scene.
    pub fn everything(scene: &Scene) -> ChangeSet {
        ChangeSet {
            added: scene.geometries.keys().cloned().collect(),
            size: true,
            camera: true,
            lights: true,
            materials: true,
            textures: true,
            environment: true,
            postproc: true,
            ..ChangeSet::default()
        }
    }

    /// Compares buffers by identity (see [`super::Values`]), so it costs nothing per primitive.
    pub fn between(old: &Scene, new: &Scene) -> ChangeSet {
        let mut changes = ChangeSet::default();
        for (name, geometry) in &new.geometries {
            match old.geometries.get(name) {
                None => changes.added.push(name.clone()),
                Some(before) if Arc::ptr_eq(before, geometry) => {}
                Some(before) => changes.compare(name, before, geometry),
            }
        }
        let gone = |name: &&String| !new.geometries.contains_key(*name);
        changes.deleted = old.geometries.keys().filter(gone).cloned().collect();
        changes.size = old.size != new.size;
        changes.camera = camera_differs(old, new, &changes);
        changes.lights = old.lights != new.lights;
        changes.materials = old.materials != new.materials;
        changes.textures = old.textures != new.textures;
        changes.environment = old.ambient != new.ambient
            || old.background != new.background
            || !old.params.is_like(&new.params, Affects::Tracing)
            || !old.variables.is_like(&new.variables, Affects::Tracing);
        changes.postproc = old.postproc != new.postproc
            || !old.params.is_like(&new.params, Affects::Developing)
            || !old.variables.is_like(&new.variables, Affects::Developing);
        changes
    }

    fn compare(&mut self, name: &str, old: &Geometry, new: &Geometry) {
        if old.kind != new.kind || old.count() != new.count() {
            self.rebuilt.push(name.to_string());
        } else if !old.same_place(new) {
            self.moved.push(name.to_string());
        }
        if old[Channel::Color] != new[Channel::Color] || old.material != new.material {
            self.shaded.push(name.to_string());
        }
        if old.transform != new.transform || old.pos.origin() != new.pos.origin() {
            self.transformed.push(name.to_string());
        }
    }

    /// True when a plot was added, deleted, moved, rebuilt or transformed.
    fn geometry_changed(&self) -> bool {
        let lists = [&self.added, &self.moved, &self.rebuilt, &self.transformed, &self.deleted];
        lists.iter().any(|list| !list.is_empty())
    }

    /// True when passes accumulated before the change are invalid.
    pub fn restarts_accumulation(&self) -> bool {
        let post_only = ChangeSet { postproc: self.postproc, ..ChangeSet::default() };
        *self != post_only
    }
    pub fn is_empty(&self) -> bool {
        *self == ChangeSet::default()
    }
}

/// The default camera is fitted to the geometry, so it is compared only when that changed.
fn camera_differs(old: &Scene, new: &Scene, changes: &ChangeSet) -> bool {
    let current = |scene: &Scene| scene.current_camera.as_ref().is_some_and(|name| scene.cameras.contains_key(name));
    match (current(old), current(new)) {
        (false, false) => (changes.size || changes.geometry_changed()) && old.view() != new.view(),
        _ => old.view() != new.view(),
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::scene::*;
    use glam::{DAffine3, DVec3, Vec3};

    fn scene() -> Scene {
        let mut scene = Scene::default();
        let data = GeometryUpdate {
            kind: Some(GeometryKind::Parallelepipeds),
            pos: Some([[0.0; 3], [1.0, 2.0, 3.0]].into()),
            ..GeometryUpdate::default()
        };
        for edit in [
            Edit::SetData { name: "a".into(), data: data.clone() },
            Edit::SetData { name: "b".into(), data },
            Edit::SetupCamera { name: "c".into(), camera: CameraUpdate::default(), make_current: true },
            Edit::SetupCamera { name: "d".into(), camera: eye(9.0), make_current: false },
            Edit::SetupLight { name: "l".into(), light: LightUpdate::default() },
        ] {
            scene.apply(&edit).unwrap();
        }
        scene
    }

    fn eye(z: f64) -> CameraUpdate {
        CameraUpdate { eye: Some(DVec3::new(0.0, 0.0, z)), ..CameraUpdate::default() }
    }

    fn names() -> Vec<String> {
        vec!["a".to_string()]
    }

    fn update(data: GeometryUpdate) -> Edit {
        Edit::UpdateData { name: "a".into(), data }
    }

    #[test]
    fn each_edit_gives_exactly_its_change() {
        let none = ChangeSet::default;
        let shorter = [(Channel::U, Values::one([0.5, 0.0, 0.0]))].into();
        let cases = [
            (
                update(GeometryUpdate { values: shorter, ..GeometryUpdate::default() }),
                ChangeSet { moved: names(), ..none() },
            ),
            (
                update(GeometryUpdate { pos: Some([[0.0; 3], [1.0; 3]].into()), ..GeometryUpdate::default() }),
                ChangeSet { moved: names(), ..none() },
            ),
            (
                update(GeometryUpdate { pos: Some([[0.0; 3]].into()), ..GeometryUpdate::default() }),
                ChangeSet { rebuilt: names(), ..none() },
            ),
            (
                update(GeometryUpdate { kind: Some(GeometryKind::Parallelograms), ..GeometryUpdate::default() }),
                ChangeSet { rebuilt: names(), ..none() },
            ),
            (
                update(GeometryUpdate {
                    values: [(Channel::Color, Values::one([0.5; 3]))].into(),
                    ..GeometryUpdate::default()
                }),
                ChangeSet { shaded: names(), ..none() },
            ),
            (
                Edit::TransformGeometry { name: "a".into(), transform: DAffine3::from_translation(DVec3::X) },
                ChangeSet { transformed: names(), ..none() },
            ),
            (Edit::DeleteGeometry { name: "a".into() }, ChangeSet { deleted: names(), ..none() }),
            (Edit::UpdateCamera { name: "c".into(), camera: eye(7.0) }, ChangeSet { camera: true, ..none() }),
            (Edit::UpdateCamera { name: "d".into(), camera: eye(7.0) }, none()),
            (Edit::SetCurrentCamera { name: "d".into() }, ChangeSet { camera: true, ..none() }),
            (
                Edit::UpdateLight {
                    name: "l".into(),
                    light: LightUpdate { radius: Some(3.0), ..LightUpdate::default() },
                },
                ChangeSet { lights: true, ..none() },
            ),
            (
                Edit::SetupMaterial {
                    name: "diffuse".into(),
                    material: MaterialUpdate::default().with(MaterialSlot::Roughness, Vec3::ONE),
                },
                ChangeSet { materials: true, ..none() },
            ),
            (
                Edit::SetTexture {
                    name: "t".into(),
                    texture: Texture::new(1, 1, 1, Texels::Floats([0.5].into()), false).unwrap(),
                },
                ChangeSet { textures: true, ..none() },
            ),
            (Edit::SetAmbient(Vec3::ONE), ChangeSet { environment: true, ..none() }),
            (Edit::SetBackground(Vec3::ONE), ChangeSet { environment: true, ..none() }),
            (Edit::SetParams(Params { max_accumulation_frames: 9, ..Params::default() }), none()),
            (
                Edit::SetVariables(Variables { path_seg_range: (1, 1), ..Variables::default() }),
                ChangeSet { environment: true, ..none() },
            ),
            (
                Edit::SetVariables(Variables { tonemap_gamma: 1.0, ..Variables::default() }),
                ChangeSet { postproc: true, ..none() },
            ),
            (Edit::AddPostproc(Postproc::Gamma), ChangeSet { postproc: true, ..none() }),
            (Edit::Resize(10, 20), ChangeSet { size: true, ..none() }),
        ];
        for (edit, expected) in cases {
            let old = scene();
            let mut new = old.clone();
            new.apply(&edit).unwrap();
            assert_eq!(ChangeSet::between(&old, &new), expected, "{edit:?}");
        }
    }

    #[test]
    fn nothing_changed_is_empty_and_only_post_processing_does_not_restart() {
        let scene = scene();
        assert!(ChangeSet::between(&scene, &scene.clone()).is_empty());
        assert!(!ChangeSet { postproc: true, ..ChangeSet::default() }.restarts_accumulation());
        assert!(ChangeSet { camera: true, ..ChangeSet::default() }.restarts_accumulation());
    }

    #[test]
    fn the_default_camera_follows_the_geometry() {
        let mut old = scene();
        old.cameras.clear();
        old.current_camera = None;
        let mut new = old.clone();
        let far = GeometryUpdate { pos: Some([[0.0; 3], [50.0; 3]].into()), ..GeometryUpdate::default() };
        new.apply(&update(far)).unwrap();
        assert!(ChangeSet::between(&old, &new).camera);
        assert!(!ChangeSet::between(&old, &old.clone()).camera);
    }
}
