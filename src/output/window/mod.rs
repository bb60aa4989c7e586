//! The window: shows the latest frame and messages, and hands over what the user wishes.
//!
//! It knows no engine: whoever owns it polls it, gives it frames and acts on the [`Wish`]es. Everything here runs on
//! the main thread, which some systems demand, and nothing here waits.

mod canvas;
mod text;

use crate::frame::Frame;
use crate::{Error, Result};
use canvas::Canvas;
use minifb::{InputCallback, Key, ScaleMode, WindowOptions};
use std::cell::RefCell;
use std::rc::Rc;
use std::sync::Arc;
use std::time::{Duration, Instant};

/// A window is as large as it stays this long before the picture is traced in that size.
const RESIZE_REST: Duration = Duration::from_millis(150);
/// How often an unchanged picture is put onto the screen again, since X11 keeps no copy of covered windows.
const REFRESH: Duration = Duration::from_secs(1);
/// How long a note such as "saved" is shown.
const NOTE_TIME: Duration = Duration::from_secs(4);

/// What the user asked for.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Wish {
    TogglePause,
    Save,
    /// The picture in the size of the window, pixels.
    Resize(u32, u32),
    Close,
}

/// A window with a picture and messages over it.
pub struct Window {
    window: minifb::Window,
    keys: Rc<RefCell<Vec<Key>>>,
    frame: Option<Arc<Frame>>,
    canvas: Canvas,
    title: String,
    error: Option<String>,
    note: Option<(String, Instant)>,
    /// The size of the canvas, and since when the window has had another one.
    size: (usize, usize),
    resized: Option<((usize, usize), Instant)>,
    changed: bool,
    drawn: Instant,
}

impl Window {
    /// Opens a window of `size` pixels. Where there is no display, the error says what to do instead.
    pub fn open(title: &str, size: (u32, u32)) -> Result<Window> {
        check_display()?;
        let size = (size.0.max(1) as usize, size.1.max(1) as usize);
        let options = WindowOptions {
            resize: true,
            // The canvas is as large as the window, so that text is sharp while the picture is stretched.
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
            keys,
            frame: None,
            canvas: Canvas::default(),
            title: title.to_string(),
            error: None,
            note: None,
            size,
            resized: None,
            changed: true,
            drawn: Instant::now(),
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

    /// Shows an error over the picture until the next one, or takes it away.
    pub fn set_error(&mut self, error: Option<String>) {
        self.changed |= error != self.error;
        self.error = error;
    }

    /// Shows a message for a few seconds.
    pub fn note(&mut self, text: String) {
        self.note = Some((text, Instant::now()));
        self.changed = true;
    }

    /// The picture that is shown.
    pub fn frame(&self) -> Option<&Arc<Frame>> {
        self.frame.as_ref()
    }

    /// Draws if there is something new, and returns what the user did since the last call.
    pub fn poll(&mut self) -> Vec<Wish> {
        if self.note.as_ref().is_some_and(|(_, since)| since.elapsed() > NOTE_TIME) {
            self.note = None;
            self.changed = true;
        }
        if self.changed || self.drawn.elapsed() > REFRESH {
            self.draw();
        } else {
            self.window.update();
        }
        let mut wishes: Vec<_> = self.keys.borrow_mut().drain(..).filter_map(wish_of).collect();
        wishes.extend(self.poll_size());
        if !self.window.is_open() {
            wishes.push(Wish::Close);
        }
        wishes
    }

    fn draw(&mut self) {
        if self.changed {
            let note = self.note.as_ref().map(|(text, _)| text.as_str());
            self.canvas.compose(self.size, self.frame.as_deref(), self.error.as_deref(), note);
        }
        // Fails only for a buffer that is too small for its size, which the canvas never is.
        let shown = self.window.update_with_buffer(self.canvas.pixels(), self.size.0, self.size.1);
        debug_assert!(shown.is_ok(), "{shown:?}");
        self.changed = false;
        self.drawn = Instant::now();
    }

    /// The picture is stretched at once, and asked for in the new size when the window has come to rest.
    fn poll_size(&mut self) -> Option<Wish> {
        let size = self.window.get_size();
        if size != self.size && size.0 > 0 && size.1 > 0 {
            self.size = size;
            self.changed = true;
            self.resized = Some((size, Instant::now()));
        }
        let (size, since) = self.resized?;
        if since.elapsed() < RESIZE_REST {
            return None;
        }
        self.resized = None;
        let frame = self.frame.as_ref()?;
        let wanted = (size.0 as u32, size.1 as u32);
        ((frame.width, frame.height) != wanted).then_some(Wish::Resize(wanted.0, wanted.1))
    }
}

fn wish_of(key: Key) -> Option<Wish> {
    match key {
        Key::Space => Some(Wish::TogglePause),
        Key::S => Some(Wish::Save),
        Key::Escape => Some(Wish::Close),
        _ => None,
    }
}

/// Collects key presses, so that a short tap between two polls is not lost; a held key counts once.
struct Keys {
    pressed: Rc<RefCell<Vec<Key>>>,
    down: Vec<Key>,
}

impl InputCallback for Keys {
    fn add_char(&mut self, _: u32) {}

    fn set_key_state(&mut self, key: Key, down: bool) {
        if !down {
            self.down.retain(|held| *held != key);
        } else if !self.down.contains(&key) {
            self.down.push(key);
            self.pressed.borrow_mut().push(key);
        }
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
