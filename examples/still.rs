//! A still from Rust data: a spiral of balls, traced and saved without any script.
//!
//!     cargo run --release --example still -- still.png

use plotrt::cancel::CancelToken;
use plotrt::device::{self, Develop, DeviceChoice};
use plotrt::scene::{CameraUpdate, Channel, Edit, GeometryUpdate, LightUpdate, Postproc, Scene, Values};

/// Passes: more take longer and leave less noise.
const PASSES: u32 = 32;

fn main() -> plotrt::Result<()> {
    let path = std::env::args().nth(1).unwrap_or_else(|| "still.png".into());

    // Plain data of any origin: here a position and a linear RGB colour for each ball.
    let along = |i: i32| i as f32 / 200.0;
    let pos = (0..200).map(|i| [(0.2 * i as f32).cos(), 2.0 * along(i) - 1.0, (0.2 * i as f32).sin()]).collect();
    let color: Vec<[f32; 3]> = (0..200).map(|i| [0.9, along(i), 0.2]).collect();
    let balls = GeometryUpdate {
        pos: Some(pos),
        values: [(Channel::R, Values::one(0.12)), (Channel::Color, color.into())].into(),
        ..Default::default()
    };

    // The camera and the light are fitted to the plots.
    let mut scene = Scene { size: (320, 240), ..Scene::default() };
    for edit in [
        Edit::SetData { name: "balls".into(), data: balls },
        Edit::SetupCamera { name: "camera".into(), camera: CameraUpdate::default(), make_current: true },
        Edit::SetupLight { name: "lamp".into(), light: LightUpdate::default() },
        Edit::AddPostproc(Postproc::Denoiser),
    ] {
        scene.apply(&edit)?;
    }

    let mut device = device::open(&DeviceChoice::Auto, 0)?;
    device.apply(&scene)?;
    device.restart(0);
    device.trace(0..PASSES, &CancelToken::new())?;
    let frame = device.develop(true, Develop::default())?;
    plotrt::output::save_frame(&frame, path.as_ref())
}
