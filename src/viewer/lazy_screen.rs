//! The screen that the viewer shows the run on. It is opened when there is something to show, because its size is not
//! known before.

use crate::Result;
use crate::frame::Frame;
use crate::output::{Input, Panel, Screen};
use std::sync::Arc;
use std::time::{Duration, Instant};

/// If `init` takes longer than this, the screen opens without an image.
const WAIT_FOR_FIRST: Duration = Duration::from_millis(300);
const DEFAULT_SIZE: (u32, u32) = (800, 600);

/// Opens the screen for images of this size, with the name of the run as its title.
pub type OpenScreen<'a> = Box<dyn FnOnce(&str, (u32, u32)) -> Result<Box<dyn Screen>> + 'a>;

/// A screen that is opened with the first image, and the image that is on it.
pub(super) struct LazyScreen<'a> {
    name: String,
    /// Size of the image; `None`: that of the first frame.
    size: Option<(u32, u32)>,
    /// How to open the screen, until that is done.
    open: Option<OpenScreen<'a>>,
    screen: Option<Box<dyn Screen>>,
    shown: Option<Arc<Frame>>,
    started: Instant,
}

impl<'a> LazyScreen<'a> {
    pub fn new(name: String, size: Option<(u32, u32)>, open: OpenScreen<'a>) -> LazyScreen<'a> {
        LazyScreen { name, size, open: Some(open), screen: None, shown: None, started: Instant::now() }
    }

    /// Opens the screen if the first image takes long; returns true if it did so just now.
    pub fn open_if_late(&mut self) -> Result<bool> {
        let is_late = self.open.is_some() && self.started.elapsed() > WAIT_FOR_FIRST;
        if is_late {
            self.open()?;
        }
        Ok(is_late)
    }

    fn open(&mut self) -> Result<()> {
        if let Some(open) = self.open.take() {
            self.screen = Some(open(&self.name, self.size.unwrap_or(DEFAULT_SIZE))?);
        }
        Ok(())
    }

    /// The size of the run's images, for a screen that is not open yet.
    pub fn expect_size(&mut self, size: (u32, u32)) {
        self.size.get_or_insert(size);
    }

    pub fn show(&mut self, image: Arc<Frame>) -> Result<()> {
        self.open()?;
        if let Some(screen) = &mut self.screen {
            screen.show(image.clone());
        }
        self.shown = Some(image);
        Ok(())
    }

    pub fn close(&mut self) {
        (self.open, self.screen) = (None, None);
    }

    /// The image that is shown.
    pub fn shown(&self) -> Option<&Arc<Frame>> {
        self.shown.as_ref()
    }

    /// Adds this to the name of the run in the title.
    pub fn set_title(&mut self, state: &str) {
        if let Some(screen) = &mut self.screen {
            screen.set_title(&format!("{} - {state}", self.name));
        }
    }

    pub fn mirror(&mut self, mirrored: (bool, bool)) {
        if let Some(screen) = &mut self.screen {
            screen.mirror(mirrored);
        }
    }

    /// Shows the panels that `panels` returns for a screen with this number of columns and rows of text.
    pub fn set_panels(&mut self, panels: impl FnOnce((usize, usize)) -> Vec<Panel>) {
        if let Some(screen) = &mut self.screen {
            let panels = panels(screen.text_size());
            screen.set_panels(panels);
        }
    }

    pub fn poll(&mut self) -> Vec<Input> {
        self.screen.as_mut().map(|screen| screen.poll()).unwrap_or_default()
    }
}
