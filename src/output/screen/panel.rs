//! Panels over the image, as data: text, sliders, coloured bars.

/// Colours of text, `0x00RRGGBB`.
pub const PLAIN: u32 = 0xff_ff_ff;
pub const FAINT: u32 = 0xa8_a8_a8;
pub const FAULT: u32 = 0xff_9a_8a;
pub const CHOSEN: u32 = 0xff_d8_60;

/// Position of a panel. Panels at the same position are stacked.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum PanelPlace {
    TopLeft,
    TopRight,
    /// At the lower edge, as wide as the window.
    Bottom,
}

/// Purpose of a panel, which identifies it in the pointer's input.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum PanelId {
    Help,
    Stats,
    Sliders,
    Selection,
    Note,
    Fault,
}

#[derive(Debug, Clone, PartialEq)]
pub struct Panel {
    pub id: PanelId,
    pub place: PanelPlace,
    pub rows: Vec<Row>,
}

#[derive(Debug, Clone, PartialEq)]
pub enum Row {
    /// Text in the colour `0x00RRGGBB`; long lines are wrapped.
    Text { text: String, color: u32 },
    /// Text before a slider with its knob at `share`, in [0, 1]; `None`: the text only.
    Slider { text: String, share: Option<f32>, chosen: bool },
    /// A label and the pieces of a bar: start and end, in [0, 1], and colour.
    Bar { label: String, pieces: Vec<(f32, f32, u32)> },
}

impl Row {
    pub fn plain(text: impl Into<String>) -> Row {
        Row::Text { text: text.into(), color: PLAIN }
    }
    pub fn faint(text: impl Into<String>) -> Row {
        Row::Text { text: text.into(), color: FAINT }
    }
}
