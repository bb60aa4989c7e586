//! The camera of the viewer, used instead of the script's, and whether it is being moved.

use crate::engine::Control;
use crate::scene::{Camera, Scene};
use std::time::{Duration, Instant};

/// Time after which a camera that keys or the wheel have moved counts as at rest; a dragged one rests when the button
/// is released.
pub(super) const REST: Duration = Duration::from_millis(200);

#[derive(Default)]
pub(super) struct ViewCamera {
    /// `None`: the script's camera is used.
    camera: Option<Camera>,
    /// While the camera is being moved: the time of its last movement.
    moving: Option<Instant>,
    /// A button is held, so that the camera may be moved any time.
    is_held: bool,
}

impl ViewCamera {
    /// The camera that shows this scene.
    pub fn of(&self, scene: &Scene) -> Camera {
        self.camera.clone().unwrap_or_else(|| scene.view())
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

    /// A button was pressed.
    pub fn hold(&mut self) {
        self.is_held = true;
    }

    /// The button was released, so the camera is at rest.
    pub fn release(&mut self) {
        self.is_held = false;
        self.moving = self.moving.and(Instant::now().checked_sub(REST)).or(self.moving);
    }

    /// Returns a command when a moved camera has come to rest. Must be polled.
    pub fn rest(&mut self, now: Instant) -> Option<Control> {
        let since = self.moving.filter(|_| !self.is_held)?;
        if now.saturating_duration_since(since) < REST {
            return None;
        }
        self.moving = None;
        Some(Control::Look { camera: self.camera.clone(), moving: false })
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use glam::DVec3;

    #[test]
    fn a_moved_camera_rests_after_a_while_or_when_the_button_is_released() {
        let (scene, mut view) = (Scene::default(), ViewCamera::default());
        let moved = Camera { eye: DVec3::splat(7.0), ..Camera::default() };
        assert_eq!(view.of(&scene), scene.view());
        let is_at_rest = |command| matches!(command, Some(Control::Look { camera: Some(_), moving: false }));
        let now = Instant::now();
        assert!(matches!(view.look(moved.clone()), Control::Look { camera: Some(_), moving: true }));
        assert!(view.of(&scene) == moved && view.rest(now).is_none(), "it may move on");
        assert!(is_at_rest(view.rest(now + 2 * REST)) && view.rest(now + 2 * REST).is_none(), "reported once");
        view.hold();
        view.look(moved);
        assert!(view.rest(now + 2 * REST).is_none(), "the button is held");
        view.release();
        assert!(is_at_rest(view.rest(Instant::now())), "at once");
        assert!(matches!(view.give_back(), Control::Look { camera: None, moving: false }));
        assert_eq!(view.of(&scene), scene.view());
    }
}
