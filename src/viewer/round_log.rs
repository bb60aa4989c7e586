//! The file of `--stats`: one line of JSON for each round.

use crate::engine::RoundStats;
use crate::{Error, Result};
use std::io::Write;

pub(super) struct RoundLog {
    /// The writer, and the name of the file for messages; `None` if no statistics are written.
    file: Option<(Box<dyn Write>, String)>,
}

impl RoundLog {
    pub fn new(file: Option<(Box<dyn Write>, String)>) -> RoundLog {
        RoundLog { file }
    }

    /// Writes the statistics of a round. After an error, no more are written.
    pub fn write(&mut self, stats: &RoundStats) -> Result<()> {
        let Some((file, name)) = &mut self.file else { return Ok(()) };
        let line = serde_json::to_string(stats).unwrap_or_default();
        let Err(e) = writeln!(file, "{line}").and_then(|()| file.flush()) else { return Ok(()) };
        let error = Error::file(format!("cannot write to `{name}`: {e}")).hint("check the disk");
        self.file = None;
        Err(error)
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::io;
    use std::sync::{Arc, Mutex};

    /// A file on a disk with room for this many bytes.
    #[derive(Clone)]
    struct Disk(Arc<Mutex<Vec<u8>>>, usize);

    impl Write for Disk {
        fn write(&mut self, bytes: &[u8]) -> io::Result<usize> {
            let mut written = self.0.lock().unwrap();
            if written.len() + bytes.len() > self.1 {
                return Err(io::Error::other("disk full"));
            }
            written.extend(bytes);
            Ok(bytes.len())
        }
        fn flush(&mut self) -> io::Result<()> {
            Ok(())
        }
    }

    #[test]
    fn every_round_is_a_line_until_the_disk_is_full() {
        let disk = Disk(Arc::default(), 700);
        let mut log = RoundLog::new(Some((Box::new(disk.clone()), "rounds.jsonl".into())));
        let failed = (0..10).filter(|&round| {
            let result = log.write(&RoundStats { round, ..RoundStats::default() });
            result.is_err_and(|error| error.message == "cannot write to `rounds.jsonl`: disk full")
        });
        assert_eq!(failed.count(), 1, "reported once");
        let text = String::from_utf8(disk.0.lock().unwrap().clone()).unwrap();
        assert!(text.starts_with("{\"round\":0,") && text.contains("\n{\"round\":1,"), "{text}");
        assert!(RoundLog::new(None).write(&RoundStats::default()).is_ok());
    }
}
