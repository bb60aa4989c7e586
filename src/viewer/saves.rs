//! Pictures on their way into files, beside the window, which must not freeze.

use crate::frame::Frame;
use crate::output::save_numbered;
use std::path::Path;
use std::sync::Arc;
use std::sync::mpsc::{Receiver, Sender, channel};
use std::thread::JoinHandle;

/// See the module.
pub struct Saves {
    stem: String,
    done: Sender<String>,
    notes: Receiver<String>,
    threads: Vec<JoinHandle<()>>,
}

impl Saves {
    /// `stem`: what the files are called before their numbers.
    pub fn new(stem: String) -> Saves {
        let (done, notes) = channel();
        Saves { stem, done, notes, threads: Vec::new() }
    }

    pub fn start(&mut self, frame: Arc<Frame>) {
        let (stem, done) = (self.stem.clone(), self.done.clone());
        self.threads.retain(|thread| !thread.is_finished());
        self.threads.push(std::thread::spawn(move || {
            let note = match save_numbered(&frame, Path::new(""), &stem) {
                Ok(path) => format!("saved {}", path.display()),
                Err(error) => format!("not saved: {error}"),
            };
            // The window may have been closed in the meantime.
            let _ = done.send(note);
        }));
    }

    /// What has been saved, or not, since the last call.
    pub fn notes(&self) -> Vec<String> {
        self.notes.try_iter().collect()
    }

    /// What was asked for is saved even if the window is closed at once.
    pub fn finish(&mut self) -> Vec<String> {
        for thread in self.threads.drain(..) {
            // A panic was printed by the thread itself.
            let _ = thread.join();
        }
        self.notes()
    }
}
