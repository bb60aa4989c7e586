//! Files that appear completely or not at all: written to a temporary file in the same folder, flushed, renamed.

use crate::{Error, Result};
use std::io::{self, BufWriter, ErrorKind, Seek, SeekFrom, Write};
use std::path::{Path, PathBuf};
use std::time::Duration;
use tempfile::NamedTempFile;

/// Prefix of temporary files; a random part follows. The leading dot hides them.
const PREFIX: &str = ".plotrt-";
const SUFFIX: &str = ".part";
/// A temporary file of this age has been locked by the process that writes it, unless that has ended.
const SURELY_LOCKED: Duration = Duration::from_secs(10);

/// A file that is not visible under its name before [`AtomicFile::commit`]. If it is dropped before, no file remains.
pub struct AtomicFile {
    path: PathBuf,
    file: BufWriter<NamedTempFile>,
}

impl AtomicFile {
    /// Creates the temporary file. Fails early if `path` cannot become a file: no such folder, no permission, or
    /// something that is not a file has that name.
    pub fn create(path: &Path) -> Result<Self> {
        let path = resolve(path)?;
        let folder = folder_of(&path);
        let mut builder = tempfile::Builder::new();
        builder.prefix(PREFIX).suffix(SUFFIX);
        // Temporary files are private by default; this one becomes an ordinary file, subject to the umask.
        #[cfg(unix)]
        builder.permissions(std::os::unix::fs::PermissionsExt::from_mode(0o666));
        let file = builder.tempfile_in(folder).map_err(|e| file_error(&path, &e))?;
        // On file systems without locks, no file is ever considered abandoned.
        let _ = file.as_file().try_lock();
        Ok(AtomicFile { path, file: BufWriter::with_capacity(1 << 16, file) })
    }

    /// The final path of the file.
    pub fn path(&self) -> &Path {
        &self.path
    }

    /// Renames the file to its final path, replacing an existing file.
    pub fn commit(self) -> Result<()> {
        let path = self.path.clone();
        self.commit_as(&path)
    }

    /// Renames the file to another path in the same folder.
    pub fn commit_as(self, path: &Path) -> Result<()> {
        self.flushed(path)?.persist(path).map_err(|e| file_error(path, &e.error))?;
        Ok(())
    }

    /// Renames the file to its final path unless a file exists there; returns whether it did.
    pub fn commit_new(self) -> Result<bool> {
        let path = self.path.clone();
        match self.flushed(&path)?.persist_noclobber(&path) {
            Ok(_) => Ok(true),
            Err(e) if e.error.kind() == ErrorKind::AlreadyExists => Ok(false),
            Err(e) => Err(file_error(&path, &e.error)),
        }
    }

    fn flushed(self, path: &Path) -> Result<NamedTempFile> {
        let file = self.file.into_inner().map_err(|e| file_error(path, e.error()))?;
        // A full or removed disk may only be reported now.
        file.as_file().sync_all().map_err(|e| file_error(path, &e))?;
        Ok(file)
    }
}

impl Write for AtomicFile {
    fn write(&mut self, bytes: &[u8]) -> io::Result<usize> {
        self.file.write(bytes)
    }
    fn flush(&mut self) -> io::Result<()> {
        self.file.flush()
    }
}

impl Seek for AtomicFile {
    fn seek(&mut self, to: SeekFrom) -> io::Result<u64> {
        self.file.seek(to)
    }
}

/// Follows a link, so that it remains a link, and refuses what a rename would destroy: folders, devices, pipes.
fn resolve(path: &Path) -> Result<PathBuf> {
    match std::fs::metadata(path) {
        Ok(there) if there.is_dir() => Err(Error::file(format!("`{}` is a folder", path.display()))
            .hint("name a file in it, for example with `/image.png` at the end")),
        Ok(there) if !there.is_file() => {
            Err(Error::file(format!("`{}` is a device or a pipe, not a file", path.display()))
                .hint("a temporary file is written and renamed, which needs an ordinary file"))
        }
        Ok(_) => std::fs::canonicalize(path).map_err(|e| file_error(path, &e)),
        Err(_) => Ok(path.to_path_buf()),
    }
}

/// The folder of a file: the current one if the path is a bare name.
fn folder_of(path: &Path) -> &Path {
    match path.parent() {
        Some(folder) if !folder.as_os_str().is_empty() => folder,
        _ => Path::new("."),
    }
}

/// Checks before slow work that files can be created beside `path`.
pub fn check_folder(path: &Path) -> Result<()> {
    AtomicFile::create(path).map(drop)
}

/// Removes temporary files in the folder of `path` that killed processes have left: those that no process holds a
/// lock on. Files that cannot be removed stay.
pub fn remove_abandoned(path: &Path) {
    for entry in std::fs::read_dir(folder_of(path)).into_iter().flatten().flatten() {
        let name = entry.file_name();
        let is_ours = name.to_str().is_some_and(|name| name.starts_with(PREFIX) && name.ends_with(SUFFIX));
        if is_ours && is_abandoned(&entry.path()).unwrap_or(false) {
            let removed = std::fs::remove_file(entry.path());
            tracing::debug!(file = %entry.path().display(), ?removed, "left by a process that was killed");
        }
    }
}

fn is_abandoned(path: &Path) -> io::Result<bool> {
    if !std::fs::symlink_metadata(path)?.is_file() {
        return Ok(false);
    }
    let file = std::fs::File::options().write(true).open(path)?;
    let is_old = file.metadata()?.modified()?.elapsed().is_ok_and(|age| age > SURELY_LOCKED);
    Ok(is_old && file.try_lock().is_ok())
}

/// An I/O error with its cause and a remedy; `path` is the file that was to be written.
pub(crate) fn file_error(path: &Path, error: &io::Error) -> Error {
    let name = path.display();
    let folder = folder_of(path);
    let shown = folder.display();
    match error.kind() {
        ErrorKind::NotFound | ErrorKind::NotADirectory if !folder.is_dir() => {
            Error::file(format!("cannot write `{name}`: there is no folder `{shown}`"))
                .hint(format!("make it first: mkdir -p '{shown}'"))
        }
        ErrorKind::PermissionDenied => {
            Error::file(format!("cannot write `{name}`: no permission to make files in `{shown}`"))
                .hint("choose another folder, or change the permissions of this one")
        }
        ErrorKind::ReadOnlyFilesystem => {
            Error::file(format!("cannot write `{name}`: the file system is read-only")).hint("choose another folder")
        }
        ErrorKind::StorageFull | ErrorKind::QuotaExceeded | ErrorKind::WriteZero => {
            Error::file(format!("cannot write `{name}`: the disk is full"))
                .hint("make room or choose another disk; `--skip-existing` goes on with what is missing")
        }
        ErrorKind::FileTooLarge => Error::file(format!("cannot write `{name}`: the file is too large"))
            .hint("the file system, or a limit set for this process (`ulimit -f`), allows no larger file"),
        ErrorKind::InvalidFilename => {
            Error::file(format!("cannot write `{name}`: the file system does not take this name"))
                .hint("choose a shorter or a simpler name")
        }
        _ => Error::file(format!("cannot write `{name}`: {error}")).hint("check the path and the disk"),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn names(folder: &Path) -> Vec<String> {
        let mut names: Vec<_> =
            std::fs::read_dir(folder).unwrap().map(|entry| entry.unwrap().file_name().into_string().unwrap()).collect();
        names.sort();
        names
    }

    #[test]
    fn appears_at_commit_and_not_before() {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("a.bin");
        let mut file = AtomicFile::create(&path).unwrap();
        file.write_all(b"whole").unwrap();
        assert!(!path.exists());
        file.commit().unwrap();
        assert_eq!(std::fs::read(&path).unwrap(), b"whole");
        assert_eq!(names(folder.path()), ["a.bin"]);
    }

    #[test]
    fn leaves_nothing_and_keeps_the_old_file_when_dropped() {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("a.bin");
        std::fs::write(&path, "old").unwrap();
        let mut file = AtomicFile::create(&path).unwrap();
        file.write_all(b"new").unwrap();
        drop(file);
        assert_eq!(std::fs::read(&path).unwrap(), b"old");
        assert_eq!(names(folder.path()), ["a.bin"]);
    }

    #[cfg(unix)]
    #[test]
    fn a_link_stays_a_link_and_the_umask_decides_who_reads() {
        use std::os::unix::fs::PermissionsExt;
        let folder = tempfile::tempdir().unwrap();
        let (target, link) = (folder.path().join("target"), folder.path().join("link"));
        std::fs::write(&target, "old").unwrap();
        std::os::unix::fs::symlink(&target, &link).unwrap();
        let mut file = AtomicFile::create(&link).unwrap();
        file.write_all(b"new").unwrap();
        file.commit().unwrap();
        assert!(std::fs::symlink_metadata(&link).unwrap().is_symlink());
        assert_eq!(std::fs::read(&target).unwrap(), b"new");
        let plain = folder.path().join("plain");
        std::fs::write(&plain, "").unwrap();
        let mode = |path: &Path| std::fs::metadata(path).unwrap().permissions().mode() & 0o777;
        assert_eq!(mode(&target), mode(&plain));
    }

    #[test]
    fn only_what_nobody_makes_any_more_is_removed() {
        let folder = tempfile::tempdir().unwrap();
        let put = |name: &str, age: u64| {
            let file = std::fs::File::create(folder.path().join(name)).unwrap();
            file.set_modified(std::time::SystemTime::now() - Duration::from_secs(age)).unwrap();
        };
        put(".plotrt-dead.part", 3600);
        put(".plotrt-just begun.part", 0);
        put("mine.part", 3600);
        put(".plotrt-notes", 3600);
        std::fs::create_dir(folder.path().join(".plotrt-folder.part")).unwrap();
        let path = folder.path().join("a.png");
        let mut alive = AtomicFile::create(&path).unwrap();
        alive.file.get_ref().as_file().set_modified(std::time::SystemTime::UNIX_EPOCH).unwrap();
        remove_abandoned(&path);
        alive.write_all(b"whole").unwrap();
        alive.commit().unwrap();
        let left = [".plotrt-folder.part", ".plotrt-just begun.part", ".plotrt-notes", "a.png", "mine.part"];
        assert_eq!(names(folder.path()), left);
    }

    #[test]
    fn errors_name_the_path_and_the_remedy() {
        let folder = tempfile::tempdir().unwrap();
        let missing = folder.path().join("none/a.png");
        let error = check_folder(&missing).unwrap_err();
        assert!(error.message.contains(&format!("`{}`: there is no folder", missing.display())), "{error}");
        assert!(error.hint.unwrap().starts_with("make it first: mkdir -p"));
        let error = check_folder(folder.path()).unwrap_err();
        assert!(error.message.ends_with("is a folder"), "{error}");
        #[cfg(unix)]
        assert!(check_folder(Path::new("/dev/null")).unwrap_err().message.contains("is a device or a pipe"));
        let full = file_error(&missing, &io::Error::from(ErrorKind::StorageFull));
        assert!(full.message.ends_with("the disk is full"), "{full}");
    }
}
