//! The panels that the user opens and closes: help and statistics.

use super::overlay::{self, Machine};
use crate::engine::RoundStats;
use crate::memory;
use crate::output::Panel;

pub(super) struct Panels {
    /// The page of the help that is shown.
    help: Option<usize>,
    shows_stats: bool,
    round: Option<RoundStats>,
    /// Name of the device, for the statistics.
    device: String,
}

impl Panels {
    pub fn new(device: String) -> Panels {
        Panels { help: None, shows_stats: false, round: None, device }
    }

    /// Takes the statistics of the latest round.
    pub fn set_round(&mut self, stats: RoundStats) {
        self.round = Some(stats);
    }

    /// Opens the help, or turns to its next page.
    pub fn next_help(&mut self) {
        self.help = Some(self.help.map_or(0, |page| page + 1));
    }

    /// Closes the help; false if it is not open.
    pub fn close_help(&mut self) -> bool {
        self.help.take().is_some()
    }

    pub fn toggle_stats(&mut self) {
        self.shows_stats = !self.shows_stats;
    }

    /// The page of the help for a screen with this number of columns and rows, if it is open. It takes all the room.
    pub fn help(&mut self, text_size: (usize, usize)) -> Option<Panel> {
        let panel = overlay::help(text_size, self.help?);
        if panel.is_none() {
            // The index is past the last page.
            self.help = None;
        }
        panel
    }

    pub fn stats(&self) -> Option<Panel> {
        self.shows_stats.then(|| {
            let machine = Machine { device: self.device.clone(), memory: memory::of_process() };
            overlay::stats(self.round.as_ref(), &machine)
        })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_help_ends_after_its_last_page() {
        let mut panels = Panels::new(String::new());
        assert!(panels.help((80, 30)).is_none());
        let pages = std::iter::from_fn(|| {
            panels.next_help();
            panels.help((80, 30))
        });
        assert!(pages.count() > 1);
        assert!(!panels.close_help(), "it is closed");
        panels.next_help();
        assert!(panels.close_help() && panels.help((80, 30)).is_none());
    }

    #[test]
    fn the_statistics_are_those_of_the_latest_round() {
        let mut panels = Panels::new("cpu".into());
        assert!(panels.stats().is_none());
        panels.toggle_stats();
        let before = panels.stats().unwrap();
        panels.set_round(RoundStats { full: 16, ..RoundStats::default() });
        assert!(panels.stats().unwrap().rows.len() > before.rows.len());
        panels.toggle_stats();
        assert!(panels.stats().is_none());
    }
}
