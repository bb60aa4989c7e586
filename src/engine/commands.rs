//! Carries out the viewer's commands: between two rounds, or within a round if they only change the view.

use super::raytrace::{Pause, Raytrace, Source};
use super::{Control, Event};
use crate::Result;
use crate::scene::Edit;

impl Raytrace<'_> {
    /// Carries out all pending commands. Must be called between two rounds.
    pub fn run_commands(&mut self) -> Result<()> {
        self.check_stop()?;
        let size = self.scene.size;
        let mut seen = false;
        let commands = self.shared.controls.take();
        // A `StopStill` cancels the `Still` before it, which has not begun yet. Merging has left at most one of each.
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
        // The committed scene now has these edits, and no callback has staged anything yet.
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

    /// Carries out a command that only changes the view; returns true if the device must be updated.
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

/// The position of the command; `None`, which compares less than every position, if there is none.
fn position(commands: &[Control], is_it: impl Fn(&Control) -> bool) -> Option<usize> {
    commands.iter().position(is_it)
}
