//! The window: shows the latest frame and panels over it, and hands over what the hand does.
//!
//! It knows no engine: whoever owns it polls it, gives it frames and panels, and acts on the [`Input`]s. Everything here
//! runs on the main thread, which some systems demand, and nothing here waits.

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

/// A window is as large as it stays this long before the picture is traced in that size.
const RESIZE_REST: Duration = Duration::from_millis(150);
/// How often an unchanged picture is put onto the screen again, since X11 keeps no copy of covered windows.
const REFRESH: Duration = Duration::from_secs(1);

/// How the picture follows the shape of the window.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub enum Aspect {
    /// It is traced in the window's shape.
    #[default]
    Follow,
    /// It keeps its shape, with borders.
    Keep,
    /// It keeps its shape and fills the window: what reaches beyond is cut.
    Crop,
}

/// How a window is opened.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct WindowStyle {
    /// Pixels of the screen per pixel of the picture, and the size of text; at least 1. More than 1 is for screens with
    /// small pixels.
    pub scale: f32,
    pub aspect: Aspect,
}

impl Default for WindowStyle {
    fn default() -> Self {
        WindowStyle { scale: 1.0, aspect: Aspect::Follow }
    }
}

/// What the hand has done. Places are pixels of the area of the picture, as if it were not mirrored: (0, 0) is its upper
/// left corner.
#[derive(Debug, Clone, Copy, PartialEq)]
pub enum Input {
    Key(Stroke),
    /// On the picture, whose area has this size.
    Picture {
        gesture: Gesture,
        area: (f32, f32),
    },
    /// On a row of a panel: `share` is how far along its slider, in [0, 1], where the pointer is on that or was when the
    /// button was pressed. `pressed`: the button went down just now.
    Panel {
        id: PanelId,
        row: usize,
        share: Option<f32>,
        pressed: bool,
    },
    /// The picture is wanted in this size, pixels.
    Resize(u32, u32),
    Close,
}

/// A window with a picture and panels over it.
pub struct Window {
    window: minifb::Window,
    style: WindowStyle,
    layout: Layout,
    keys: Rc<RefCell<Vec<Stroke>>>,
    mouse: Mouse,
    /// The panel and row on which a button was pressed, and whether on the rail.
    grabbed: Option<(PanelId, usize, bool)>,
    frame: Option<Arc<Frame>>,
    /// Shape of the picture as it was opened.
    shape: (u32, u32),
    canvas: Canvas,
    title: String,
    panels: Vec<Panel>,
    drawn: Vec<Drawn>,
    /// The size of the canvas, and since when the window has had another one.
    size: (usize, usize),
    resized: Option<Instant>,
    changed: bool,
    refreshed: Instant,
}

impl Window {
    /// Opens a window for a picture of `shape` pixels. Where there is no display, the error says what to do instead.
    pub fn open(title: &str, shape: (u32, u32), style: WindowStyle) -> Result<Window> {
        check_display()?;
        let side = |pixels: u32| ((pixels.max(1) as f32 * style.scale).round() as usize).max(1);
        let size = (side(shape.0), side(shape.1));
        let options = WindowOptions {
            resize: true,
            // The picture is always drawn in the size of the window.
            scale_mode: ScaleMode::UpperLeft,
            ..WindowOptions::default()
        };
        let mut window = minifb::Window::new(title, size.0, size.1, options).map_err(|e| no_window(&e.to_string()))?;
        // The caller decides when to poll.
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

    /// The picture from now on.
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

    /// The panels from now on, those at one place from its edge inwards.
    pub fn set_panels(&mut self, panels: Vec<Panel>) {
        self.changed |= panels != self.panels;
        self.panels = panels;
    }

    /// Shows the picture mirrored, left to right and top to bottom; what the pointer does is mirrored with it.
    pub fn mirror(&mut self, mirrored: (bool, bool)) {
        self.layout.mirrored = mirrored;
        self.changed = true;
    }

    /// The picture that is shown.
    pub fn frame(&self) -> Option<&Arc<Frame>> {
        self.frame.as_ref()
    }

    /// How many characters of a panel's text fit into a row, and how many rows fit below each other.
    pub fn text_size(&self) -> (usize, usize) {
        let font = Font::for_scale(self.style.scale);
        let margins = (2.0 * panel::MARGIN as f32 * self.style.scale) as usize;
        let fits = |length: usize, each: usize| length.saturating_sub(margins) / each;
        (fits(self.size.0, font.char_width()), fits(self.size.1, font.line_height()))
    }

    /// Draws if there is something new, and returns what the hand has done since the last call.
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
        // Fails only for a buffer that is too small for its size, which the canvas never is.
        let shown = self.window.update_with_buffer(self.canvas.pixels(), self.size.0, self.size.1);
        debug_assert!(shown.is_ok(), "{shown:?}");
        self.changed = false;
        self.refreshed = Instant::now();
    }

    /// Whether a gesture is of a panel with sliders or of the picture: where the button was pressed, it belongs until it
    /// is let go. Through other panels the picture is reached.
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

    /// The picture is stretched at once, and asked for in the new size when the window has come to rest.
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

    /// The size of the picture that this window wants.
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

/// Says early, before slow work, that there is no display. Windowing libraries report that in their own words; it is
/// common enough for ours.
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
