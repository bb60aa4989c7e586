//! Many texts in one block of memory.

use super::source::{Source, room};
use crate::Result;

/// A column of texts. A text takes 8 bytes more than its characters: tables have millions of short ones.
#[derive(Clone, Default, PartialEq)]
pub struct Texts {
    /// All texts, one after the other.
    all: String,
    /// The end of each text in `all`.
    ends: Vec<usize>,
}

impl Texts {
    pub fn len(&self) -> usize {
        self.ends.len()
    }

    pub fn is_empty(&self) -> bool {
        self.ends.is_empty()
    }

    pub fn get(&self, index: usize) -> Option<&str> {
        let end = *self.ends.get(index)?;
        let begin = index.checked_sub(1).map_or(0, |before| self.ends[before]);
        self.all.get(begin..end)
    }

    pub fn iter(&self) -> impl Iterator<Item = &str> {
        (0..self.len()).filter_map(|index| self.get(index))
    }

    pub fn push(&mut self, text: &str) {
        self.all.push_str(text);
        self.ends.push(self.all.len());
    }

    /// Bytes of its buffers.
    pub fn bytes(&self) -> usize {
        self.all.capacity() + self.ends.capacity() * size_of::<usize>()
    }

    /// The same as [`Texts::push`], after reserving and counting memory.
    pub(super) fn push_counted(&mut self, text: &str, source: &Source<'_>) -> Result<()> {
        room(&mut self.ends, 1, source)?;
        let (length, capacity) = (self.all.len(), self.all.capacity());
        if length + text.len() > capacity {
            let wanted = (length + text.len()).max(2 * capacity).max(1 << 10);
            let bytes = (wanted - capacity) as u64;
            source.take(bytes, || format!("{wanted} bytes of text"))?;
            self.all.try_reserve_exact(wanted - length).map_err(|_| source.no_memory(bytes))?;
        }
        self.push(text);
        Ok(())
    }

    /// Joins pieces, each of which is freed when it has been copied. Their memory is already counted.
    pub(super) fn joined(pieces: Vec<Texts>, source: &Source<'_>) -> Result<Texts> {
        let bytes = pieces.iter().map(|piece| piece.all.len()).sum();
        let count = pieces.iter().map(Texts::len).sum();
        let mut out = Texts::default();
        out.all.try_reserve_exact(bytes).map_err(|_| source.no_memory(bytes as u64))?;
        out.ends.try_reserve_exact(count).map_err(|_| source.no_memory(count as u64 * 8))?;
        for piece in pieces {
            let begin = out.all.len();
            out.all.push_str(&piece.all);
            out.ends.extend(piece.ends.iter().map(|end| begin + end));
        }
        Ok(out)
    }
}

impl<T: AsRef<str>> FromIterator<T> for Texts {
    fn from_iter<I: IntoIterator<Item = T>>(texts: I) -> Self {
        let mut out = Texts::default();
        texts.into_iter().for_each(|text| out.push(text.as_ref()));
        out
    }
}

impl std::fmt::Debug for Texts {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_list().entries(self.iter()).finish()
    }
}

#[cfg(test)]
mod tests {
    use super::Texts;

    #[test]
    fn texts_are_kept_apart() {
        let texts: Texts = ["ab", "", "ü"].into_iter().collect();
        assert_eq!(texts.len(), 3);
        assert!(texts.bytes() >= 4 + 24);
        assert_eq!(texts.iter().collect::<Vec<_>>(), ["ab", "", "ü"]);
        assert_eq!((texts.get(0), texts.get(1), texts.get(3)), (Some("ab"), Some(""), None));
        let other: Texts = ["a", "b", "ü"].into_iter().collect();
        assert_ne!(texts, other);
        assert!(Texts::default().get(0).is_none());
    }
}
