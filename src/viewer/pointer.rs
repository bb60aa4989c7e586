//! Mouse interaction: gestures on the image move the camera or the selection, or ask what is under the pointer.

use super::actions::{CameraMove, Effect, MouseInput, effect};
use super::camera::ViewCamera;
use super::inspect::{describe, ray_at};
use super::queries::{Purpose, Queries};
use super::selection::Selection;
use super::{call, navigate};
use crate::device::{Hit, Ray};
use crate::engine::Control;
use crate::output::{Button, Gesture, Modifiers, Panel};
use crate::scene::{Camera, Scene};
use glam::Vec2;
use std::sync::Arc;
use std::time::Instant;

/// What the mouse acts on.
#[derive(Default)]
pub(super) struct Pointer {
    /// The scene of the latest image.
    scene: Arc<Scene>,
    camera: ViewCamera,
    selection: Selection,
}

impl Pointer {
    /// Takes the scene of the latest image.
    pub fn set_scene(&mut self, scene: Arc<Scene>) {
        self.selection.set_scene(&scene);
        self.scene = scene;
    }

    pub fn scene(&self) -> &Arc<Scene> {
        &self.scene
    }

    /// The camera of the view.
    pub fn camera(&self) -> Camera {
        self.camera.of(&self.scene)
    }

    /// The panel about the selected or inspected object.
    pub fn panel(&self) -> Option<Panel> {
        self.selection.panel()
    }

    /// Clears the inspected object and the selection; false if there was neither.
    pub fn deselect(&mut self) -> bool {
        self.selection.clear()
    }

    /// Changes the camera of the view.
    pub fn look(&mut self, next: impl FnOnce(&Camera) -> Camera) -> Control {
        self.camera.look(next(&self.camera()))
    }

    /// Switches back to the script's camera.
    pub fn give_back(&mut self) -> Control {
        self.camera.give_back()
    }

    /// Returns a command when a moved camera has come to rest. Must be polled.
    pub fn rest(&mut self, now: Instant) -> Option<Control> {
        self.camera.rest(now)
    }

    /// Fits the whole scene, or the selection, into the view.
    pub fn fit(&mut self) -> Option<Control> {
        let (bounds, aspect) = (self.scene.bounds(self.selection.plot()), self.scene.aspect());
        (!bounds.is_empty()).then(|| self.look(|camera| navigate::fit(camera, bounds, aspect)))
    }

    /// The script call that reproduces what the user has done: the camera, or the object that was moved.
    pub fn call(&self) -> String {
        let name = self.scene.current_camera.as_deref().unwrap_or("cam1");
        self.selection.call().unwrap_or_else(|| call::camera_call(name, &self.camera()))
    }

    /// Handles a gesture on the image; `area` is the size of the image area.
    pub fn gesture(&mut self, gesture: Gesture, area: (f32, f32), queries: &mut Queries) -> Option<Control> {
        let size = Vec2::new(area.0.max(1.0), area.1.max(1.0));
        match gesture {
            Gesture::Press { .. } => {
                self.camera.hold();
                None
            }
            Gesture::Drag { button, from, to, modifiers } => {
                let way = Vec2::from(to) - Vec2::from(from);
                self.drag(effect(MouseInput::Drag(button), modifiers, self.selection.is_some())?, way, size)
            }
            Gesture::Release { button, at, clicks, modifiers } => {
                self.camera.release();
                self.selection.release();
                self.click(button, clicks, modifiers, ray_at(&self.camera(), Vec2::from(at), size), queries)
            }
            Gesture::Wheel { notches, at, modifiers } => {
                match effect(MouseInput::Wheel, modifiers, self.selection.is_some())? {
                    Effect::WheelDolly => {
                        Some(self.look(|camera| navigate::wheel(camera, notches, Vec2::from(at), size)))
                    }
                    Effect::WheelZoom => Some(self.look(|camera| navigate::zoom(camera, -10.0 * notches))),
                    _ => None,
                }
            }
        }
    }

    fn drag(&mut self, effect: Effect, way: Vec2, size: Vec2) -> Option<Control> {
        match effect {
            Effect::Camera(movement) => Some(self.look(|camera| moved(camera, movement, way, size))),
            Effect::Object(movement) => {
                let camera = self.camera();
                self.selection.drag(&self.scene, &camera, movement, way, size).map(Control::Edit)
            }
            _ => None,
        }
    }

    fn click(
        &mut self,
        button: Button,
        clicks: u32,
        modifiers: Modifiers,
        ray: Ray,
        queries: &mut Queries,
    ) -> Option<Control> {
        let input = match (clicks, button) {
            (1, Button::Left) => MouseInput::Click,
            (2, button) => MouseInput::DoubleClick(button),
            _ => return None,
        };
        let effect = effect(input, modifiers, self.selection.is_some())?;
        if effect == Effect::Deselect {
            self.deselect();
            return None;
        }
        Some(queries.ask(Purpose::Pointer { effect, ray }, self.scene.clone(), vec![ray]))
    }

    /// Handles the answer to a ray query for this effect, made for `scene`.
    pub fn answer(&mut self, effect: Effect, scene: &Scene, hit: Option<&Hit>, ray: &Ray) -> Option<Control> {
        let found = describe(scene, hit, ray);
        match effect {
            Effect::FocusHere => {
                let position = found?.position;
                return Some(self.look(|camera| navigate::focus_on(camera, position)));
            }
            Effect::Select => self.selection.select(found),
            Effect::Inspect => self.selection.inspect(found),
            // These ask nothing.
            Effect::Camera(_) | Effect::Object(_) | Effect::WheelDolly | Effect::WheelZoom | Effect::Deselect => {}
        }
        None
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

#[cfg(test)]
mod tests {
    use super::super::camera::REST;
    use super::*;
    use crate::scene::{Edit, GeometryUpdate};

    const NONE: Modifiers = Modifiers { shift: false, ctrl: false, alt: false };
    const SHIFT: Modifiers = Modifiers { shift: true, ctrl: false, alt: false };
    const CTRL: Modifiers = Modifiers { shift: false, ctrl: true, alt: false };
    const AREA: (f32, f32) = (100.0, 100.0);

    /// Two dots, and the mouse.
    struct Case {
        pointer: Pointer,
        queries: Queries,
    }

    impl Case {
        fn new() -> Case {
            let mut scene = Scene::default();
            let data = GeometryUpdate { pos: Some([[0.0; 3], [1.0, 0.0, 0.0]].into()), ..GeometryUpdate::default() };
            scene.apply(&Edit::SetData { name: "dots".into(), data }).unwrap();
            let mut pointer = Pointer::default();
            pointer.set_scene(Arc::new(scene));
            Case { pointer, queries: Queries::default() }
        }

        fn gesture(&mut self, gesture: Gesture) -> Option<Control> {
            self.pointer.gesture(gesture, AREA, &mut self.queries)
        }

        fn drag(&mut self, modifiers: Modifiers) -> Option<Control> {
            let (button, at, to) = (Button::Left, (50.0, 50.0), (60.0, 50.0));
            assert!(self.gesture(Gesture::Press { button, at, modifiers }).is_none());
            self.gesture(Gesture::Drag { button, from: at, to, modifiers })
        }

        /// Clicks on a dot, or beside both, and returns the command that follows.
        fn click(&mut self, clicks: u32, modifiers: Modifiers, dot: Option<u32>) -> Option<Control> {
            let gesture = Gesture::Release { button: Button::Left, at: (50.0, 50.0), clicks, modifiers };
            let Some(Control::Pick { id, .. }) = self.gesture(gesture) else { panic!("a click makes a ray query") };
            let query = self.queries.answered(id).unwrap();
            let Purpose::Pointer { effect, ray } = query.purpose else { panic!("it was made by the pointer") };
            let hit = dot.map(|primitive| Hit { plot: 0, primitive, face: 0, t: 1.0 });
            self.pointer.answer(effect, &query.scene, hit.as_ref(), &ray)
        }

        fn selected(&self) -> Option<String> {
            self.pointer.selection.name()
        }
    }

    #[test]
    fn a_drag_moves_the_camera_until_it_rests_and_it_can_be_given_back() {
        let mut case = Case::new();
        let scripts = case.pointer.camera();
        let Some(Control::Look { camera: Some(camera), moving: true }) = case.drag(NONE) else { panic!() };
        assert!(camera != scripts && case.pointer.camera() == camera);
        let later = Instant::now() + 2 * REST;
        assert!(case.pointer.rest(later).is_none(), "the button is held");
        case.gesture(Gesture::Release { button: Button::Left, at: (60.0, 50.0), clicks: 0, modifiers: NONE });
        assert!(matches!(case.pointer.rest(later), Some(Control::Look { camera: Some(_), moving: false })));
        assert!(case.pointer.call().starts_with("rt.update_camera(\"cam1\", "), "{}", case.pointer.call());
        assert!(matches!(case.pointer.give_back(), Control::Look { camera: None, moving: false }));
        assert_eq!(case.pointer.camera(), scripts);
    }

    #[test]
    fn a_double_click_selects_and_drags_move_the_selection() {
        let mut case = Case::new();
        assert!(case.click(1, NONE, Some(1)).is_none());
        assert!(case.selected().is_none() && case.pointer.panel().is_some(), "only shown");
        case.click(2, NONE, Some(1));
        assert_eq!(case.selected().as_deref(), Some("plot `dots`"));
        assert!(matches!(case.drag(SHIFT), Some(Control::Edit(Edit::TransformGeometry { .. }))));
        assert!(case.pointer.call().starts_with("rt.move_geometry(\"dots\", "), "{}", case.pointer.call());
        case.click(2, NONE, Some(0));
        assert_eq!(case.selected().as_deref(), Some("primitive 0 of `dots`"));
        assert!(matches!(case.drag(SHIFT), Some(Control::Edit(Edit::UpdateData { .. }))));
        case.click(2, NONE, None);
        assert!(case.selected().is_none() && case.pointer.panel().is_none());
        assert!(matches!(case.drag(SHIFT), Some(Control::Look { .. })), "the camera again");
    }

    #[test]
    fn the_wheel_and_a_click_with_ctrl_change_the_camera() {
        let mut case = Case::new();
        let before = case.pointer.camera();
        let wheel = |modifiers| Gesture::Wheel { notches: 1.0, at: (50.0, 50.0), modifiers };
        case.gesture(wheel(NONE));
        let nearer = case.pointer.camera();
        assert!(nearer.distance() < before.distance() && nearer.fov == before.fov);
        case.gesture(wheel(CTRL));
        assert!(case.pointer.camera().fov < nearer.fov);
        assert!(case.gesture(wheel(SHIFT)).is_none(), "it has no meaning");
        let sharp = case.pointer.camera().focal_scale;
        assert!(case.click(2, CTRL, None).is_none(), "nothing to focus on");
        assert!(matches!(case.click(2, CTRL, Some(0)), Some(Control::Look { .. })));
        assert!(case.pointer.camera().focal_scale != sharp);
    }

    #[test]
    fn the_selection_is_fitted_into_the_view_or_the_whole_scene() {
        let mut case = Case::new();
        let Some(Control::Look { camera: Some(all), .. }) = case.pointer.fit() else { panic!() };
        let mut scene = Scene::clone(case.pointer.scene());
        let data = GeometryUpdate { pos: Some([[90.0; 3]].into()), ..GeometryUpdate::default() };
        scene.apply(&Edit::SetData { name: "far".into(), data }).unwrap();
        case.pointer.set_scene(Arc::new(scene));
        let Some(Control::Look { camera: Some(both), .. }) = case.pointer.fit() else { panic!() };
        assert!(both.distance() > 10.0 * all.distance());
        case.click(2, NONE, Some(0));
        let Some(Control::Look { camera: Some(one), .. }) = case.pointer.fit() else { panic!() };
        assert!((one.distance() / all.distance() - 1.0).abs() < 0.1);
        case.pointer.set_scene(Arc::default());
        assert!(case.pointer.fit().is_none(), "there is nothing");
    }
}
