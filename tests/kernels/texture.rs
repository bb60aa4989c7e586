//! Textures: the lookup against a slow one in double precision, and images of textures.

use crate::support::statistics::Random;
use crate::support::*;
use crate::{render, variants};
use plotrt::device::Device;
use plotrt::device::cpu::CpuDevice;
use plotrt::scene::*;
use std::sync::Arc;

const CLOSE: f64 = 1e-5;

/// A number of a texture, independent of the library: the linear channel of a pixel, which may be outside.
fn pixel(texture: &Texture, x: i64, y: i64, channel: usize) -> f64 {
    let inside = |i: i64, size: u32| {
        let size = i64::from(size);
        Some(match texture.address {
            AddressMode::Wrap => i.rem_euclid(size),
            AddressMode::Clamp => i.clamp(0, size - 1),
            AddressMode::Mirror if i.div_euclid(size) % 2 == 0 => i.rem_euclid(size),
            AddressMode::Mirror => size - 1 - i.rem_euclid(size),
            AddressMode::Border if (0..size).contains(&i) => i,
            AddressMode::Border => return None,
        })
    };
    let (width, height) = texture.size();
    let channels = texture.channels() as usize;
    let (Some(x), Some(y), true) = (inside(x, width), inside(y, height), channel < channels) else { return 0.0 };
    let i = (y as usize * width as usize + x as usize) * channels + channel;
    match texture.texels() {
        Texels::Floats(floats) => f64::from(floats[i]),
        Texels::Bytes(bytes) => {
            let encoded = f64::from(bytes[i]) / 255.0;
            let is_alpha = channels > 1 && channel == channels - 1;
            match texture.format() {
                TexelFormat::Byte => encoded,
                TexelFormat::Srgb if is_alpha => encoded,
                TexelFormat::Srgb if encoded <= 0.04045 => encoded / 12.92,
                TexelFormat::Srgb => ((encoded + 0.055) / 1.055).powf(2.4),
                TexelFormat::Float => panic!("bytes"),
            }
        }
    }
}

/// A channel at texture coordinates: the mean of all pixels, each weighted by a tent around its centre.
fn slow(texture: &Texture, u: f32, v: f32, channel: usize) -> f64 {
    let (width, height) = texture.size();
    let x = f64::from(u) * f64::from(width);
    let y = (1.0 - f64::from(v)) * f64::from(height);
    if texture.filter == FilterMode::Nearest {
        return pixel(texture, x.floor() as i64, y.floor() as i64, channel);
    }
    let mut sum = 0.0;
    for row in y.floor() as i64 - 2..y.floor() as i64 + 3 {
        for column in x.floor() as i64 - 2..x.floor() as i64 + 3 {
            let tent = |at: f64, i: i64| (1.0 - (at - (i as f64 + 0.5)).abs()).max(0.0);
            sum += tent(x, column) * tent(y, row) * pixel(texture, column, row, channel);
        }
    }
    sum
}

/// One texture of every format, number of channels, address mode and filter.
fn all_kinds() -> Vec<Texture> {
    let mut random = Random::new(3);
    let mut all = Vec::new();
    for channels in [1, 2, 3, 4] {
        for format in [TexelFormat::Byte, TexelFormat::Srgb, TexelFormat::Float] {
            for (address, filter) in
                ADDRESS_MODES.iter().flat_map(|a| FILTER_MODES.iter().map(move |f| (a.mode, f.mode)))
            {
                let (width, height) = (5, 3);
                let count = (width * height * channels) as usize;
                let floats: Vec<f32> = (0..count).map(|_| random.next()).collect();
                let texels = match format {
                    TexelFormat::Float => Texels::Floats(floats.into()),
                    _ => Texels::Bytes(floats.iter().map(|x| (x * 256.0) as u8).collect()),
                };
                let texture = Texture::new(width, height, channels, texels, format == TexelFormat::Srgb).unwrap();
                assert_eq!(texture.format(), format);
                all.push(texture.with_modes(address, filter));
            }
        }
    }
    all
}

fn scene_with(textures: &[Texture]) -> Scene {
    let mut scene = Scene { size: (4, 4), ..Scene::default() };
    scene.textures = textures.iter().enumerate().map(|(i, texture)| (format!("t{i}"), texture.clone())).collect();
    scene
}

#[test]
fn lookups_are_those_of_a_slow_reference() {
    let textures = all_kinds();
    let mut random = Random::new(4);
    let mut inputs = Vec::new();
    for i in 0..textures.len() {
        for k in 0..200 {
            let (u, v) = (random.range(-3.0, 3.0), random.range(-3.0, 3.0));
            // Where the nearest pixel changes, rounding decides.
            let clear = |x: f32, size: f32| (x * size - (x * size).round()).abs() > 1e-3;
            if clear(u, 5.0) && clear(v, 3.0) {
                inputs.push([i as f32, u, v]);
            } else if k == 0 {
                inputs.push([i as f32, 0.5, 0.5]);
            }
        }
    }
    let mut first: Option<Vec<u32>> = None;
    for variant in variants() {
        let mut device = CpuDevice::with_variant(1, variant).unwrap();
        device.apply(&scene_with(&textures)).unwrap();
        let outputs = device.probe("texture", inputs.as_flattened());
        for (&[i, u, v], out) in inputs.iter().zip(outputs.chunks(7)) {
            let texture = &textures[i as usize];
            for (channel, &value) in out[..4].iter().enumerate() {
                let right = slow(texture, u, v, channel);
                assert!((f64::from(value) - right).abs() < CLOSE, "{value}, not {right}: {texture:?} at {u}, {v}");
            }
            let color = if texture.channels() <= 2 { [out[0]; 3] } else { [out[0], out[1], out[2]] };
            assert_eq!(out[4..], color);
        }
        let bits: Vec<u32> = outputs.iter().map(|x| x.to_bits()).collect();
        assert_eq!(*first.get_or_insert(bits.clone()), bits, "{variant}");
    }
}

#[test]
fn coordinates_that_are_far_or_not_finite_are_harmless() {
    let textures = all_kinds();
    let mut device = CpuDevice::new(1).unwrap();
    device.apply(&scene_with(&textures)).unwrap();
    let far = [0.0, 1.0, -0.0, 1e9, -1e9, 1e30, -1e30, f32::INFINITY, f32::NAN, 1e-30, -1e-30];
    let mut inputs = Vec::new();
    for i in 0..textures.len() {
        inputs.extend(far.iter().flat_map(|&u| far.iter().map(move |&v| [i as f32, u, v])));
    }
    let outputs = device.probe("texture", inputs.as_flattened());
    assert!(outputs.iter().all(|x| (-1e-5..=1.0 + 1e-5).contains(x)));
}

/// A camera that sees one parallelogram, which fills the image of 8x6 pixels, with a texture of as many.
fn picture(texture: Texture) -> Scene {
    let mut scene = world((8, 6), camera(CameraKind::Ortho, [0.0, 0.0, 1.0], [0.0; 3], 90.0));
    scene.apply(&Edit::SetTexture { name: "picture".into(), texture }).unwrap();
    let mut flat = MaterialUpdate { kind: Some(MaterialKind::Flat), ..MaterialUpdate::default() };
    flat = flat.with_texture(MaterialSlot::Color, "picture");
    scene.apply(&Edit::SetupMaterial { name: "flat".into(), material: flat }).unwrap();
    let width = 8.0 / 3.0;
    let sheet = parallelogram([-0.5 * width, -1.0, 0.0], [width, 0.0, 0.0], [0.0, 2.0, 0.0]);
    add(&mut scene, "sheet", Geometry { material: "flat".into(), ..sheet });
    scene
}

fn pixels() -> Vec<[f32; 3]> {
    let mut random = Random::new(5);
    (0..48).map(|_| std::array::from_fn(|_| random.next())).collect()
}

fn image(pixels: &[[f32; 3]]) -> Texture {
    let texels = Texels::Floats(pixels.as_flattened().into());
    Texture::new(8, 6, 3, texels, false).unwrap().with_modes(AddressMode::Wrap, FilterMode::Nearest)
}

#[test]
fn an_image_on_a_parallelogram_is_upright_and_has_its_colours() {
    let pixels = pixels();
    let mut scene = picture(image(&pixels));
    let shown = render(&scene, 4, 1, "");
    for (shown, pixel) in shown.chunks(3).zip(&pixels) {
        assert!(shown.iter().zip(pixel).all(|(a, b)| (a - b).abs() < 1e-6), "{shown:?}, not {pixel:?}");
    }
    // Times the colours of the primitive and of the material.
    let sheet = Geometry::clone(&scene.geometries["sheet"]).with(Channel::Color, [0.5, 1.0, 2.0]);
    scene.geometries.insert("sheet".into(), Arc::new(sheet));
    let darker = MaterialUpdate::default().with(MaterialSlot::Color, glam::Vec3::splat(0.5));
    scene.apply(&Edit::SetupMaterial { name: "flat".into(), material: darker }).unwrap();
    let tinted = render(&scene, 4, 1, "");
    for (tinted, pixel) in tinted.chunks(3).zip(&pixels) {
        let right = [0.25 * pixel[0], 0.5 * pixel[1], pixel[2]];
        assert!(tinted.iter().zip(right).all(|(a, b)| (a - b).abs() < 1e-6), "{tinted:?}, not {right:?}");
    }
}

#[test]
fn a_texture_of_roughness_changes_how_light_is_scattered() {
    let rough = |roughness: f32, texture: Option<f32>| {
        let mut scene = picture(image(&pixels()));
        scene.lights.insert("lamp".into(), sphere_light([2.0, 1.0, 1.0], 0.3, 20.0));
        let mut material = MaterialUpdate::default().with(MaterialSlot::Roughness, glam::Vec3::splat(roughness));
        material.kind = Some(MaterialKind::Diffuse);
        if let Some(value) = texture {
            let texture = Texture::new(1, 1, 1, Texels::Floats([value].into()), false).unwrap();
            scene.apply(&Edit::SetTexture { name: "rough".into(), texture }).unwrap();
            material = material.with_texture(MaterialSlot::Roughness, "rough");
        }
        scene.apply(&Edit::SetupMaterial { name: "flat".into(), material }).unwrap();
        render(&scene, 4, 1, "")
    };
    assert_eq!(rough(2.0, Some(0.25)), rough(0.5, None));
    assert_ne!(rough(2.0, Some(0.25)), rough(2.0, None));
}

#[test]
fn a_changed_texture_begins_a_new_image() {
    let mut pixels = pixels();
    let before = picture(image(&pixels));
    pixels[0] = [0.0, 2.0, 0.0];
    let mut after = before.clone();
    after.apply(&Edit::SetTexture { name: "picture".into(), texture: image(&pixels) }).unwrap();
    let changes = ChangeSet::between(&before, &after);
    assert_eq!(changes, ChangeSet { textures: true, ..ChangeSet::default() });
    assert!(changes.restarts_accumulation());
    let mut device = CpuDevice::new(1).unwrap();
    for (scene, first) in [(&before, None), (&after, Some([0.0, 2.0, 0.0]))] {
        device.apply(scene).unwrap();
        device.restart(7);
        device.trace_more(1, &plotrt::cancel::CancelToken::new()).unwrap();
        let what = plotrt::device::Develop { linear: true, ..Default::default() };
        let shown = device.develop(true, what).unwrap().linear;
        if let Some(first) = first {
            assert_eq!(shown[..3], first);
        }
    }
}
