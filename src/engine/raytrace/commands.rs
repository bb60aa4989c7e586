//! Carries out the viewer's commands: between two rounds, or within a round if they only change the view.

use super::Raytrace;
use super::pausing::{FailureSource, PausedBy};
use crate::Result;
use crate::engine::control::Control;
use crate::engine::event::Event;
use crate::scene::Edit;

impl Raytrace<'_> {
    /// Carries out all pending commands. Must be called between two rounds.
    pub fn run_commands(&mut self) -> Result<()> {
        self.check_stop()?;
        let size = self.scene.size;
        let mut seen = false;
        let commands = self.run.controls.take();
        // A `StopStill` cancels the `Still` before it, which has not begun yet. Merging has left at most one of each.
        let no_still = position(&commands, |w| matches!(w, Control::StopStill))
            > position(&commands, |w| matches!(w, Control::Still { .. }));
        for command in commands {
            match command {
                Control::PauseCompute => self.pausing.pause(PausedBy::Viewer),
                Control::ResumeCompute => self.pausing.resume(),
                Control::TogglePause => self.pausing.toggle_by_viewer(),
                Control::Step => self.pausing.step(),
                Control::Resize(width, height) => match self.scene.apply(&Edit::Resize(width, height)) {
                    Ok(()) => self.view.size = Some((width, height)),
                    Err(error) => self.fail(FailureSource::Device, error)?,
                },
                Control::Reload { script, anew } => self.reload(script, anew)?,
                Control::Restart => self.set_up_again(self.callbacks.script().clone(), true)?,
                Control::Tune(values) => self.tune(values)?,
                Control::Still { .. } if no_still => self.run.sinks.send(Event::Still(None)),
                Control::Still { size, passes } => self.still(size, passes)?,
                Control::StopStill => {}
                Control::Close => self.closing = true,
                command => seen |= self.run_view_command(command)?,
            }
        }
        // The committed scene now has these edits, and no callback has staged anything yet.
        self.viewer_edits.clear();
        self.view_changed |= seen;
        if self.scene.size != size || self.freshness.restart_is_requested() || seen {
            if self.scene.size != size {
                self.freshness.forget_shown();
            }
            if let Err(error) = self.settle(self.round) {
                self.scene.size = size;
                self.fail(FailureSource::Device, error)?;
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
                self.freshness.development_changed(self.tracer.passes());
            }
            Control::Refresh => self.freshness.request_restart(),
            Control::Edit(edit) => match self.scene.apply(&edit) {
                Ok(()) => self.viewer_edits.push(edit),
                Err(error) => self.run.sinks.send(Event::Error(error)),
            },
            Control::Pick { id, rays } => {
                match self.tracer.closest(&rays) {
                    Ok(hits) => self.run.sinks.send(Event::Picked { id, hits }),
                    Err(error) => self.fail(FailureSource::Device, error)?,
                }
                return Ok(false);
            }
            Control::PauseCompute
            | Control::ResumeCompute
            | Control::TogglePause
            | Control::Step
            | Control::Resize(..)
            | Control::Reload { .. }
            | Control::Restart
            | Control::Tune(_)
            | Control::Still { .. }
            | Control::StopStill
            | Control::Close => return Ok(false),
        }
        Ok(true)
    }
}

/// The position of the command; `None`, which compares less than every position, if there is none.
fn position(commands: &[Control], is_it: impl Fn(&Control) -> bool) -> Option<usize> {
    commands.iter().position(is_it)
}
