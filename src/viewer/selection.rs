//! The object that the user has pointed at, and the one that gestures move.

use super::arrange::{self, ObjectMove, Selected};
use super::call;
use super::inspect::Inspection;
use super::overlay;
use crate::output::Panel;
use crate::scene::{Camera, Edit, GeometryUpdate, LightUpdate, Scene};
use glam::Vec2;

#[derive(Default)]
pub(super) struct Selection {
    inspected: Option<Inspection>,
    selected: Option<Selected>,
    /// The scene with the object as it is being dragged, ahead of the images.
    dragged: Option<Scene>,
    /// The edit made to the object since it was selected.
    arranged: Option<Edit>,
}

impl Selection {
    /// Whether gestures move an object.
    pub fn is_some(&self) -> bool {
        self.selected.is_some()
    }

    /// Shows this object, or none.
    pub fn inspect(&mut self, found: Option<Inspection>) {
        self.inspected = found;
    }

    /// Selects the plot or light of this object; the primitive, if its plot is selected already.
    pub fn select(&mut self, found: Option<Inspection>) {
        let wanted = found.as_ref().map(|found| match (&found.what, &self.selected) {
            (Selected::Primitive { geometry, .. }, Some(Selected::Geometry(known))) if known == geometry => {
                found.what.clone()
            }
            (Selected::Primitive { geometry, .. }, _) => Selected::Geometry(geometry.clone()),
            (other, _) => other.clone(),
        });
        if wanted != self.selected {
            self.arranged = None;
        }
        self.selected = wanted;
        self.inspected = found;
    }

    /// Clears the inspected object and the selection; false if there was neither.
    pub fn clear(&mut self) -> bool {
        let had = self.selected.is_some() || self.inspected.is_some();
        (self.selected, self.inspected, self.arranged) = (None, None, None);
        had
    }

    /// Clears a selection whose plot this scene lacks.
    pub fn set_scene(&mut self, scene: &Scene) {
        if self.plot().is_some_and(|name| !scene.geometries.contains_key(name)) {
            self.clear();
        }
    }

    /// The plot that is selected, or has the selected primitive.
    pub fn plot(&self) -> Option<&str> {
        match self.selected.as_ref()? {
            Selected::Geometry(name) | Selected::Primitive { geometry: name, .. } => Some(name),
            Selected::Light(_) => None,
        }
    }

    /// Moves the selected object of `scene` by a gesture.
    pub fn drag(
        &mut self,
        scene: &Scene,
        camera: &Camera,
        movement: ObjectMove,
        way: Vec2,
        size: Vec2,
    ) -> Option<Edit> {
        let selected = self.selected.as_ref()?;
        let scene = self.dragged.get_or_insert_with(|| scene.clone());
        let edit = arrange::edit(scene, camera, selected, movement, way, size)?;
        scene.apply(&edit).ok()?;
        self.arranged = Some(joined(self.arranged.take(), &edit));
        Some(edit)
    }

    /// The button was released: the next drag begins with the scene as it is then.
    pub fn release(&mut self) {
        self.dragged = None;
    }

    /// The script call that moves the object as the user has done.
    pub fn call(&self) -> Option<String> {
        self.arranged.as_ref().and_then(call::edit_call)
    }

    /// Description of the selection.
    pub fn name(&self) -> Option<String> {
        Some(match self.selected.as_ref()? {
            Selected::Geometry(name) => format!("plot `{name}`"),
            Selected::Primitive { geometry, index } => format!("primitive {index} of `{geometry}`"),
            Selected::Light(name) => format!("light `{name}`"),
        })
    }

    pub fn panel(&self) -> Option<Panel> {
        let name = self.name();
        let has_something = name.is_some() || self.inspected.is_some();
        has_something.then(|| overlay::selection(self.inspected.as_ref(), name.as_deref()))
    }
}

/// Combines two successive edits into one.
fn joined(earlier: Option<Edit>, later: &Edit) -> Edit {
    match (earlier, later) {
        (
            Some(Edit::TransformGeometry { name: known, transform: before }),
            Edit::TransformGeometry { name, transform },
        ) if known == *name => Edit::TransformGeometry { name: known, transform: *transform * before },
        (Some(Edit::UpdateData { name: known, data: before }), Edit::UpdateData { name, data }) if known == *name => {
            Edit::UpdateData { name: known, data: joined_data(before, data.clone()) }
        }
        (Some(Edit::UpdateLight { name: known, light: before }), Edit::UpdateLight { name, light })
            if known == *name =>
        {
            Edit::UpdateLight { name: known, light: joined_light(before, light.clone()) }
        }
        // Edits of something else.
        _ => later.clone(),
    }
}

/// The later values, and the earlier ones of what is not among them.
fn joined_data(earlier: GeometryUpdate, later: GeometryUpdate) -> GeometryUpdate {
    let GeometryUpdate { kind, pos, mut values, material, rnd } = later;
    for (channel, values) in values.iter_mut() {
        if values.is_none() {
            values.clone_from(&earlier.values[channel]);
        }
    }
    GeometryUpdate {
        kind: kind.or(earlier.kind),
        pos: pos.or(earlier.pos),
        values,
        material: material.or(earlier.material),
        rnd: rnd.or(earlier.rnd),
    }
}

fn joined_light(earlier: LightUpdate, later: LightUpdate) -> LightUpdate {
    let LightUpdate { kind, pos, autofit_camera, color, radius, u, v, in_geometry } = later;
    LightUpdate {
        kind: kind.or(earlier.kind),
        pos: pos.or(earlier.pos),
        autofit_camera: autofit_camera.or(earlier.autofit_camera),
        color: color.or(earlier.color),
        radius: radius.or(earlier.radius),
        u: u.or(earlier.u),
        v: v.or(earlier.v),
        in_geometry: in_geometry.or(earlier.in_geometry),
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::scene::{Channel, Light, LightShape, Values};
    use glam::{DVec3, Vec3};

    fn found(geometry: &str, index: usize) -> Inspection {
        let what = Selected::Primitive { geometry: geometry.into(), index };
        let (face, kind, distance) = (0, "ParticleSet", 1.0);
        Inspection { what, face, kind, position: DVec3::ZERO, distance, values: Vec::new() }
    }

    #[test]
    fn the_plot_is_selected_first_and_then_the_primitive() {
        let mut selection = Selection::default();
        selection.inspect(Some(found("dots", 1)));
        assert!(!selection.is_some() && selection.panel().is_some(), "only shown");
        for (found, expected) in [
            (Some(found("dots", 1)), Some("plot `dots`")),
            (Some(found("dots", 0)), Some("primitive 0 of `dots`")),
            (Some(found("dots", 0)), Some("plot `dots`")),
            (Some(found("boxes", 0)), Some("plot `boxes`")),
            (Some(Inspection { what: Selected::Light("lamp".into()), ..found("", 0) }), Some("light `lamp`")),
            (None, None),
        ] {
            selection.select(found);
            assert_eq!(selection.name().as_deref(), expected);
        }
        assert!(!selection.clear(), "there is nothing to clear");
    }

    #[test]
    fn successive_movements_make_one_call() {
        let mut scene = Scene::default();
        let data = GeometryUpdate { pos: Some([[0.0; 3], [1.0, 0.0, 0.0]].into()), ..GeometryUpdate::default() };
        scene.apply(&Edit::SetData { name: "dots".into(), data }).unwrap();
        let mut selection = Selection::default();
        let camera = scene.view();
        let drag = |selection: &mut Selection, way| {
            let size = Vec2::splat(100.0);
            match selection.drag(&scene, &camera, ObjectMove::MoveXy, way, size)? {
                Edit::TransformGeometry { transform, .. } => Some(transform.translation),
                _ => panic!("a plot is transformed"),
            }
        };
        assert!(drag(&mut selection, Vec2::X).is_none(), "nothing is selected");
        selection.select(Some(found("dots", 0)));
        assert_eq!(selection.call(), None);
        let moved = drag(&mut selection, Vec2::X).unwrap() + drag(&mut selection, Vec2::Y).unwrap();
        assert_eq!(selection.call(), Some(format!("rt.move_geometry(\"dots\", {});", call::point(moved))));
        selection.set_scene(&Scene::default());
        assert!(!selection.is_some() && selection.call().is_none(), "it is not there any more");
    }

    #[test]
    fn a_call_has_the_values_of_all_movements() {
        let mut scene = Scene::default();
        let data = GeometryUpdate {
            pos: Some([[0.0; 3], [1.0, 0.0, 0.0]].into()),
            values: [(Channel::R, Values::one(0.5))].into(),
            ..GeometryUpdate::default()
        };
        scene.apply(&Edit::SetData { name: "dots".into(), data }).unwrap();
        scene.lights.insert("lamp".into(), Light::default());
        let shape = LightShape::Parallelogram { u: Vec3::Y, v: Vec3::X };
        scene.lights.insert("panel".into(), Light { shape, ..Light::default() });
        let camera = scene.view();
        let light = |name: &str| Inspection { what: Selected::Light(name.into()), ..found("", 0) };
        for (select, first, keys) in [
            (&[found("dots", 0), found("dots", 0)][..], ObjectMove::Scale, &["pos: ", "r: [0.4, 0.5]"][..]),
            (&[light("lamp")], ObjectMove::Scale, &["pos: ", "radius: 0.8"]),
            (&[light("panel")], ObjectMove::RotateXz, &["pos: ", "u: ", "v: "]),
        ] {
            let mut selection = Selection::default();
            select.iter().for_each(|found| selection.select(Some(found.clone())));
            for movement in [first, ObjectMove::MoveXy] {
                selection.drag(&scene, &camera, movement, Vec2::splat(20.0), Vec2::splat(100.0)).unwrap();
            }
            let call = selection.call().unwrap();
            assert!(keys.iter().all(|key| call.contains(key)), "{call}");
            // What was done last counts.
            let made = selection.dragged.take().unwrap();
            let (call, edit) = (call, selection.arranged.clone().unwrap());
            let mut next = scene.clone();
            next.apply(&edit).unwrap();
            match edit {
                Edit::UpdateData { name, .. } => {
                    assert_eq!(next.geometries[&name].pos.relative(), made.geometries[&name].pos.relative(), "{call}");
                }
                Edit::UpdateLight { name, .. } => assert_eq!(next.lights[&name], made.lights[&name], "{call}"),
                other => panic!("{other:?}"),
            }
        }
    }
}
