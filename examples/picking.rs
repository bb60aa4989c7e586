//! A ray query for one pixel: which plot, which primitive of it, how far away.
//!
//!     cargo run --release --example picking

use plotrt::device::{self, DeviceChoice, camera_ray};
use plotrt::scene::{CameraUpdate, Channel, Edit, GeometryUpdate, Scene, Values};

fn main() -> plotrt::Result<()> {
    let row = |y: f32| (0..5).map(|i| [i as f32, y, 0.0]).collect();
    let balls = |y: f32| GeometryUpdate {
        pos: Some(row(y)),
        values: [(Channel::R, Values::one(0.3))].into(),
        ..Default::default()
    };
    let mut scene = Scene { size: (400, 200), ..Scene::default() };
    for edit in [
        Edit::SetData { name: "upper".into(), data: balls(1.0) },
        Edit::SetData { name: "lower".into(), data: balls(0.0) },
        Edit::SetupCamera { name: "camera".into(), camera: CameraUpdate::default(), make_current: true },
    ] {
        scene.apply(&edit)?;
    }
    let mut device = device::open(&DeviceChoice::Auto, 0)?;
    device.apply(&scene)?;

    // The point of the image where the last ball of the lower row is, and the ray through that point.
    let camera = scene.view();
    let aspect = scene.size.0 as f32 / scene.size.1 as f32;
    let Some((x, y)) = camera.project([4.0, 0.0, 0.0].into(), aspect) else { return Ok(()) };
    match device.closest(&[camera_ray(&camera, x, y, aspect)])?[0] {
        Some(hit) => {
            let (name, _) = scene.geometries.get_index(hit.plot as usize).expect("hits name plots of the scene");
            println!("primitive {} of `{name}`, {:.2} away", hit.primitive, hit.t);
        }
        None => println!("nothing"),
    }
    Ok(())
}
