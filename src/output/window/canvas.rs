//! What a window shows, as pixels: the picture stretched to fit, messages over it.

use super::text::{self, LINE_HEIGHT};
use crate::frame::Frame;

/// Around and within the panels of messages, pixels.
const MARGIN: usize = 8;
const ERROR_COLOR: u32 = 0xff_9a_8a;
const TEXT_COLOR: u32 = 0xff_ff_ff;
/// Beside the picture, where the window has another shape.
const BORDER_COLOR: u32 = 0x20_20_20;

/// A buffer of pixels, `0x00RRGGBB`, rows from the top.
#[derive(Default)]
pub(super) struct Canvas {
    pixels: Vec<u32>,
    width: usize,
    height: usize,
}

impl Canvas {
    pub fn pixels(&self) -> &[u32] {
        &self.pixels
    }

    /// Draws everything anew in this size.
    pub fn compose(&mut self, size: (usize, usize), frame: Option<&Frame>, error: Option<&str>, note: Option<&str>) {
        (self.width, self.height) = size;
        self.pixels.clear();
        self.pixels.resize(size.0 * size.1, BORDER_COLOR);
        if let Some(frame) = frame {
            self.picture(frame);
        }
        let mut bottom = self.height;
        for (text, color) in [(note, TEXT_COLOR), (error, ERROR_COLOR)] {
            if let Some(text) = text {
                bottom = self.panel(text, color, bottom);
            }
        }
    }

    /// The picture as large as fits, in the middle, in its own proportions.
    fn picture(&mut self, frame: &Frame) {
        let (fw, fh) = (frame.width as usize, frame.height as usize);
        if fw == 0 || fh == 0 || frame.rgba8.len() != fw * fh * 4 {
            return;
        }
        let (width, height) = if self.width * fh <= self.height * fw {
            (self.width, (self.width * fh / fw).max(1))
        } else {
            ((self.height * fw / fh).max(1), self.height)
        };
        let (left, top) = ((self.width - width) / 2, (self.height - height) / 2);
        // Nearest neighbour: this is what is seen for a moment while the picture is traced in the new size.
        let columns: Vec<usize> = (0..width).map(|x| x * fw / width * 4).collect();
        for y in 0..height {
            let source = &frame.rgba8[y * fh / height * fw * 4..][..fw * 4];
            let row = &mut self.pixels[(top + y) * self.width + left..][..width];
            for (pixel, &at) in row.iter_mut().zip(&columns) {
                *pixel = u32::from_be_bytes([0, source[at], source[at + 1], source[at + 2]]);
            }
        }
    }

    /// A dark panel with text that ends above `bottom`; returns where it starts.
    fn panel(&mut self, message: &str, color: u32, bottom: usize) -> usize {
        let inner = self.width.saturating_sub(2 * MARGIN);
        let mut lines = text::wrap(message, inner / text::CHAR_WIDTH);
        // The beginning says what happened: what does not fit is cut at the end.
        lines.truncate(bottom.saturating_sub(2 * MARGIN) / LINE_HEIGHT);
        let top = bottom.saturating_sub(lines.len() * LINE_HEIGHT + 2 * MARGIN);
        if lines.is_empty() {
            return bottom;
        }
        for pixel in &mut self.pixels[top * self.width..bottom * self.width] {
            // A fifth of the picture shines through.
            let dim = |shift: u32| (((*pixel >> shift) & 0xff) / 5) << shift;
            *pixel = dim(16) | dim(8) | dim(0);
        }
        for (index, line) in lines.iter().enumerate() {
            let y = top + MARGIN + index * LINE_HEIGHT;
            text::draw(&mut self.pixels, self.width, (MARGIN, y), line, color);
        }
        top
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn frame(width: u32, height: u32) -> Frame {
        let rgba8 = (0..width * height).flat_map(|i| [i as u8, 2, 3, 255]).collect();
        Frame { width, height, rgba8, ..Frame::default() }
    }

    #[test]
    fn a_picture_of_the_size_of_the_window_is_copied() {
        let mut canvas = Canvas::default();
        canvas.compose((4, 3), Some(&frame(4, 3)), None, None);
        let expected: Vec<u32> = (0..12).map(|i| i << 16 | 0x0203).collect();
        assert_eq!(canvas.pixels(), expected);
    }

    #[test]
    fn a_picture_of_another_size_is_stretched_in_its_proportions() {
        let mut canvas = Canvas::default();
        canvas.compose((8, 2), Some(&frame(2, 2)), None, None);
        let row = |i: u32, j: u32| {
            let b = BORDER_COLOR;
            [b, b, b, i << 16 | 0x0203, j << 16 | 0x0203, b, b, b]
        };
        assert_eq!(canvas.pixels(), [row(0, 1), row(2, 3)].concat());
        canvas.compose((4, 4), Some(&frame(2, 2)), None, None);
        assert_eq!(canvas.pixels()[0], canvas.pixels()[5], "each pixel became four");
        assert_ne!(canvas.pixels()[5], canvas.pixels()[6]);
    }

    #[test]
    fn messages_leave_the_picture_above_them_alone() {
        let (mut with, mut without) = (Canvas::default(), Canvas::default());
        let frame = frame(200, 200);
        without.compose((200, 200), Some(&frame), None, None);
        with.compose((200, 200), Some(&frame), Some("script.rhai:3:5: no such function"), Some("saved"));
        let first_changed = (0..200 * 200).find(|&i| with.pixels()[i] != without.pixels()[i]).unwrap() / 200;
        assert!((100..180).contains(&first_changed), "the panels start at row {first_changed}");
        assert!(with.pixels().contains(&TEXT_COLOR) && with.pixels().contains(&ERROR_COLOR));
    }

    #[test]
    fn tiny_windows_and_endless_messages_are_harmless() {
        let mut canvas = Canvas::default();
        for size in [(1, 1), (3, 40), (40, 3), (100, 60)] {
            canvas.compose(size, Some(&frame(5, 5)), Some(&"word ".repeat(1000)), Some("note"));
            assert_eq!(canvas.pixels().len(), size.0 * size.1);
        }
    }
}
