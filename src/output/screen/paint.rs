//! Panels as pixels: draws them, and finds the row and slider under the pointer.

use super::panel::{CHOSEN, FAINT, PLAIN, Panel, PanelId, PanelPlace, Row};
use super::text::{self, Font};

/// Spacing around and within panels, pixels at scale 1.
pub(super) const MARGIN: usize = 8;
/// Colours of a slider's rail, and of its part up to the knob.
const RAIL: u32 = 0x60_60_60;
const FILLED: u32 = 0x58_9c_ff;
/// Width of sliders, characters.
const RAIL_WIDTH: usize = 16;

/// A rectangle in pixels of the window: left, top, and exclusive right and bottom.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) struct Rect {
    pub left: usize,
    pub top: usize,
    pub right: usize,
    pub bottom: usize,
}

impl Rect {
    pub fn contains(&self, (x, y): (f32, f32)) -> bool {
        x >= self.left as f32 && x < self.right as f32 && y >= self.top as f32 && y < self.bottom as f32
    }
}

/// A panel as it was drawn, for locating the pointer.
#[derive(Debug, Clone)]
pub(super) struct Drawn {
    pub id: PanelId,
    pub rect: Rect,
    /// Whether it has sliders, so that gestures on it do not reach the image.
    pub is_held: bool,
    /// For each row its rectangle, and that of its slider's rail.
    rows: Vec<(Rect, Option<Rect>)>,
}

impl Drawn {
    /// The index of the row under the pointer.
    pub fn row_at(&self, at: (f32, f32)) -> Option<usize> {
        self.rows.iter().position(|(rect, _)| rect.contains(at))
    }

    /// Whether the pointer is on the rail of this row.
    pub fn on_rail(&self, row: usize, at: (f32, f32)) -> bool {
        self.rows.get(row).and_then(|(_, rail)| *rail).is_some_and(|rail| rail.contains(at))
    }

    /// The position of the pointer along the rail of this row, in [0, 1].
    pub fn share(&self, row: usize, x: f32) -> Option<f32> {
        let rail = self.rows.get(row)?.1?;
        Some(((x - rail.left as f32) / (rail.right - rail.left).max(1) as f32).clamp(0.0, 1.0))
    }
}

/// Draws into the buffer, and keeps track of the space that is left for panels.
pub(super) struct Painter<'a> {
    pub pixels: &'a mut [u32],
    pub size: (usize, usize),
    pub font: Font,
    pub scale: f32,
    /// Free space for panels: the top of the space at the left, its top at the right, and its bottom.
    pub free: [usize; 3],
    /// Width of the panels at the top left.
    pub left: usize,
}

impl Painter<'_> {
    fn margin(&self) -> usize {
        (MARGIN as f32 * self.scale) as usize
    }

    /// Draws a panel into the free space; `None` if there is none.
    pub fn panel(&mut self, panel: &Panel) -> Option<Drawn> {
        let (margin, line) = (self.margin(), self.font.line_height());
        let columns = self.size.0.saturating_sub(2 * margin) / self.font.char_width();
        let mut rows = broken(&panel.rows, columns);
        let widest = rows.iter().map(|(_, row)| row_columns(row)).max().unwrap_or(0);
        let width = (widest * self.font.char_width() + 2 * margin).min(self.size.0);
        if panel.place == PanelPlace::TopRight && width + self.left > self.size.0 {
            // A panel that does not fit beside those at the left is placed below them.
            self.free[1] = self.free[1].max(self.free[0]);
        }
        let room = self.free[2].saturating_sub(match panel.place {
            PanelPlace::TopLeft => self.free[0],
            PanelPlace::TopRight => self.free[1],
            PanelPlace::Bottom => 0,
        });
        // The first lines matter most, so the end is cut off.
        rows.truncate(room.saturating_sub(2 * margin) / line);
        if rows.is_empty() || columns == 0 {
            return None;
        }
        let height = rows.len() * line + 2 * margin;
        let rect = match panel.place {
            PanelPlace::TopLeft => {
                let top = self.free[0];
                self.free[0] += height;
                self.left = self.left.max(width);
                Rect { left: 0, top, right: width, bottom: top + height }
            }
            PanelPlace::TopRight => {
                let top = self.free[1];
                self.free[1] += height;
                Rect { left: self.size.0 - width, top, right: self.size.0, bottom: top + height }
            }
            PanelPlace::Bottom => {
                let bottom = self.free[2];
                self.free[2] -= height;
                Rect { left: 0, top: bottom - height, right: self.size.0, bottom }
            }
        };
        self.dim(rect);
        let is_held = rows.iter().any(|(_, row)| matches!(row, Row::Slider { .. }));
        let mut drawn = Drawn { id: panel.id, rect, is_held, rows: Vec::new() };
        for (index, (number, row)) in rows.iter().enumerate() {
            let top = rect.top + margin + index * line;
            let place = Rect { left: rect.left, top, right: rect.right, bottom: top + line };
            let rail = self.row(row, rect.left + margin, rect.right - margin, top);
            // Only the first line of a wrapped row has a rail.
            if *number == drawn.rows.len() {
                drawn.rows.push((place, rail));
            } else if let Some((known, _)) = drawn.rows.last_mut() {
                known.bottom = place.bottom;
            }
        }
        Some(drawn)
    }

    fn row(&mut self, row: &Row, left: usize, right: usize, top: usize) -> Option<Rect> {
        let (font, line) = (self.font, self.font.line_height());
        match row {
            Row::Text { text, color } => {
                self.write((left, top), text, *color);
                None
            }
            Row::Slider { text, share, chosen } => {
                self.write((left, top), text, if *chosen { CHOSEN } else { PLAIN });
                let share = (*share)?;
                let width = RAIL_WIDTH * font.char_width();
                let start = right.saturating_sub(width).max(left);
                let middle = top + font.line_height() / 2;
                let thick = (line / 8).max(2);
                let knob = start + (share.clamp(0.0, 1.0) * (right - start) as f32) as usize;
                self.fill(Rect { left: start, top: middle - thick / 2, right, bottom: middle + thick }, RAIL);
                self.fill(Rect { left: start, top: middle - thick / 2, right: knob, bottom: middle + thick }, FILLED);
                let (half, reach) = (line / 5, line / 3);
                let color = if *chosen { CHOSEN } else { PLAIN };
                let from = knob.saturating_sub(half).max(start);
                self.fill(Rect { left: from, top: middle - reach, right: knob + half, bottom: middle + reach }, color);
                Some(Rect { left: start, top, right: right.max(start + 1), bottom: top + line })
            }
            Row::Bar { label, pieces } => {
                self.write((left, top), label, FAINT);
                let start = left + (label.chars().count() + 1) * font.char_width();
                let width = right.saturating_sub(start) as f32;
                let rail = Rect { left: start, top: top + line / 4, right, bottom: top + line - line / 4 };
                self.fill(rail, RAIL);
                for (from, to, color) in pieces {
                    let x = |share: &f32| start + (share.clamp(0.0, 1.0) * width) as usize;
                    // Short spans are at least one pixel wide.
                    let (begin, end) = (x(from), x(to).max(x(from) + 1));
                    self.fill(Rect { left: begin, right: end.min(right), ..rail }, *color);
                }
                None
            }
        }
    }

    fn write(&mut self, at: (usize, usize), text: &str, color: u32) {
        self.font.draw(self.pixels, self.size.0, at, text, color);
    }

    fn fill(&mut self, rect: Rect, color: u32) {
        self.each_row(rect, |row| row.fill(color));
    }

    /// Darkens a rectangle; a fifth of the image remains visible.
    fn dim(&mut self, rect: Rect) {
        let dim = |pixel: u32, shift: u32| (((pixel >> shift) & 0xff) / 5) << shift;
        self.each_row(rect, |row| {
            for pixel in row {
                *pixel = dim(*pixel, 16) | dim(*pixel, 8) | dim(*pixel, 0);
            }
        });
    }

    fn each_row(&mut self, rect: Rect, mut f: impl FnMut(&mut [u32])) {
        let (width, height) = self.size;
        for y in rect.top..rect.bottom.min(height) {
            let row = &mut self.pixels[y * width..(y + 1) * width];
            if let Some(part) = row.get_mut(rect.left..rect.right.min(width)) {
                f(part);
            }
        }
    }
}

/// The rows as wrapped lines, each with the index of its row.
fn broken(rows: &[Row], columns: usize) -> Vec<(usize, Row)> {
    let mut lines = Vec::new();
    for (number, row) in rows.iter().enumerate() {
        match row {
            Row::Text { text, color } => {
                let parts = text::wrap(text, columns).into_iter();
                lines.extend(parts.map(|text| (number, Row::Text { text, color: *color })));
            }
            row => lines.push((number, row.clone())),
        }
    }
    lines
}

/// Number of characters that a row takes.
fn row_columns(row: &Row) -> usize {
    match row {
        Row::Text { text, .. } => text.chars().count(),
        Row::Slider { text, share, .. } => text.chars().count() + if share.is_some() { RAIL_WIDTH + 2 } else { 0 },
        Row::Bar { label, .. } => label.chars().count() + 2 * RAIL_WIDTH,
    }
}
