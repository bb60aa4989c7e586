//! Where the image is in the window.

/// Placement of the image in the window.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub(super) struct ImageLayout {
    /// The image covers the window and is cut at two sides, instead of leaving borders.
    pub crops: bool,
    /// Mirrored left to right, and top to bottom.
    pub mirrored: (bool, bool),
}

/// The image's rectangle in pixels of the window; it may extend beyond the window.
#[derive(Debug, Clone, Copy, PartialEq)]
pub(super) struct Area {
    pub left: f32,
    pub top: f32,
    pub width: f32,
    pub height: f32,
}

impl ImageLayout {
    /// The area of an image of `frame` pixels in a window of `window` pixels: centred, with its aspect ratio.
    pub fn area(&self, window: (usize, usize), frame: (u32, u32)) -> Area {
        let (ww, wh) = (window.0.max(1) as f32, window.1.max(1) as f32);
        let (fw, fh) = (frame.0.max(1) as f32, frame.1.max(1) as f32);
        let (across, down) = (ww / fw, wh / fh);
        let scale = if self.crops { across.max(down) } else { across.min(down) };
        let (width, height) = ((fw * scale).round().max(1.0), (fh * scale).round().max(1.0));
        Area { left: ((ww - width) / 2.0).floor(), top: ((wh - height) / 2.0).floor(), width, height }
    }

    /// Converts a position in the window to one in the image: pixels of the area, as if it were not mirrored.
    pub fn to_image(self, area: Area, at: (f32, f32)) -> (f32, f32) {
        let (x, y) = (at.0 - area.left, at.1 - area.top);
        let (x, y) =
            (if self.mirrored.0 { area.width - x } else { x }, if self.mirrored.1 { area.height - y } else { y });
        (x, y)
    }
}
