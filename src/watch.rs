//! Watches files for changed contents, however the program that writes them does it.
//!
//! Notifications of the system ([`notify`]) only wake the watcher up; what has changed is read from the files
//! themselves. So it makes no difference whether a program writes in pieces, writes a temporary file and renames it,
//! or saves several times at once. Where the system sends no notifications (network folders, too many watches),
//! periodic checks still find the change.

use crossbeam_channel::{Receiver, RecvTimeoutError, bounded};
use notify::event::{AccessKind, AccessMode, EventKind};
use notify::{RecommendedWatcher, RecursiveMode, Watcher as _};
use std::collections::{BTreeMap, BTreeSet};
use std::ffi::OsString;
use std::hash::{DefaultHasher, Hash, Hasher};
use std::path::{Path, PathBuf};
use std::time::{Duration, Instant, SystemTime};

/// A change is reported when the file has been unchanged since for this long.
const QUIET: Duration = Duration::from_millis(20);
/// A missing file is reported after this long: programs that rename files leave a gap.
const AWAY: Duration = Duration::from_secs(1);
/// Time between two checks without a notification.
const LOOK: Duration = Duration::from_secs(1);
const LOOK_UNAIDED: Duration = Duration::from_millis(200);
/// Larger files are compared by size and time only.
const MOST_HASHED: u64 = 8 << 20;

/// Notifications that are kept until they are read.
const NAMES_KEPT: usize = 1024;

/// Watches a set of files for changed contents.
pub struct Watcher {
    files: BTreeMap<PathBuf, Watched>,
    /// The system's watcher; `None` if the system provides none.
    system: Option<RecommendedWatcher>,
    /// Names of files that notifications were received for.
    events: Receiver<OsString>,
    /// Folders that the system's watcher watches.
    folders: BTreeSet<PathBuf>,
    looked: Instant,
}

struct Watched {
    /// The contents last reported, or when the watch began.
    reported: Content,
    stamp: Stamp,
    /// Since when the file has had its present contents, as long as these have not been reported.
    since: Option<Instant>,
}

/// File metadata that shows without reading whether the contents may have changed: length and time; `None` for a
/// missing file.
type Stamp = Option<(u64, Option<SystemTime>)>;

#[derive(PartialEq, Eq)]
enum Content {
    Missing,
    Hash(u64),
    /// The stamp of a file that is too large to read.
    Stamp(Stamp),
}

impl Watcher {
    /// Creates a watcher of no files.
    pub fn new() -> Watcher {
        let (reported, events) = bounded(NAMES_KEPT);
        let handler = move |event: notify::Result<notify::Event>| {
            let Ok(event) = event else { return };
            // Reading is not a change; the watcher itself reads the files, too.
            let is_change = match event.kind {
                EventKind::Access(kind) => kind == AccessKind::Close(AccessMode::Write),
                _ => true,
            };
            if is_change {
                for name in event.paths.iter().filter_map(|path| path.file_name()) {
                    // Fails if the watcher is gone already, or has many names to read: the periodic check finds the rest.
                    let _ = reported.try_send(name.to_os_string());
                }
            }
        };
        let system = notify::recommended_watcher(handler)
            .inspect_err(
                |error| tracing::info!(%error, "the system provides no file watches: files are checked periodically"),
            )
            .ok();
        Watcher { files: BTreeMap::new(), system, events, folders: BTreeSet::new(), looked: Instant::now() }
    }

    /// Watches these files instead of the previous ones. They need not exist.
    pub fn watch(&mut self, files: impl IntoIterator<Item = PathBuf>) {
        let mut known = std::mem::take(&mut self.files);
        for file in files {
            let watched = known.remove(&file).unwrap_or_else(|| {
                let stamp = stamp(&file);
                Watched { reported: content(&file, stamp), stamp, since: None }
            });
            self.files.insert(file, watched);
        }
        self.watch_folders();
    }

    /// Registers the folders of all files, and of the targets of links, with the system's watcher.
    fn watch_folders(&mut self) {
        let Some(system) = &mut self.system else { return };
        let targets = self.files.keys().filter_map(|file| file.canonicalize().ok());
        let wanted: BTreeSet<PathBuf> = self.files.keys().cloned().chain(targets).map(|file| folder(&file)).collect();
        for gone in self.folders.difference(&wanted) {
            let _ = system.unwatch(gone);
        }
        // A folder that cannot be watched is still checked periodically.
        self.folders = wanted
            .into_iter()
            .filter(|folder| {
                self.folders.contains(folder) && folder.exists()
                    || system.watch(folder, RecursiveMode::NonRecursive).is_ok()
            })
            .collect();
    }

    /// Waits until files have changed, but no longer than `limit`; returns the changed files, or none.
    pub fn wait(&mut self, limit: Duration) -> Vec<PathBuf> {
        let end = Instant::now() + limit;
        loop {
            let now = Instant::now();
            let pause = if self.system.is_some() { LOOK } else { LOOK_UNAIDED };
            let waits = self.files.values().any(|file| file.since.is_some());
            if waits || now.saturating_duration_since(self.looked) >= pause {
                self.look(now);
                let changed = self.settled(now);
                if !changed.is_empty() {
                    return changed;
                }
            }
            let left = end.saturating_duration_since(now);
            if left.is_zero() {
                return Vec::new();
            }
            let rest = if waits { QUIET / 4 } else { pause.saturating_sub(self.looked.elapsed()) };
            match self.events.recv_timeout(rest.min(left)) {
                Ok(name) => {
                    let names: BTreeSet<OsString> = std::iter::once(name).chain(self.events.try_iter()).collect();
                    self.touched(&names);
                }
                Err(RecvTimeoutError::Timeout) => {}
                // The thread of the system's watcher has ended.
                Err(RecvTimeoutError::Disconnected) => std::thread::sleep(rest.min(left)),
            }
        }
    }

    /// Checks the files with these names after a notification.
    fn touched(&mut self, names: &BTreeSet<OsString>) {
        let now = Instant::now();
        for (path, file) in &mut self.files {
            let is_it = path.file_name().is_some_and(|name| names.contains(name));
            let target = || path.canonicalize().ok().and_then(|target| target.file_name().map(|n| names.contains(n)));
            if is_it || target() == Some(true) {
                file.since = Some(now);
            }
        }
    }

    /// Checks all files.
    fn look(&mut self, now: Instant) {
        let all = now.saturating_duration_since(self.looked) >= LOOK_UNAIDED;
        for (path, file) in self.files.iter_mut().filter(|(_, file)| all || file.since.is_some()) {
            let stamp = stamp(path);
            if stamp != file.stamp {
                (file.stamp, file.since) = (stamp, Some(now));
            }
        }
        if all {
            self.looked = now;
            self.watch_folders();
        }
    }

    /// Files whose contents have changed and then been stable for long enough.
    fn settled(&mut self, now: Instant) -> Vec<PathBuf> {
        let mut changed = Vec::new();
        for (path, file) in &mut self.files {
            let Some(since) = file.since else { continue };
            let rest = if file.stamp.is_none() { AWAY } else { QUIET };
            if now.saturating_duration_since(since) < rest {
                continue;
            }
            file.since = None;
            let content = content(path, file.stamp);
            if content != file.reported {
                file.reported = content;
                changed.push(path.clone());
            }
        }
        changed
    }
}

impl Default for Watcher {
    fn default() -> Self {
        Self::new()
    }
}

fn folder(file: &Path) -> PathBuf {
    match file.parent() {
        Some(folder) if !folder.as_os_str().is_empty() => folder.to_path_buf(),
        _ => PathBuf::from("."),
    }
}

fn stamp(file: &Path) -> Stamp {
    let data = std::fs::metadata(file).ok()?;
    Some((data.len(), data.modified().ok()))
}

fn content(file: &Path, stamp: Stamp) -> Content {
    match stamp {
        None => Content::Missing,
        Some((length, _)) if length > MOST_HASHED => Content::Stamp(stamp),
        Some(_) => match std::fs::read(file) {
            Ok(bytes) => {
                let mut hasher = DefaultHasher::new();
                bytes.hash(&mut hasher);
                Content::Hash(hasher.finish())
            }
            Err(_) => Content::Missing,
        },
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::fs;
    use std::io::Write;

    /// No assertion depends on speed: this only ends a test that would wait forever.
    const PATIENCE: Duration = Duration::from_secs(20);
    /// A change that is not reported within this time counts as not reported.
    const SILENCE: Duration = Duration::from_millis(300);

    struct Case {
        folder: tempfile::TempDir,
        watcher: Watcher,
    }

    impl Case {
        fn new(system: bool) -> Case {
            let folder = tempfile::tempdir().unwrap();
            fs::write(folder.path().join("a.rhai"), "one").unwrap();
            let mut watcher = Watcher::new();
            if !system {
                watcher.system = None;
            }
            watcher.watch([folder.path().join("a.rhai")]);
            Case { folder, watcher }
        }
        fn path(&self, name: &str) -> PathBuf {
            self.folder.path().join(name)
        }
        fn reported(&mut self) {
            assert_eq!(self.watcher.wait(PATIENCE), [self.path("a.rhai")]);
        }
        fn silent(&mut self) {
            assert!(self.watcher.wait(SILENCE).is_empty());
        }
    }

    #[test]
    fn every_way_to_save_is_reported_once() {
        for system in [true, false] {
            let mut case = Case::new(system);
            let path = case.path("a.rhai");
            case.silent();
            fs::write(&path, "two").unwrap();
            case.reported();
            case.silent();
            // Written to a temporary file and renamed.
            fs::write(case.path("a.rhai.tmp"), "three").unwrap();
            fs::rename(case.path("a.rhai.tmp"), &path).unwrap();
            case.reported();
            // The old file is moved away first.
            fs::rename(&path, case.path("a.rhai~")).unwrap();
            fs::write(&path, "four").unwrap();
            case.reported();
            case.silent();
        }
    }

    #[test]
    fn a_burst_is_reported_when_it_is_over() {
        let mut case = Case::new(true);
        let path = case.path("a.rhai");
        let writer = std::thread::spawn(move || {
            for text in ["a", "ab", "abc", "abcd", "abcde"] {
                let mut file = fs::File::create(&path).unwrap();
                for byte in text.bytes() {
                    file.write_all(&[byte]).unwrap();
                }
                std::thread::sleep(QUIET / 10);
            }
        });
        case.reported();
        writer.join().unwrap();
        // On a slow machine an intermediate state may be reported, too; the final one is reported last.
        while !case.watcher.wait(SILENCE).is_empty() {}
        assert_eq!(fs::read_to_string(case.path("a.rhai")).unwrap(), "abcde");
    }

    #[test]
    fn the_same_content_is_no_change() {
        let mut case = Case::new(true);
        fs::write(case.path("a.rhai"), "one").unwrap();
        fs::write(case.path("b.rhai"), "another file").unwrap();
        case.silent();
    }

    #[test]
    fn a_missing_file_is_reported_after_a_while_and_when_it_is_back() {
        let mut case = Case::new(true);
        let begin = Instant::now();
        fs::remove_file(case.path("a.rhai")).unwrap();
        case.reported();
        assert!(begin.elapsed() >= AWAY, "it might have come back");
        fs::write(case.path("a.rhai"), "one").unwrap();
        case.reported();
    }

    #[test]
    fn a_file_that_is_not_there_yet_is_reported_when_it_comes() {
        let mut case = Case::new(true);
        let module = case.path("folder").join("m.rhai");
        case.watcher.watch([module.clone()]);
        case.silent();
        fs::create_dir(case.path("folder")).unwrap();
        fs::write(&module, "x").unwrap();
        assert_eq!(case.watcher.wait(PATIENCE), [module]);
    }

    #[test]
    fn a_folder_that_is_deleted_and_made_again_is_watched_again() {
        let mut case = Case::new(true);
        let module = case.path("folder").join("m.rhai");
        fs::create_dir(case.path("folder")).unwrap();
        fs::write(&module, "x").unwrap();
        case.watcher.watch([module.clone()]);
        fs::remove_dir_all(case.path("folder")).unwrap();
        assert_eq!(case.watcher.wait(PATIENCE), std::slice::from_ref(&module));
        fs::create_dir(case.path("folder")).unwrap();
        fs::write(&module, "y").unwrap();
        assert_eq!(case.watcher.wait(PATIENCE), [module]);
    }

    #[cfg(unix)]
    #[test]
    fn a_link_is_followed() {
        let mut case = Case::new(true);
        fs::create_dir(case.path("real")).unwrap();
        fs::write(case.path("real").join("s.rhai"), "x").unwrap();
        let link = case.path("link.rhai");
        std::os::unix::fs::symlink(case.path("real").join("s.rhai"), &link).unwrap();
        case.watcher.watch([link.clone()]);
        fs::write(case.path("real").join("s.rhai"), "y").unwrap();
        assert_eq!(case.watcher.wait(PATIENCE), [link]);
    }
}
