//! The CPU device: uploads, tiles over all cores, and the shared kernels behind a table of C functions.

pub mod develop;

use super::{Applied, Develop, Device, DeviceInfo};
use crate::cancel::CancelToken;
use crate::frame::Frame;
use crate::scene::{ChangeSet, Scene};
use crate::{Error, Result};

pub struct CpuDevice {
    info: DeviceInfo,
}

impl CpuDevice {
    /// `threads` 0 means all cores.
    pub fn new(threads: usize) -> Result<Self> {
        Ok(CpuDevice { info: DeviceInfo { id: "cpu".into(), name: "CPU".into(), threads } })
    }
}

impl Device for CpuDevice {
    fn info(&self) -> &DeviceInfo {
        &self.info
    }
    fn apply(&mut self, _scene: &Scene, _changes: &ChangeSet) -> Result<Applied> {
        Ok(Applied::default())
    }
    fn restart(&mut self, _seed: u64) {}
    fn trace(&mut self, _passes: u32, _cancel: &CancelToken) -> Result<u32> {
        Err(Error::device("the CPU kernels are not there yet"))
    }
    fn develop(&mut self, _complete: bool, _what: Develop) -> Result<Frame> {
        Err(Error::device("the CPU kernels are not there yet"))
    }
}
