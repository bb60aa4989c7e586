//! A screen on any window that takes pixels: draws image and panels, and finds what the pointer is on.

use super::canvas::Canvas;
use super::key::Stroke;
use super::layout::ImageLayout;
use super::mouse::{Gesture, Mouse, MouseState};
use super::paint::{Drawn, MARGIN};
use super::panel::{Panel, PanelId};
use super::text::Font;
use super::{Input, Screen};
use crate::frame::Frame;
use std::sync::Arc;
use std::time::{Duration, Instant};

/// Time for which the window's size must be unchanged before the image is traced in that size.
const RESIZE_REST: Duration = Duration::from_millis(150);
/// Time between two redraws of an unchanged image, since X11 keeps no copy of covered windows.
const REFRESH: Duration = Duration::from_secs(1);

/// How the image follows the aspect ratio of the window.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub enum Aspect {
    /// The image is traced in the window's aspect ratio.
    #[default]
    Follow,
    /// The image keeps its aspect ratio, with borders.
    Keep,
    /// The image keeps its aspect ratio and fills the window; the rest is cut off.
    Crop,
}

/// Options of a window.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct WindowStyle {
    /// Screen pixels per image pixel, which also scales the text; at least 1. Larger values are for high-density
    /// screens.
    pub scale: f32,
    pub aspect: Aspect,
}

impl Default for WindowStyle {
    fn default() -> Self {
        WindowStyle { scale: 1.0, aspect: Aspect::Follow }
    }
}

/// A window that takes pixels.
pub trait PixelWindow {
    fn set_title(&mut self, title: &str);

    /// Shows these pixels, `0x00RRGGBB`, `size.0` in each row from the top; `None`: the window keeps those that it
    /// shows. Returns what has happened since the last call.
    fn update(&mut self, pixels: Option<(&[u32], (usize, usize))>) -> WindowState;
}

/// What a window reports when it is polled.
#[derive(Debug, Clone, Default, PartialEq)]
pub struct WindowState {
    /// The key strokes since the last report.
    pub strokes: Vec<Stroke>,
    pub mouse: MouseState,
    /// Size of the window, pixels.
    pub size: (usize, usize),
    pub is_closed: bool,
}

/// A screen on a window that takes pixels.
pub struct PixelScreen<W> {
    window: W,
    style: WindowStyle,
    layout: ImageLayout,
    mouse: Mouse,
    /// The panel and row on which a button was pressed, and whether it was on the slider's rail.
    grabbed: Option<(PanelId, usize, bool)>,
    frame: Option<Arc<Frame>>,
    /// Size of the image for which the window was opened.
    shape: (u32, u32),
    canvas: Canvas,
    title: String,
    panels: Vec<Panel>,
    drawn: Vec<Drawn>,
    /// The size of the canvas, and since when the window's size has differed from it.
    size: (usize, usize),
    resized: Option<Instant>,
    changed: bool,
    refreshed: Instant,
}

impl WindowStyle {
    /// The size of a window for an image of `shape` pixels.
    pub fn window_size(&self, shape: (u32, u32)) -> (usize, usize) {
        let side = |pixels: u32| ((pixels.max(1) as f32 * self.scale).round() as usize).max(1);
        (side(shape.0), side(shape.1))
    }
}

impl<W: PixelWindow> PixelScreen<W> {
    /// Takes a window that was opened in the size for an image of `shape` pixels ([`WindowStyle::window_size`]).
    pub fn new(window: W, shape: (u32, u32), style: WindowStyle) -> PixelScreen<W> {
        PixelScreen {
            window,
            style,
            layout: ImageLayout { crops: style.aspect == Aspect::Crop, ..ImageLayout::default() },
            mouse: Mouse::default(),
            grabbed: None,
            frame: None,
            shape: (shape.0.max(1), shape.1.max(1)),
            canvas: Canvas::default(),
            title: String::new(),
            panels: Vec::new(),
            drawn: Vec::new(),
            size: style.window_size(shape),
            resized: None,
            changed: true,
            refreshed: Instant::now(),
        }
    }

    fn poll_at(&mut self, now: Instant) -> Vec<Input> {
        let state = if self.changed || now.saturating_duration_since(self.refreshed) > REFRESH {
            if self.changed {
                let frame = self.frame.as_deref();
                self.drawn = self.canvas.compose(self.size, frame, self.layout, &self.panels, self.style.scale);
            }
            (self.changed, self.refreshed) = (false, now);
            self.window.update(Some((self.canvas.pixels(), self.size)))
        } else {
            self.window.update(None)
        };
        let mut inputs: Vec<_> = state.strokes.into_iter().map(Input::Key).collect();
        let gestures = self.mouse.update(&state.mouse, now);
        inputs.extend(gestures.into_iter().filter_map(|gesture| self.placed(gesture)));
        inputs.extend(self.resize(state.size, now));
        if state.is_closed {
            inputs.push(Input::Close);
        }
        inputs
    }

    /// Assigns a gesture to a panel with sliders or to the image: it belongs to where the button was pressed, until
    /// the button is released. Panels without sliders let gestures through to the image.
    fn placed(&mut self, gesture: Gesture) -> Option<Input> {
        let at = match gesture {
            Gesture::Press { at, .. } | Gesture::Release { at, .. } | Gesture::Wheel { at, .. } => at,
            Gesture::Drag { to, .. } => to,
        };
        if let Gesture::Press { .. } = gesture {
            let panel = self.drawn.iter().find(|panel| panel.is_held && panel.rect.contains(at));
            let row = |panel: &Drawn| panel.row_at(at).unwrap_or(usize::MAX);
            self.grabbed = panel.map(|panel| (panel.id, row(panel), panel.on_rail(row(panel), at)));
        }
        if let Some((id, row, on_rail)) = self.grabbed {
            if let Gesture::Release { .. } = gesture {
                self.grabbed = None;
                return None;
            }
            let panel = self.drawn.iter().find(|panel| panel.id == id);
            let share = panel.filter(|_| on_rail).and_then(|panel| panel.share(row, at.0));
            return Some(Input::Panel { id, row, share, pressed: matches!(gesture, Gesture::Press { .. }) });
        }
        let frame = self.frame.as_ref()?;
        let area = self.layout.area(self.size, (frame.width, frame.height));
        let place = |at| self.layout.to_image(area, at);
        let gesture = match gesture {
            Gesture::Press { button, at, modifiers } => Gesture::Press { button, at: place(at), modifiers },
            Gesture::Drag { button, from, to, modifiers } => {
                Gesture::Drag { button, from: place(from), to: place(to), modifiers }
            }
            Gesture::Release { button, at, clicks, modifiers } => {
                Gesture::Release { button, at: place(at), clicks, modifiers }
            }
            Gesture::Wheel { notches, at, modifiers } => Gesture::Wheel { notches, at: place(at), modifiers },
        };
        Some(Input::Image { gesture, area: (area.width, area.height) })
    }

    /// Stretches the image at once, and requests it in the new size when the window's size has settled.
    fn resize(&mut self, size: (usize, usize), now: Instant) -> Option<Input> {
        if size != self.size && size.0 > 0 && size.1 > 0 {
            self.size = size;
            self.changed = true;
            self.resized = Some(now);
        }
        if now.saturating_duration_since(self.resized?) < RESIZE_REST {
            return None;
        }
        self.resized = None;
        let (width, height) = self.wanted();
        Some(Input::Resize(width, height))
    }

    /// The image size for this window.
    fn wanted(&self) -> (u32, u32) {
        let (width, height) = match self.style.aspect {
            Aspect::Follow => (self.size.0 as f32, self.size.1 as f32),
            Aspect::Keep | Aspect::Crop => {
                let area = self.layout.area(self.size, self.shape);
                (area.width, area.height)
            }
        };
        let side = |pixels: f32| ((pixels / self.style.scale).round() as u32).max(1);
        (side(width), side(height))
    }
}

impl<W: PixelWindow> Screen for PixelScreen<W> {
    fn show(&mut self, frame: Arc<Frame>) {
        self.frame = Some(frame);
        self.changed = true;
    }

    fn set_title(&mut self, title: &str) {
        if title != self.title {
            self.window.set_title(title);
            self.title = title.to_string();
        }
    }

    fn set_panels(&mut self, panels: Vec<Panel>) {
        self.changed |= panels != self.panels;
        self.panels = panels;
    }

    fn mirror(&mut self, mirrored: (bool, bool)) {
        self.layout.mirrored = mirrored;
        self.changed = true;
    }

    fn text_size(&self) -> (usize, usize) {
        let font = Font::for_scale(self.style.scale);
        let margins = (2.0 * MARGIN as f32 * self.style.scale) as usize;
        let fits = |length: usize, each: usize| length.saturating_sub(margins) / each;
        (fits(self.size.0, font.char_width()), fits(self.size.1, font.line_height()))
    }

    fn poll(&mut self) -> Vec<Input> {
        self.poll_at(Instant::now())
    }
}

#[cfg(test)]
mod tests {
    use super::super::mouse::Button;
    use super::super::panel::{PanelPlace, Row};
    use super::*;

    /// A window without a display: reports `state`, and records what it is given.
    #[derive(Default)]
    struct Headless {
        state: WindowState,
        titles: Vec<String>,
        /// Sizes of the images that were shown.
        shown: Vec<(usize, usize)>,
        pixels: Vec<u32>,
    }

    impl PixelWindow for Headless {
        fn set_title(&mut self, title: &str) {
            self.titles.push(title.into());
        }

        fn update(&mut self, pixels: Option<(&[u32], (usize, usize))>) -> WindowState {
            if let Some((pixels, size)) = pixels {
                assert_eq!(pixels.len(), size.0 * size.1);
                self.shown.push(size);
                self.pixels = pixels.to_vec();
            }
            WindowState { strokes: std::mem::take(&mut self.state.strokes), ..self.state.clone() }
        }
    }

    /// A screen for an image of `shape` pixels, with a white one.
    fn screen(shape: (u32, u32), style: WindowStyle) -> PixelScreen<Headless> {
        let state = WindowState { size: style.window_size(shape), ..WindowState::default() };
        let mut screen = PixelScreen::new(Headless { state, ..Headless::default() }, shape, style);
        let rgba8 = vec![255; (shape.0 * shape.1 * 4) as usize];
        screen.show(Arc::new(Frame { rgba8, width: shape.0, height: shape.1, ..Frame::default() }));
        screen
    }

    fn style(scale: f32, aspect: Aspect) -> WindowStyle {
        WindowStyle { scale, aspect }
    }

    fn mouse(at: (f32, f32), left: bool) -> MouseState {
        MouseState { at: Some(at), left, ..MouseState::default() }
    }

    #[test]
    fn a_new_size_is_drawn_at_once_and_requested_when_it_has_settled() {
        for (scale, aspect, wanted) in [
            (1.0, Aspect::Follow, (300, 100)),
            (2.0, Aspect::Follow, (150, 50)),
            (1.0, Aspect::Keep, (200, 100)),
            (1.0, Aspect::Crop, (300, 150)),
            (2.0, Aspect::Keep, (100, 50)),
        ] {
            let mut screen = screen((40, 20), style(scale, aspect));
            let start = Instant::now();
            assert_eq!(screen.poll_at(start), []);
            screen.window.state.size = (300, 100);
            assert_eq!(screen.poll_at(start), []);
            screen.poll_at(start + RESIZE_REST / 2);
            assert_eq!(screen.window.shown.last(), Some(&(300, 100)), "{aspect:?}");
            let has_borders = screen.window.pixels[0] != 0xff_ff_ff;
            assert_eq!(has_borders, aspect != Aspect::Crop, "the image of before, stretched");
            // Another size starts the time anew.
            screen.window.state.size = (300, 99);
            screen.poll_at(start + RESIZE_REST);
            screen.window.state.size = (300, 100);
            assert_eq!(screen.poll_at(start + RESIZE_REST), []);
            assert_eq!(screen.poll_at(start + 2 * RESIZE_REST), [Input::Resize(wanted.0, wanted.1)], "{scale}");
            assert_eq!(screen.poll_at(start + 3 * RESIZE_REST), [], "once");
            // A minimised window has no size.
            screen.window.state.size = (0, 0);
            assert_eq!(screen.poll_at(start + 9 * RESIZE_REST), []);
        }
    }

    #[test]
    fn a_screen_of_high_density_has_a_larger_window_and_larger_text() {
        let (plain, dense) = (style(1.0, Aspect::Follow), style(2.0, Aspect::Follow));
        assert_eq!((plain.window_size((320, 240)), dense.window_size((320, 240))), ((320, 240), (640, 480)));
        let columns = |style| screen((320, 240), style).text_size().0;
        assert!(columns(plain).abs_diff(columns(dense)) <= 2, "{} {}", columns(plain), columns(dense));
        assert!(screen((640, 480), plain).text_size().0 > columns(plain) + 30);
    }

    #[test]
    fn the_pointer_is_placed_in_the_image_beside_borders_and_mirrored() {
        let mut screen = screen((40, 20), style(1.0, Aspect::Keep));
        screen.window.state.size = (80, 60);
        let start = Instant::now();
        screen.poll_at(start);
        // The image has 80x40 pixels, below a border of 10.
        for (mirrored, expected) in
            [((false, false), (20.0, 5.0)), ((true, false), (60.0, 5.0)), ((true, true), (60.0, 35.0))]
        {
            screen.mirror(mirrored);
            screen.window.state.mouse = mouse((20.0, 15.0), true);
            let inputs = screen.poll_at(start);
            let [Input::Image { gesture: Gesture::Press { button: Button::Left, at, .. }, area }] = inputs[..] else {
                panic!("{inputs:?}")
            };
            assert_eq!((at, area), (expected, (80.0, 40.0)));
            screen.window.state.mouse.left = false;
            assert!(matches!(screen.poll_at(start)[..], [Input::Image { gesture: Gesture::Release { .. }, .. }]));
        }
    }

    #[test]
    fn a_slider_keeps_the_pointer_until_the_button_is_released() {
        let mut screen = screen((400, 300), style(1.0, Aspect::Follow));
        let slider = Row::Slider { text: "n 3".into(), share: Some(0.5), chosen: true };
        let rows = vec![Row::plain("parameters"), slider];
        screen.set_panels(vec![Panel { id: PanelId::Sliders, place: PanelPlace::TopRight, rows }]);
        let now = Instant::now();
        screen.poll_at(now);
        // On the rail of the slider; then far below it, on the image.
        screen.window.state.mouse = mouse((390.0, 35.0), true);
        let pressed =
            Input::Panel { id: PanelId::Sliders, row: 1, share: screen.drawn[0].share(1, 390.0), pressed: true };
        assert_eq!(screen.poll_at(now), [pressed]);
        screen.window.state.mouse = mouse((10.0, 200.0), true);
        let dragged = Input::Panel { id: PanelId::Sliders, row: 1, share: Some(0.0), pressed: false };
        assert_eq!(screen.poll_at(now), [dragged]);
        screen.window.state.mouse = mouse((10.0, 200.0), false);
        assert_eq!(screen.poll_at(now), []);
        screen.window.state.mouse = mouse((10.0, 200.0), true);
        assert!(matches!(screen.poll_at(now)[..], [Input::Image { .. }]));
        // A panel without sliders lets gestures through.
        screen.window.state.mouse.left = false;
        screen.set_panels(vec![Panel { id: PanelId::Note, place: PanelPlace::Bottom, rows: vec![Row::plain("note")] }]);
        screen.poll_at(now);
        screen.window.state.mouse = mouse((10.0, 295.0), true);
        assert!(matches!(screen.poll_at(now)[..], [Input::Image { .. }]));
    }

    #[test]
    fn pixels_are_passed_on_when_they_change_or_have_not_been_for_long() {
        let mut screen = screen((4, 4), style(1.0, Aspect::Follow));
        let start = Instant::now();
        let count = |screen: &mut PixelScreen<Headless>, after| {
            screen.poll_at(start + after);
            screen.window.shown.len()
        };
        assert_eq!(count(&mut screen, Duration::ZERO), 1);
        assert_eq!(count(&mut screen, REFRESH / 2), 1);
        screen.set_panels(Vec::new());
        assert_eq!(count(&mut screen, REFRESH / 2), 1, "the same panels");
        screen.mirror((true, false));
        assert_eq!(count(&mut screen, REFRESH / 2), 2);
        assert_eq!(count(&mut screen, 2 * REFRESH), 3);
        for title in ["a", "a", "b"] {
            screen.set_title(title);
        }
        assert_eq!(screen.window.titles, ["a", "b"]);
        screen.window.state.is_closed = true;
        assert_eq!(screen.poll_at(start), [Input::Close]);
    }
}
