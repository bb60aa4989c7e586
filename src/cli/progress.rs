//! Progress of a batch: a bar on a terminal, plain lines elsewhere.

use super::report;
use indicatif::{ProgressBar, ProgressDrawTarget, ProgressStyle};
use std::io::IsTerminal;
use std::path::Path;
use std::time::{Duration, Instant};

/// Counts the frames of a batch.
pub struct Progress {
    /// Nothing is shown when quiet.
    shown: Option<Shown>,
    total: u64,
    done: u64,
    started: Instant,
}

enum Shown {
    Bar(ProgressBar),
    Lines,
}

impl Progress {
    pub fn new(total: u64, quiet: bool) -> Progress {
        let shown = if quiet {
            None
        } else if std::io::stderr().is_terminal() {
            let bar = ProgressBar::with_draw_target(Some(total), ProgressDrawTarget::stderr());
            if let Ok(style) =
                ProgressStyle::with_template("{bar:30.green} {pos}/{len} frames  {msg}  [{elapsed_precise}]")
            {
                bar.set_style(style.progress_chars("━╸ "));
            }
            bar.set_message("starting");
            bar.enable_steady_tick(Duration::from_millis(250));
            report::show_bar(Some(bar.clone()));
            Some(Shown::Bar(bar))
        } else {
            Some(Shown::Lines)
        };
        Progress { shown, total, done: 0, started: Instant::now() }
    }

    /// A frame has been written.
    pub fn frame(&mut self, number: u64, path: &Path, seconds: f64) {
        self.done += 1;
        // Frames overlap, so the mean over the whole run predicts the rest better than their own times.
        let per_frame = self.started.elapsed().as_secs_f64() / self.done as f64;
        let left = human_time(per_frame * self.total.saturating_sub(self.done) as f64);
        match &self.shown {
            Some(Shown::Bar(bar)) => {
                bar.set_message(format!("{per_frame:.2} s per frame, {left} left"));
                bar.set_position(self.done);
            }
            Some(Shown::Lines) => report::note(&format!(
                "frame {number} ({} of {}): {}, {seconds:.2} s, {left} left",
                self.done,
                self.total,
                path.display()
            )),
            None => {}
        }
    }
}

impl Drop for Progress {
    fn drop(&mut self) {
        if let Some(Shown::Bar(bar)) = &self.shown {
            bar.finish_and_clear();
            report::show_bar(None);
        }
    }
}

/// `1.5 s`, `42 s`, `3 min 05 s`, `2 h 07 min`.
pub fn human_time(seconds: f64) -> String {
    let whole = seconds.max(0.0).round() as u64;
    match whole {
        0..10 => format!("{:.1} s", seconds.max(0.0)),
        10..60 => format!("{whole} s"),
        60..3600 => format!("{} min {:02} s", whole / 60, whole % 60),
        _ => format!("{} h {:02} min", whole / 3600, whole % 3600 / 60),
    }
}

#[cfg(test)]
mod tests {
    use super::human_time;

    #[test]
    fn times_are_readable() {
        assert_eq!(human_time(-1.0), "0.0 s");
        assert_eq!(human_time(1.53), "1.5 s");
        assert_eq!(human_time(59.4), "59 s");
        assert_eq!(human_time(185.0), "3 min 05 s");
        assert_eq!(human_time(7620.0), "2 h 07 min");
    }
}
