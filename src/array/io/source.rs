//! The file that is read: its size, its memory limit and stop signal, its errors.

use super::{Dtype, Values};
use crate::array::Watch;
use crate::{Error, Result};
use bytemuck::Zeroable;
use std::fs::File;
use std::io;
use std::path::Path;
use std::sync::atomic::{AtomicU64, Ordering};

/// Bytes that are read at a time: large enough to keep the disk busy, small enough for the cache; the stop signal is
/// polled in between.
pub(super) const BLOCK: usize = 4 << 20;

/// A file open for reading. Reads have an explicit position, so that threads can share it.
pub(super) struct Source<'a> {
    path: &'a Path,
    file: File,
    len: u64,
    limit: u64,
    used: AtomicU64,
    watch: &'a Watch,
}

impl<'a> Source<'a> {
    pub fn open(path: &'a Path, limit: u64, watch: &'a Watch) -> Result<Self> {
        // Opening a pipe would block, so the file type is checked first.
        let there = std::fs::metadata(path).map_err(|e| read_error(path, &e))?;
        let name = path.display();
        if there.is_dir() {
            return Err(Error::file(format!("`{name}` is a folder")).hint("name a file in it"));
        }
        if !there.is_file() {
            return Err(Error::file(format!("`{name}` is a device or a pipe, not a file"))
                .hint("write what it gives into a file, and load that"));
        }
        let file = File::open(path).map_err(|e| read_error(path, &e))?;
        let len = file.metadata().map_err(|e| read_error(path, &e))?.len();
        Ok(Source { path, file, len, limit, used: AtomicU64::new(0), watch })
    }

    pub fn path(&self) -> &'a Path {
        self.path
    }

    /// Bytes of the file when it was opened.
    pub fn len(&self) -> u64 {
        self.len
    }

    /// The file itself, for a library that takes ownership. The read position is shared.
    #[cfg(feature = "parquet")]
    pub fn handle(&self) -> Result<File> {
        self.file.try_clone().map_err(|e| self.read_error(&e))
    }

    pub fn check(&self) -> Result<()> {
        self.watch.check()
    }

    #[cfg(feature = "parquet")]
    pub fn watch(&self) -> &'a Watch {
        self.watch
    }

    /// An error in the file: `problem` states what, where and what was expected.
    pub fn error(&self, problem: impl std::fmt::Display) -> Error {
        Error::file(format!("`{}`: {problem}", self.path.display()))
    }

    /// Warns of an ambiguity in the file.
    pub fn warn(&self, doubt: impl std::fmt::Display) {
        tracing::warn!("`{}`: {doubt}", self.path.display());
    }

    /// An error at a byte of the file, counted from 0.
    pub fn error_at(&self, offset: u64, problem: impl std::fmt::Display) -> Error {
        self.error(format_args!("byte {offset}: {problem}"))
    }

    pub fn read_error(&self, error: &io::Error) -> Error {
        read_error(self.path, error)
    }

    /// Fills `buffer` from byte `offset` of the file on.
    pub fn read_at(&self, buffer: &mut [u8], offset: u64) -> Result<()> {
        let mut done = 0;
        while done < buffer.len() {
            self.check()?;
            let end = buffer.len().min(done + BLOCK);
            match read_some_at(&self.file, &mut buffer[done..end], offset + done as u64) {
                Ok(0) => {
                    let at = offset + done as u64;
                    return Err(self
                        .error_at(at, format_args!("the file ends here, {} bytes early", buffer.len() - done))
                        .hint("it was cut off, or something else writes to it"));
                }
                Ok(n) => done += n,
                Err(e) if e.kind() == io::ErrorKind::Interrupted => {}
                Err(e) => return Err(self.read_error(&e)),
            }
        }
        Ok(())
    }

    /// Counts `bytes` that are about to be allocated for `what`, for example "1000 elements of 8 bytes".
    pub fn take(&self, bytes: u64, what: impl FnOnce() -> String) -> Result<()> {
        let add = |used: u64| used.checked_add(bytes).filter(|sum| *sum <= self.limit);
        if self.used.fetch_update(Ordering::Relaxed, Ordering::Relaxed, add).is_ok() {
            return Ok(());
        }
        let name = self.path.display();
        Err(Error::limit(format!(
            "`{name}` needs {} for {}; the limit is {}",
            in_words(bytes),
            what(),
            in_words(self.limit)
        ))
        .hint("load fewer columns, keep fewer arrays, or raise `--max-memory`"))
    }

    /// Releases bytes that were counted.
    pub fn release(&self, bytes: u64) {
        let before =
            self.used.fetch_update(Ordering::Relaxed, Ordering::Relaxed, |used| Some(used.saturating_sub(bytes)));
        debug_assert!(before.is_ok_and(|used| used >= bytes), "more bytes are given back than were counted");
    }

    /// Begins an attempt, whose memory may have to be released as a whole.
    pub fn reserve(&self) -> Reserved<'_, 'a> {
        Reserved { source: self, bytes: AtomicU64::new(0) }
    }

    /// Bytes left below the limit.
    pub fn unused(&self) -> u64 {
        self.limit.saturating_sub(self.used.load(Ordering::Relaxed))
    }

    /// `length` zeros, counted.
    pub fn zeros<T: Zeroable>(&self, length: usize) -> Result<Vec<T>> {
        let reserved = self.reserve();
        let zeros = reserved.zeros(length)?;
        reserved.keep();
        Ok(zeros)
    }

    /// `length` zeros of a type, counted.
    pub fn zero_values(&self, dtype: Dtype, length: usize) -> Result<Values> {
        Ok(match dtype {
            Dtype::Bool => Values::Bool(self.zeros(length)?),
            Dtype::I64 => Values::I64(self.zeros(length)?),
            Dtype::F32 => Values::F32(self.zeros(length)?),
            Dtype::F64 => Values::F64(self.zeros(length)?),
        })
    }

    /// The error where the system has no memory left although the limit allowed it.
    pub fn no_memory(&self, bytes: u64) -> Error {
        Error::limit(format!("`{}`: the system has no {} left for it", self.path.display(), in_words(bytes)))
            .hint("load fewer columns of it, or close what needs memory")
    }
}

/// Bytes that were counted for one attempt. All of them are released when it is dropped, and no others.
pub(super) struct Reserved<'s, 'a> {
    source: &'s Source<'a>,
    bytes: AtomicU64,
}

impl Reserved<'_, '_> {
    /// Counts more bytes, as [`Source::take`] does; any thread may.
    pub fn take(&self, bytes: u64, what: impl FnOnce() -> String) -> Result<()> {
        self.source.take(bytes, what)?;
        // The sum is at most the amount that the source has counted.
        self.bytes.fetch_add(bytes, Ordering::Relaxed);
        Ok(())
    }

    /// `length` zeros, counted.
    pub fn zeros<T: Zeroable>(&self, length: usize) -> Result<Vec<T>> {
        let size = size_of::<T>();
        let bytes = (length as u64).saturating_mul(size as u64);
        self.take(bytes, || format!("{length} elements of {size} bytes"))?;
        bytemuck::allocation::try_zeroed_vec(length).map_err(|()| self.source.no_memory(bytes))
    }

    /// Keeps the bytes of a successful attempt counted until the file is read.
    pub fn keep(self) {
        self.bytes.store(0, Ordering::Relaxed);
    }
}

impl Drop for Reserved<'_, '_> {
    fn drop(&mut self) {
        self.source.release(*self.bytes.get_mut());
    }
}

#[cfg(unix)]
pub(super) fn read_some_at(file: &File, buffer: &mut [u8], offset: u64) -> io::Result<usize> {
    std::os::unix::fs::FileExt::read_at(file, buffer, offset)
}

#[cfg(windows)]
pub(super) fn read_some_at(file: &File, buffer: &mut [u8], offset: u64) -> io::Result<usize> {
    std::os::windows::fs::FileExt::seek_read(file, buffer, offset)
}

/// Reads sequentially from a position of a source; for libraries that read a stream.
pub(super) struct Stream<'a, 's> {
    source: &'s Source<'a>,
    at: u64,
}

impl<'a, 's> Stream<'a, 's> {
    pub fn new(source: &'s Source<'a>, at: u64) -> Self {
        Stream { source, at }
    }
}

impl io::Read for Stream<'_, '_> {
    fn read(&mut self, buffer: &mut [u8]) -> io::Result<usize> {
        if self.source.watch.stops() {
            return Err(io::Error::other("interrupted"));
        }
        let n = read_some_at(&self.source.file, buffer, self.at)?;
        self.at += n as u64;
        Ok(n)
    }
}

impl io::Seek for Stream<'_, '_> {
    fn seek(&mut self, to: io::SeekFrom) -> io::Result<u64> {
        let at = match to {
            io::SeekFrom::Start(at) => Some(at),
            io::SeekFrom::End(by) => self.source.len.checked_add_signed(by),
            io::SeekFrom::Current(by) => self.at.checked_add_signed(by),
        };
        self.at = at.ok_or_else(|| io::Error::from(io::ErrorKind::InvalidInput))?;
        Ok(self.at)
    }
}

/// Converts an error of the file system to fact and remedy.
fn read_error(path: &Path, error: &io::Error) -> Error {
    let name = path.display();
    match error.kind() {
        io::ErrorKind::NotFound | io::ErrorKind::NotADirectory => {
            Error::file(format!("there is no file `{name}`")).hint("check the path; relative ones start at the script")
        }
        io::ErrorKind::PermissionDenied => Error::file(format!("cannot read `{name}`: no permission"))
            .hint("change the permissions of the file or its folder"),
        _ => Error::file(format!("cannot read `{name}`: {error}")).hint("check the path and the disk"),
    }
}

/// A number of bytes for messages, such as `1.5 GB`.
pub(super) fn in_words(bytes: u64) -> String {
    const UNITS: [&str; 6] = ["kB", "MB", "GB", "TB", "PB", "EB"];
    if bytes < 1000 {
        return format!("{bytes} bytes");
    }
    let mut size = bytes as f64 / 1000.0;
    let mut unit = 0;
    while size >= 999.95 && unit + 1 < UNITS.len() {
        size /= 1000.0;
        unit += 1;
    }
    format!("{size:.1} {}", UNITS[unit])
}

/// Initial capacity in elements.
const FIRST_ROOM: usize = 256;

/// Reserves `more` elements; capacity doubles and is counted.
pub(super) fn room<T>(vec: &mut Vec<T>, more: usize, source: &Source<'_>) -> Result<()> {
    let wanted = vec.len().saturating_add(more);
    if wanted <= vec.capacity() {
        return Ok(());
    }
    let capacity = wanted.max(vec.capacity().saturating_mul(2)).max(FIRST_ROOM);
    let bytes = ((capacity - vec.capacity()) as u64).saturating_mul(size_of::<T>() as u64);
    source.take(bytes, || format!("{capacity} elements of {} bytes", size_of::<T>()))?;
    vec.try_reserve_exact(capacity - vec.len()).map_err(|_| source.no_memory(bytes))
}

#[cfg(test)]
mod tests {
    use super::{Source, in_words};
    use crate::array::Watch;

    #[test]
    fn counted_memory_is_released_exactly() {
        let file = tempfile::NamedTempFile::new().unwrap();
        let watch = Watch::default();
        let source = Source::open(file.path(), 100, &watch).unwrap();
        let what = || "a test".to_string();
        source.take(20, what).unwrap();
        {
            let reserved = source.reserve();
            reserved.take(30, what).unwrap();
            assert_eq!(reserved.zeros::<u64>(5).unwrap(), [0; 5]);
            assert_eq!(source.unused(), 10);
            assert!(reserved.take(11, what).is_err());
            // A sum that overflows is over the limit, too.
            assert!(reserved.take(u64::MAX, what).is_err());
            assert_eq!(source.unused(), 10);
        }
        assert_eq!(source.unused(), 80);
        let reserved = source.reserve();
        reserved.take(80, what).unwrap();
        reserved.keep();
        assert_eq!(source.unused(), 0);
        source.release(100);
        assert_eq!(source.unused(), 100);
    }

    #[test]
    #[cfg(debug_assertions)]
    #[should_panic = "more bytes are given back than were counted"]
    fn giving_back_too_much_is_a_mistake() {
        let file = tempfile::NamedTempFile::new().unwrap();
        let watch = Watch::default();
        let source = Source::open(file.path(), u64::MAX, &watch).unwrap();
        source.take(8, || "a test".to_string()).unwrap();
        source.release(9);
    }

    #[test]
    fn sizes_are_rounded_to_one_decimal() {
        let words = [0, 999, 1000, 1_234_567, 999_960_000, 8_000_000_000_000, u64::MAX].map(in_words);
        assert_eq!(words, ["0 bytes", "999 bytes", "1.0 kB", "1.2 MB", "1.0 GB", "8.0 TB", "18.4 EB"]);
    }
}
