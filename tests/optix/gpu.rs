//! Runs tests that need a GPU.

use libtest_mimic::{Completion, Trial};
use plotrt::cancel::CancelToken;
use plotrt::device::optix::OptixDevice;
use plotrt::device::{Develop, Device};
use plotrt::frame::Frame;
use plotrt::scene::Scene;
use std::sync::{Mutex, MutexGuard, PoisonError};

/// A test that is passed the GPU's device, exclusively: tests take turns at the card. Without a GPU it is shown as
/// ignored, with the reason, or, if `PLOTRT_TEST_DEVICE=optix` requires one, as failed.
pub fn on_gpu(name: impl Into<String>, test: impl FnOnce(OptixDevice) + Send + 'static) -> Trial {
    Trial::ignorable_test(name, move || {
        let _card = card();
        match OptixDevice::new(0) {
            Ok(device) => {
                test(device);
                Ok(Completion::Completed)
            }
            Err(error) if std::env::var("PLOTRT_TEST_DEVICE").as_deref() == Ok("optix") => {
                Err(format!("no device: {error}").into())
            }
            Err(error) => Ok(Completion::ignored_with(error)),
        }
    })
}

fn card() -> MutexGuard<'static, ()> {
    static CARD: Mutex<()> = Mutex::new(());
    // A test that panicked before has left no shared state behind.
    CARD.lock().unwrap_or_else(PoisonError::into_inner)
}

/// Gives a device its first scene.
pub fn ready<'a>(device: &'a mut dyn Device, scene: &Scene) -> &'a mut dyn Device {
    device.apply(scene).unwrap();
    device.restart(7);
    device
}

pub fn trace(device: &mut dyn Device, passes: u32) {
    assert_eq!(device.trace_more(passes, &CancelToken::new()).unwrap(), passes);
}

pub fn image(device: &mut dyn Device) -> Frame {
    device.develop(true, Develop { linear: true, ..Develop::default() }).unwrap()
}
