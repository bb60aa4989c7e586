//! What a viewer of a scene needs beside a window: moving the camera and things by pointer, asking what is seen where, and
//! pictures of what the film knows beside colours. Pure functions, which know neither window nor device.

pub mod arrange;
pub mod call;
pub mod channel;
pub mod inspect;
pub mod navigate;

pub use call::{camera_call, edit_call};
