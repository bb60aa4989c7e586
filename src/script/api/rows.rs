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

/// Whether a list has a name.
const fn has(names: &[&str], name: &str) -> bool {
    let mut i = 0;
    while i < names.len() {
        let (a, b) = (names[i].as_bytes(), name.as_bytes());
        let mut k = 0;
        while k < a.len() && k < b.len() && a[k] == b[k] {
            k += 1;
        }
        if k == a.len() && k == b.len() {
            return true;
        }
        i += 1;
    }
    false
}

/// How many of PlotOptiX's names are not in `names`.
pub const fn later_count(all: &[&str], names: &[&str]) -> usize {
    let (mut i, mut count) = (0, 0);
    while i < all.len() {
        count += !has(names, all[i]) as usize;
        i += 1;
    }
    count
}

/// Those of PlotOptiX's names that are not in `names`: they are names of later versions. `N` is their [`later_count`].
pub const fn later<const N: usize>(all: &[&'static str], names: &[&str]) -> [&'static str; N] {
    let mut later = [""; N];
    let (mut i, mut at) = (0, 0);
    while i < all.len() {
        if !has(names, all[i]) {
            later[at] = all[i];
            at += 1;
        }
        i += 1;
    }
    later
}

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
    fn names_of_later_versions_are_the_rest() {
        const ALL: &[&str] = &["Flat", "Fla", "Cosine"];
        const NAMES: &[&str] = &["Flat"];
        assert_eq!(super::later::<{ super::later_count(ALL, NAMES) }>(ALL, NAMES), ["Fla", "Cosine"]);
    }

    #[test]
    fn texts_are_joined_with_spaces() {
        const TEXTS: [&str; 3] = ["a", "bcd", "é"];
        assert_eq!(joined!(TEXTS), "a bcd é");
    }
}
