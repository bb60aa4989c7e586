//! What a viewer is shown on: the [`Screen`], and the input that it returns.
//!
//! | file | contents |
//! | --- | --- |
//! | `key`, `mouse` | keys; buttons and gestures |
//! | `panel` | panels over the image, as data |
//! | `pixels` | a screen on any window that takes pixels |
//! | `layout`, `canvas`, `paint`, `text` | where the image is; image, panels and text as pixels |
//!
//! A screen does not depend on the engine: its owner polls it, passes it frames and panels, and acts on the [`Input`]s.

mod canvas;
mod key;
mod layout;
mod mouse;
mod paint;
mod panel;
mod pixels;
mod text;

pub use key::{Key, Modifiers, Stroke};
pub use mouse::{Button, Gesture, MouseState};
pub use panel::{CHOSEN, FAINT, FAULT, PLAIN, Panel, PanelId, PanelPlace, Row};
pub use pixels::{Aspect, PixelScreen, PixelWindow, WindowState, WindowStyle};

use crate::frame::Frame;
use std::sync::Arc;

/// Shows the latest frame with panels over it, and returns the user's input. No function blocks.
pub trait Screen {
    /// Shows this image from now on.
    fn show(&mut self, frame: Arc<Frame>);

    fn set_title(&mut self, title: &str);

    /// Shows these panels from now on; those at the same place are stacked inwards from the edge.
    fn set_panels(&mut self, panels: Vec<Panel>);

    /// Mirrors the image left to right, and top to bottom; positions of the pointer are mirrored accordingly.
    fn mirror(&mut self, mirrored: (bool, bool));

    /// The number of characters in a row of a panel, and the number of rows that fit.
    fn text_size(&self) -> (usize, usize);

    /// Redraws if there is something new, and returns the input since the last call. Must be called often.
    fn poll(&mut self) -> Vec<Input>;
}

/// Input of the user. Positions are in pixels of the image area, as if it were not mirrored: (0, 0) is its upper left
/// corner.
#[derive(Debug, Clone, Copy, PartialEq)]
pub enum Input {
    Key(Stroke),
    /// A gesture on the image, whose area has this size.
    Image {
        gesture: Gesture,
        area: (f32, f32),
    },
    /// A gesture on a row of a panel. `share` is the position along its slider, in [0, 1], if the pointer is on the
    /// slider or was when the button was pressed. `pressed`: the button was just pressed.
    Panel {
        id: PanelId,
        row: usize,
        share: Option<f32>,
        pressed: bool,
    },
    /// The image is requested in this size, pixels.
    Resize(u32, u32),
    Close,
}
