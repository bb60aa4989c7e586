//! A window of one's own: a program that owns its loop, and shows an image that refines while a camera goes round.
//!
//!     cargo run --release --example window
//!
//! Any window that takes pixels can be used; this one is minifb's. The program's argument ends it after that many images.

use minifb::{Key, Window, WindowOptions};
use plotrt::cancel::CancelToken;
use plotrt::device::{self, Develop, DeviceChoice};
use plotrt::scene::{CameraUpdate, Channel, Edit, GeometryUpdate, LightUpdate, Postproc, Scene, Values};

const SIZE: (u32, u32) = (320, 240);
/// Passes between two readings of the keys.
const PASSES: u32 = 2;

fn main() -> Result<(), Box<dyn std::error::Error>> {
    let most: u64 = std::env::args().nth(1).map_or(Ok(u64::MAX), |number| number.parse())?;
    let cube = (0..125).map(|i| [i % 5, i / 5 % 5, i / 25].map(|x| x as f32 - 2.0)).collect();
    let data =
        GeometryUpdate { pos: Some(cube), values: [(Channel::R, Values::one(0.4))].into(), ..Default::default() };
    let mut scene = Scene { size: SIZE, ..Scene::default() };
    let camera = CameraUpdate { eye: Some([7.0, 5.0, 9.0].into()), ..Default::default() };
    for edit in [
        Edit::SetData { name: "cube".into(), data },
        Edit::SetupCamera { name: "camera".into(), camera, make_current: true },
        Edit::SetupLight { name: "lamp".into(), light: LightUpdate::default() },
        Edit::AddPostproc(Postproc::Denoiser),
    ] {
        scene.apply(&edit)?;
    }
    let mut device = device::open(&DeviceChoice::Auto, 0)?;
    device.apply(&scene)?;
    device.restart(0);

    let (width, height) = (SIZE.0 as usize, SIZE.1 as usize);
    let mut window = Window::new("arrow keys turn the camera", width, height, WindowOptions::default())?;
    let (mut angle, mut shown) = (0.9f64, 0);
    while window.is_open() && !window.is_key_down(Key::Escape) && shown < most {
        let turn =
            f64::from(u8::from(window.is_key_down(Key::Right))) - f64::from(u8::from(window.is_key_down(Key::Left)));
        if turn != 0.0 {
            angle += 0.1 * turn;
            let eye = [11.0 * angle.cos(), 5.0, 11.0 * angle.sin()];
            let mut next = scene.clone();
            let camera = CameraUpdate { eye: Some(eye.into()), ..Default::default() };
            next.apply(&Edit::UpdateCamera { name: "camera".into(), camera })?;
            // Only what differs goes to the device; what was traced is of another view now.
            device.apply(&next)?;
            device.restart(shown);
            scene = next;
        }
        device.trace_more(PASSES, &CancelToken::new())?;
        let frame = device.develop(false, Develop::default())?;
        // minifb takes 32 bits for each pixel: 0RGB.
        let words: Vec<u32> = frame.rgba8.chunks_exact(4).map(|p| u32::from_be_bytes([0, p[0], p[1], p[2]])).collect();
        window.update_with_buffer(&words, width, height)?;
        shown += 1;
    }
    println!("{shown} images, {} passes of the last", device.develop(true, Develop::default())?.passes);
    Ok(())
}
