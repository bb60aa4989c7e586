//! Text in a pixel buffer: a monospaced font in several sizes.

use noto_sans_mono_bitmap::{FontWeight, RasterHeight, RasterizedChar, get_raster, get_raster_width};

const WEIGHT: FontWeight = FontWeight::Regular;
/// The available sizes, from small to large.
const HEIGHTS: [RasterHeight; 4] =
    [RasterHeight::Size16, RasterHeight::Size20, RasterHeight::Size24, RasterHeight::Size32];

/// The font in one of its sizes.
#[derive(Debug, Clone, Copy)]
pub(super) struct Font(RasterHeight);

impl Font {
    /// The readable size for `scale` screen pixels per image pixel.
    pub fn for_scale(scale: f32) -> Font {
        let wanted = 16.0 * scale;
        let fits = HEIGHTS.iter().rev().find(|height| height.val() as f32 <= wanted + 0.5);
        Font(*fits.unwrap_or(&HEIGHTS[0]))
    }

    /// Advance of a character, pixels.
    pub fn char_width(self) -> usize {
        get_raster_width(WEIGHT, self.0)
    }

    /// Distance between two lines, pixels.
    pub fn line_height(self) -> usize {
        self.0.val() + self.0.val() / 8
    }

    /// Draws a line of text with its upper left corner at `at`; `color` is `0x00RRGGBB`. Parts outside of the buffer
    /// are cut off.
    pub fn draw(self, pixels: &mut [u32], width: usize, at: (usize, usize), line: &str, color: u32) {
        let advance = self.char_width();
        for (index, character) in line.chars().enumerate() {
            let left = at.0 + index * advance;
            if left + advance > width {
                break;
            }
            for (y, row) in self.raster(character).rows().enumerate() {
                let start = (at.1 + y) * width + left;
                let Some(target) = pixels.get_mut(start..start + advance) else { return };
                for (pixel, &coverage) in target.iter_mut().zip(row) {
                    *pixel = blend(*pixel, color, u32::from(coverage));
                }
            }
        }
    }

    fn raster(self, character: char) -> RasterizedChar {
        // A character that the font lacks is drawn as a question mark, which every font has.
        get_raster(character, WEIGHT, self.0)
            .or_else(|| get_raster('?', WEIGHT, self.0))
            .expect("basic Latin is always in the font")
    }
}

/// Wraps text into lines of at most `columns` characters, between words if possible.
pub(super) fn wrap(text: &str, columns: usize) -> Vec<String> {
    let columns = columns.max(1);
    let mut lines = Vec::new();
    for paragraph in simplify(text).lines() {
        let mut rest: Vec<char> = paragraph.chars().collect();
        while rest.len() > columns {
            let space = rest[..=columns].iter().rposition(|c| *c == ' ').filter(|at| *at > 0);
            let (end, skip) = space.map_or((columns, 0), |at| (at, 1));
            lines.push(rest[..end].iter().collect());
            rest.drain(..end + skip);
        }
        lines.push(rest.iter().collect());
    }
    lines
}

/// Replaces typographic characters that the font lacks by ASCII ones.
fn simplify(text: &str) -> String {
    let mut plain = String::with_capacity(text.len());
    for character in text.chars() {
        match character {
            '‘' | '’' => plain.push('\''),
            '“' | '”' => plain.push('"'),
            '–' | '—' => plain.push('-'),
            '…' => plain.push_str("..."),
            '→' => plain.push_str("->"),
            '\t' => plain.push_str("    "),
            other => plain.push(other),
        }
    }
    plain
}

fn blend(below: u32, above: u32, coverage: u32) -> u32 {
    let mix = |shift: u32| {
        let (below, above) = ((below >> shift) & 0xff, (above >> shift) & 0xff);
        ((below * (255 - coverage) + above * coverage + 127) / 255) << shift
    };
    mix(16) | mix(8) | mix(0)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn lines_break_between_words_and_long_words_anywhere() {
        assert_eq!(wrap("one two three", 7), ["one two", "three"]);
        assert_eq!(wrap("one two three", 8), ["one two", "three"]);
        assert_eq!(wrap("abcdefgh", 3), ["abc", "def", "gh"]);
        assert_eq!(wrap("a\nb", 10), ["a", "b"]);
        assert_eq!(wrap("“a” – b…", 20), ["\"a\" - b..."]);
        assert_eq!(wrap("x", 0), ["x"]);
    }

    #[test]
    fn text_grows_with_the_screen() {
        let heights = [0.5, 1.0, 1.25, 1.9, 2.0, 5.0].map(|scale| Font::for_scale(scale).0.val());
        assert_eq!(heights, [16, 16, 20, 24, 32, 32]);
    }

    #[test]
    fn characters_are_drawn_where_asked_and_cut_at_the_edge() {
        let (width, height) = (64, 32);
        let mut pixels = vec![0; width * height];
        let font = Font::for_scale(1.0);
        font.draw(&mut pixels, width, (8, 4), "W界W".repeat(9).as_str(), 0x00_ff_00);
        assert!(pixels.contains(&0x00_ff_00));
        assert!(pixels.iter().all(|pixel| pixel & 0xff_00_ff == 0), "only green");
        let drawn = |x: usize, y: usize| pixels[y * width + x] != 0;
        assert!((0..height).all(|y| (0..8).all(|x| !drawn(x, y))));
        assert!((0..4).all(|y| (0..width).all(|x| !drawn(x, y))));
        font.draw(&mut pixels, width, (0, height - 3), "below the edge", 0xff);
    }
}
