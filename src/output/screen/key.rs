//! Keys, as every screen reports them, whatever its library calls them.

/// Declares the keys and the list of all.
macro_rules! keys {
    ($($key:ident)*) => {
        /// A key. Letters and digits are those of the keyboard, without Shift; modifiers are in [`Modifiers`].
        #[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
        pub enum Key {
            $($key,)*
        }

        impl Key {
            pub const ALL: &[Key] = &[$(Key::$key,)*];
        }
    };
}

keys! {
    A B C D E F G H I J K L M N O P Q R S T U V W X Y Z
    Key0 Key1 Key2 Key3 Key4 Key5 Key6 Key7 Key8 Key9
    F1 F2 F3 F4 F5 F6 F7 F8 F9 F10 F11 F12
    Left Right Up Down Home End PageUp PageDown
    Space Enter Tab Backspace Insert Delete Escape
    Minus Equal LeftBracket RightBracket Comma Period Slash Semicolon Apostrophe Backquote Backslash
    NumPad0 NumPad1 NumPad2 NumPad3 NumPad4 NumPad5 NumPad6 NumPad7 NumPad8 NumPad9
    NumPadPlus NumPadMinus NumPadAsterisk NumPadSlash NumPadDot NumPadEnter
}

/// Modifier keys that are held during a key stroke or a mouse input.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Hash)]
pub struct Modifiers {
    pub shift: bool,
    pub ctrl: bool,
    pub alt: bool,
}

/// A key stroke with its modifiers.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub struct Stroke {
    pub key: Key,
    pub modifiers: Modifiers,
}
