use super::*;
use crate::cancel::CancelToken;
use crate::device::cpu::CpuDevice;
use crate::device::film::Planes;
use crate::device::null::NullDevice;
use crate::device::{Develop, Device};
use crate::frame::Frame;
use crate::scene::{
    self, CameraKind, Edit, GeometryKind, GeometryUpdate, LightUpdate, MaterialKind, MaterialUpdate, Scene, Values,
};
use glam::{DVec3, Vec3};

const SIZE: (u32, u32) = (121, 81);
const GUIDES: Develop = Develop { linear: false, guides: true };

/// A ball of radius 1 at the origin and a grey wall at z = -3, seen from 10 in front of the ball. The sky is visible
/// beside the wall.
fn scene() -> Scene {
    let mut scene = Scene { size: SIZE, ..Scene::default() };
    let ball = GeometryUpdate {
        pos: Some([[0.0; 3]].into()),
        values: [(scene::Channel::R, Values::one(1.0)), (scene::Channel::Color, Values::one([0.8, 0.4, 0.1]))].into(),
        ..GeometryUpdate::default()
    };
    let wall = GeometryUpdate {
        kind: Some(GeometryKind::Parallelograms),
        pos: Some([[-4.0, -20.0, -3.0], [0.0, -20.0, -3.0]].into()),
        values: [
            (scene::Channel::U, Values::one([4.0, 0.0, 0.0])),
            (scene::Channel::V, Values::one([0.0, 40.0, 0.0])),
            (scene::Channel::Color, Values::one([0.5; 3])),
        ]
        .into(),
        ..GeometryUpdate::default()
    };
    let light = LightUpdate { pos: Some(DVec3::new(5.0, 50.0, 20.0)), ..LightUpdate::default() };
    for edit in [
        Edit::SetData { name: "ball".into(), data: ball },
        Edit::SetData { name: "wall".into(), data: wall },
        Edit::SetupLight { name: "lamp".into(), light },
    ] {
        scene.apply(&edit).unwrap();
    }
    scene.cameras.insert("cam".into(), Camera { fov: 40.0, ..Camera::default() });
    scene.current_camera = Some("cam".into());
    scene
}

fn ready(scene: &Scene, passes: u32) -> CpuDevice {
    let mut device = CpuDevice::new(2).unwrap();
    device.require_planes(Planes::ALL);
    device.apply(scene).unwrap();
    device.restart(1);
    device.trace_more(passes, &CancelToken::new()).unwrap();
    device
}

fn guides(scene: &Scene, passes: u32) -> (Frame, Guides) {
    let frame = ready(scene, passes).develop(true, GUIDES).unwrap();
    let guides = frame.guides.clone().unwrap();
    (frame, guides)
}

fn pixel(x: u32, y: u32) -> usize {
    (y * SIZE.0 + x) as usize
}

/// The pixel in the centre, on the ball.
const MIDDLE: (u32, u32) = (60, 40);
/// A pixel on the wall, and one beside it.
const WALL: (u32, u32) = (90, 40);
const SKY: (u32, u32) = (1, 40);

#[test]
fn guides_come_only_when_they_are_asked_for() {
    let mut device = ready(&scene(), 2);
    assert_eq!(device.develop(true, Develop::default()).unwrap().guides, None);
    let with = device.develop(true, GUIDES).unwrap();
    assert!(with.guides.is_some());
    // Requesting them must not change the rest of the frame.
    let without = device.develop(true, Develop::default()).unwrap();
    assert_eq!(Frame { guides: None, ..with }, without);
}

#[test]
fn guides_say_what_is_seen() {
    let (frame, guides) = guides(&scene(), 16);
    let three = |values: &[f32], (x, y): (u32, u32)| Vec3::from_slice(&values[3 * pixel(x, y)..]);
    assert_eq!((guides.width, guides.height), SIZE);
    assert!(three(&guides.albedo, MIDDLE).abs_diff_eq(Vec3::new(0.8, 0.4, 0.1), 1e-5));
    assert!(three(&guides.albedo, WALL).abs_diff_eq(Vec3::splat(0.5), 1e-5));
    assert_eq!(three(&guides.albedo, SKY), Vec3::ZERO);
    assert!(three(&guides.normal, MIDDLE).abs_diff_eq(Vec3::Z, 2e-3), "to the viewer");
    assert!(three(&guides.normal, WALL).abs_diff_eq(Vec3::Z, 1e-5));
    let (left, above) = (three(&guides.normal, (54, 40)), three(&guides.normal, (60, 34)));
    assert!(left.x < -0.3 && left.y.abs() < 0.1 && above.y > 0.3 && above.x.abs() < 0.1, "{left} {above}");
    // Closed form: the ball's front is 9 away, the wall 13 everywhere.
    assert!((guides.depth[pixel(60, 40)] - 9.0).abs() < 3e-3);
    assert!((guides.depth[pixel(90, 40)] - 13.0).abs() < 1e-4 && (guides.depth[pixel(90, 3)] - 13.0).abs() < 1e-4);
    assert_eq!((guides.depth[pixel(1, 40)], guides.coverage[pixel(1, 40)]), (f32::INFINITY, 0.0));
    assert_eq!((guides.coverage[pixel(60, 40)], guides.coverage[pixel(90, 40)]), (1.0, 1.0));
    let partly = guides.coverage.iter().filter(|c| **c > 0.0 && **c < 1.0).count();
    assert!(partly > 50, "{partly} pixels at the edges of the wall");
    // The mean of the pixels' noise is the frame's.
    let mean = guides.noise.iter().map(|x| f64::from(*x)).sum::<f64>() / guides.noise.len() as f64;
    assert!((mean / f64::from(frame.noise) - 1.0).abs() < 1e-4 && guides.noise[pixel(1, 40)] == 0.0);
}

/// Normals and depths are in the camera's space, not in the world's.
#[test]
fn guides_are_in_the_space_of_the_camera() {
    let mut scene = scene();
    for kind in [CameraKind::Pinhole, CameraKind::Ortho] {
        let camera = Camera { kind, eye: DVec3::new(7.0, 0.0, 0.0), ..Camera::default() };
        scene.cameras.insert("cam".into(), camera);
        let (_, guides) = guides(&scene, 4);
        let middle = pixel(60, 40);
        let normal = Vec3::from_slice(&guides.normal[3 * middle..]);
        assert!(normal.abs_diff_eq(Vec3::Z, 0.02), "{kind:?}: {normal}");
        assert!((guides.depth[middle] - 6.0).abs() < 3e-3, "{kind:?}: {}", guides.depth[middle]);
    }
}

#[test]
fn a_film_without_passes_knows_nothing() {
    for frame in [ready(&scene(), 0).develop(false, GUIDES).unwrap(), {
        let mut null = NullDevice::new();
        null.apply(&scene()).unwrap();
        null.develop(false, GUIDES).unwrap()
    }] {
        let guides = frame.guides.unwrap();
        assert_eq!(guides, Guides::of_nothing(SIZE.0, SIZE.1));
        for channel in ImageChannel::ALL {
            let image = guided(channel, &guides);
            assert_eq!(image.is_some(), channel.source() == ChannelSource::Guides);
            if let Some(image) = image {
                assert_eq!(image.len(), 4 * (SIZE.0 * SIZE.1) as usize);
            }
        }
    }
    let (_, one) = guides(&scene(), 1);
    assert!(one.noise.iter().all(|noise| *noise == f32::INFINITY), "the noise is not known after one pass");
}

#[test]
fn many_passes_are_summed_up_with_those_put_aside() {
    let mut scene = scene();
    scene.size = (9, 7);
    let (_, few) = guides(&scene, 3000);
    let (_, many) = guides(&scene, 4500);
    let middle = 9 * 3 + 4;
    assert!((few.depth[middle] / many.depth[middle] - 1.0).abs() < 1e-3 && many.coverage[middle] == 1.0);
}

#[test]
fn a_cancelled_develop_gives_no_guides() {
    let mut device = ready(&scene(), 2);
    let cancel = CancelToken::new();
    device.interrupt_by(&cancel);
    cancel.cancel();
    assert_eq!(device.develop(true, GUIDES).unwrap_err().kind, crate::ErrorKind::Interrupted);
    let rays = rays(&scene().view(), SIZE);
    assert_eq!(device.closest(&rays).unwrap_err().kind, crate::ErrorKind::Interrupted);
}

fn at(image: &[u8], (x, y): (u32, u32)) -> [u8; 4] {
    image[4 * pixel(x, y)..][..4].try_into().unwrap()
}

#[test]
fn channels_are_images() {
    let (_, guides) = guides(&scene(), 16);
    let albedo = guided(ImageChannel::Albedo, &guides).unwrap();
    let shown = |c: f32| (c.powf(1.0 / 2.2) * 255.0).round() as u8;
    assert_eq!(at(&albedo, MIDDLE), [shown(0.8), shown(0.4), shown(0.1), 255]);
    assert_eq!((at(&albedo, WALL)[0], at(&albedo, SKY)), (shown(0.5), [0, 0, 0, 255]));
    let normal = guided(ImageChannel::Normal, &guides).unwrap();
    assert_eq!(at(&normal, WALL), [128, 128, 255, 255]);
    assert_eq!(at(&normal, SKY), [0, 0, 0, 255]);
    let depth = guided(ImageChannel::Depth, &guides).unwrap();
    let (near, far) = (at(&depth, MIDDLE), at(&depth, WALL));
    assert!(near[0] > 250 && near[0] == near[2] && (15..30).contains(&far[0]), "{near:?} {far:?}");
    assert_eq!(at(&depth, SKY), [0, 0, 0, 255]);
    let noise = guided(ImageChannel::Noise, &guides).unwrap();
    assert_eq!(at(&noise, SKY), [0, 0, 0, 255], "the background has no noise");
    let different: std::collections::HashSet<_> = noise.chunks(4).collect();
    assert!(different.len() > 20, "{} colours", different.len());
}

/// A few pixels with absurd depths must not squeeze all others into one grey.
#[test]
fn the_range_of_depths_is_robust() {
    let mut guides = Guides::of_nothing(1000, 1);
    guides.coverage.fill(1.0);
    for (i, depth) in guides.depth.iter_mut().enumerate() {
        *depth = 1.0 + i as f32 / 1000.0;
    }
    (guides.depth[3], guides.depth[500]) = (1e9, 0.0);
    let image = guided(ImageChannel::Depth, &guides).unwrap();
    assert!(image[4 * 20] > 245 && image[4 * 980] < 30, "{} {}", image[4 * 20], image[4 * 980]);
    let middle = image[4 * 501];
    assert!((120..150).contains(&middle), "{middle}");
    // The same depth everywhere, and then no depth at all.
    guides.depth.fill(2.0);
    assert_eq!(guided(ImageChannel::Depth, &guides).unwrap()[0], 255);
    guides.coverage.fill(0.0);
    guides.depth.fill(f32::INFINITY);
    assert_eq!(guided(ImageChannel::Depth, &guides).unwrap()[0], 0);
}

#[test]
fn ids_tell_primitives_apart() {
    let scene = scene();
    let hits = ready(&scene, 0).closest(&rays(&scene.view(), SIZE)).unwrap();
    let of = |(x, y): (u32, u32)| hits[pixel(x, y)].map(|hit| (hit.plot, hit.primitive));
    assert_eq!((of(MIDDLE), of(WALL), of((35, 40)), of(SKY)), (Some((0, 0)), Some((1, 1)), Some((1, 0)), None));
    let image = ids(&hits);
    let colors = [MIDDLE, WALL, (35, 40), SKY].map(|place| at(&image, place));
    assert_eq!(colors[3], [0, 0, 0, 255]);
    for (i, a) in colors.iter().enumerate() {
        for b in &colors[..i] {
            assert!(far_apart(*a, *b, 60), "{a:?} {b:?}");
        }
    }
}

fn far_apart(a: [u8; 4], b: [u8; 4], least: u32) -> bool {
    a.iter().zip(b).map(|(a, b)| u32::from(a.abs_diff(b))).sum::<u32>() > least
}

#[test]
fn ids_of_neighbours_differ() {
    let color = |plot, primitive| {
        let hit = Hit { plot, primitive, face: 0, t: 1.0 };
        <[u8; 4]>::try_from(&ids(&[Some(hit)])[..]).unwrap()
    };
    for plot in 0..8 {
        for primitive in 0..300 {
            let here = color(plot, primitive);
            assert_eq!(here, color(plot, primitive));
            assert!(here[..3].iter().any(|c| *c > 100), "not like the background: {here:?}");
            for step in 1..8 {
                let there = color(plot, primitive + step);
                assert!(far_apart(here, there, 25), "{plot}: {primitive} and {step} further: {here:?} {there:?}");
            }
        }
        for other in 0..plot {
            assert!(far_apart(color(plot, 0), color(other, 0), 25), "plots {plot} and {other}");
        }
    }
    assert_eq!(color(1, u32::MAX)[3], 255);
}

#[test]
fn material_kinds_have_the_same_guides() {
    let mut scene = scene();
    let (_, diffuse) = guides(&scene, 4);
    let material = MaterialUpdate { kind: Some(MaterialKind::Flat), ..MaterialUpdate::default() };
    scene.apply(&Edit::SetupMaterial { name: "diffuse".into(), material }).unwrap();
    let (_, flat) = guides(&scene, 4);
    assert_eq!((diffuse.albedo, diffuse.normal, diffuse.depth), (flat.albedo, flat.normal, flat.depth));
}

#[test]
fn channels_have_names_and_an_order() {
    let mut channel = ImageChannel::default();
    let mut names = Vec::new();
    for _ in ImageChannel::ALL {
        names.push(channel.name());
        channel = channel.next();
    }
    assert_eq!(channel, ImageChannel::Image);
    assert_eq!(names, ["image", "albedo", "normal", "depth", "ids", "noise"]);
}

#[test]
fn rays_go_through_the_middles_of_pixels() {
    let camera = Camera::default();
    let rays = rays(&camera, (3, 1));
    assert_eq!(rays.len(), 3);
    assert!(rays[1].dir.abs_diff_eq(Vec3::NEG_Z, 1e-6));
    let slope = 17.5f32.to_radians().tan();
    // A third of the image's width to the right of the centre.
    assert!((rays[2].dir[0] / -rays[2].dir[2] - 2.0 * slope).abs() < 1e-5);
}
