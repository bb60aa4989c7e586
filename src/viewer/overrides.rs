//! The exposure and the denoiser of the viewer, used instead of the script's.

use crate::engine::Control;

pub(super) struct Overrides {
    /// Factor on the script's exposure.
    exposure: f32,
    /// On or off; `None`: as in the script.
    denoise: Option<bool>,
}

impl Default for Overrides {
    fn default() -> Self {
        Overrides { exposure: 1.0, denoise: None }
    }
}

/// Each change returns its command, and a note on it.
impl Overrides {
    pub fn multiply_exposure(&mut self, factor: f32) -> (Control, String) {
        self.set_exposure(self.exposure * factor)
    }

    pub fn set_exposure(&mut self, exposure: f32) -> (Control, String) {
        self.exposure = exposure;
        (Control::Exposure(exposure), format!("exposure x {exposure:.2}"))
    }

    /// From the script's choice to on, to off, and back.
    pub fn next_denoiser(&mut self) -> (Control, String) {
        self.denoise = match self.denoise {
            None => Some(true),
            Some(true) => Some(false),
            Some(false) => None,
        };
        let how = self.denoise.map_or("as in the script", |on| if on { "on" } else { "off" });
        (Control::Denoise(self.denoise), format!("denoiser {how}"))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_change_is_a_command_and_a_note() {
        let mut overrides = Overrides::default();
        overrides.multiply_exposure(1.5);
        let (command, note) = overrides.multiply_exposure(2.0);
        assert!(matches!(command, Control::Exposure(x) if x == 3.0));
        assert_eq!(note, "exposure x 3.00");
        assert_eq!(overrides.set_exposure(1.0).1, "exposure x 1.00");
        for (expected, how) in [(Some(true), "on"), (Some(false), "off"), (None, "as in the script")] {
            let (command, note) = overrides.next_denoiser();
            assert!(matches!(command, Control::Denoise(on) if on == expected), "{how}");
            assert_eq!(note, format!("denoiser {how}"));
        }
    }
}
