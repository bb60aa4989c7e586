//! The viewer's overrides of the script's scene: camera, exposure, denoiser, and a smaller image while the camera
//! moves. They are kept when the script is edited.

use super::control::{Breaks, Control};
use crate::scene::{Camera, Postproc, Scene, is_tone_mapped};

/// Name of the camera that is used while the script has none.
pub(super) const DEFAULT_CAMERA: &str = "default";

/// Longest pass while the camera moves, seconds: above it, the image is traced in a smaller size.
const FLUID: f64 = 0.033;
/// Maximum divisor of the image's sides.
const MOST_REDUCED: u32 = 8;

/// The viewer's overrides of a scene.
#[derive(Debug, Clone)]
pub(super) struct View {
    /// The viewer's camera, used instead of the script's.
    pub camera: Option<Camera>,
    /// The camera is being moved.
    pub moving: bool,
    /// Factor on the script's exposure.
    pub exposure: f32,
    pub denoise: Option<bool>,
    /// Whether frames have [`crate::frame::Frame::guides`].
    pub guides: bool,
    /// Divisor of the sides of the image.
    pub reduced: u32,
    /// Leave the denoiser out, because it would take too long for an image that is replaced at once.
    pub hasty: bool,
    /// The size of the window, if the user has changed it.
    pub size: Option<(u32, u32)>,
}

impl Default for View {
    fn default() -> Self {
        View {
            camera: None,
            moving: false,
            exposure: 1.0,
            denoise: None,
            guides: false,
            reduced: 1,
            hasty: false,
            size: None,
        }
    }
}

impl View {
    /// The commands that interrupt passes.
    pub fn breaks(&self) -> Breaks {
        Breaks::For(if self.moving { Control::is_urgent_while_moving } else { Control::is_urgent })
    }

    /// Chooses the image size from the seconds per pass and pixel, and whether to denoise from the seconds that
    /// developing takes.
    pub fn adapt(&mut self, scene: &Scene, pace: Option<f64>, develop: f64) {
        let pixels = f64::from(scene.size.0) * f64::from(scene.size.1);
        let factor = pace.map_or(1.0, |pace| (pace * pixels / FLUID).sqrt()).ceil();
        self.reduced = if self.moving { (factor as u32).clamp(1, MOST_REDUCED) } else { 1 };
        self.hasty = self.moving && develop > FLUID;
    }

    /// The script's scene with these overrides.
    pub fn over(&self, scene: &Scene) -> Scene {
        let mut seen = scene.clone();
        if let Some(camera) = &self.camera {
            look_through(&mut seen, camera.clone());
        }
        if self.reduced > 1 {
            let side = |pixels: u32| (pixels / self.reduced).max(1);
            seen.size = (side(scene.size.0), side(scene.size.1));
        }
        self.develop(&mut seen);
        seen
    }

    fn develop(&self, scene: &mut Scene) {
        let denoise = if self.hasty { Some(false) } else { self.denoise };
        let tone_mapped = is_tone_mapped(&scene.postproc);
        match denoise {
            Some(false) => {
                scene.postproc.retain(|stage| !stage.is_denoiser());
                if tone_mapped && !is_tone_mapped(&scene.postproc) {
                    // The denoiser implied exposure and gamma, before the other stages.
                    scene.postproc.insert(0, Postproc::Gamma);
                }
            }
            Some(true) if !scene.postproc.iter().any(|stage| stage.is_denoiser()) => {
                scene.postproc.push(Postproc::Denoiser);
            }
            _ => {}
        }
        if self.exposure != 1.0 && !is_tone_mapped(&scene.postproc) {
            scene.postproc.insert(0, Postproc::Gamma);
        }
        if !tone_mapped && is_tone_mapped(&scene.postproc) {
            // The image had no tone mapping, and keeps none.
            scene.variables.tonemap_gamma = 1.0;
            scene.variables.tonemap_exposure = 1.0;
        }
        scene.variables.tonemap_exposure *= self.exposure;
    }
}

/// Replaces the current camera of a scene.
pub(super) fn look_through(scene: &mut Scene, camera: Camera) {
    let current = scene.current_camera.clone().filter(|name| scene.cameras.contains_key(name));
    let name = current.unwrap_or_else(|| DEFAULT_CAMERA.into());
    scene.cameras.insert(name.clone(), camera);
    scene.forget_camera_fit(&name);
    scene.current_camera = Some(name);
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_view_that_changes_nothing_is_the_scene() {
        let scene = Scene::default();
        assert_eq!(View::default().over(&scene), scene);
    }

    #[test]
    fn the_viewers_camera_takes_the_place_of_the_scripts() {
        let mut scene = Scene::default();
        scene.cameras.insert("a".into(), Camera::default());
        scene.cameras.insert("b".into(), Camera::default());
        scene.current_camera = Some("b".into());
        let camera = Camera { fov: 12.0, ..Camera::default() };
        let seen = View { camera: Some(camera.clone()), ..View::default() }.over(&scene);
        assert_eq!((seen.view(), &seen.cameras["a"]), (camera, &scene.cameras["a"]));
    }

    #[test]
    fn exposure_and_denoising_keep_the_rest_of_the_development() {
        let mut scene = Scene::default();
        let exposed = View { exposure: 2.0, ..View::default() };
        let seen = exposed.over(&scene);
        assert_eq!(seen.postproc, [Postproc::Gamma]);
        assert_eq!((seen.variables.tonemap_exposure, seen.variables.tonemap_gamma), (2.0, 1.0), "a linear image");
        scene.postproc = vec![Postproc::Denoiser];
        let seen = View { denoise: Some(false), ..exposed.clone() }.over(&scene);
        assert_eq!(seen.postproc, [Postproc::Gamma]);
        assert_eq!(seen.variables.tonemap_exposure, scene.variables.tonemap_exposure * 2.0);
        assert_eq!(seen.variables.tonemap_gamma, scene.variables.tonemap_gamma);
        scene.postproc = vec![Postproc::Gamma];
        let seen = View { denoise: Some(true), ..View::default() }.over(&scene);
        assert_eq!(seen.postproc, [Postproc::Gamma, Postproc::Denoiser]);
    }

    #[test]
    fn only_a_slow_image_of_a_moving_camera_is_smaller() {
        let scene = Scene { size: (100, 50), ..Scene::default() };
        let seconds = |pass: f64| Some(pass / 5000.0);
        let mut view = View { moving: true, ..View::default() };
        for (pass, size) in [(0.03, (100, 50)), (0.1, (50, 25)), (100.0, (12, 6))] {
            view.adapt(&scene, seconds(pass), 0.0);
            assert_eq!(view.over(&scene).size, size, "{pass} s");
        }
        view.moving = false;
        view.adapt(&scene, seconds(100.0), 1.0);
        assert_eq!((view.over(&scene).size, view.hasty), ((100, 50), false));
    }
}
