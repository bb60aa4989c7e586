//! Pending fits: cameras and lights to be fitted to plots that did not exist yet are fitted as soon as one does.

use super::fit::DEFAULT_DIRECTION;
use super::{Camera, CameraUpdate, DEFAULT_FIT_SCALE, LightFit, LightUpdate, Plots, Reach, Scene};
use crate::Result;
use glam::{DVec3, Vec3};
use indexmap::IndexMap;

/// The pending fits, by name of the camera or light.
#[derive(Debug, Clone, Default, PartialEq)]
pub struct Pending {
    cameras: IndexMap<String, CameraFit>,
    lights: IndexMap<String, PendingLight>,
}

/// How to fit a camera.
#[derive(Debug, Clone, PartialEq)]
pub(super) struct CameraFit {
    /// The plot to show; all if `None`.
    pub geometry: Option<String>,
    pub scale: f32,
    /// Direction from the target to the eye.
    pub back: Vec3,
    /// The values that are given and stay.
    pub eye: Option<DVec3>,
    pub target: Option<DVec3>,
}

#[derive(Debug, Clone, PartialEq)]
struct PendingLight {
    /// Name of the camera; the current one if `None`.
    camera: Option<String>,
    fit: LightFit,
    /// Whether a parallelogram is turned towards the target, too.
    turned: bool,
}

impl CameraFit {
    /// The fit of a new camera.
    pub fn of_new(update: &CameraUpdate) -> CameraFit {
        CameraFit {
            geometry: None,
            scale: DEFAULT_FIT_SCALE,
            back: DEFAULT_DIRECTION,
            eye: update.eye,
            target: update.target,
        }
    }

    /// The fitted camera; `None` while there is no plot to fit it to.
    pub fn of(&self, camera: &Camera, scene: &Scene) -> Option<Camera> {
        let plots = Plots::of(scene, self.geometry.as_deref());
        if plots.is_empty() {
            return None;
        }
        let mut fitted = camera.clone();
        match (self.eye, self.target) {
            (Some(eye), target) => {
                let target = target.or(plots.center())?;
                fitted.eye = eye;
                // An eye in the middle of the plots looks in the default direction.
                fitted.target = if target == eye { eye - self.back.as_dvec3() } else { target };
            }
            (None, target) => {
                fitted.target = target.unwrap_or(DVec3::ZERO);
                fitted.eye = fitted.target + self.back.as_dvec3();
                match target {
                    Some(_) => fitted.fit_around_target(&plots, scene.aspect()),
                    None => fitted.fit(&plots, scene.aspect(), self.scale),
                }
            }
        }
        Some(fitted)
    }

    /// The camera with the values that are given, until it can be fitted.
    pub fn meanwhile(&self, camera: &Camera) -> Camera {
        let (eye, target) = match (self.eye, self.target) {
            (Some(eye), Some(target)) => (eye, target),
            (Some(eye), None) => (eye, if eye == DVec3::ZERO { eye - self.back.as_dvec3() } else { DVec3::ZERO }),
            (None, Some(target)) => (target + Camera::default().eye, target),
            (None, None) => (camera.eye, camera.target),
        };
        Camera { eye, target, ..camera.clone() }
    }
}

impl Scene {
    /// The camera of this name, fitted to the present plots if its fit is pending.
    pub fn camera(&self, name: &str) -> Option<Camera> {
        let camera = self.cameras.get(name)?;
        let fitted = self.pending.cameras.get(name).and_then(|fit| fit.of(camera, self));
        Some(fitted.unwrap_or_else(|| camera.clone()))
    }

    /// Completes pending fits as far as there are plots: must be called when all edits of a round have been applied.
    pub fn fit_pending(&mut self) {
        let waiting = std::mem::take(&mut self.pending);
        for (name, fit) in waiting.cameras {
            match self.cameras.get(&name).map(|camera| fit.of(camera, self)) {
                Some(Some(camera)) => drop(self.cameras.insert(name, camera)),
                Some(None) => drop(self.pending.cameras.insert(name, fit)),
                None => {}
            }
        }
        for (name, light) in waiting.lights {
            if self.waits(light.camera.as_deref()) {
                self.pending.lights.insert(name, light);
            } else {
                self.place(&name, &light);
            }
        }
    }

    /// Creates or replaces a camera; one with a `fit` is fitted now, or as soon as there is a plot.
    pub(super) fn put_camera(&mut self, name: &str, camera: Camera, fit: Option<CameraFit>) -> Result<()> {
        let fitted = fit.as_ref().and_then(|fit| fit.of(&camera, self));
        let (camera, waiting) = match (fitted, fit) {
            (Some(fitted), _) => (fitted, None),
            (None, Some(fit)) => (fit.meanwhile(&camera), Some(fit)),
            (None, None) => (camera, None),
        };
        camera.check()?;
        self.cameras.insert(name.to_string(), camera);
        match waiting {
            Some(fit) => drop(self.pending.cameras.insert(name.to_string(), fit)),
            None => drop(self.pending.cameras.shift_remove(name)),
        }
        Ok(())
    }

    /// The pending fit of a camera, with `update` in place of the values given before; `None` where nothing is left to
    /// fit.
    pub(super) fn pending_fit(&self, name: &str, update: &CameraUpdate) -> Option<CameraFit> {
        let fit = self.pending.cameras.get(name)?;
        let fit = CameraFit { eye: update.eye.or(fit.eye), target: update.target.or(fit.target), ..fit.clone() };
        (fit.eye.is_none() || fit.target.is_none()).then_some(fit)
    }

    /// Cancels the pending fit of a camera that was placed.
    pub fn forget_camera_fit(&mut self, name: &str) {
        self.pending.cameras.shift_remove(name);
    }

    /// Fits a light to a camera, or to the current one, now or when that has been fitted. `turned`: a parallelogram is
    /// turned towards the target, too.
    pub(super) fn fit_light(&mut self, name: &str, camera: Option<String>, fit: LightFit, turned: bool) {
        let light = PendingLight { camera, fit, turned };
        // Until then, the light is where it would be if the camera stayed.
        self.place(name, &light);
        match self.waits(light.camera.as_deref()) {
            true => drop(self.pending.lights.insert(name.to_string(), light)),
            false => drop(self.pending.lights.shift_remove(name)),
        }
    }

    /// Updates the pending fit of a light after an update.
    pub(super) fn keep_light_fit(&mut self, name: &str, update: &LightUpdate) {
        if update.pos.is_some() {
            self.pending.lights.shift_remove(name);
        } else if let Some(light) = self.pending.lights.get_mut(name) {
            light.turned &= update.u.is_none() && update.v.is_none();
        }
    }

    /// Whether the fit of a camera, or of the current one, is pending.
    fn waits(&self, camera: Option<&str>) -> bool {
        match camera.or(self.current_camera.as_deref()) {
            Some(name) => self.pending.cameras.contains_key(name),
            None => Plots::of(self, None).is_empty(),
        }
    }

    fn place(&mut self, name: &str, PendingLight { camera, fit, turned }: &PendingLight) {
        let camera = camera.as_deref().and_then(|name| self.camera(name)).unwrap_or_else(|| self.view());
        let Some(light) = self.lights.get_mut(name) else { return };
        match turned {
            true => light.fit(&camera, *fit),
            false => light.place_by_fit(&camera, *fit),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::scene::{Channel, Edit, GeometryUpdate, Values};

    fn balls(name: &str, pos: &[[f32; 3]]) -> Edit {
        let data = GeometryUpdate {
            pos: Some(pos.into()),
            values: [(Channel::R, Values::one(0.5))].into(),
            ..GeometryUpdate::default()
        };
        Edit::SetData { name: name.into(), data }
    }

    fn camera(update: CameraUpdate) -> Edit {
        Edit::SetupCamera { name: "c".into(), camera: update, make_current: true }
    }

    fn light(name: &str) -> Edit {
        Edit::SetupLight { name: name.into(), light: LightUpdate::default() }
    }

    fn fit(geometry: Option<&str>) -> Edit {
        Edit::FitCamera { name: "c".into(), geometry: geometry.map(String::from), scale: DEFAULT_FIT_SCALE }
    }

    /// The scene after all edits of a round.
    fn scene(edits: &[Edit]) -> Scene {
        let mut scene = Scene::default();
        edits.iter().for_each(|edit| scene.apply(edit).unwrap());
        scene.fit_pending();
        scene
    }

    const FAR: [[f32; 3]; 2] = [[100.0; 3], [104.0, 100.0, 100.0]];

    #[test]
    fn what_comes_before_the_data_is_fitted_like_what_comes_after() {
        let some = |eye, target| CameraUpdate { eye, target, fov: Some(40.0), ..CameraUpdate::default() };
        let updates = [
            some(None, None),
            some(Some(DVec3::ZERO), None),
            some(None, Some(DVec3::splat(90.0))),
            some(None, Some(DVec3::ZERO)),
        ];
        for update in updates {
            let data = balls("b", &FAR);
            let before = scene(&[camera(update.clone()), light("l"), data.clone()]);
            let after = scene(&[data, camera(update.clone()), light("l")]);
            assert_eq!(before.cameras, after.cameras, "{update:?}");
            assert_eq!(before.lights, after.lights, "{update:?}");
            assert_eq!(before.pending, Pending::default());
            assert_eq!(before.view().eye, update.eye.unwrap_or(before.view().eye));
        }
        // A light without any camera, too.
        let data = balls("b", &FAR);
        assert_eq!(scene(&[light("l"), data.clone()]).lights, scene(&[data, light("l")]).lights);
    }

    #[test]
    fn all_plots_of_a_round_count() {
        let (one, other) = (balls("one", &FAR), balls("other", &[[0.0; 3]]));
        let before = scene(&[camera(CameraUpdate::default()), one.clone(), other.clone()]);
        assert_eq!(before.cameras, scene(&[one, other, camera(CameraUpdate::default())]).cameras);
    }

    #[test]
    fn getters_see_the_fit_before_it_is_done_and_a_later_plot_does_not_change_it() {
        let mut scene = Scene::default();
        scene.apply(&camera(CameraUpdate::default())).unwrap();
        let nowhere = scene.view();
        scene.apply(&balls("b", &FAR)).unwrap();
        assert_ne!(scene.view(), nowhere);
        let seen = scene.view();
        scene.fit_pending();
        assert_eq!(scene.view(), seen);
        scene.apply(&balls("more", &[[0.0; 3]])).unwrap();
        scene.fit_pending();
        assert_eq!(scene.view(), seen);
    }

    #[test]
    fn fitting_before_the_data_keeps_the_direction() {
        let from = |eye| CameraUpdate { eye: Some(eye), target: Some(DVec3::ZERO), ..CameraUpdate::default() };
        for update in [from(DVec3::X * 3.0), from(DVec3::new(1.0, 2.0, -3.0)), CameraUpdate::default()] {
            let data = balls("b", &FAR);
            let before = scene(&[camera(update.clone()), fit(None), data.clone()]);
            let after = scene(&[data, camera(update), fit(None)]);
            assert!(before.view().eye.abs_diff_eq(after.view().eye, 1e-3), "{:?} {:?}", before.view(), after.view());
        }
    }

    #[test]
    fn values_given_later_stay() {
        let place = |eye, target| CameraUpdate { eye, target, ..CameraUpdate::default() };
        let (eye, target) = (Some(DVec3::ONE), Some(DVec3::splat(7.0)));
        let moved = Edit::UpdateCamera { name: "c".into(), camera: place(eye, target) };
        let scene_of = scene(&[camera(CameraUpdate::default()), moved, balls("b", &FAR)]);
        assert_eq!((scene_of.view().eye, scene_of.view().target), (DVec3::ONE, DVec3::splat(7.0)));
        // The origin is the placeholder's target meanwhile: an eye may be placed there all the same.
        let standing = Edit::UpdateCamera { name: "c".into(), camera: place(Some(DVec3::ZERO), None) };
        let view = scene(&[camera(CameraUpdate::default()), standing, balls("b", &FAR)]).view();
        assert_eq!((view.eye, view.target), (DVec3::ZERO, DVec3::new(102.0, 100.0, 100.0)));
        let lamp = Edit::UpdateLight {
            name: "l".into(),
            light: LightUpdate { pos: Some(DVec3::Y), ..LightUpdate::default() },
        };
        assert_eq!(scene(&[light("l"), lamp, balls("b", &FAR)]).lights["l"].pos, DVec3::Y);
    }

    #[test]
    fn a_camera_waits_for_the_plot_that_it_is_to_show() {
        let (empty, other) = (balls("b", &[]), balls("other", &[[0.0; 3]]));
        let mut waiting = scene(&[empty, other, camera(CameraUpdate::default()), fit(Some("b"))]);
        assert_ne!(waiting.pending, Pending::default());
        waiting.apply(&balls("b", &FAR)).unwrap();
        waiting.fit_pending();
        assert!(waiting.view().target.abs_diff_eq(DVec3::new(102.0, 100.0, 100.0), 1.0));
        assert_eq!(waiting.pending, Pending::default());
    }
}
