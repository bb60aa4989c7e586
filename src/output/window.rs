//! The window of the desktop, by the library minifb. Everything here runs on the main thread, which some systems
//! require.

use super::screen::{Key, Modifiers, MouseState, PixelScreen, PixelWindow, Screen, Stroke, WindowState, WindowStyle};
use crate::{Error, Result};
use minifb::{InputCallback, MouseButton, ScaleMode, WindowOptions};
use std::cell::RefCell;
use std::rc::Rc;

/// Opens a window for an image of `shape` pixels. Without a display, the hint of the error names an alternative.
pub fn open_window(title: &str, shape: (u32, u32), style: WindowStyle) -> Result<impl Screen + use<>> {
    check_display()?;
    let (width, height) = style.window_size(shape);
    let options = WindowOptions {
        resize: true,
        // The image is always drawn in the size of the window.
        scale_mode: ScaleMode::UpperLeft,
        ..WindowOptions::default()
    };
    let mut window = minifb::Window::new(title, width, height, options).map_err(|e| no_window(&e.to_string()))?;
    // The caller controls the polling rate.
    window.set_target_fps(0);
    let strokes = Rc::new(RefCell::new(Vec::new()));
    window.set_input_callback(Box::new(Keyboard { strokes: Rc::clone(&strokes), down: Vec::new() }));
    Ok(PixelScreen::new(SystemWindow { window, strokes }, shape, style))
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

struct SystemWindow {
    window: minifb::Window,
    strokes: Rc<RefCell<Vec<Stroke>>>,
}

impl PixelWindow for SystemWindow {
    fn set_title(&mut self, title: &str) {
        self.window.set_title(title);
    }

    fn update(&mut self, pixels: Option<(&[u32], (usize, usize))>) -> WindowState {
        match pixels {
            Some((pixels, (width, height))) => {
                // Fails only if the buffer is too small for its size, which a caller in this crate ensures.
                let shown = self.window.update_with_buffer(pixels, width, height);
                debug_assert!(shown.is_ok(), "{shown:?}");
            }
            None => self.window.update(),
        }
        let window = &self.window;
        WindowState {
            strokes: self.strokes.take(),
            mouse: MouseState {
                at: window.get_unscaled_mouse_pos(minifb::MouseMode::Pass),
                left: window.get_mouse_down(MouseButton::Left),
                middle: window.get_mouse_down(MouseButton::Middle),
                right: window.get_mouse_down(MouseButton::Right),
                wheel: window.get_scroll_wheel().map_or(0.0, |(_, y)| notches(y)),
                modifiers: modifiers(|key| window.is_key_down(key)),
            },
            size: window.get_size(),
            is_closed: !window.is_open(),
        }
    }
}

/// Notches of a rotation of the wheel. One notch is 2 under X11 and about 12 elsewhere; more than a few notches between
/// two polls do not occur.
fn notches(wheel: f32) -> f32 {
    (wheel / if wheel.abs() < 8.0 { 2.0 } else { 12.0 }).clamp(-10.0, 10.0)
}

fn modifiers(is_down: impl Fn(minifb::Key) -> bool) -> Modifiers {
    use minifb::Key::{LeftAlt, LeftCtrl, LeftShift, RightAlt, RightCtrl, RightShift};
    Modifiers {
        shift: is_down(LeftShift) || is_down(RightShift),
        ctrl: is_down(LeftCtrl) || is_down(RightCtrl),
        alt: is_down(LeftAlt) || is_down(RightAlt),
    }
}

/// Collects key presses, so that a short tap between two polls is not lost. A held key counts once, except for keys
/// that repeat.
struct Keyboard {
    strokes: Rc<RefCell<Vec<Stroke>>>,
    down: Vec<minifb::Key>,
}

/// Keys that repeat while they are held, at the system's rate.
const REPEATED: [Key; 8] =
    [Key::Left, Key::Right, Key::Up, Key::Down, Key::PageUp, Key::PageDown, Key::Equal, Key::Minus];

impl InputCallback for Keyboard {
    fn add_char(&mut self, _: u32) {}

    fn set_key_state(&mut self, pressed: minifb::Key, is_down: bool) {
        if !is_down {
            self.down.retain(|held| *held != pressed);
            return;
        }
        let is_held = self.down.contains(&pressed);
        if !is_held {
            self.down.push(pressed);
        }
        let key = Key::ALL.iter().copied().find(|key| system_key(*key) == pressed);
        if let Some(key) = key.filter(|key| !is_held || REPEATED.contains(key)) {
            let modifiers = modifiers(|key| self.down.contains(&key));
            self.strokes.borrow_mut().push(Stroke { key, modifiers });
        }
    }
}

/// The library's key.
fn system_key(key: Key) -> minifb::Key {
    macro_rules! of_the_same_name {
        ($($name:ident)*) => {
            match key {
                $(Key::$name => minifb::Key::$name,)*
            }
        };
    }
    of_the_same_name! {
        A B C D E F G H I J K L M N O P Q R S T U V W X Y Z
        Key0 Key1 Key2 Key3 Key4 Key5 Key6 Key7 Key8 Key9
        F1 F2 F3 F4 F5 F6 F7 F8 F9 F10 F11 F12
        Left Right Up Down Home End PageUp PageDown
        Space Enter Tab Backspace Insert Delete Escape
        Minus Equal LeftBracket RightBracket Comma Period Slash Semicolon Apostrophe Backquote Backslash
        NumPad0 NumPad1 NumPad2 NumPad3 NumPad4 NumPad5 NumPad6 NumPad7 NumPad8 NumPad9
        NumPadPlus NumPadMinus NumPadAsterisk NumPadSlash NumPadDot NumPadEnter
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::collections::HashSet;

    #[test]
    fn the_wheel_counts_notches_whatever_the_system_counts() {
        assert_eq!([2.0, -24.0, 1e6, 0.0].map(notches), [1.0, -2.0, 10.0, 0.0]);
    }

    #[test]
    fn every_key_of_a_screen_is_one_of_the_system() {
        let keys: HashSet<usize> = Key::ALL.iter().map(|key| system_key(*key) as usize).collect();
        assert_eq!(keys.len(), Key::ALL.len());
    }

    #[test]
    fn a_held_key_counts_once_and_an_arrow_again() {
        use minifb::Key::{Left, LeftShift, S};
        let mut keyboard = Keyboard { strokes: Rc::default(), down: Vec::new() };
        for (key, is_down) in [(LeftShift, true), (S, true), (S, true), (S, false), (Left, true), (Left, true)] {
            keyboard.set_key_state(key, is_down);
        }
        let strokes: Vec<_> =
            keyboard.strokes.take().iter().map(|stroke| (stroke.key, stroke.modifiers.shift)).collect();
        assert_eq!(strokes, [(Key::S, true), (Key::Left, true), (Key::Left, true)]);
    }
}
