//! A device that traces nothing and records its calls: script, engine and command tests run on it anywhere.

use super::{Applied, Develop, Device, DeviceInfo};
use crate::Result;
use crate::cancel::CancelToken;
use crate::frame::Frame;
use crate::scene::{ChangeSet, Scene};

pub struct NullDevice {
    info: DeviceInfo,
    size: (u32, u32),
    passes: u32,
}

impl NullDevice {
    pub fn new() -> Self {
        let info = DeviceInfo { id: "null".into(), name: "no tracing".into(), threads: 0 };
        NullDevice { info, size: (1, 1), passes: 0 }
    }
}

impl Default for NullDevice {
    fn default() -> Self {
        Self::new()
    }
}

impl Device for NullDevice {
    fn info(&self) -> &DeviceInfo {
        &self.info
    }
    fn apply(&mut self, scene: &Scene, _changes: &ChangeSet) -> Result<Applied> {
        self.size = scene.size;
        Ok(Applied::default())
    }
    fn restart(&mut self, _seed: u64) {
        self.passes = 0;
    }
    fn trace(&mut self, passes: u32, cancel: &CancelToken) -> Result<u32> {
        if cancel.is_cancelled() {
            return Ok(0);
        }
        self.passes += passes;
        Ok(passes)
    }
    fn develop(&mut self, complete: bool, what: Develop) -> Result<Frame> {
        let (width, height) = self.size;
        let pixels = width as usize * height as usize;
        Ok(Frame {
            width,
            height,
            rgba8: [0, 0, 0, 255].repeat(pixels),
            linear: if what.linear { vec![0.0; pixels * 3] } else { Vec::new() },
            passes: self.passes,
            complete,
            noise: 0.0,
        })
    }
}
