//! Contents of the panels: help, statistics, messages.

use super::actions::{KEYS, POINTER};
use super::inspect::Inspection;
use crate::engine::{Lane, RoundStats};
use crate::output::{FAULT, Panel, PanelId, PanelPlace, Row};

/// Colours of the spans in the timeline.
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

/// A panel with a message over the whole width; `notes` follow the message in a fainter colour.
pub fn fault(message: &str, note: &str) -> Panel {
    let rows = vec![Row::Text { text: message.into(), color: FAULT }, Row::faint(note)];
    Panel { id: PanelId::Fault, place: PanelPlace::Bottom, rows }
}

pub fn note(text: &str) -> Panel {
    Panel { id: PanelId::Note, place: PanelPlace::Bottom, rows: vec![Row::plain(text)] }
}

/// The inspected object, and, if it is selected, what a drag does to it.
pub fn selection(inspection: Option<&Inspection>, selected: Option<&str>) -> Panel {
    let mut rows = Vec::new();
    if let Some(name) = selected {
        rows.push(Row::Text { text: format!("selected: {name}"), color: crate::output::CHOSEN });
        rows.push(Row::faint("drag rotates it, Shift+drag moves it; double right click deselects it"));
    }
    rows.extend(inspection.iter().flat_map(|found| found.lines()).map(Row::plain));
    Panel { id: PanelId::Selection, place: PanelPlace::Bottom, rows }
}

/// A page of all keys and gestures for a window with this many columns and rows; `None` after the last page.
pub fn help((columns, rows): (usize, usize), page: usize) -> Option<Panel> {
    const SHOWN: usize = 23;
    let mut lines: Vec<Row> = Vec::new();
    let mut section = |title: &str, bindings: &mut dyn Iterator<Item = (&str, &str)>| {
        lines.push(Row::Text { text: title.into(), color: crate::output::CHOSEN });
        for (shown, does) in bindings {
            let (mut line, mut length) = (format!("  {shown:<SHOWN$}"), 2 + SHOWN);
            for word in does.replace('`', "").split(' ') {
                if length + word.len() >= columns.max(2 * SHOWN) {
                    lines.push(Row::plain(std::mem::replace(&mut line, " ".repeat(2 + SHOWN))));
                    length = 2 + SHOWN;
                }
                line += word;
                line.push(' ');
                length += word.len() + 1;
            }
            lines.push(Row::plain(line.trim_end()));
        }
    };
    for (title, bindings) in KEYS {
        section(title, &mut bindings.iter().map(|b| (b.shown, b.does)));
    }
    for (title, bindings) in POINTER {
        section(title, &mut bindings.iter().map(|b| (b.shown, b.does)));
    }
    let fits = rows.saturating_sub(1).max(1);
    let pages = lines.len().div_ceil(fits);
    let mut rows: Vec<Row> = lines.into_iter().skip(page * fits).take(fits).collect();
    if rows.is_empty() {
        return None;
    }
    let next = if page + 1 < pages { "H: next page" } else { "H closes" };
    rows.push(Row::faint(format!("page {} of {pages}; {next}", page + 1)));
    Some(Panel { id: PanelId::Help, place: PanelPlace::TopLeft, rows })
}

/// Facts that rarely change between rounds.
#[derive(Debug, Clone, Default)]
pub struct Machine {
    /// The device as `--device` names it, with a description.
    pub device: String,
    /// Bytes of main memory used by the process, if the system reports them.
    pub memory: Option<u64>,
}

/// The statistics panel.
pub fn stats(round: Option<&RoundStats>, machine: &Machine) -> Panel {
    let mut rows = Vec::new();
    match round {
        None => rows.push(Row::faint("no round has ended yet")),
        Some(stats) => {
            let rays = stats.rays_per_second.map(|rays| format!("  {} rays/s", large(rays))).unwrap_or_default();
            rows.push(Row::plain(format!(
                "passes {} of {}  {} per pass{rays}",
                stats.passes,
                stats.full,
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
            let memory = machine.memory.map_or("-".into(), bytes_text);
            let device = stats.device_memory.map(|bytes| format!("  device {}", bytes_text(bytes))).unwrap_or_default();
            rows.push(Row::plain(format!("memory {memory}{device}")));
            rows.push(Row::faint(machine.device.clone()));
            rows.extend(timeline(stats));
        }
    }
    Panel { id: PanelId::Stats, place: PanelPlace::TopLeft, rows }
}

/// The spans of the two threads in a round, from its beginning to its end.
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
    fn the_pages_of_the_help_list_every_key_and_gesture_in_any_window() {
        for size in [(40, 20), (90, 200), (3, 1)] {
            let pages: Vec<Panel> = (0..).map_while(|page| help(size, page)).collect();
            assert!(pages.iter().all(|page| page.rows.len() <= size.1.max(2)), "{size:?}");
            assert_eq!(pages.len() == 1, size.1 == 200, "{size:?}");
            let rows = pages.iter().flat_map(|page| &page.rows).map(text).collect::<Vec<_>>();
            let all = rows.join(" ").split_whitespace().collect::<Vec<_>>().join(" ");
            for (shown, does) in KEYS.iter().flat_map(|(_, b)| b.iter()).map(|b| (b.shown, b.does)) {
                assert!(all.contains(shown), "{shown}");
                let first = does.split(' ').next().unwrap_or_default();
                assert!(all.contains(first), "{does}");
            }
            for shown in POINTER.iter().flat_map(|(_, b)| b.iter()).map(|b| b.shown) {
                assert!(all.contains(shown), "{shown}");
            }
        }
    }

    #[test]
    fn the_timeline_shows_which_thread_takes_longest() {
        let span = |lane, name, begin, end| Span { lane, name, begin, end };
        let stats = RoundStats {
            timings: Timings { total: 0.2, compute: 0.15, ..Timings::default() },
            spans: vec![span(Lane::Raytrace, "trace", 0.0, 0.05), span(Lane::Compute, "compute", 0.0, 0.15)],
            rays_per_second: Some(2.5e6),
            primitives: 1000,
            full: 16,
            ..RoundStats::default()
        };
        let panel = super::stats(Some(&stats), &Machine::default());
        let all: String = panel.rows.iter().map(|row| text(row) + "\n").collect();
        for part in ["passes 0 of 16", "2.50 M rays/s", "compute 150 ms", "primitives 1000", "the script takes longest"]
        {
            assert!(all.contains(part), "{part}: {all}");
        }
        let Some(Row::Bar { pieces, .. }) = panel.rows.iter().rev().nth(2) else { panic!("{:?}", panel.rows) };
        assert!((pieces[0].1 - 0.25).abs() < 1e-6, "{pieces:?}");
    }
}
