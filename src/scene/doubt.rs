//! Why an image will show nothing although the script is correct: found in the scene alone, before anything is traced.

use super::fit::Directions;
use super::{Camera, Geometry, Light, LightShape, Material, Plots, Reach, Scene, View};
use crate::Error;
use glam::DVec3;

/// A reason why an image will not show what it is meant to.
#[derive(Debug, Clone, PartialEq)]
pub struct Doubt {
    /// The kind of problem, the same whatever the numbers in the message.
    pub topic: &'static str,
    /// True if the camera is the cause, false if the light is.
    pub of_camera: bool,
    pub error: Error,
}

/// Ambient light at which a surface that reflects a sixteenth of it is already white.
const GLARE: f32 = 16.0;

/// The message about a plot that leaves little of the image to the others.
pub fn dominating(name: &str, times: f64) -> Error {
    Error::script(format!(
        "`{name}` is {times:.0} times as large as everything else, which is small in a view of all plots"
    ))
    .hint("fit the camera to the plot that the image is about: `rt.camera_fit(#{ geometry: \"NAME\" })`")
}

impl Scene {
    /// Whether there is a plot that could be seen.
    pub fn has_plots(&self) -> bool {
        !Plots::of(self, None).is_empty()
    }

    /// The error of a run in which no image had a plot; `None` where lights may be what the image shows.
    pub fn emptiness(&self) -> Option<Error> {
        let error = Error::script("no image shows anything: the scene has no plot")
            .hint("make one in `init`: `rt.set_data(\"plot\", #{ pos: [[0, 0, 0]], r: 1 })`");
        (!self.has_plots() && !self.lights.values().any(|light| light.in_geometry)).then_some(error)
    }

    /// Why the image will not show what it is meant to, as far as that is certain. A scene without plots has no doubts:
    /// plots may come later.
    pub fn doubts(&self) -> Vec<Doubt> {
        if !self.has_plots() {
            return Vec::new();
        }
        let camera = self.view();
        let of_view = self.nothing_in_view(&camera).or_else(|| self.walled_in(&camera));
        let of_light = self.unlit().or_else(|| self.glare());
        let of_view = of_view.map(|(topic, error)| Doubt { topic, of_camera: true, error });
        let of_light = of_light.map(|(topic, error)| Doubt { topic, of_camera: false, error });
        of_view.into_iter().chain(of_light).collect()
    }

    fn nothing_in_view(&self, camera: &Camera) -> Option<(&'static str, Error)> {
        let view = Seen::of(camera, self.aspect());
        // A visible light may be what the image is about.
        let lit = self.lights.values().any(|light| {
            let (center, radius) = match light.shape {
                LightShape::Spherical { radius } => (light.pos, f64::from(radius)),
                LightShape::Parallelogram { u, v } => {
                    (light.pos + ((u + v) * 0.5).as_dvec3(), 0.5 * f64::from(u.length() + v.length()))
                }
            };
            light.in_geometry && view.holds(center, radius)
        });
        if lit || Plots::of(self, None).iter().any(|(_, plot)| view.shows(plot)) {
            return None;
        }
        let error = Error::script("the camera sees no plot: all of them lie outside of the image")
            .hint("`rt.camera_fit()` moves it to where it sees all plots, and so does `setup_camera` without `eye` and `target`");
        Some(("view", error))
    }

    /// The eye is inside of a closed primitive which no light from outside enters.
    fn walled_in(&self, camera: &Camera) -> Option<(&'static str, Error)> {
        let eye = camera.eye;
        let lights: Vec<DVec3> = self.lights.values().flat_map(Light::samples).collect();
        // What shines may well be inside, too.
        if self.has_shining_plot() {
            return None;
        }
        Plots::of(self, None).iter().find_map(|(name, plot)| {
            let primitive = plot.around(eye, &lights)?;
            let error =
                Error::script(format!("the camera is inside of primitive {primitive} of `{name}`, where no light is"))
                    .hint("move its `eye` outside, such as with `rt.camera_fit()`; a room wants a light in it");
            Some(("inside", error))
        })
    }

    /// Whether some plot has a luminous material.
    fn has_shining_plot(&self) -> bool {
        let shines = |plot: &Geometry| self.materials.get(&plot.material).is_some_and(Material::shines);
        Plots::of(self, None).iter().any(|(_, plot)| shines(plot))
    }

    fn unlit(&self) -> Option<(&'static str, Error)> {
        let has_light = self.lights.values().any(|light| light.color.max_element() > 0.0);
        if self.ambient.max_element() > 0.0 || has_light || self.has_shining_plot() {
            return self.lights_turned_away();
        }
        let why = if self.lights.is_empty() { "there is no light" } else { "all lights are black" };
        let error = Error::script(format!("all plots are black: {why}, and the ambient light is 0"))
            .hint("`rt.setup_light(\"lamp\")` makes a light, `rt.set_ambient(0.5)` light from everywhere; the background sheds none");
        Some(("unlit", error))
    }

    /// All lights emit to one side, and no plot is on it.
    fn lights_turned_away(&self) -> Option<(&'static str, Error)> {
        if self.ambient.max_element() > 0.0 || self.has_shining_plot() {
            return None;
        }
        let reaches = |shape: LightShape, pos: DVec3| match shape {
            LightShape::Spherical { .. } => true,
            LightShape::Parallelogram { u, v } => {
                let normal = u.as_dvec3().cross(v.as_dvec3()).normalize_or_zero();
                let [most] = Plots::of(self, None).reach(&[normal]);
                most > normal.dot(pos)
            }
        };
        let mut lights = self.lights.iter().filter(|(_, light)| light.color.max_element() > 0.0);
        if lights.clone().any(|(_, light)| reaches(light.shape, light.pos)) {
            return None;
        }
        let (name, _) = lights.next()?;
        let error = Error::script(format!("all plots are black: they lie behind the light `{name}`"))
            .hint(format!("it shines to the side of u x v: exchange `u` and `v`, or call `rt.light_fit(\"{name}\")`"));
        Some(("unlit", error))
    }

    /// There is so much light that everything is white.
    fn glare(&self) -> Option<(&'static str, Error)> {
        let exposure = if super::is_tone_mapped(&self.postproc) { self.variables.tonemap_exposure } else { 1.0 };
        let seen = self.ambient.min_element() * exposure;
        if seen < GLARE {
            return None;
        }
        let error = Error::script(format!("the ambient light makes surfaces {seen} times as bright as white"))
            .hint("1 is bright already; divide colours of bytes by 255, or lower `tonemap_exposure`");
        Some(("glare", error))
    }
}

/// The half-spaces of the view: points whose product with the direction is at least the limit.
struct Seen {
    directions: [DVec3; 5],
    least: [f64; 5],
}

impl Seen {
    fn of(camera: &Camera, aspect: f32) -> Seen {
        let (right, up, forward) = camera.basis();
        let [right, up, forward] = [right, up, forward].map(|axis| axis.as_dvec3());
        let eye = camera.eye;
        let half = f64::from(camera.half_height());
        // A lens sees slightly beyond the pinhole's view.
        let lens = if camera.kind.row().lens { f64::from(camera.aperture_radius) } else { 0.0 };
        let sides = [(right, half * f64::from(aspect)), (-right, half * f64::from(aspect)), (up, half), (-up, half)];
        let mut view = Seen { directions: [forward; 5], least: [forward.dot(eye); 5] };
        for (k, (axis, half)) in sides.into_iter().enumerate() {
            (view.directions[k], view.least[k]) = match camera.view() {
                View::Parallel => (axis, axis.dot(eye) - half),
                View::Perspective => {
                    let inward = axis + half * forward;
                    (inward, inward.dot(eye) - lens)
                }
                View::Around => (axis, f64::NEG_INFINITY),
            };
        }
        if camera.view() == View::Around {
            view.least = [f64::NEG_INFINITY; 5];
        }
        view
    }

    /// Whether a sphere may be in the image.
    fn holds(&self, center: DVec3, radius: f64) -> bool {
        self.directions.iter().zip(self.least).all(|(d, least)| center.dot(*d) + radius * d.length() > least)
    }

    /// Whether a primitive of the plot may be in the image: stops at the first one.
    fn shows(&self, plot: &Geometry) -> bool {
        let local = Directions::of(plot, &self.directions);
        (0..plot.primitives()).any(|i| {
            let reach = plot.reach_of(i, &local);
            (0..5).all(|k| reach[k] + local.offsets[k] > self.least[k])
        })
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::scene::{CameraKind, Channel, GeometryKind, Light, MaterialKind, Values};
    use glam::Vec3;

    /// A sphere at the origin, seen from the front.
    fn ball() -> Scene {
        let mut scene = Scene::default();
        let mut plot = Geometry::new(GeometryKind::ParticleSet, [[0.0; 3]]);
        plot[Channel::R] = Values::one(1.0);
        scene.geometries.insert("ball".into(), plot.into());
        scene.cameras.insert("c".into(), Camera::default());
        scene.current_camera = Some("c".into());
        scene
    }

    fn with(change: impl FnOnce(&mut Scene)) -> Scene {
        let mut scene = ball();
        change(&mut scene);
        scene
    }

    fn eye_at(scene: &mut Scene, eye: [f64; 3], target: [f64; 3]) {
        let camera = Camera { eye: eye.into(), target: target.into(), ..Camera::default() };
        scene.cameras.insert("c".into(), camera);
    }

    fn flat(scene: &mut Scene) {
        scene.materials["diffuse"].kind = MaterialKind::Flat;
    }

    fn lamp(pos: [f64; 3]) -> Light {
        Light { pos: pos.into(), in_geometry: false, ..Light::default() }
    }

    fn panel(z: f32) -> Light {
        // The light emits towards +z.
        let shape = LightShape::Parallelogram { u: Vec3::X, v: Vec3::Y };
        Light { shape, ..lamp([0.0, 0.0, z.into()]) }
    }

    #[test]
    fn images_that_show_something_raise_no_doubt() {
        let fine = [
            ball(),
            Scene::default(),
            with(|s| s.geometries.clear()),
            with(|s| eye_at(s, [0.0, 0.0, 1.01], [0.0, 0.0, 0.0])),
            with(|s| eye_at(s, [0.0, 0.0, 10.0], [2.0, 0.0, 0.0])),
            // A room with a light in it, and a luminous dome.
            with(|s| {
                eye_at(s, [0.5, 0.0, 0.0], [0.0; 3]);
                s.lights.insert("lamp".into(), lamp([0.0, 0.5, 0.0]));
            }),
            with(|s| {
                eye_at(s, [0.5, 0.0, 0.0], [0.0; 3]);
                flat(s);
            }),
            with(|s| {
                s.ambient = Vec3::ZERO;
                flat(s);
            }),
            with(|s| {
                s.ambient = Vec3::ZERO;
                s.lights.insert("panel".into(), panel(-5.0));
            }),
            // A light that the camera looks at.
            with(|s| {
                eye_at(s, [0.0, 0.0, 10.0], [0.0, 0.0, 20.0]);
                s.lights.insert("lamp".into(), Light { in_geometry: true, ..lamp([0.0, 0.0, 20.0]) });
            }),
            with(|s| {
                s.ambient = Vec3::splat(100.0);
                s.variables.tonemap_exposure = 0.01;
                s.postproc.push(crate::scene::Postproc::Gamma);
            }),
        ];
        for (i, scene) in fine.iter().enumerate() {
            assert_eq!(scene.doubts(), [], "{i}");
        }
    }

    #[test]
    fn images_that_show_nothing_are_reported_with_the_remedy() {
        let black = |lights: &[(&str, Light)]| {
            with(|s| {
                s.ambient = Vec3::ZERO;
                s.lights.extend(lights.iter().map(|(name, light)| (name.to_string(), light.clone())));
            })
        };
        let past = "the camera sees no plot: all of them lie outside of the image";
        let cases = [
            (with(|s| eye_at(s, [0.0, 0.0, 10.0], [0.0, 0.0, 20.0])), past, true),
            (with(|s| eye_at(s, [0.0, 0.0, 10.0], [10.0, 0.0, 0.0])), past, true),
            (
                with(|s| {
                    eye_at(s, [0.0, 5.0, 10.0], [0.0, 5.0, 0.0]);
                    s.cameras["c"].kind = CameraKind::Ortho;
                }),
                past,
                true,
            ),
            // Two spheres to the left and to the right of the view: the plot as a whole is in the image.
            (
                with(|s| {
                    let mut plot = Geometry::new(GeometryKind::ParticleSet, [[-50.0, 0.0, 0.0], [50.0, 0.0, 0.0]]);
                    plot[Channel::R] = Values::one(1.0);
                    s.geometries.insert("ball".into(), plot.into());
                }),
                past,
                true,
            ),
            (
                with(|s| eye_at(s, [0.5, 0.0, 0.0], [0.0; 3])),
                "the camera is inside of primitive 0 of `ball`, where no light is",
                true,
            ),
            (black(&[]), "all plots are black: there is no light, and the ambient light is 0", false),
            (
                black(&[("off", Light { color: Vec3::ZERO, ..lamp([5.0; 3]) })]),
                "all plots are black: all lights are black, and the ambient light is 0",
                false,
            ),
            (black(&[("panel", panel(5.0))]), "all plots are black: they lie behind the light `panel`", false),
            (
                with(|s| s.ambient = Vec3::splat(255.0)),
                "the ambient light makes surfaces 255 times as bright as white",
                false,
            ),
        ];
        for (scene, message, of_camera) in cases {
            let doubts = scene.doubts();
            let found: Vec<_> = doubts.iter().map(|d| (d.error.message.as_str(), d.of_camera)).collect();
            assert_eq!(found, [(message, of_camera)]);
            assert!(doubts.iter().all(|d| d.error.hint.is_some()));
        }
    }

    #[test]
    fn the_inside_of_a_turned_box_is_known() {
        let plot = Geometry::new(GeometryKind::Parallelepipeds, [[9.0; 3], [0.0; 3]]);
        let mut plot =
            plot.with(Channel::U, [2.0, 0.0, 0.0]).with(Channel::V, [0.0, 0.0, 2.0]).with(Channel::W, [0.0, 2.0, 0.0]);
        plot.transform = glam::DAffine3::from_rotation_z(std::f64::consts::FRAC_PI_2);
        let point = |x, y, z| DVec3::new(x, y, z);
        assert_eq!(plot.around(point(-1.0, 1.0, 1.0), &[]), Some(1));
        assert_eq!(plot.around(point(1.0, 1.0, 1.0), &[]), None);
        assert_eq!(plot.around(point(-1.0, 1.0, 1.0), &[point(-0.5, 0.5, 0.5)]), None);
    }
}
