//! The Arrow schema in a Parquet file: which integers are durations, and their unit.
//!
//! Parquet has no type for durations. Programs that write Arrow's types store their schema with the data, under the key
//! `ARROW:schema`: a message of Arrow's IPC format, a FlatBuffer, in Base64. Of the tables described in Arrow's
//! `Message.fbs` and `Schema.fbs`, the fields that are needed for durations are read here. Anything that deviates from
//! that description counts as absent.

use std::collections::HashMap;

/// The key of the schema in the file's metadata.
pub(super) const KEY: &str = "ARROW:schema";
/// Most fields that are read, and their greatest depth: offsets of a damaged schema may be circular.
const MOST_FIELDS: usize = 100_000;
const DEEPEST: usize = 32;

/// Units per second of the columns that are durations, by path.
pub(super) fn durations(schema: &str) -> HashMap<String, f64> {
    let mut found = HashMap::new();
    let bytes = decoded(schema);
    // A marker of the newer format, and the length of the message.
    let message = bytes.strip_prefix(&[0xFF; 4]).unwrap_or(&bytes).get(4..).unwrap_or_default();
    if let Some(schema) = Table::root(message).filter(|m| m.byte(1) == Some(1)).and_then(|m| m.table(2)) {
        let mut left = MOST_FIELDS;
        walk(&schema.tables(1), "", DEEPEST, &mut left, &mut found);
    }
    found
}

fn walk(fields: &[Table<'_>], path: &str, depth: usize, left: &mut usize, found: &mut HashMap<String, f64>) {
    const STRUCT: u8 = 13;
    const DURATION: u8 = 18;
    for field in fields {
        if depth == 0 || *left == 0 {
            return;
        }
        *left -= 1;
        let Some(name) = field.text(0) else { continue };
        let path = if path.is_empty() { name.to_string() } else { format!("{path}.{name}") };
        match field.byte(2) {
            Some(DURATION) => {
                // A missing value means the default, milliseconds.
                let per_second = match field.table(3).and_then(|duration| duration.short(0)).unwrap_or(1) {
                    0 => 1.0,
                    1 => 1e3,
                    2 => 1e6,
                    3 => 1e9,
                    _ => continue,
                };
                found.insert(path, per_second);
            }
            Some(STRUCT) => walk(&field.tables(5), &path, depth - 1, left, found),
            _ => {}
        }
    }
}

/// The bytes of a text in Base64, up to the first invalid character.
fn decoded(text: &str) -> Vec<u8> {
    let mut out = Vec::with_capacity(text.len() / 4 * 3);
    let (mut bits, mut count) = (0u32, 0);
    for byte in text.bytes() {
        let value = match byte {
            b'A'..=b'Z' => byte - b'A',
            b'a'..=b'z' => byte - b'a' + 26,
            b'0'..=b'9' => byte - b'0' + 52,
            b'+' => 62,
            b'/' => 63,
            _ => break,
        };
        bits = (bits << 6) | u32::from(value);
        count += 6;
        if count >= 8 {
            count -= 8;
            out.push((bits >> count) as u8);
        }
    }
    out
}

/// A table of a FlatBuffer: its fields are found through a list of offsets, in which those without a value are 0.
#[derive(Clone, Copy)]
struct Table<'b> {
    bytes: &'b [u8],
    at: usize,
}

impl<'b> Table<'b> {
    fn root(bytes: &'b [u8]) -> Option<Self> {
        Some(Table { bytes, at: follow(bytes, 0)? })
    }

    /// Position of a field's value.
    fn field(&self, index: usize) -> Option<usize> {
        let back = i32::from_le_bytes(chunk(self.bytes, self.at)?);
        let offsets = usize::try_from(i64::try_from(self.at).ok()? - i64::from(back)).ok()?;
        let size = usize::from(u16::from_le_bytes(chunk(self.bytes, offsets)?));
        let place = 4 + 2 * index;
        if place + 2 > size {
            return None;
        }
        match u16::from_le_bytes(chunk(self.bytes, offsets.checked_add(place)?)?) {
            0 => None,
            offset => self.at.checked_add(usize::from(offset)),
        }
    }

    fn byte(&self, index: usize) -> Option<u8> {
        self.bytes.get(self.field(index)?).copied()
    }

    fn short(&self, index: usize) -> Option<i16> {
        Some(i16::from_le_bytes(chunk(self.bytes, self.field(index)?)?))
    }

    fn table(&self, index: usize) -> Option<Table<'b>> {
        Some(Table { bytes: self.bytes, at: follow(self.bytes, self.field(index)?)? })
    }

    /// The tables of a list; none if there is no list.
    fn tables(&self, index: usize) -> Vec<Table<'b>> {
        let Some((begin, count)) = self.list(index) else { return Vec::new() };
        let each = |i: usize| Some(Table { bytes: self.bytes, at: follow(self.bytes, begin + 4 * i)? });
        (0..count.min(self.bytes.len() / 4)).map_while(each).collect()
    }

    fn text(&self, index: usize) -> Option<&'b str> {
        let (begin, length) = self.list(index)?;
        std::str::from_utf8(self.bytes.get(begin..begin.checked_add(length)?)?).ok()
    }

    /// Where the elements of a list begin, and how many there are.
    fn list(&self, index: usize) -> Option<(usize, usize)> {
        let at = follow(self.bytes, self.field(index)?)?;
        Some((at.checked_add(4)?, u32::from_le_bytes(chunk(self.bytes, at)?) as usize))
    }
}

/// The target of the offset at `at`, which is relative to `at`.
fn follow(bytes: &[u8], at: usize) -> Option<usize> {
    at.checked_add(u32::from_le_bytes(chunk(bytes, at)?) as usize)
}

fn chunk<const N: usize>(bytes: &[u8], at: usize) -> Option<[u8; N]> {
    bytes.get(at..)?.first_chunk().copied()
}

#[cfg(test)]
mod tests {
    use super::*;

    /// The schema of `pa.schema([("lap", pa.duration("us")), ("n", pa.int64()), ("at", pa.struct([("d",
    /// pa.duration("ms"))]))])`.
    const SCHEMA: &str = "/////wABAAAQAAAAAAAKAAwABgAFAAgACgAAAAABBAAMAAAACAAIAAAABAAIAAAABAAAAAMAAACgAAAAWAAAAAQAAAB8////AAAB\
        DRQAAAAYAAAABAAAAAEAAAAQAAAAAgAAAGF0AADc////pP///wAAARIQAAAAGAAAAAQAAAAAAAAAAQAAAGQAAAAEAAQABAAAAMz/\
        //8AAAECEAAAABwAAAAEAAAAAAAAAAEAAABuAAAACAAMAAgABwAIAAAAAAAAAUAAAAAQABQACAAGAAcADAAAABAAEAAAAAAAARIQ\
        AAAAHAAAAAQAAAAAAAAAAwAAAGxhcAAAAAYACAAGAAYAAAAAAAIA";

    #[test]
    fn durations_are_found_in_structs_too() {
        let found = durations(SCHEMA);
        assert_eq!(found, HashMap::from([("lap".to_string(), 1e6), ("at.d".to_string(), 1e3)]));
    }

    #[test]
    fn damage_is_no_schema() {
        assert!(durations("").is_empty());
        assert!(durations("????").is_empty());
        for cut in 0..SCHEMA.len() {
            durations(&SCHEMA[..cut]);
        }
        let bytes = SCHEMA.as_bytes();
        for at in 0..bytes.len() {
            for other in *b"A/z" {
                let mut damaged = bytes.to_vec();
                damaged[at] = other;
                durations(std::str::from_utf8(&damaged).unwrap());
            }
        }
    }

    #[test]
    fn base64() {
        assert_eq!(decoded("aGVsbG8="), b"hello");
        assert_eq!(decoded("/+8="), [0xFF, 0xEF]);
    }
}
