//! Output of frames: a window, image files, animations. Files appear completely or not at all.
//!
//! | file | contents |
//! | --- | --- |
//! | `writer` | writes frames to files in the background: several threads compress, one keeps the order |
//! | `window` | shows the latest frame and messages, returns the user's input |
//! | `animation` | GIF, APNG, WebP |
//! | `image` | one frame as PNG, JPEG, TIFF or EXR |
//! | `naming` | file names with a frame number in them |

mod animation;
mod image;
mod naming;
#[cfg(feature = "window")]
mod window;
mod writer;

pub use crate::atomic::{AtomicFile, check_folder, remove_abandoned};
pub use animation::{Animation, AnimationFormat, EncodedFrame};
pub use image::{ImageFormat, encode, save_frame, save_numbered};
pub use naming::Pattern;
#[cfg(feature = "window")]
pub use window::{
    Aspect, Button, CHOSEN, FAINT, FAULT, Gesture, Input, Key, Modifiers, PLAIN, Panel, PanelId, Place, Row, Stroke,
    Window, WindowStyle, check_display,
};
pub use writer::{FrameWriter, Target, Written};
