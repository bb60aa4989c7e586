//! What the viewer writes: images on background threads, so that the window does not freeze, and small texts.

use crate::frame::Frame;
use crate::output::{AtomicFile, save_numbered};
use crate::{Error, Result};
use std::io::Write;
use std::path::{Path, PathBuf};
use std::sync::Arc;
use std::thread::JoinHandle;

/// The image files that are being saved.
pub(super) struct Saves {
    /// Folder and file names of the images, before their numbers.
    folder: PathBuf,
    stem: String,
    /// Each returns a note on its image.
    threads: Vec<JoinHandle<String>>,
}

impl Saves {
    pub fn new(folder: PathBuf, stem: String) -> Saves {
        Saves { folder, stem, threads: Vec::new() }
    }

    pub fn start(&mut self, frame: Arc<Frame>) {
        let (folder, stem) = (self.folder.clone(), self.stem.clone());
        self.threads.push(std::thread::spawn(move || match save_numbered(&frame, &folder, &stem) {
            Ok(path) => format!("saved {}", path.display()),
            Err(error) => format!("not saved: {error}"),
        }));
    }

    /// Notes about images that were saved, or not, since the last call.
    pub fn notes(&mut self) -> Vec<String> {
        let done = self.threads.extract_if(.., |thread| thread.is_finished()).collect();
        joined(done)
    }

    /// Waits for the images that were requested, so that they are saved even if the window is closed at once.
    pub fn finish(&mut self) -> Vec<String> {
        joined(std::mem::take(&mut self.threads))
    }
}

/// The notes of threads. A panic was printed by the thread itself.
fn joined(threads: Vec<JoinHandle<String>>) -> Vec<String> {
    threads.into_iter().filter_map(|thread| thread.join().ok()).collect()
}

/// Writes a text file, and returns a note on it.
pub(super) fn save_text(path: &Path, text: &str) -> Result<String> {
    let mut file = AtomicFile::create(path)?;
    file.write_all(text.as_bytes())
        .map_err(|e| Error::file(format!("cannot write `{}`: {e}", path.display())).hint("check the disk"))?;
    file.commit()?;
    Ok(format!("saved {}", path.display()))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_image_that_was_requested_is_saved_and_reported_once() {
        let folder = tempfile::tempdir().unwrap();
        let mut saves = Saves::new(folder.path().to_path_buf(), "a".into());
        let frame = Arc::new(Frame { width: 1, height: 1, rgba8: vec![255; 4], ..Frame::default() });
        for _ in 0..3 {
            saves.start(frame.clone());
        }
        let mut notes = saves.finish();
        notes.sort();
        let expected = [1, 2, 3].map(|i| format!("saved {}", folder.path().join(format!("a-000{i}.png")).display()));
        assert_eq!(notes, expected);
        assert!(saves.notes().is_empty());
        let mut saves = Saves::new(folder.path().join("none"), "a".into());
        saves.start(frame);
        let notes = saves.finish();
        assert!(notes[0].starts_with("not saved: "), "{notes:?}");
    }
}
