//! Keys and gestures: one table that defines the window's actions, its help and `docs/window.md`.

use super::arrange::ObjectMove;
use super::navigate::Axis;
use crate::output::{Button, Key, Modifiers, Stroke};

/// The action of a key.
#[derive(Debug, Clone, Copy, PartialEq)]
pub enum Action {
    TogglePause,
    Step,
    Restart,
    SaveImage,
    SaveStill,
    ToggleDenoiser,
    /// Multiplies the exposure by this factor.
    Expose(f32),
    ScriptExposure,
    /// Switches to the next channel or the previous one.
    Channel {
        back: bool,
    },
    LookAlong(Axis),
    Fit,
    ScriptCamera,
    PrintCall,
    SaveCamera,
    /// Orbits about the target, in steps to the right and up.
    Orbit(f32, f32),
    Dolly(f32),
    Roll(f32),
    Mirror(bool, bool),
    Help,
    Stats,
    Sliders,
    Close,
}

/// One or several keys for one action.
pub struct Binding {
    pub keys: &'static [Key],
    pub shift: bool,
    /// The keys as the help shows them.
    pub shown: &'static str,
    pub action: Action,
    pub does: &'static str,
}

const fn key(keys: &'static [Key], shown: &'static str, action: Action, does: &'static str) -> Binding {
    Binding { keys, shift: false, shown, action, does }
}

const fn shifted(keys: &'static [Key], shown: &'static str, action: Action, does: &'static str) -> Binding {
    Binding { keys, shift: true, shown, action, does }
}

/// The factor of one step of exposure: a third of a stop.
const THIRD: f32 = 1.259_921;

/// All keys, grouped by purpose.
pub const KEYS: &[(&str, &[Binding])] = &[
    (
        "The animation",
        &[
            key(
                &[Key::Space],
                "Space",
                Action::TogglePause,
                "pause or resume the animation; the image continues to refine",
            ),
            key(&[Key::N], "N", Action::Step, "run one round, then pause"),
            key(&[Key::R], "R", Action::Restart, "restart: run the top level and `init` again"),
            key(&[Key::P], "P", Action::Sliders, "parameters: arrows or mouse change, Backspace resets, S saves them"),
        ],
    ),
    (
        "Images",
        &[
            key(
                &[Key::S, Key::F12],
                "S, F12",
                Action::SaveImage,
                "save the image as a numbered PNG in the current folder",
            ),
            shifted(
                &[Key::S],
                "Shift+S",
                Action::SaveStill,
                "trace and save an image of `--still` size and passes; Esc cancels",
            ),
        ],
    ),
    (
        "Display",
        &[
            key(&[Key::D], "D", Action::ToggleDenoiser, "denoiser: as in the script, on, off"),
            key(&[Key::Equal, Key::NumPadPlus], "+", Action::Expose(THIRD), "brighter by a third of a stop"),
            key(&[Key::Minus, Key::NumPadMinus], "-", Action::Expose(1.0 / THIRD), "darker by a third of a stop"),
            key(&[Key::Key0, Key::NumPad0], "0", Action::ScriptExposure, "the script's exposure"),
            key(
                &[Key::V],
                "V",
                Action::Channel { back: false },
                "next channel: image, albedo, normal, depth, ids, noise",
            ),
            shifted(&[Key::V], "Shift+V", Action::Channel { back: true }, "previous channel"),
            key(&[Key::F5], "F5", Action::Mirror(false, false), "not mirrored"),
            key(&[Key::F6], "F6", Action::Mirror(true, false), "mirrored left to right"),
            key(&[Key::F7], "F7", Action::Mirror(true, true), "rotated by 180 degrees"),
            key(&[Key::F8], "F8", Action::Mirror(false, true), "mirrored top to bottom"),
        ],
    ),
    (
        "The camera",
        &[
            key(&[Key::B, Key::Home], "B, Home", Action::ScriptCamera, "back to the script's camera"),
            key(&[Key::F], "F", Action::Fit, "fit the whole scene, or the selection, into the view"),
            key(&[Key::X], "X", Action::LookAlong(Axis::PosX), "look from +X"),
            key(&[Key::Y], "Y", Action::LookAlong(Axis::PosY), "look from +Y"),
            key(&[Key::Z], "Z", Action::LookAlong(Axis::PosZ), "look from +Z"),
            shifted(&[Key::X], "Shift+X", Action::LookAlong(Axis::NegX), "look from -X"),
            shifted(&[Key::Y], "Shift+Y", Action::LookAlong(Axis::NegY), "look from -Y"),
            shifted(&[Key::Z], "Shift+Z", Action::LookAlong(Axis::NegZ), "look from -Z"),
            key(&[Key::Left], "Left", Action::Orbit(-1.0, 0.0), "orbit by 5 degrees"),
            key(&[Key::Right], "Right", Action::Orbit(1.0, 0.0), "orbit by 5 degrees"),
            key(&[Key::Up], "Up", Action::Orbit(0.0, -1.0), "orbit by 5 degrees"),
            key(&[Key::Down], "Down", Action::Orbit(0.0, 1.0), "orbit by 5 degrees"),
            key(&[Key::PageUp], "PageUp", Action::Dolly(10.0), "move nearer by a tenth"),
            key(&[Key::PageDown], "PageDown", Action::Dolly(-10.0), "move away by a tenth"),
            key(&[Key::LeftBracket], "[", Action::Roll(-5.0), "roll by 5 degrees"),
            key(&[Key::RightBracket], "]", Action::Roll(5.0), "roll by 5 degrees"),
            key(&[Key::C], "C", Action::PrintCall, "print the camera, or the last moved object, as a script call"),
            shifted(&[Key::C], "Shift+C", Action::SaveCamera, "save that call beside the script"),
        ],
    ),
    (
        "The window",
        &[
            key(&[Key::H, Key::F1], "H, F1", Action::Help, "this help"),
            key(&[Key::I], "I", Action::Stats, "statistics: times, rays, memory, the two threads"),
            key(&[Key::Escape], "Esc", Action::Close, "close the open panels, then the window"),
            key(&[Key::Q], "Q", Action::Close, "the same"),
        ],
    ),
];

/// The action of a key stroke. Combinations with Ctrl and Alt are left to the system.
pub fn action(stroke: Stroke) -> Option<Action> {
    let Modifiers { shift, ctrl, alt } = stroke.modifiers;
    if ctrl || alt {
        return None;
    }
    let bindings = || KEYS.iter().flat_map(|(_, bindings)| bindings.iter()).filter(|b| b.keys.contains(&stroke.key));
    let exact = bindings().find(|binding| binding.shift == shift);
    // `+` is typed with Shift on most keyboards.
    let any = || bindings().find(|_| bindings().count() == 1);
    exact.or_else(any).map(|binding| binding.action)
}

/// How a drag changes the camera.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum CameraMove {
    Orbit,
    LookAround,
    Pan,
    Zoom,
    Dolly,
    Roll,
    Focus,
    Aperture,
}

/// A mouse input.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum MouseInput {
    Drag(Button),
    Wheel,
    Click,
    DoubleClick(Button),
}

/// The effect of a mouse input on the image.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Effect {
    Camera(CameraMove),
    /// Transforms the selected plot, primitive or light.
    Object(ObjectMove),
    /// Moves the eye nearer or farther; the point under the pointer stays in place.
    WheelDolly,
    WheelZoom,
    /// Shows the object under the pointer.
    Inspect,
    /// Selects the plot or light under the pointer; once more, the single primitive; on the background, nothing.
    Select,
    Deselect,
    /// Focuses on the point under the pointer.
    FocusHere,
}

/// One row of the table of gestures.
pub struct PointerBinding {
    pub input: MouseInput,
    pub modifiers: Modifiers,
    pub shown: &'static str,
    pub effect: Effect,
    pub does: &'static str,
}

const NONE: Modifiers = Modifiers { shift: false, ctrl: false, alt: false };
const SHIFT: Modifiers = Modifiers { shift: true, ..NONE };
const CTRL: Modifiers = Modifiers { ctrl: true, ..NONE };
const ALT: Modifiers = Modifiers { alt: true, ..NONE };
const CTRL_SHIFT: Modifiers = Modifiers { shift: true, ctrl: true, ..NONE };

const fn mouse(
    input: MouseInput,
    modifiers: Modifiers,
    shown: &'static str,
    effect: Effect,
    does: &'static str,
) -> PointerBinding {
    PointerBinding { input, modifiers, shown, effect, does }
}

const LEFT: MouseInput = MouseInput::Drag(Button::Left);
const MIDDLE: MouseInput = MouseInput::Drag(Button::Middle);
const RIGHT: MouseInput = MouseInput::Drag(Button::Right);

/// All gestures, grouped by purpose.
pub const POINTER: &[(&str, &[PointerBinding])] = &[
    (
        "Mouse: the camera",
        &[
            mouse(LEFT, NONE, "left drag", Effect::Camera(CameraMove::Orbit), "orbit about the target"),
            mouse(
                RIGHT,
                NONE,
                "right drag",
                Effect::Camera(CameraMove::LookAround),
                "pan and tilt: rotate about the eye",
            ),
            mouse(MIDDLE, NONE, "middle drag", Effect::Camera(CameraMove::Pan), "shift eye and target"),
            mouse(MouseInput::Wheel, NONE, "wheel", Effect::WheelDolly, "nearer or farther, at the pointer"),
            mouse(LEFT, SHIFT, "Shift+left drag", Effect::Camera(CameraMove::Zoom), "field of view"),
            mouse(MouseInput::Wheel, CTRL, "Ctrl+wheel", Effect::WheelZoom, "field of view"),
            mouse(RIGHT, SHIFT, "Shift+right drag", Effect::Camera(CameraMove::Dolly), "nearer or farther"),
            mouse(LEFT, ALT, "Alt+left drag", Effect::Camera(CameraMove::Roll), "roll"),
            mouse(LEFT, CTRL, "Ctrl+left drag", Effect::Camera(CameraMove::Focus), "focus distance"),
            mouse(RIGHT, CTRL, "Ctrl+right drag", Effect::Camera(CameraMove::Aperture), "aperture"),
        ],
    ),
    (
        "Mouse: pointing",
        &[
            mouse(
                MouseInput::Click,
                NONE,
                "click",
                Effect::Inspect,
                "show name, index, position and data of the object",
            ),
            mouse(
                MouseInput::DoubleClick(Button::Left),
                NONE,
                "double click",
                Effect::Select,
                "select a plot or a light; again: the primitive; on the background: deselect",
            ),
            mouse(MouseInput::DoubleClick(Button::Left), CTRL, "Ctrl+double click", Effect::FocusHere, "focus there"),
            mouse(
                MouseInput::DoubleClick(Button::Right),
                NONE,
                "double right click",
                Effect::Deselect,
                "deselect: gestures move the camera again",
            ),
        ],
    ),
    (
        "Mouse: with something selected",
        &[
            mouse(
                LEFT,
                NONE,
                "left drag",
                Effect::Object(ObjectMove::RotateXy),
                "rotate it about the camera's X and Y axes",
            ),
            mouse(
                LEFT,
                CTRL,
                "Ctrl+left drag",
                Effect::Object(ObjectMove::RotateXz),
                "rotate it about the camera's X axis and the view direction",
            ),
            mouse(LEFT, SHIFT, "Shift+left drag", Effect::Object(ObjectMove::MoveXy), "move it across the view"),
            mouse(RIGHT, NONE, "right drag", Effect::Object(ObjectMove::MoveXz), "move it sideways and in depth"),
            mouse(
                RIGHT,
                SHIFT,
                "Shift+right drag",
                Effect::Object(ObjectMove::AlongNormal),
                "move a parallelogram light along its normal",
            ),
            mouse(LEFT, CTRL_SHIFT, "Ctrl+Shift+left drag", Effect::Object(ObjectMove::Scale), "scale it"),
        ],
    ),
];

/// The effect of a mouse input, depending on whether something is selected.
pub fn effect(input: MouseInput, modifiers: Modifiers, selected: bool) -> Option<Effect> {
    let all = || {
        let bindings = POINTER.iter().flat_map(|(_, bindings)| bindings.iter());
        bindings.filter(|b| b.input == input && b.modifiers == modifiers).map(|b| b.effect)
    };
    let is_of_object = |effect: &Effect| matches!(effect, Effect::Object(_));
    // A gesture without a meaning for the selection applies to the camera.
    let of_object = all().find(|effect| selected && is_of_object(effect));
    of_object.or_else(|| all().find(|effect| !is_of_object(effect)))
}

/// The tables as Markdown: the generated section of `docs/window.md`.
pub fn markdown() -> String {
    let mut text = String::new();
    let mut table = |title: &str, first: &str, rows: &mut dyn Iterator<Item = (&str, &str)>| {
        text += &format!("### {title}\n\n| {first} | what it does |\n| --- | --- |\n");
        rows.for_each(|(shown, does)| text += &format!("| {shown} | {does} |\n"));
        text.push('\n');
    };
    for (title, bindings) in KEYS {
        table(title, "key", &mut bindings.iter().map(|b| (b.shown, b.does)));
    }
    for (title, bindings) in POINTER {
        table(title, "gesture", &mut bindings.iter().map(|b| (b.shown, b.does)));
    }
    text
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::collections::HashSet;

    fn stroke(key: Key, modifiers: Modifiers) -> Stroke {
        Stroke { key, modifiers }
    }

    #[test]
    fn no_key_and_no_gesture_has_two_meanings() {
        let mut keys = HashSet::new();
        for binding in KEYS.iter().flat_map(|(_, bindings)| bindings.iter()) {
            for key in binding.keys {
                assert!(keys.insert((*key as usize, binding.shift)), "{}", binding.shown);
            }
        }
        for selected in [false, true] {
            let mut seen = Vec::new();
            for binding in POINTER.iter().flat_map(|(_, bindings)| bindings.iter()) {
                if matches!(binding.effect, Effect::Object(_)) == selected {
                    assert!(!seen.contains(&(binding.input, binding.modifiers)), "{}", binding.shown);
                    seen.push((binding.input, binding.modifiers));
                }
            }
        }
    }

    #[test]
    fn shift_chooses_where_there_is_a_choice() {
        assert_eq!(action(stroke(Key::S, NONE)), Some(Action::SaveImage));
        assert_eq!(action(stroke(Key::S, SHIFT)), Some(Action::SaveStill));
        assert_eq!(action(stroke(Key::Equal, SHIFT)), Some(Action::Expose(THIRD)));
        assert_eq!(action(stroke(Key::S, CTRL)), None);
        assert_eq!(action(stroke(Key::F9, NONE)), None);
    }

    #[test]
    fn a_selection_takes_the_gestures_that_mean_something_for_it() {
        assert_eq!(effect(LEFT, NONE, false), Some(Effect::Camera(CameraMove::Orbit)));
        assert_eq!(effect(LEFT, NONE, true), Some(Effect::Object(ObjectMove::RotateXy)));
        assert_eq!(effect(MIDDLE, NONE, true), Some(Effect::Camera(CameraMove::Pan)));
        assert_eq!(effect(MouseInput::Wheel, SHIFT, true), None);
    }

    #[test]
    fn the_documentation_has_the_table() {
        const MARKS: [&str; 2] = ["<!-- keys: from src/viewer/actions.rs -->\n\n", "<!-- end of keys -->"];
        let path = concat!(env!("CARGO_MANIFEST_DIR"), "/docs/window.md");
        let text = std::fs::read_to_string(path).unwrap().replace("\r\n", "\n");
        let start = text.find(MARKS[0]).expect("the first mark") + MARKS[0].len();
        let end = text.find(MARKS[1]).expect("the second mark");
        let expected = format!("{}{}{}", &text[..start], markdown(), &text[end..]);
        if std::env::var_os("PLOTRT_UPDATE").is_some() {
            std::fs::write(path, &expected).unwrap();
            return;
        }
        assert!(text == expected, "docs/window.md is not current: run PLOTRT_UPDATE=1 cargo test --lib");
    }
}
