//! Output of frames: a window, image files, animations. Files appear completely or not at all.
//!
//! | file | contents |
//! | --- | --- |
//! | `writer` | writes frames to files in the background: several threads compress, one keeps the order |
//! | `screen` | what a viewer is shown on: the trait, keys, gestures, panels |
//! | `window` | the window of the desktop |
//! | `animation` | GIF, APNG, WebP |
//! | `image` | one frame as PNG, JPEG, TIFF or EXR |
//! | `naming` | file names with a frame number in them |

mod animation;
mod image;
mod naming;
#[cfg(feature = "viewer")]
mod screen;
#[cfg(feature = "window")]
mod window;
mod writer;

pub use crate::atomic::{AtomicFile, check_folder, remove_abandoned};
pub use animation::{Animation, AnimationFormat, EncodedFrame};
pub use image::{ImageFormat, encode, save_frame, save_numbered};
pub use naming::Pattern;
#[cfg(feature = "viewer")]
pub use screen::{
    Aspect, Button, CHOSEN, FAINT, FAULT, Gesture, Input, Key, Modifiers, MouseState, PLAIN, Panel, PanelId,
    PanelPlace, PixelScreen, PixelWindow, Row, Screen, Stroke, WindowState, WindowStyle,
};
#[cfg(feature = "window")]
pub use window::{check_display, open_window};
pub use writer::{FrameWriter, Target, Written};
