//! The image as an object of scripts: it does not change while the script has it.

use super::convert::to_array;
use crate::frame::Frame;
use crate::script::Permissions;
use rhai::Dynamic;
use std::sync::Arc;

/// A finished image.
#[derive(Clone)]
pub struct Image {
    pub(super) frame: Arc<Frame>,
    pub(super) permissions: Arc<Permissions>,
}

impl Image {
    pub(super) fn new(frame: Arc<Frame>, permissions: Arc<Permissions>) -> Image {
        Image { frame, permissions }
    }

    pub(super) fn describe(&self) -> String {
        let Frame { width, height, passes, .. } = *self.frame;
        format!("image {width}x{height}, {passes} passes")
    }

    pub(super) fn pixels(&self) -> impl Iterator<Item = [f32; 3]> {
        self.frame.linear.chunks_exact(3).map(|p| [p[0], p[1], p[2]])
    }

    pub(super) fn fold(&self, start: f32, f: fn(f32, f32) -> f32) -> Dynamic {
        to_array(self.pixels().fold([start; 3], |a, p| std::array::from_fn(|i| f(a[i], p[i]))))
    }
}
