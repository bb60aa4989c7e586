//! The mouse: buttons, and the gestures that follow from its polled states.

use super::key::Modifiers;
use std::time::{Duration, Instant};

/// A press that moves less than this many pixels is a click.
const STILL: f32 = 4.0;
/// Two clicks within this time at the same position are a double click.
const DOUBLE: Duration = Duration::from_millis(400);

#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum Button {
    Left,
    Middle,
    Right,
}

/// A mouse gesture. Positions are in pixels of the window.
#[derive(Debug, Clone, Copy, PartialEq)]
pub enum Gesture {
    /// A button was pressed.
    Press { button: Button, at: (f32, f32), modifiers: Modifiers },
    /// The pointer has moved while a button was held.
    Drag { button: Button, from: (f32, f32), to: (f32, f32), modifiers: Modifiers },
    /// The button was released. `clicks`: 1 for a click, 2 for the second one of a double click, 0 after a drag.
    Release { button: Button, at: (f32, f32), clicks: u32, modifiers: Modifiers },
    /// The wheel was turned by this many notches; positive away from the user.
    Wheel { notches: f32, at: (f32, f32), modifiers: Modifiers },
}

/// Converts polled states of the mouse to gestures.
#[derive(Default)]
pub struct Mouse {
    held: Option<Held>,
    last_click: Option<(Button, (f32, f32), Instant)>,
}

struct Held {
    button: Button,
    modifiers: Modifiers,
    pressed: (f32, f32),
    at: (f32, f32),
    moved: bool,
}

/// State of the mouse as a window reports it.
#[derive(Debug, Clone, Copy, Default, PartialEq)]
pub struct MouseState {
    /// Position in pixels of the window; `None` if it is outside and the system does not report where.
    pub at: Option<(f32, f32)>,
    pub left: bool,
    pub middle: bool,
    pub right: bool,
    /// Notches that the wheel was turned by since the last report, positive away from the user.
    pub wheel: f32,
    pub modifiers: Modifiers,
}

impl MouseState {
    fn is_down(&self, button: Button) -> bool {
        match button {
            Button::Left => self.left,
            Button::Middle => self.middle,
            Button::Right => self.right,
        }
    }
}

impl Mouse {
    /// The gestures since the last call.
    pub fn update(&mut self, state: &MouseState, now: Instant) -> Vec<Gesture> {
        let mut gestures = Vec::new();
        // Outside the window, where some systems report no position, the pointer keeps its last one.
        let Some(at) = state.at.or(self.held.as_ref().map(|held| held.at)) else { return gestures };
        if let Some(held) = &mut self.held {
            if distance(held.pressed, at) >= STILL {
                held.moved = true;
            }
            let (button, modifiers) = (held.button, held.modifiers);
            if held.moved && at != held.at {
                gestures.push(Gesture::Drag { button, from: held.at, to: at, modifiers });
                held.at = at;
            }
            if !state.is_down(button) {
                let clicks = if held.moved { 0 } else { self.clicks(button, at, now) };
                gestures.push(Gesture::Release { button, at, clicks, modifiers });
                self.held = None;
            }
        }
        if self.held.is_none()
            && let Some(button) = [Button::Left, Button::Middle, Button::Right].into_iter().find(|b| state.is_down(*b))
        {
            let modifiers = state.modifiers;
            self.held = Some(Held { button, modifiers, pressed: at, at, moved: false });
            gestures.push(Gesture::Press { button, at, modifiers });
        }
        if state.wheel != 0.0 {
            gestures.push(Gesture::Wheel { notches: state.wheel, at, modifiers: state.modifiers });
        }
        gestures
    }

    fn clicks(&mut self, button: Button, at: (f32, f32), now: Instant) -> u32 {
        let double = self.last_click.take().is_some_and(|(last, place, time)| {
            last == button && distance(place, at) < STILL && now.saturating_duration_since(time) < DOUBLE
        });
        if double {
            return 2;
        }
        self.last_click = Some((button, at, now));
        1
    }
}

fn distance(a: (f32, f32), b: (f32, f32)) -> f32 {
    (a.0 - b.0).hypot(a.1 - b.1)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn state(at: (f32, f32), left: bool) -> MouseState {
        let modifiers = Modifiers { shift: true, ..Modifiers::default() };
        MouseState { at: Some(at), left, modifiers, ..MouseState::default() }
    }

    fn short(gestures: &[Gesture]) -> Vec<String> {
        let place = |(x, y): (f32, f32)| format!("{x},{y}");
        let shown = |gesture: &Gesture| match gesture {
            Gesture::Press { at, .. } => format!("press {}", place(*at)),
            Gesture::Drag { from, to, .. } => format!("{} to {}", place(*from), place(*to)),
            Gesture::Release { at, clicks, .. } => format!("release {} {clicks}", place(*at)),
            Gesture::Wheel { notches, .. } => format!("wheel {notches}"),
        };
        gestures.iter().map(shown).collect()
    }

    #[test]
    fn a_press_that_moves_is_a_drag_and_one_that_does_not_is_a_click() {
        let (mut mouse, now) = (Mouse::default(), Instant::now());
        let mut all = Vec::new();
        for (at, left) in
            [((5.0, 5.0), false), ((5.0, 5.0), true), ((6.0, 5.0), true), ((15.0, 5.0), true), ((15.0, 9.0), false)]
        {
            all.extend(mouse.update(&state(at, left), now));
        }
        assert_eq!(short(&all), ["press 5,5", "5,5 to 15,5", "15,5 to 15,9", "release 15,9 0"]);
        all.clear();
        for left in [true, false] {
            all.extend(mouse.update(&state((1.0, 1.0), left), now));
        }
        assert_eq!(short(&all), ["press 1,1", "release 1,1 1"]);
    }

    #[test]
    fn two_quick_clicks_are_a_double_click_and_slow_ones_are_not() {
        let (mut mouse, start) = (Mouse::default(), Instant::now());
        let mut click = |at, milliseconds| {
            let now = start + Duration::from_millis(milliseconds);
            mouse.update(&state(at, true), now);
            let released = mouse.update(&state(at, false), now);
            let [Gesture::Release { clicks, .. }] = released[..] else { panic!("{released:?}") };
            clicks
        };
        assert_eq!((click((1.0, 1.0), 0), click((1.0, 1.0), 200)), (1, 2));
        assert_eq!(click((1.0, 1.0), 300), 1, "a third one counts from 1 again");
        assert_eq!(click((1.0, 1.0), 1000), 1, "too late");
        assert_eq!(click((50.0, 1.0), 1100), 1, "elsewhere");
    }

    #[test]
    fn a_pointer_that_leaves_the_window_keeps_its_place() {
        let (mut mouse, now) = (Mouse::default(), Instant::now());
        mouse.update(&state((5.0, 5.0), true), now);
        let outside = MouseState { at: None, ..state((0.0, 0.0), true) };
        assert_eq!(mouse.update(&outside, now), []);
        let released = MouseState { at: None, ..state((0.0, 0.0), false) };
        assert_eq!(short(&mouse.update(&released, now)), ["release 5,5 1"]);
        assert_eq!(Mouse::default().update(&MouseState { at: None, ..state((0.0, 0.0), true) }, now), []);
    }
}
