//! What the viewer has asked for, carried out between two rounds, or, where only the view changes, within one.

use super::raytrace::{Pause, Raytrace, Source};
use super::{Control, Event};
use crate::Result;
use crate::scene::Edit;

impl Raytrace<'_> {
    /// Carries out all wishes. To be called between two rounds.
    pub fn run_commands(&mut self) -> Result<()> {
        self.check_stop()?;
        let size = self.scene.size;
        let mut seen = false;
        let commands = self.shared.controls.take();
        // The last of both, since a picture replaces one that waits: given up before it was begun.
        let no_still = position(&commands, |w| matches!(w, Control::StopStill))
            > position(&commands, |w| matches!(w, Control::Still { .. }));
        for command in commands {
            match command {
                Control::PauseCompute => self.set_paused(Some(Pause::Viewer)),
                Control::ResumeCompute => self.set_paused(None),
                Control::TogglePause => {
                    self.set_paused(if self.paused.is_some() { None } else { Some(Pause::Viewer) });
                }
                Control::Step => {
                    self.reported.clear();
                    self.stepping = true;
                }
                Control::Resize(width, height) => match self.scene.apply(&Edit::Resize(width, height)) {
                    Ok(()) => self.view.size = Some((width, height)),
                    Err(error) => self.fail(Source::Device, error)?,
                },
                Control::Reload { script, anew } => self.reload(script, anew)?,
                Control::Restart => self.set_up_again(self.script.clone(), true)?,
                Control::Tune(values) => self.tune(values)?,
                Control::Still { .. } if no_still => self.shared.events.send(Event::Still(None)),
                Control::Still { size, passes } => self.still(size, passes)?,
                Control::StopStill => {}
                Control::Close => self.closing = true,
                command => seen |= self.run_view_command(command)?,
            }
        }
        // The scene has it now, and nothing is staged.
        self.viewer_edits.clear();
        self.was_disturbed |= seen;
        if self.scene.size != size || self.refresh || seen {
            self.shown &= self.scene.size == size;
            if let Err(error) = self.settle(self.round) {
                self.scene.size = size;
                self.fail(Source::Device, error)?;
            }
        }
        Ok(())
    }

    /// Carries out a wish that only concerns what is seen; true where the device must be told.
    pub fn run_view_command(&mut self, command: Control) -> Result<bool> {
        match command {
            Control::Look { camera, moving } => {
                let rests = self.view.moving && !moving;
                let same = self.view.camera == camera && !rests;
                (self.view.camera, self.view.moving) = (camera, moving);
                return Ok(!same);
            }
            Control::Exposure(factor) => self.view.exposure = factor.max(0.0),
            Control::Denoise(on) => self.view.denoise = on,
            Control::Guides(wanted) => {
                self.view.guides = wanted;
                self.redevelop = self.tracer.passes() > 0;
            }
            Control::Refresh => self.refresh = true,
            Control::Edit(edit) => match self.scene.apply(&edit) {
                Ok(()) => self.viewer_edits.push(edit),
                Err(error) => self.shared.events.send(Event::Error(error)),
            },
            Control::Pick { id, rays } => {
                match self.tracer.closest(&rays) {
                    Ok(hits) => self.shared.events.send(Event::Picked { id, hits }),
                    Err(error) => self.fail(Source::Device, error)?,
                }
                return Ok(false);
            }
            _ => return Ok(false),
        }
        Ok(true)
    }
}

/// Where the wish is; before all others if it is not there.
fn position(commands: &[Control], is_it: impl Fn(&Control) -> bool) -> Option<usize> {
    commands.iter().position(is_it)
}
