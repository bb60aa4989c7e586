//! Which files a script may read and write.

use crate::atomic::file_error;
use crate::script::Permissions;
use crate::{Error, Result};
use std::collections::BTreeSet;
use std::io::ErrorKind;
use std::path::{Component, Path, PathBuf};
use std::sync::{Arc, Mutex, PoisonError};

/// Files that one call may access.
pub struct Files {
    pub(super) permissions: Arc<Permissions>,
    /// Where relative paths that are read start.
    pub(super) here: PathBuf,
    pub(super) loaded: Arc<Mutex<BTreeSet<PathBuf>>>,
}

impl Files {
    /// The full path of a file that is about to be read, if the script may.
    pub fn to_read(&self, path: &str) -> Result<PathBuf> {
        let path = readable(path, &self.here, &self.permissions)?;
        self.loaded.lock().unwrap_or_else(PoisonError::into_inner).insert(path.clone());
        Ok(path)
    }
}

/// The full path of `path`, if the script may write there. Relative paths start at the output folder.
pub fn writable(path: &str, permissions: &Permissions) -> Result<PathBuf> {
    if path.trim().is_empty() {
        return Err(empty_name("picture.png"));
    }
    let full = normal(&absolute(&permissions.out_dir).join(path));
    let real = resolved(&full);
    let folders = permissions.write.iter().chain([&permissions.out_dir]);
    if folders.map(|folder| resolved(&normal(&absolute(folder)))).any(|folder| real.starts_with(folder)) {
        return Ok(full);
    }
    let folder = full.parent().unwrap_or(&full);
    Err(Error::script(format!("`{path}` is outside of the folders that the script may write to"))
        .hint(format!("save into the output folder, or allow it with `--allow-write {}`", folder.display())))
}

/// The full path of `path`, if the script may read there. Relative paths start at `here`, the folder of the script
/// or module that names them; folders that may be written may be read, too.
pub fn readable(path: &str, here: &Path, permissions: &Permissions) -> Result<PathBuf> {
    if path.trim().is_empty() {
        return Err(empty_name("data.csv"));
    }
    // Relative if the script's path was: errors show it.
    let full = normal_in(here, path);
    let real = resolved(&normal(&absolute(&full)));
    let folders = permissions.read.iter().chain(&permissions.write).chain([&permissions.out_dir]);
    let folders = folders.map(PathBuf::as_path).chain([here]);
    if folders.map(|folder| resolved(&normal(&absolute(folder)))).any(|folder| real.starts_with(folder)) {
        return Ok(full);
    }
    let folder = full.parent().unwrap_or(&full);
    Err(Error::script(format!("`{path}` is outside of the folders that the script may read"))
        .hint(format!("put it beside the script, or allow it with `--allow-read {}`", folder.display())))
}

/// The error of an empty name; `example` is a valid one.
pub fn empty_name(example: &str) -> Error {
    Error::script("the file name is empty").hint(format!("name a file such as \"{example}\""))
}

/// Fails if no file can be made at `full`, which messages call `shown`. Does not touch the disk.
pub fn check_place(full: &Path, shown: &Path) -> Result<()> {
    if full.is_dir() {
        return Err(Error::file(format!("`{}` is a folder", shown.display()))
            .hint("name a file in it, for example with `/picture.png` at the end"));
    }
    let folder = full.parent().filter(|folder| !folder.as_os_str().is_empty()).unwrap_or(Path::new("."));
    if !folder.is_dir() {
        return Err(file_error(shown, &ErrorKind::NotFound.into()));
    }
    if folder.metadata().is_ok_and(|about| about.permissions().readonly()) {
        return Err(file_error(shown, &ErrorKind::PermissionDenied.into()));
    }
    Ok(())
}

/// A path of a script that starts at the output folder, as the user knows it.
pub fn shown(path: &str, permissions: &Permissions) -> PathBuf {
    match permissions.out_dir.as_os_str().is_empty() || permissions.out_dir == Path::new(".") {
        true => PathBuf::from(path),
        false => permissions.out_dir.join(path),
    }
}

/// `path` as seen from `here`.
fn normal_in(here: &Path, path: &str) -> PathBuf {
    let joined = here.join(path);
    // A leading `..` must stay.
    if joined.is_absolute() { normal(&joined) } else { joined }
}

fn absolute(path: &Path) -> PathBuf {
    std::path::absolute(path).unwrap_or_else(|_| path.to_path_buf())
}

/// `path` with `.` and `..` resolved, without the disk.
fn normal(path: &Path) -> PathBuf {
    let mut out = PathBuf::new();
    for component in path.components() {
        match component {
            Component::ParentDir => {
                out.pop();
            }
            Component::CurDir => {}
            other => out.push(other),
        }
    }
    out
}

/// `path` with all links followed, as far as it exists: a link in the output folder must not lead out of it.
fn resolved(path: &Path) -> PathBuf {
    let mut rest = Vec::new();
    let mut base = path;
    loop {
        if let Ok(real) = base.canonicalize() {
            return rest.iter().rev().fold(real, |path, part| path.join(part));
        }
        match (base.parent(), base.file_name()) {
            (Some(parent), Some(name)) => {
                rest.push(name);
                base = parent;
            }
            _ => return path.to_path_buf(),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn permissions(out: &Path) -> Permissions {
        Permissions { out_dir: out.to_path_buf(), ..Permissions::default() }
    }

    #[test]
    fn paths_start_at_the_output_folder_and_stay_inside() {
        let dir = tempfile::tempdir().unwrap();
        let out = dir.path().join("out");
        std::fs::create_dir(&out).unwrap();
        let allowed = permissions(&out);
        assert_eq!(writable("a.png", &allowed).unwrap(), out.join("a.png"));
        assert_eq!(writable("x/../a.png", &allowed).unwrap(), out.join("a.png"));
        assert!(writable(out.join("b.png").to_str().unwrap(), &allowed).is_ok());
        for outside in ["../a.png", "x/../../a.png", "/a.png", &format!("{}x/a.png", out.display())] {
            let error = writable(outside, &allowed).unwrap_err();
            assert!(error.hint.unwrap().contains("--allow-write"), "{outside}");
        }
        let more = Permissions { write: vec![dir.path().to_path_buf()], ..allowed };
        assert!(writable("../a.png", &more).is_ok());
    }

    #[cfg(unix)]
    #[test]
    fn a_link_does_not_lead_out() {
        let dir = tempfile::tempdir().unwrap();
        let out = dir.path().join("out");
        std::fs::create_dir(&out).unwrap();
        std::os::unix::fs::symlink(dir.path(), out.join("up")).unwrap();
        assert!(writable("up/a.png", &permissions(&out)).is_err());
    }
}
