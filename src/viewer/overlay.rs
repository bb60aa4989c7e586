//! What panels say: help, what is going on, messages.

use super::actions::{KEYS, POINTER};
use super::inspect::Inspection;
use crate::engine::{Lane, RoundStats};
use crate::output::{FAULT, Panel, PanelId, Place, Row};

/// Colours of work in the timeline.
const COLORS: [(&str, u32); 9] = [
    ("trace", 0x58_9c_ff),
    ("develop", 0x7f_d8_e8),
    ("sync", 0xff_ff_ff),
    ("rt_starting", 0xb0_8c_ff),
    ("update_image", 0xb0_8c_ff),
    ("accum_done", 0xb0_8c_ff),
    ("init", 0xff_b4_54),
    ("compute", 0xff_b4_54),
    ("update_data", 0xe8_70_60),
];

/// A panel with a message over the whole width; `notes` beside the fault, fainter.
pub fn fault(message: &str, note: &str) -> Panel {
    let rows = vec![Row::Text { text: message.into(), color: FAULT }, Row::faint(note)];
    Panel { id: PanelId::Fault, place: Place::Bottom, rows }
}

pub fn note(text: &str) -> Panel {
    Panel { id: PanelId::Note, place: Place::Bottom, rows: vec![Row::plain(text)] }
}

/// What was pointed at, and what a drag does to it if it is selected.
pub fn selection(inspection: Option<&Inspection>, selected: Option<&str>) -> Panel {
    let mut rows = Vec::new();
    if let Some(name) = selected {
        rows.push(Row::Text { text: format!("selected: {name}"), color: crate::output::CHOSEN });
        rows.push(Row::faint("drag turns it, Shift+drag moves it; double right click: back to the camera"));
    }
    rows.extend(inspection.iter().flat_map(|found| found.lines()).map(Row::plain));
    Panel { id: PanelId::Selection, place: Place::Bottom, rows }
}

/// All keys and gestures, in two columns where there is room.
pub fn help(columns: usize) -> Panel {
    const SHOWN: usize = 22;
    const WIDTH: usize = 78;
    let mut left: Vec<String> = Vec::new();
    let mut right: Vec<String> = Vec::new();
    let line = |shown: &str, does: &str| format!("  {shown:<SHOWN$} {}", does.replace('`', ""));
    for (title, bindings) in KEYS {
        left.push(title.to_string());
        left.extend(bindings.iter().map(|b| line(b.shown, b.does)));
    }
    for (title, bindings) in POINTER {
        right.push(title.to_string());
        right.extend(bindings.iter().map(|b| line(b.shown, b.does)));
    }
    let rows = if columns >= 2 * WIDTH {
        let rows = left.len().max(right.len());
        let at = |lines: &[String], row: usize| lines.get(row).cloned().unwrap_or_default();
        (0..rows).map(|row| Row::plain(format!("{:<WIDTH$}{}", at(&left, row), at(&right, row)))).collect()
    } else {
        left.into_iter().chain(right).map(Row::plain).collect()
    };
    Panel { id: PanelId::Help, place: Place::TopLeft, rows }
}

/// What does not change from round to round.
#[derive(Debug, Clone, Default)]
pub struct Machine {
    /// As `--device` names it, and for people.
    pub device: String,
    /// Bytes that the process holds.
    pub memory: u64,
}

/// What is going on.
pub fn stats(round: Option<&RoundStats>, full: Option<u32>, machine: &Machine) -> Panel {
    let mut rows = Vec::new();
    match round {
        None => rows.push(Row::faint("no round has ended yet")),
        Some(stats) => {
            let of = full.map(|full| format!(" of {full}")).unwrap_or_default();
            let rays = stats.rays_per_second.map(|rays| format!("  {} rays/s", large(rays))).unwrap_or_default();
            rows.push(Row::plain(format!(
                "passes {}{of}  {} per pass{rays}",
                stats.passes,
                milliseconds(stats.seconds_per_pass)
            )));
            let t = &stats.timings;
            rows.push(Row::plain(format!(
                "compute {}  update {}  round {}",
                milliseconds(t.compute),
                milliseconds(t.update),
                milliseconds(t.total)
            )));
            let noise = stats.noise.map_or("-".into(), |noise| format!("{noise:.5}"));
            rows.push(Row::plain(format!(
                "primitives {}  noise {noise}  dropped {}",
                large(stats.primitives as f64),
                stats.dropped
            )));
            let device = stats.device_memory.map(|bytes| format!("  device {}", bytes_text(bytes))).unwrap_or_default();
            rows.push(Row::plain(format!("memory {}{device}", bytes_text(machine.memory))));
            rows.push(Row::faint(machine.device.clone()));
            rows.extend(timeline(stats));
        }
    }
    Panel { id: PanelId::Stats, place: Place::TopLeft, rows }
}

/// The two threads of a round, from its beginning to its end.
fn timeline(stats: &RoundStats) -> Vec<Row> {
    let whole = stats.spans.iter().map(|span| span.end).fold(stats.timings.total, f64::max).max(1e-9);
    let lane = |lane: Lane, label: &str| {
        let spans = stats.spans.iter().filter(|span| span.lane == lane);
        let color = |name: &str| COLORS.iter().find(|(known, _)| *known == name).map_or(FAULT, |(_, color)| *color);
        let pieces = spans.map(|span| ((span.begin / whole) as f32, (span.end / whole) as f32, color(span.name)));
        Row::Bar { label: label.into(), pieces: pieces.collect() }
    };
    let busy = |lane: Lane| stats.spans.iter().filter(|s| s.lane == lane).map(|s| s.end - s.begin).sum::<f64>();
    let holds = if busy(Lane::Compute) > busy(Lane::Raytrace) { "the script" } else { "tracing" };
    vec![
        lane(Lane::Raytrace, "raytrace"),
        lane(Lane::Compute, "compute "),
        Row::faint(format!("{holds} takes longest")),
    ]
}

fn milliseconds(seconds: f64) -> String {
    let ms = seconds * 1000.0;
    if ms >= 100.0 { format!("{ms:.0} ms") } else { format!("{ms:.1} ms") }
}

fn large(x: f64) -> String {
    match x {
        x if x >= 1e9 => format!("{:.2} G", x / 1e9),
        x if x >= 1e6 => format!("{:.2} M", x / 1e6),
        x if x >= 1e4 => format!("{:.1} k", x / 1e3),
        x => format!("{x:.0}"),
    }
}

fn bytes_text(bytes: u64) -> String {
    let mib = bytes as f64 / 1_048_576.0;
    if mib >= 1024.0 { format!("{:.1} GiB", mib / 1024.0) } else { format!("{mib:.0} MiB") }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::engine::{Span, Timings};

    fn text(row: &Row) -> String {
        match row {
            Row::Text { text, .. } | Row::Slider { text, .. } => text.clone(),
            Row::Bar { label, .. } => label.clone(),
        }
    }

    #[test]
    fn the_help_lists_every_key_and_gesture_in_any_width() {
        for columns in [40, 200] {
            let all: String = help(columns).rows.iter().map(|row| text(row) + "\n").collect();
            for shown in KEYS.iter().flat_map(|(_, b)| b.iter()).map(|b| b.shown) {
                assert!(all.contains(shown), "{shown}");
            }
            for does in POINTER.iter().flat_map(|(_, b)| b.iter()).map(|b| b.does) {
                assert!(all.contains(&does.replace('`', "")), "{does}");
            }
        }
        assert!(help(200).rows.len() < help(40).rows.len());
    }

    #[test]
    fn the_timeline_shows_which_thread_takes_longest() {
        let span = |lane, name, begin, end| Span { lane, name, begin, end };
        let stats = RoundStats {
            timings: Timings { total: 0.2, compute: 0.15, ..Timings::default() },
            spans: vec![span(Lane::Raytrace, "trace", 0.0, 0.05), span(Lane::Compute, "compute", 0.0, 0.15)],
            rays_per_second: Some(2.5e6),
            primitives: 1000,
            ..RoundStats::default()
        };
        let panel = super::stats(Some(&stats), Some(16), &Machine::default());
        let all: String = panel.rows.iter().map(|row| text(row) + "\n").collect();
        for part in ["passes 0 of 16", "2.50 M rays/s", "compute 150 ms", "primitives 1000", "the script takes longest"]
        {
            assert!(all.contains(part), "{part}: {all}");
        }
        let Some(Row::Bar { pieces, .. }) = panel.rows.iter().rev().nth(2) else { panic!("{:?}", panel.rows) };
        assert!((pieces[0].1 - 0.25).abs() < 1e-6, "{pieces:?}");
    }
}
