//! Names and texts of the table of script functions that come from the rows of other tables.

/// One field of all rows of a constant array.
macro_rules! column {
    ($rows:expr, $field:ident) => {{
        let mut column = [""; $rows.len()];
        let mut i = 0;
        while i < column.len() {
            column[i] = $rows[i].$field;
            i += 1;
        }
        column
    }};
}
pub(super) use column;

/// Length of the texts with a space between each two.
pub const fn length(texts: &[&str]) -> usize {
    let mut length = texts.len() - 1;
    let mut i = 0;
    while i < texts.len() {
        length += texts[i].len();
        i += 1;
    }
    length
}

/// The texts with a space between each two. `N` is their [`length`].
pub const fn bytes<const N: usize>(texts: &[&str]) -> [u8; N] {
    let mut bytes = [b' '; N];
    let mut at = 0;
    let mut i = 0;
    while i < texts.len() {
        let text = texts[i].as_bytes();
        let mut k = 0;
        while k < text.len() {
            bytes[at + k] = text[k];
            k += 1;
        }
        at += text.len() + 1;
        i += 1;
    }
    bytes
}

/// Joins the texts of a constant array with spaces, when the program is compiled.
macro_rules! joined {
    ($texts:expr) => {{
        const BYTES: [u8; $crate::script::api::rows::length(&$texts)] = $crate::script::api::rows::bytes(&$texts);
        match std::str::from_utf8(&BYTES) {
            Ok(text) => text,
            Err(_) => panic!("texts and spaces are text"),
        }
    }};
}
pub(super) use joined;

#[cfg(test)]
mod tests {
    #[test]
    fn texts_are_joined_with_spaces() {
        const TEXTS: [&str; 3] = ["a", "bcd", "é"];
        assert_eq!(joined!(TEXTS), "a bcd é");
    }
}
