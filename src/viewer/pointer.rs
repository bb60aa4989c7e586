//! Mouse interaction: moves the camera, picks objects, drags the selection.

use super::actions::{CameraMove, Effect, Touch, effect};
use super::arrange::{self, Selected};
use super::inspect::{Inspection, describe, ray_at};
use super::{call, navigate};
use crate::device::{Hit, Ray};
use crate::engine::Control;
use crate::output::{Button, Gesture, Modifiers};
use crate::scene::{Camera, Edit, Scene};
use glam::Vec2;
use std::collections::HashMap;
use std::sync::Arc;
use std::time::{Duration, Instant};

/// Time after which a camera that keys or the wheel have moved counts as at rest; a dragged one rests when the button
/// is released.
const REST: Duration = Duration::from_millis(200);

/// State of the mouse interaction.
pub struct Pointer {
    /// The viewer's camera, used instead of the script's.
    camera: Option<Camera>,
    /// While the camera is being moved: the time of its last movement.
    moving: Option<Instant>,
    dragging: bool,
    /// The scene of the latest image.
    scene: Arc<Scene>,
    /// The scene with the object as it is being dragged, ahead of the images.
    dragged: Option<Scene>,
    selected: Option<Selected>,
    /// The edit made to the selection since it was selected.
    arranged: Option<Edit>,
    inspection: Option<Inspection>,
    /// Ray queries without an answer yet, by id.
    asked: HashMap<u64, Question>,
    next: u64,
}

struct Question {
    why: Effect,
    ray: Ray,
    scene: Arc<Scene>,
}

impl Pointer {
    pub fn new() -> Pointer {
        Pointer {
            camera: None,
            moving: None,
            dragging: false,
            scene: Arc::default(),
            dragged: None,
            selected: None,
            arranged: None,
            inspection: None,
            asked: HashMap::new(),
            next: 0,
        }
    }

    /// Takes the scene of the latest image.
    pub fn see(&mut self, scene: Arc<Scene>) {
        self.scene = scene;
        if let Some(Selected::Geometry(name) | Selected::Primitive { geometry: name, .. }) = &self.selected
            && !self.scene.geometries.contains_key(name)
        {
            self.deselect();
        }
    }

    pub fn scene(&self) -> &Arc<Scene> {
        &self.scene
    }

    /// The camera of the view.
    pub fn camera(&self) -> Camera {
        self.camera.clone().unwrap_or_else(|| self.scene.view())
    }

    pub fn inspection(&self) -> Option<&Inspection> {
        self.inspection.as_ref()
    }

    /// Description of the selection.
    pub fn selection(&self) -> Option<String> {
        Some(match self.selected.as_ref()? {
            Selected::Geometry(name) => format!("plot `{name}`"),
            Selected::Primitive { geometry, index } => format!("primitive {index} of `{geometry}`"),
            Selected::Light(name) => format!("light `{name}`"),
        })
    }

    /// Clears the inspected object and the selection; false if there was neither.
    pub fn deselect(&mut self) -> bool {
        let had = self.selected.is_some() || self.inspection.is_some();
        (self.selected, self.inspection, self.arranged) = (None, None, None);
        had
    }

    /// Uses another camera from now on.
    pub fn look(&mut self, camera: Camera) -> Control {
        self.camera = Some(camera.clone());
        self.moving = Some(Instant::now());
        Control::Look { camera: Some(camera), moving: true }
    }

    /// Switches back to the script's camera.
    pub fn give_back(&mut self) -> Control {
        (self.camera, self.moving) = (None, None);
        Control::Look { camera: None, moving: false }
    }

    /// Returns a command when a moved camera has come to rest. Must be polled.
    pub fn rest(&mut self, now: Instant) -> Option<Control> {
        let since = self.moving.filter(|_| !self.dragging)?;
        if now.saturating_duration_since(since) < REST {
            return None;
        }
        self.moving = None;
        Some(Control::Look { camera: self.camera.clone(), moving: false })
    }

    /// Fits the whole scene, or the selection, into the view.
    pub fn fit(&mut self) -> Option<Control> {
        let bounds = match &self.selected {
            Some(Selected::Geometry(name) | Selected::Primitive { geometry: name, .. }) => {
                self.scene.bounds(Some(name))
            }
            _ => self.scene.bounds(None),
        };
        let camera = navigate::fit(&self.camera(), bounds, self.scene.aspect());
        (!bounds.is_empty()).then(|| self.look(camera))
    }

    /// The script call that reproduces what the user has done: the camera, or the object that was moved.
    pub fn call(&self) -> String {
        let arranged = self.arranged.as_ref().and_then(call::edit_call);
        let name = self.scene.current_camera.as_deref().unwrap_or("cam1");
        arranged.unwrap_or_else(|| call::camera_call(name, &self.camera()))
    }

    /// Handles a gesture on the image; `area` is the size of the image area.
    pub fn gesture(&mut self, gesture: Gesture, area: (f32, f32)) -> Vec<Control> {
        let size = Vec2::new(area.0.max(1.0), area.1.max(1.0));
        match gesture {
            Gesture::Press { .. } => {
                self.dragging = true;
                Vec::new()
            }
            Gesture::Drag { button, from, to, modifiers } => {
                let way = Vec2::from(to) - Vec2::from(from);
                let asked = effect(Touch::Drag(button), modifiers, self.selected.is_some());
                asked.and_then(|effect| self.drag(effect, way, size)).into_iter().collect()
            }
            Gesture::Release { button, at, clicks, modifiers } => {
                self.dragging = false;
                self.dragged = None;
                self.moving = self.moving.and(Instant::now().checked_sub(REST)).or(self.moving);
                self.clicked(button, clicks, modifiers, Vec2::from(at), size)
            }
            Gesture::Wheel { notches, at, modifiers } => {
                let camera = self.camera();
                let moved = match effect(Touch::Wheel, modifiers, self.selected.is_some()) {
                    Some(Effect::WheelDolly) => navigate::wheel(&camera, notches, Vec2::from(at), size),
                    Some(Effect::WheelZoom) => navigate::zoom(&camera, -10.0 * notches),
                    _ => return Vec::new(),
                };
                vec![self.look(moved)]
            }
        }
    }

    fn drag(&mut self, effect: Effect, way: Vec2, size: Vec2) -> Option<Control> {
        let camera = self.camera();
        match effect {
            Effect::Camera(movement) => {
                let moved = moved(&camera, movement, way, size);
                Some(self.look(moved))
            }
            Effect::Thing(gesture) => {
                let scene = self.dragged.get_or_insert_with(|| Scene::clone(&self.scene));
                let edit = arrange::edit(scene, &camera, self.selected.as_ref()?, gesture, way, size)?;
                scene.apply(&edit).ok()?;
                self.arranged = Some(joined(self.arranged.take(), &edit));
                Some(Control::Edit(edit))
            }
            _ => None,
        }
    }

    fn clicked(&mut self, button: Button, clicks: u32, modifiers: Modifiers, at: Vec2, size: Vec2) -> Vec<Control> {
        let touch = match (clicks, button) {
            (1, Button::Left) => Touch::Click,
            (2, button) => Touch::DoubleClick(button),
            _ => return Vec::new(),
        };
        match effect(touch, modifiers, self.selected.is_some()) {
            Some(Effect::Deselect) => {
                self.deselect();
                Vec::new()
            }
            Some(why) => {
                let ray = ray_at(&self.camera(), at, size);
                let id = self.next;
                self.next += 1;
                self.asked.insert(id, Question { why, ray, scene: self.scene.clone() });
                vec![Control::Pick { id, rays: vec![ray] }]
            }
            None => Vec::new(),
        }
    }

    /// Handles the answer to a ray query; `None` if the query was not made here.
    pub fn answer(&mut self, id: u64, hits: &[Option<Hit>]) -> Option<Vec<Control>> {
        let Question { why, ray, scene } = self.asked.remove(&id)?;
        let found = describe(&scene, hits.first().and_then(Option::as_ref), &ray);
        match why {
            Effect::FocusHere => {
                let camera = found.map(|found| navigate::focus_on(&self.camera(), found.position));
                return Some(camera.map(|camera| self.look(camera)).into_iter().collect());
            }
            Effect::Select => {
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
            }
            _ => {}
        }
        self.inspection = found;
        Some(Vec::new())
    }

    /// A new id for ray queries made elsewhere.
    pub fn number(&mut self) -> u64 {
        self.next += 1;
        self.next - 1
    }
}

fn moved(camera: &Camera, movement: CameraMove, way: Vec2, size: Vec2) -> Camera {
    match movement {
        CameraMove::Orbit => navigate::orbit(camera, way, size),
        CameraMove::LookAround => navigate::look_around(camera, way, size),
        CameraMove::Pan => navigate::pan(camera, way, size),
        CameraMove::Zoom => navigate::zoom(camera, way.y),
        CameraMove::Dolly => navigate::dolly(camera, way.y),
        CameraMove::Roll => navigate::roll(camera, way.x / size.x * std::f32::consts::PI),
        CameraMove::Focus => navigate::focus(camera, way.y),
        CameraMove::Aperture => navigate::aperture(camera, way.y),
    }
}

/// Combines two successive edits into one.
fn joined(earlier: Option<Edit>, later: &Edit) -> Edit {
    match (earlier, later) {
        (
            Some(Edit::TransformGeometry { name: known, transform: before }),
            Edit::TransformGeometry { name, transform },
        ) if known == *name => Edit::TransformGeometry { name: known, transform: *transform * before },
        // All other edits describe the new state, so the later one is sufficient.
        _ => later.clone(),
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::scene::GeometryUpdate;

    const NONE: Modifiers = Modifiers { shift: false, ctrl: false, alt: false };
    const SHIFT: Modifiers = Modifiers { shift: true, ctrl: false, alt: false };
    const AREA: (f32, f32) = (100.0, 100.0);

    fn pointer() -> Pointer {
        let mut scene = Scene::default();
        let data = GeometryUpdate { pos: Some([[0.0; 3], [1.0, 0.0, 0.0]].into()), ..GeometryUpdate::default() };
        scene.apply(&Edit::SetData { name: "dots".into(), data }).unwrap();
        let mut pointer = Pointer::new();
        pointer.see(Arc::new(scene));
        pointer
    }

    fn drag(pointer: &mut Pointer, modifiers: Modifiers) -> Vec<Control> {
        pointer.gesture(Gesture::Press { button: Button::Left, at: (50.0, 50.0), modifiers }, AREA);
        pointer.gesture(Gesture::Drag { button: Button::Left, from: (50.0, 50.0), to: (60.0, 50.0), modifiers }, AREA)
    }

    fn click(pointer: &mut Pointer, clicks: u32, hit: Option<u32>) {
        let gesture = Gesture::Release { button: Button::Left, at: (50.0, 50.0), clicks, modifiers: NONE };
        let [Control::Pick { id, .. }] = pointer.gesture(gesture, AREA)[..] else {
            panic!("a click makes a ray query")
        };
        let hit = hit.map(|primitive| Hit { plot: 0, primitive, face: 0, t: 1.0 });
        assert!(pointer.answer(id, &[hit]).is_some_and(|commands| commands.is_empty()));
        assert!(pointer.answer(id, &[hit]).is_none(), "answered once");
    }

    #[test]
    fn a_drag_moves_the_camera_until_it_rests_and_it_can_be_given_back() {
        let mut pointer = pointer();
        let scripts = pointer.camera();
        let [Control::Look { camera: Some(camera), moving: true }] = &drag(&mut pointer, NONE)[..] else { panic!() };
        assert!(*camera != scripts && pointer.camera() == *camera);
        let later = Instant::now() + 2 * REST;
        assert!(pointer.rest(later).is_none(), "the button is held");
        pointer.gesture(Gesture::Release { button: Button::Left, at: (60.0, 50.0), clicks: 0, modifiers: NONE }, AREA);
        assert!(matches!(pointer.rest(later), Some(Control::Look { camera: Some(_), moving: false })));
        assert!(pointer.rest(later).is_none(), "reported once");
        assert!(matches!(pointer.give_back(), Control::Look { camera: None, moving: false }));
        assert_eq!(pointer.camera(), scripts);
    }

    #[test]
    fn a_second_double_click_selects_the_primitive_and_one_on_nothing_the_camera() {
        let mut pointer = pointer();
        click(&mut pointer, 1, Some(1));
        assert_eq!(pointer.selection(), None);
        assert_eq!(pointer.inspection().unwrap().title(), "dots[1]");
        click(&mut pointer, 2, Some(1));
        assert_eq!(pointer.selection().as_deref(), Some("plot `dots`"));
        click(&mut pointer, 2, Some(0));
        assert_eq!(pointer.selection().as_deref(), Some("primitive 0 of `dots`"));
        click(&mut pointer, 2, None);
        assert_eq!((pointer.selection(), pointer.inspection().is_none()), (None, true));
    }

    #[test]
    fn what_is_selected_follows_the_pointer_and_can_be_pasted() {
        let mut pointer = pointer();
        click(&mut pointer, 2, Some(0));
        let [Control::Edit(Edit::TransformGeometry { transform: first, .. })] = drag(&mut pointer, SHIFT)[..] else {
            panic!("the plot moves")
        };
        let next = Gesture::Drag { button: Button::Left, from: (60.0, 50.0), to: (60.0, 40.0), modifiers: SHIFT };
        let [Control::Edit(Edit::TransformGeometry { transform: second, .. })] = pointer.gesture(next, AREA)[..] else {
            panic!("the plot moves")
        };
        let call = pointer.call();
        let (x, y) = (first.translation.x, second.translation.y);
        assert!(x > 0.0 && y > 0.0 && call.starts_with("rt.move_geometry(\"dots\", "), "{call}");
        let gone = Arc::new(Scene::default());
        pointer.see(gone);
        assert_eq!(pointer.selection(), None, "it is not there any more");
        assert!(pointer.call().starts_with("rt.update_camera(\"cam1\", "), "{}", pointer.call());
    }
}
