//! Saves images to files on a background thread, so that the window does not freeze.

use crate::frame::Frame;
use crate::output::save_numbered;
use std::path::Path;
use std::sync::Arc;
use std::sync::mpsc::{Receiver, Sender, channel};
use std::thread::JoinHandle;

/// The image files that are being saved.
pub struct Saves {
    stem: String,
    done: Sender<String>,
    notes: Receiver<String>,
    threads: Vec<JoinHandle<()>>,
}

impl Saves {
    /// `stem`: the file names before their numbers.
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
            // Sending fails if the window has been closed in the meantime.
            let _ = done.send(note);
        }));
    }

    /// Notes about images that were saved, or not, since the last call.
    pub fn notes(&self) -> Vec<String> {
        self.notes.try_iter().collect()
    }

    /// Waits for the images that were requested, so that they are saved even if the window is closed at once.
    pub fn finish(&mut self) -> Vec<String> {
        for thread in self.threads.drain(..) {
            // A panic was printed by the thread itself.
            let _ = thread.join();
        }
        self.notes()
    }
}
