//! Continues a run with an edited script or other parameters; everything that has not changed is kept.

use super::raytrace::{Pause, Raytrace};
use super::setup::{Beginning, Ready, set_up};
use super::tracer::Tracer;
use super::{Control, Event, FrameEvent};
use crate::device::Develop;
use crate::script::{Edited, Script};
use crate::{Error, Result};
use std::sync::Arc;
use std::time::{Duration, Instant};

impl Raytrace<'_> {
    /// Switches to an edited script; if only functions differ, only these are replaced. `anew`: the top level and
    /// `init` must run again in any case.
    pub fn reload(&mut self, script: Arc<Script>, anew: bool) -> Result<()> {
        match script.edited_from(&self.script) {
            Edited::Setup => self.set_up_again(script, anew),
            _ if anew || self.owes_beginning => self.set_up_again(script, true),
            edited => self.take_functions(script, edited),
        }
    }

    /// Replaces the script's functions; script state, scene and film are kept.
    fn take_functions(&mut self, script: Arc<Script>, edited: Edited) -> Result<()> {
        let begin = Instant::now();
        let there = self.there.as_ref().ok_or_else(Error::interrupted)?;
        let hosts = there.with_functions_of(&script).and_then(|there| {
            let here = self.here.with_functions_of(&script)?;
            Ok((here, there))
        });
        match hosts {
            Ok((here, there)) => (self.here, self.there, self.script) = (here, Some(there), script),
            Err(error) => {
                self.shared.events.send(Event::Error(error));
                return Ok(());
            }
        }
        self.reported.clear();
        self.shared.warnings.begin_anew();
        if self.paused == Some(Pause::Fault) {
            self.set_paused(None);
        }
        if edited == Edited::Functions {
            self.reload_soon();
        }
        self.shared.events.send(Event::Reloaded { edited, seconds: begin.elapsed().as_secs_f64() });
        Ok(())
    }

    /// Makes the next image appear soon, with the changes of the running script.
    fn reload_soon(&mut self) {
        self.shown = false;
        if self.runs_pair() {
            self.stale = true;
        } else {
            // Without `compute` and `update_data`, only a fresh image causes the image callbacks to be called.
            self.refresh = true;
        }
    }

    /// Runs the top level and `init` of a script and, if they succeed, continues with that script at round 0. Only
    /// the parts of the scene that differ are updated. `anew`: a restart was requested for another reason than the
    /// changed text.
    pub fn set_up_again(&mut self, script: Arc<Script>, anew: bool) -> Result<()> {
        let begin = Instant::now();
        match self.try_to_set_up(&script) {
            Ok(()) => {
                self.owes_beginning = false;
                let seconds = begin.elapsed().as_secs_f64();
                self.shared.events.send(Event::Reloaded { edited: Edited::Setup, seconds });
                self.report_params();
            }
            Err(error) => {
                self.check_stop()?;
                // Cancelled by a newer text of the script, whose own outcome will be reported.
                if self.shared.controls.any(Control::begins_anew) {
                    // The restart is still due even if the newer text takes back what differs in this one.
                    self.owes_beginning |= anew;
                } else {
                    self.owes_beginning = false;
                    self.shared.events.send(Event::Error(error));
                }
            }
        }
        Ok(())
    }

    fn try_to_set_up(&mut self, script: &Arc<Script>) -> Result<()> {
        let (shared, scene, view) = (self.shared, &self.scene, &mut self.view);
        shared.warnings.begin_anew();
        let beginning = Beginning { script, tuned: &self.tuned, size: shared.config.size.or(view.size) };
        let (seed, round) = (shared.seed(self.round), self.round);
        let mut meanwhile = |tracer: &mut Tracer| -> Result<()> {
            for command in shared.controls.take_if(|command| matches!(command, Control::Look { .. })) {
                let Control::Look { camera, moving } = command else { continue };
                (view.camera, view.moving) = (camera, moving);
                let (pace, develop) = tracer.pace();
                view.adapt(scene, pace, develop);
                tracer.apply(scene, view)?;
                tracer.restart(seed);
                let limit = Duration::from_millis(scene.params.rt_timeout.into());
                if tracer.trace(1, limit, view.breaks(), |_, _| Ok(()))? {
                    let frame = Arc::new(tracer.develop(false, Develop { linear: false, guides: view.guides })?);
                    let seconds_per_pass = tracer.seconds_per_pass().unwrap_or_default();
                    let (scene, timings) = (tracer.held(), Default::default());
                    let event = FrameEvent { number: round, frame, scene, timings, seconds_per_pass };
                    shared.events.send(Event::Frame(event));
                }
            }
            Ok(())
        };
        let ready = set_up(shared, beginning, self.tracer, self.compute, &mut meanwhile);
        // The device holds the scene of the last `rt.render` call in `init`.
        self.refresh |= ready.as_ref().map_or(true, |ready| ready.renders > 0);
        let Ready { host, mut scene, commands, renders } = ready?;
        scene.reuse(&self.scene);
        scene.fit_pending();
        let here = host.fork()?;
        self.tracer.forget_default_camera();
        self.tracer.fit_default_camera(&scene);
        let before = std::mem::replace(&mut self.scene, scene);
        if let Err(error) = self.settle(0) {
            self.scene = before;
            return Err(error);
        }
        (self.here, self.there, self.script, self.round) = (here, Some(host), script.clone(), 0);
        self.summary.renders += renders;
        self.timings = Default::default();
        self.shown = false;
        self.reported.clear();
        if self.paused != Some(Pause::Viewer) {
            self.paused = None;
        }
        self.run_script_commands(commands);
        Ok(())
    }

    /// Sets parameters. Parameters that only callbacks of the rounds read change in the running script; for all
    /// others the top level and `init` run again.
    pub fn tune(&mut self, values: Vec<(String, String)>) -> Result<()> {
        let mut anew = false;
        for (name, value) in values {
            let there = self.there.as_mut().ok_or_else(Error::interrupted)?;
            match self.here.tune(&name, &value).and_then(|live| Ok(live & there.tune(&name, &value)?)) {
                Ok(live) => {
                    self.tuned.retain(|(known, _)| *known != name);
                    self.tuned.push((name, value));
                    anew |= !live;
                }
                Err(error) => self.shared.events.send(Event::Error(error)),
            }
        }
        if anew {
            self.set_up_again(self.script.clone(), true)?;
        } else {
            self.reload_soon();
        }
        self.report_params();
        Ok(())
    }
}
