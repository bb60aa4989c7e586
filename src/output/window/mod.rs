//! The window: shows the latest frame with panels over it, and returns the user's input.
//!
//! It does not depend on the engine: its owner polls it, passes it frames and panels, and acts on the [`Input`]s.
//! Everything here runs on the main thread, which some systems require, and never blocks.

mod canvas;
mod input;
mod panel;
mod text;

pub use input::{Button, Gesture, Modifiers, Stroke};
pub use minifb::Key;
pub use panel::{CHOSEN, FAINT, FAULT, PLAIN, Panel, PanelId, Place, Row};

use crate::frame::Frame;
use crate::{Error, Result};
use canvas::{Canvas, Layout};
use input::{Keys, Mouse, MouseState};
use minifb::{ScaleMode, WindowOptions};
use panel::Drawn;
use std::cell::RefCell;
use std::rc::Rc;
use std::sync::Arc;
use std::time::{Duration, Instant};
use text::Font;

/// Time for which the window's size must be unchanged before the image is traced in that size.
const RESIZE_REST: Duration = Duration::from_millis(150);
/// Time between two redraws of an unchanged image, since X11 keeps no copy of covered windows.
const REFRESH: Duration = Duration::from_secs(1);

/// How the image follows the aspect ratio of the window.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub enum Aspect {
    /// The image is traced in the window's aspect ratio.
    #[default]
    Follow,
    /// The image keeps its aspect ratio, with borders.
    Keep,
    /// The image keeps its aspect ratio and fills the window; the rest is cut off.
    Crop,
}

/// Options for opening a window.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct WindowStyle {
    /// Screen pixels per image pixel, which also scales the text; at least 1. Larger values are for high-density
    /// screens.
    pub scale: f32,
    pub aspect: Aspect,
}

impl Default for WindowStyle {
    fn default() -> Self {
        WindowStyle { scale: 1.0, aspect: Aspect::Follow }
    }
}

/// Input of the user. Positions are in pixels of the image area, as if it were not mirrored: (0, 0) is its upper left
/// corner.
#[derive(Debug, Clone, Copy, PartialEq)]
pub enum Input {
    Key(Stroke),
    /// A gesture on the image, whose area has this size.
    Picture {
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

/// A window with an image and panels over it.
pub struct Window {
    window: minifb::Window,
    style: WindowStyle,
    layout: Layout,
    keys: Rc<RefCell<Vec<Stroke>>>,
    mouse: Mouse,
    /// The panel and row on which a button was pressed, and whether it was on the slider's rail.
    grabbed: Option<(PanelId, usize, bool)>,
    frame: Option<Arc<Frame>>,
    /// Size of the image with which the window was opened.
    shape: (u32, u32),
    canvas: Canvas,
    title: String,
    panels: Vec<Panel>,
    drawn: Vec<Drawn>,
    /// The size of the canvas, and since when the window's size has differed from it.
    size: (usize, usize),
    resized: Option<Instant>,
    changed: bool,
    refreshed: Instant,
}

impl Window {
    /// Opens a window for an image of `shape` pixels. Without a display, the hint of the error names an alternative.
    pub fn open(title: &str, shape: (u32, u32), style: WindowStyle) -> Result<Window> {
        check_display()?;
        let side = |pixels: u32| ((pixels.max(1) as f32 * style.scale).round() as usize).max(1);
        let size = (side(shape.0), side(shape.1));
        let options = WindowOptions {
            resize: true,
            // The image is always drawn in the size of the window.
            scale_mode: ScaleMode::UpperLeft,
            ..WindowOptions::default()
        };
        let mut window = minifb::Window::new(title, size.0, size.1, options).map_err(|e| no_window(&e.to_string()))?;
        // The caller controls the polling rate.
        window.set_target_fps(0);
        let keys = Rc::new(RefCell::new(Vec::new()));
        window.set_input_callback(Box::new(Keys { pressed: Rc::clone(&keys), down: Vec::new() }));
        Ok(Window {
            window,
            style,
            layout: Layout { crops: style.aspect == Aspect::Crop, ..Layout::default() },
            keys,
            mouse: Mouse::default(),
            grabbed: None,
            frame: None,
            shape: (shape.0.max(1), shape.1.max(1)),
            canvas: Canvas::default(),
            title: title.to_string(),
            panels: Vec::new(),
            drawn: Vec::new(),
            size,
            resized: None,
            changed: true,
            refreshed: Instant::now(),
        })
    }

    /// Shows this image from now on.
    pub fn show(&mut self, frame: Arc<Frame>) {
        self.frame = Some(frame);
        self.changed = true;
    }

    pub fn set_title(&mut self, title: String) {
        if title != self.title {
            self.window.set_title(&title);
            self.title = title;
        }
    }

    /// Shows these panels from now on; those at the same place are stacked inwards from the edge.
    pub fn set_panels(&mut self, panels: Vec<Panel>) {
        self.changed |= panels != self.panels;
        self.panels = panels;
    }

    /// Mirrors the image left to right, and top to bottom; positions of the pointer are mirrored accordingly.
    pub fn mirror(&mut self, mirrored: (bool, bool)) {
        self.layout.mirrored = mirrored;
        self.changed = true;
    }

    /// The image that is shown.
    pub fn frame(&self) -> Option<&Arc<Frame>> {
        self.frame.as_ref()
    }

    /// The number of characters in a row of a panel, and the number of rows that fit into the window.
    pub fn text_size(&self) -> (usize, usize) {
        let font = Font::for_scale(self.style.scale);
        let margins = (2.0 * panel::MARGIN as f32 * self.style.scale) as usize;
        let fits = |length: usize, each: usize| length.saturating_sub(margins) / each;
        (fits(self.size.0, font.char_width()), fits(self.size.1, font.line_height()))
    }

    /// Redraws if there is something new, and returns the input since the last call.
    pub fn poll(&mut self) -> Vec<Input> {
        if self.changed || self.refreshed.elapsed() > REFRESH {
            self.draw();
        } else {
            self.window.update();
        }
        let mut inputs: Vec<_> = self.keys.borrow_mut().drain(..).map(Input::Key).collect();
        let gestures = self.mouse.update(&MouseState::of(&self.window), Instant::now());
        inputs.extend(gestures.into_iter().filter_map(|gesture| self.placed(gesture)));
        inputs.extend(self.poll_size());
        if !self.window.is_open() {
            inputs.push(Input::Close);
        }
        inputs
    }

    fn draw(&mut self) {
        if self.changed {
            let frame = self.frame.as_deref();
            self.drawn = self.canvas.compose(self.size, frame, self.layout, &self.panels, self.style.scale);
        }
        // Fails only if the buffer is too small for its size; the canvas always has the right size.
        let shown = self.window.update_with_buffer(self.canvas.pixels(), self.size.0, self.size.1);
        debug_assert!(shown.is_ok(), "{shown:?}");
        self.changed = false;
        self.refreshed = Instant::now();
    }

    /// Assigns a gesture to a panel with sliders or to the image: it belongs to where the button was pressed, until
    /// the button is released. Panels without sliders let gestures through to the image.
    fn placed(&mut self, gesture: Gesture) -> Option<Input> {
        let at = match gesture {
            Gesture::Press { at, .. } | Gesture::Release { at, .. } | Gesture::Wheel { at, .. } => at,
            Gesture::Drag { to, .. } => to,
        };
        if let Gesture::Press { .. } = gesture {
            let panel = self.drawn.iter().find(|panel| panel.is_held && panel.rect.contains(at));
            let row = |panel: &Drawn| panel.row_at(at).unwrap_or(usize::MAX);
            self.grabbed = panel.map(|panel| (panel.id, row(panel), panel.on_rail(row(panel), at)));
        }
        if let Some((id, row, on_rail)) = self.grabbed {
            if let Gesture::Release { .. } = gesture {
                self.grabbed = None;
                return None;
            }
            let panel = self.drawn.iter().find(|panel| panel.id == id);
            let share = panel.filter(|_| on_rail).and_then(|panel| panel.share(row, at.0));
            return Some(Input::Panel { id, row, share, pressed: matches!(gesture, Gesture::Press { .. }) });
        }
        let frame = self.frame.as_ref()?;
        let area = self.layout.area(self.size, (frame.width, frame.height));
        let place = |at| self.layout.to_picture(area, at);
        let gesture = match gesture {
            Gesture::Press { button, at, modifiers } => Gesture::Press { button, at: place(at), modifiers },
            Gesture::Drag { button, from, to, modifiers } => {
                Gesture::Drag { button, from: place(from), to: place(to), modifiers }
            }
            Gesture::Release { button, at, clicks, modifiers } => {
                Gesture::Release { button, at: place(at), clicks, modifiers }
            }
            Gesture::Wheel { notches, at, modifiers } => Gesture::Wheel { notches, at: place(at), modifiers },
        };
        Some(Input::Picture { gesture, area: (area.width, area.height) })
    }

    /// Stretches the image at once, and requests it in the new size when the window's size has settled.
    fn poll_size(&mut self) -> Option<Input> {
        let size = self.window.get_size();
        if size != self.size && size.0 > 0 && size.1 > 0 {
            self.size = size;
            self.changed = true;
            self.resized = Some(Instant::now());
        }
        if self.resized?.elapsed() < RESIZE_REST {
            return None;
        }
        self.resized = None;
        let (width, height) = self.wanted();
        Some(Input::Resize(width, height))
    }

    /// The image size for this window.
    fn wanted(&self) -> (u32, u32) {
        let (width, height) = match self.style.aspect {
            Aspect::Follow => (self.size.0 as f32, self.size.1 as f32),
            Aspect::Keep | Aspect::Crop => {
                let area = self.layout.area(self.size, self.shape);
                (area.width, area.height)
            }
        };
        let side = |pixels: f32| ((pixels / self.style.scale).round() as u32).max(1);
        (side(width), side(height))
    }
}

/// Reports early, before slow work, that there is no display. Windowing libraries report this in their own words, and
/// it is common enough for a message of our own.
pub fn check_display() -> Result<()> {
    let is_set = |name| std::env::var_os(name).is_some_and(|value| !value.is_empty());
    if cfg!(all(unix, not(target_os = "macos"))) && !is_set("DISPLAY") && !is_set("WAYLAND_DISPLAY") {
        return Err(no_window("neither DISPLAY nor WAYLAND_DISPLAY is set"));
    }
    Ok(())
}

fn no_window(why: &str) -> Error {
    Error::device(format!("no window can be opened: {why}"))
        .hint("without a display use `plotrt render SCRIPT --frames 0-47 --out animation.gif`")
}
