//! Where frames go: a window, image files, animations. Files appear whole or not at all.
//!
//! | file | what it is |
//! | --- | --- |
//! | `image` | one frame as PNG, JPEG, TIFF or EXR |
//! | `atomic` | written aside, flushed, renamed; the errors of the file system in words |

mod atomic;
mod image;

pub use atomic::{AtomicFile, check_folder};
pub use image::{ImageFormat, encode, save_frame};
