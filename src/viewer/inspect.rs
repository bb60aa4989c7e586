//! Inspection: the object under the pointer, with the data that it was made from.

use super::arrange::Selected;
use super::call::{coordinate, number, point, vector};
use crate::device::{Hit, Ray, camera_ray, light_distance};
use crate::scene::{Camera, Channel, Light, LightShape, Scene};
use glam::{DVec3, Vec2};

/// An object that a ray hit.
#[derive(Debug, Clone, PartialEq)]
pub struct Inspection {
    /// The primitive or light.
    pub what: Selected,
    /// The face that was hit: see [`Hit::face`].
    pub face: u32,
    /// The kind's name in scripts: `"ParticleSet"`, `"Spherical"`.
    pub kind: &'static str,
    /// The hit point in world space.
    pub position: DVec3,
    /// Distance from the ray's origin, scene units.
    pub distance: f32,
    /// Names and values of the object's data, as in the options of `set_data` and `setup_light`.
    pub values: Vec<(&'static str, String)>,
}

/// The camera ray through a pixel of the image area; pixels are counted from its upper left corner.
pub fn ray_at(camera: &Camera, at: Vec2, size: Vec2) -> Ray {
    let (x, y) = (2.0 * at.x / size.x - 1.0, 1.0 - 2.0 * at.y / size.y);
    camera_ray(camera, x, y, size.x / size.y)
}

/// The first object that the ray hits: `hit`, which [`Device::closest`](crate::device::Device::closest) has found in
/// this scene, or a nearer light. Invisible lights are skipped. The ray's direction must be a unit vector.
pub fn describe(scene: &Scene, hit: Option<&Hit>, ray: &Ray) -> Option<Inspection> {
    let mut nearest = f32::INFINITY;
    let mut found = None;
    if let Some(hit) = hit {
        nearest = hit.t;
        found = primitive(scene, hit, ray);
    }
    for (name, light) in &scene.lights {
        let distance = if light.in_geometry { light_distance(light, ray) } else { None };
        if let Some(distance) = distance.filter(|distance| *distance < nearest) {
            nearest = distance;
            found = Some(Inspection {
                what: Selected::Light(name.clone()),
                face: 0,
                kind: light.kind().name(),
                position: along(ray, distance),
                distance,
                values: light_values(light),
            });
        }
    }
    found
}

impl Inspection {
    /// The title: `"points[12]"`, or the name of a light.
    pub fn title(&self) -> String {
        match &self.what {
            Selected::Geometry(name) | Selected::Light(name) => name.clone(),
            Selected::Primitive { geometry, index } => format!("{geometry}[{index}]"),
        }
    }

    /// The lines of the overlay: what the object is, where it was hit, and one line for each value.
    pub fn lines(&self) -> Vec<String> {
        let short = |x: f64| short(x, self.distance);
        let (place, distance) = (self.position.to_array().map(short), short(self.distance.into()));
        let mut lines = vec![
            format!("{}  {}", self.title(), self.kind),
            format!("at {}, {} away", point(place.into()), coordinate(distance)),
        ];
        lines.extend(self.values.iter().map(|(name, value)| format!("{name}: {value}")));
        lines
    }
}

/// The coordinate rounded to the precision that a pixel gives at `distance`.
fn short(x: f64, distance: f32) -> f64 {
    let last_digit = (distance.log10().floor() as i32).clamp(-30, 30) - 4;
    match usize::try_from(-last_digit) {
        Ok(decimals) => format!("{x:.decimals$}").parse().unwrap_or(x),
        Err(_) => (x / 10f64.powi(last_digit)).round() * 10f64.powi(last_digit),
    }
}

fn along(ray: &Ray, t: f32) -> DVec3 {
    ray.origin + (ray.dir * t).as_dvec3()
}

fn primitive(scene: &Scene, hit: &Hit, ray: &Ray) -> Option<Inspection> {
    let (name, plot) = scene.geometries.get_index(hit.plot as usize)?;
    let index = hit.primitive as usize;
    let nodes = plot.nodes_of(index);
    plot.pos.get(nodes.end - 1)?;
    let mut values: Vec<_> = nodes.clone().map(|node| ("pos", point(plot.pos.at(node)))).collect();
    for &channel in plot.kind.shape().row().channels.iter().chain(&[Channel::Color]) {
        let values_of = &plot[channel];
        for node in nodes.clone() {
            let shown = match channel.row().width {
                1 => number(values_of.scalar(node)),
                _ => vector(values_of.vector(node).into()),
            };
            values.push((channel.name(), shown));
        }
    }
    values.push(("mat", plot.material.clone()));
    Some(Inspection {
        what: Selected::Primitive { geometry: name.clone(), index },
        face: hit.face,
        kind: plot.kind.name(),
        position: along(ray, hit.t),
        distance: hit.t,
        values,
    })
}

fn light_values(light: &Light) -> Vec<(&'static str, String)> {
    let mut values = vec![("pos", point(light.pos))];
    match light.shape {
        LightShape::Spherical { radius } => values.push(("radius", number(radius))),
        LightShape::Parallelogram { u, v } => values.extend([("u", vector(u)), ("v", vector(v))]),
    }
    values.push(("color", vector(light.color)));
    values
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::device::Device;
    use crate::device::cpu::CpuDevice;
    use crate::scene::{Channel, Edit, GeometryKind, GeometryUpdate, Values};
    use glam::Vec3;

    const SIZE: Vec2 = Vec2::new(400.0, 300.0);

    /// A ball and two blocks behind it, seen from z = 10.
    fn scene() -> Scene {
        let mut scene = Scene { size: (400, 300), ..Scene::default() };
        scene.cameras.insert("cam".into(), Camera::default());
        scene.current_camera = Some("cam".into());
        let mut set = |name: &str, data| scene.apply(&Edit::SetData { name: name.into(), data }).unwrap();
        set("nothing", GeometryUpdate { pos: Some([[0.0, 0.0, 99.0]].into()), ..GeometryUpdate::default() });
        set(
            "balls",
            GeometryUpdate {
                pos: Some([[-2.0, 0.0, 0.0], [0.0, 0.0, 0.0]].into()),
                values: [(Channel::R, Values::each([0.25, 0.5])), (Channel::Color, Values::one([0.9, 0.5, 0.2]))]
                    .into(),
                ..GeometryUpdate::default()
            },
        );
        let block = GeometryUpdate {
            kind: Some(GeometryKind::Parallelepipeds),
            pos: Some([[-5.0, -5.0, -3.0], [-0.5, 1.0, 0.0]].into()),
            values: [
                (Channel::U, Values::one([10.0, 0.0, 0.0])),
                (Channel::V, Values::one([0.0, 10.0, 0.0])),
                (Channel::W, Values::one([0.0, 0.0, -1.0])),
            ]
            .into(),
            ..GeometryUpdate::default()
        };
        set("blocks", block);
        scene
    }

    fn look(scene: &Scene, at: Vec2) -> Option<Inspection> {
        let mut device = CpuDevice::new(1).unwrap();
        device.apply(scene).unwrap();
        let ray = ray_at(&scene.view(), at, SIZE);
        let hit = device.closest(&[ray]).unwrap()[0];
        describe(scene, hit.as_ref(), &ray)
    }

    /// The pixel at which a point of the scene is seen.
    fn pixel(scene: &Scene, point: DVec3) -> Vec2 {
        let (x, y) = scene.view().project(point, SIZE.x / SIZE.y).unwrap();
        Vec2::new(x + 1.0, 1.0 - y) * 0.5 * SIZE
    }

    #[test]
    fn a_primitive_is_described_with_its_data() {
        let scene = scene();
        let ball = look(&scene, SIZE * 0.5).unwrap();
        assert_eq!(ball.what, Selected::Primitive { geometry: "balls".into(), index: 1 });
        assert_eq!(
            ball.lines(),
            [
                "balls[1]  ParticleSet",
                "at [0, 0, 0.5], 9.5 away",
                "pos: [0, 0, 0]",
                "r: 0.5",
                "c: [0.9, 0.5, 0.2]",
                "mat: diffuse"
            ]
        );
        let other = look(&scene, pixel(&scene, DVec3::new(-2.0, 0.0, 0.0))).unwrap();
        assert_eq!((other.title().as_str(), other.values[1].1.as_str()), ("balls[0]", "0.25"));
        let block = look(&scene, pixel(&scene, DVec3::new(1.0, -1.0, -3.0))).unwrap();
        assert_eq!((block.title().as_str(), block.kind), ("blocks[0]", "Parallelepipeds"));
        assert!(block.position.abs_diff_eq(DVec3::new(1.0, -1.0, -3.0), 1e-4));
        assert_eq!(block.values.iter().map(|v| v.0).collect::<Vec<_>>(), ["pos", "u", "v", "w", "c", "mat"]);
    }

    #[test]
    fn a_light_in_front_is_what_is_met() {
        let mut scene = scene();
        let ball = look(&scene, SIZE * 0.5);
        let sphere = Light { pos: DVec3::new(0.0, 0.0, 3.0), ..Light::default() };
        scene.lights.insert("lamp".into(), sphere.clone());
        let found = look(&scene, SIZE * 0.5).unwrap();
        assert_eq!((found.title().as_str(), found.kind, found.distance), ("lamp", "Spherical", 6.0));
        assert_eq!(found.lines()[2..], ["pos: [0, 0, 3]", "radius: 1", "color: [10, 10, 10]"]);
        // An invisible light, one behind the ball, and one with the eye inside of it.
        for other in [
            Light { in_geometry: false, ..sphere.clone() },
            Light { pos: DVec3::new(0.0, 0.0, -1.5), ..sphere.clone() },
            Light { pos: DVec3::new(0.0, 0.0, 10.5), ..sphere },
        ] {
            scene.lights.insert("lamp".into(), other);
            assert_eq!(look(&scene, SIZE * 0.5), ball);
        }
        // Both sides of a panel, which extends from the centre to the upper left.
        for (u, v) in [(Vec3::Y, Vec3::NEG_X), (Vec3::NEG_X, Vec3::Y)] {
            let shape = LightShape::Parallelogram { u, v };
            scene.lights.insert("lamp".into(), Light { shape, pos: DVec3::Z * 4.0, ..Light::default() });
            for (x, y, is_met) in [(-0.9, 0.9, true), (-0.1, 0.1, true), (0.1, 0.1, false), (-0.1, 1.1, false)] {
                let found = look(&scene, pixel(&scene, DVec3::new(x, y, 4.0))).unwrap();
                assert_eq!(found.title() == "lamp", is_met, "({x}, {y}): {found:?}");
            }
        }
    }

    #[test]
    fn beside_everything_there_is_nothing() {
        let mut scene = scene();
        scene.geometries.shift_remove("blocks");
        assert_eq!(look(&scene, Vec2::new(2.0, 2.0)), None);
        let ray = ray_at(&scene.view(), Vec2::ZERO, SIZE);
        let stale = Hit { plot: 7, primitive: 0, face: 0, t: 1.0 };
        assert_eq!(describe(&scene, Some(&stale), &ray), None, "a hit of another scene");
        let stale = Hit { plot: 1, primitive: 9, face: 0, t: 1.0 };
        assert_eq!(describe(&scene, Some(&stale), &ray), None);
    }
}
