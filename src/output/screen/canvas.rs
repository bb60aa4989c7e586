//! The pixels of a window: the image with panels over it.

use super::layout::ImageLayout;
use super::paint::{Drawn, Painter, Rect};
use super::panel::Panel;
use super::text::Font;
use crate::frame::Frame;

/// Colour of the borders beside an image whose shape differs from the window's.
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

    /// Draws everything in this size; `scale` is the scale of the text. Returns the drawn panels.
    pub fn compose(
        &mut self,
        size: (usize, usize),
        frame: Option<&Frame>,
        layout: ImageLayout,
        panels: &[Panel],
        scale: f32,
    ) -> Vec<Drawn> {
        (self.width, self.height) = size;
        self.pixels.clear();
        self.pixels.resize(size.0 * size.1, BORDER_COLOR);
        if let Some(frame) = frame {
            self.draw_image(frame, layout);
        }
        let font = Font::for_scale(scale);
        let mut painter = Painter { pixels: &mut self.pixels, size, font, scale, free: [0, 0, size.1], left: 0 };
        panels.iter().filter_map(|panel| painter.panel(panel)).collect()
    }

    fn draw_image(&mut self, frame: &Frame, layout: ImageLayout) {
        let (fw, fh) = (frame.width as usize, frame.height as usize);
        if fw == 0 || fh == 0 || frame.rgba8.len() != fw * fh * 4 {
            return;
        }
        let area = layout.area((self.width, self.height), (frame.width, frame.height));
        let (width, height) = (area.width as usize, area.height as usize);
        let seen = Rect {
            left: area.left.max(0.0) as usize,
            top: area.top.max(0.0) as usize,
            right: ((area.left + area.width) as usize).min(self.width),
            bottom: ((area.top + area.height) as usize).min(self.height),
        };
        // Nearest neighbour is sufficient: it is only seen until the image has been traced in the new size.
        let source = |at: usize, start: f32, length: usize, pixels: usize, mirrored: bool| {
            let at = ((at as f32 - start) as usize * pixels / length).min(pixels - 1);
            if mirrored { pixels - 1 - at } else { at }
        };
        let columns: Vec<usize> =
            (seen.left..seen.right).map(|x| 4 * source(x, area.left, width, fw, layout.mirrored.0)).collect();
        for y in seen.top..seen.bottom {
            let from = source(y, area.top, height, fh, layout.mirrored.1);
            let from = &frame.rgba8[from * fw * 4..][..fw * 4];
            let row = &mut self.pixels[y * self.width + seen.left..][..columns.len()];
            for (pixel, &at) in row.iter_mut().zip(&columns) {
                *pixel = u32::from_be_bytes([0, from[at], from[at + 1], from[at + 2]]);
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::super::panel::*;
    use super::*;

    fn frame(width: u32, height: u32) -> Frame {
        let rgba8 = (0..width * height).flat_map(|i| [i as u8, 2, 3, 255]).collect();
        Frame { width, height, rgba8, ..Frame::default() }
    }

    fn composed(size: (usize, usize), frame: &Frame, layout: ImageLayout, panels: &[Panel]) -> Vec<u32> {
        let mut canvas = Canvas::default();
        canvas.compose(size, Some(frame), layout, panels, 1.0);
        canvas.pixels().to_vec()
    }

    fn numbers(pixels: &[u32]) -> Vec<u32> {
        pixels.iter().map(|pixel| if *pixel == BORDER_COLOR { 99 } else { pixel >> 16 }).collect()
    }

    const NOTES: fn(&str) -> Vec<Panel> = |text| {
        let row = |color| vec![Row::Text { text: text.into(), color }];
        vec![
            Panel { id: PanelId::Note, place: PanelPlace::Bottom, rows: row(PLAIN) },
            Panel { id: PanelId::Fault, place: PanelPlace::Bottom, rows: row(FAULT) },
        ]
    };

    #[test]
    fn an_image_of_the_size_of_the_window_is_copied() {
        let pixels = composed((4, 3), &frame(4, 3), ImageLayout::default(), &[]);
        let expected: Vec<u32> = (0..12).map(|i| i << 16 | 0x0203).collect();
        assert_eq!(pixels, expected);
    }

    #[test]
    fn an_image_of_another_size_is_stretched_in_its_proportions() {
        let kept = composed((8, 2), &frame(2, 2), ImageLayout::default(), &[]);
        assert_eq!(numbers(&kept), [[99, 99, 99, 0, 1, 99, 99, 99], [99, 99, 99, 2, 3, 99, 99, 99]].concat());
        let crops = ImageLayout { crops: true, ..ImageLayout::default() };
        assert_eq!(numbers(&composed((4, 2), &frame(4, 4), crops, &[])), [4, 5, 6, 7, 8, 9, 10, 11], "the middle rows");
        assert_eq!(numbers(&composed((4, 2), &frame(2, 2), crops, &[])), [0, 0, 1, 1, 2, 2, 3, 3]);
    }

    #[test]
    fn a_mirrored_image_has_the_pointer_mirrored_with_it() {
        let layout = ImageLayout { mirrored: (true, false), crops: false };
        assert_eq!(numbers(&composed((2, 2), &frame(2, 2), layout, &[])), [1, 0, 3, 2]);
        let area = layout.area((10, 10), (2, 2));
        assert_eq!(layout.to_image(area, (1.0, 2.0)), (9.0, 2.0));
        let both = ImageLayout { mirrored: (true, true), crops: false };
        assert_eq!(numbers(&composed((2, 2), &frame(2, 2), both, &[])), [3, 2, 1, 0]);
    }

    #[test]
    fn panels_leave_the_image_above_them_alone() {
        let frame = frame(200, 200);
        let without = composed((200, 200), &frame, ImageLayout::default(), &[]);
        let with = composed((200, 200), &frame, ImageLayout::default(), &NOTES("script.rhai:3:5: no such function"));
        let first_changed = (0..200 * 200).find(|&i| with[i] != without[i]).unwrap() / 200;
        assert!((90..180).contains(&first_changed), "the panels start at row {first_changed}");
        assert!(with.contains(&PLAIN) && with.contains(&FAULT));
    }

    #[test]
    fn the_pointer_finds_rows_and_rails() {
        let slider = |text: &str, share| Row::Slider { text: text.into(), share, chosen: false };
        let rows = vec![Row::plain("parameters"), slider("n 3", Some(0.5)), slider("name x", None)];
        let panel = Panel { id: PanelId::Sliders, place: PanelPlace::TopRight, rows };
        let mut canvas = Canvas::default();
        let drawn = canvas.compose((400, 300), None, ImageLayout::default(), &[panel], 1.0).remove(0);
        assert_eq!(drawn.rect.right, 400);
        let y = |row: usize| (8 + 18 * row + 9) as f32;
        for (row, rail) in [(0, false), (1, true), (2, false)] {
            assert_eq!(drawn.row_at((380.0, y(row))), Some(row));
            assert_eq!(drawn.on_rail(row, (380.0, y(row))), rail, "{row}");
        }
        assert_eq!((drawn.share(1, 0.0), drawn.share(1, 399.0), drawn.share(2, 399.0)), (Some(0.0), Some(1.0), None));
        let middle = drawn.share(1, 392.0 - 8.0 * 7.0).unwrap();
        assert!((middle - 0.5).abs() < 0.1, "{middle}");
    }

    #[test]
    fn panels_do_not_cover_each_other() {
        let panel = |id, place| Panel { id, place, rows: vec![Row::plain("about twenty columns")] };
        let panels = [panel(PanelId::Stats, PanelPlace::TopLeft), panel(PanelId::Sliders, PanelPlace::TopRight)];
        for (width, beside) in [(400, true), (200, false)] {
            let mut canvas = Canvas::default();
            let drawn = canvas.compose((width, 200), None, ImageLayout::default(), &panels, 1.0);
            assert_eq!(drawn[1].rect.top == 0, beside, "{width}: {drawn:?}");
            assert!(beside || drawn[1].rect.top >= drawn[0].rect.bottom, "{drawn:?}");
        }
    }

    #[test]
    fn tiny_windows_and_endless_messages_are_harmless() {
        for size in [(1, 1), (3, 40), (40, 3), (100, 60)] {
            for crops in [false, true] {
                let layout = ImageLayout { crops, ..ImageLayout::default() };
                let pixels = composed(size, &frame(5, 5), layout, &NOTES(&"word ".repeat(1000)));
                assert_eq!(pixels.len(), size.0 * size.1);
            }
        }
    }
}
