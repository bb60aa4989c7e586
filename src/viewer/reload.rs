//! Live editing: watches the files of a script, and compiles it in the background whenever one was saved.

use crate::script::{Script, source_files};
use crate::watch::Watcher;
use crate::{Error, Result};
use crossbeam_channel::{Receiver, Sender, bounded, never};
use std::path::PathBuf;
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering::Relaxed};
use std::thread::JoinHandle;
use std::time::{Duration, Instant, SystemTime};

/// Time between two updates of the list of files: a script may load further files later.
const LOOK_AGAIN: Duration = Duration::from_millis(300);

/// How long a script without callbacks is read again, and the time between two attempts.
const EMPTY_FOR: Duration = Duration::from_millis(500);
const READ_AGAIN: Duration = Duration::from_millis(10);

/// The result of a save.
pub(super) enum Saved {
    /// The script compiled. `anew`: a file that it had loaded has changed. `at`: when it was saved.
    Script {
        script: Arc<Script>,
        anew: bool,
        at: Option<SystemTime>,
    },
    Fault(Error),
}

/// The thread that watches the files; dropping it ends the watch.
pub(super) struct Reloader {
    saves: Receiver<Saved>,
    ends: Arc<AtomicBool>,
    thread: Option<JoinHandle<()>>,
}

impl Reloader {
    /// Watches the files of `script` and of the edited scripts that replace it.
    pub fn start(script: Arc<Script>) -> Result<Reloader> {
        let (reports, saves) = bounded(1);
        let ends = Arc::new(AtomicBool::new(false));
        let mut watcher = Watcher::new();
        watcher.watch(script.files());
        let body = {
            let ends = ends.clone();
            move || watch(watcher, script, &reports, &ends)
        };
        let thread = std::thread::Builder::new()
            .name("plotrt-watch".into())
            .spawn(body)
            .map_err(|e| Error::limit(format!("the thread that watches files cannot be started: {e}")))?;
        Ok(Reloader { saves, ends, thread: Some(thread) })
    }

    /// The results of saves since the last call.
    pub fn saved(&self) -> impl Iterator<Item = Saved> + '_ {
        self.saves.try_iter()
    }
}

impl Drop for Reloader {
    fn drop(&mut self) {
        self.ends.store(true, Relaxed);
        // A thread that waits until its report is read ends when nobody can read it.
        self.saves = never();
        if let Some(thread) = self.thread.take() {
            // The thread only compiles, and a panic was printed by the panic hook.
            let _ = thread.join();
        }
    }
}

/// Live editing of the script that is shown, and how long it takes from a save to the first image.
pub(super) struct LiveEdit {
    /// `None` if the files cannot be watched.
    reloader: Option<Reloader>,
    /// When the script last sent to the engine was saved.
    sent: Option<SystemTime>,
    /// When the script was saved that runs now and has no image yet.
    running: Option<SystemTime>,
}

impl LiveEdit {
    pub fn new(reloader: Option<Reloader>) -> LiveEdit {
        LiveEdit { reloader, sent: None, running: None }
    }

    /// The results of saves since the last call. The scripts are to be sent to the engine.
    pub fn saved(&mut self) -> Vec<Saved> {
        let saved: Vec<Saved> = self.reloader.iter().flat_map(|reloader| reloader.saved()).collect();
        for saved in &saved {
            if let Saved::Script { at, .. } = saved {
                self.sent = *at;
            }
        }
        saved
    }

    /// The engine runs the script that was sent to it last.
    pub fn set_running(&mut self) {
        self.running = self.sent.take();
    }

    /// An image was made; logs how long the first one of an edited script took.
    pub fn note_image(&mut self) {
        if let Some(took) = self.running.take().and_then(|saved| saved.elapsed().ok()) {
            tracing::info!(?took, "first image of the edited script, since it was saved");
        }
    }
}

fn watch(mut watcher: Watcher, mut script: Arc<Script>, reports: &Sender<Saved>, ends: &AtomicBool) {
    let path = script.path().to_path_buf();
    // Stays true until a script compiles, because a file may change again before the edited script is in use.
    let mut anew = false;
    while !ends.load(Relaxed) {
        let changed = watcher.wait(LOOK_AGAIN);
        if changed.is_empty() {
            watcher.watch(files(&script, &path));
            continue;
        }
        let sources = source_files(&path);
        anew |= changed.iter().any(|file| !sources.contains(file));
        tracing::debug!(?changed, anew, "files were saved");
        let saved = match load(&script, ends) {
            Ok(next) => {
                script = next.clone();
                let times = changed.iter().filter_map(|file| std::fs::metadata(file).ok()?.modified().ok());
                Saved::Script { script: next, anew: std::mem::take(&mut anew), at: times.max() }
            }
            Err(error) => Saved::Fault(error),
        };
        watcher.watch(files(&script, &path));
        if reports.send(saved).is_err() {
            return;
        }
    }
}

/// Compiles the text that the file of `script` has now. A file that is written in place is empty for a moment, so a text
/// without callbacks is read again for a while.
fn load(script: &Script, ends: &AtomicBool) -> Result<Arc<Script>> {
    let begin = Instant::now();
    loop {
        let loaded = Script::load(script.path(), script.options_for_edit());
        let is_empty = loaded.as_ref().is_ok_and(|next| next.callbacks().is_empty());
        if !is_empty || begin.elapsed() > EMPTY_FOR || ends.load(Relaxed) {
            return loaded;
        }
        std::thread::sleep(READ_AGAIN);
    }
}

/// The files of the script that compiled last, and those that its present text names.
fn files(script: &Script, path: &std::path::Path) -> Vec<PathBuf> {
    let mut files = script.files();
    files.extend(source_files(path));
    files.sort();
    files.dedup();
    files
}
