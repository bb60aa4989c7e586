//! Continues a run with an edited script or other parameters; everything that has not changed is kept.

use super::Raytrace;
use crate::Result;
use crate::device::Develop;
use crate::engine::control::Control;
use crate::engine::event::Event;
use crate::engine::setup::{Beginning, Ready, set_up};
use crate::engine::stats::Timings;
use crate::engine::tracer::PathTracer;
use crate::script::{Edited, Script};
use std::sync::Arc;
use std::time::{Duration, Instant};

impl Raytrace<'_> {
    /// Switches to an edited script; if only functions differ, only these are replaced. `anew`: the top level and
    /// `init` must run again in any case.
    pub fn reload(&mut self, script: Arc<Script>, anew: bool) -> Result<()> {
        match script.edited_from(self.callbacks.script()) {
            Edited::Setup => self.set_up_again(script, anew),
            Edited::Functions | Edited::Nothing if anew || self.owes_beginning => self.set_up_again(script, true),
            edited @ (Edited::Functions | Edited::Nothing) => self.take_functions(script, edited),
        }
    }

    /// Replaces the script's functions; script state, scene and film are kept.
    fn take_functions(&mut self, script: Arc<Script>, edited: Edited) -> Result<()> {
        let begin = Instant::now();
        if let Err(error) = self.callbacks.replace_functions(script) {
            self.run.sinks.send(Event::Error(error));
            return Ok(());
        }
        self.pausing.functions_replaced();
        self.run.warnings.begin_anew();
        if edited == Edited::Functions {
            self.freshness.script_changed(self.prepares_frames());
        }
        self.run.sinks.send(Event::Reloaded { edited, seconds: begin.elapsed().as_secs_f64() });
        Ok(())
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
                self.run.sinks.send(Event::Reloaded { edited: Edited::Setup, seconds });
                self.report_params();
            }
            Err(error) => {
                self.check_stop()?;
                // Cancelled by a newer text of the script, whose own outcome will be reported.
                if self.run.controls.any(Control::begins_anew) {
                    // The restart is still due even if the newer text takes back what differs in this one.
                    self.owes_beginning |= anew;
                } else {
                    self.owes_beginning = false;
                    self.run.sinks.send(Event::Error(error));
                }
            }
        }
        Ok(())
    }

    fn try_to_set_up(&mut self, script: &Arc<Script>) -> Result<()> {
        let (run, scene, view) = (self.run, &self.scene, &mut self.view);
        run.warnings.begin_anew();
        let beginning = Beginning { script, tuned: &self.tuned, size: run.config.size.or(view.size) };
        let (seed, round) = (run.seed(self.round), self.round);
        let mut meanwhile = |tracer: &mut PathTracer| -> Result<()> {
            for command in run.controls.take_if(|command| matches!(command, Control::Look { .. })) {
                let Control::Look { camera, moving } = command else { continue };
                (view.camera, view.moving) = (camera, moving);
                let (pace, develop) = tracer.pace();
                view.adapt(scene, pace, develop);
                tracer.apply(scene, view)?;
                tracer.restart(seed);
                let limit = Duration::from_millis(scene.params.rt_timeout.into());
                if tracer.trace(1, limit, view.breaks(), |_, _| Ok(()))? {
                    let frame = tracer.develop(false, Develop { linear: false, guides: view.guides })?;
                    run.sinks.send(Event::Frame(tracer.frame_event(round, frame, Timings::default())));
                }
            }
            Ok(())
        };
        let ready = set_up(run, beginning, self.tracer, self.callbacks.compute_thread(), &mut meanwhile);
        // The device holds the scene of the last `rt.render` call in `init`.
        if ready.as_ref().map_or(true, |ready| ready.renders > 0) {
            self.freshness.request_restart();
        }
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
        self.callbacks.replace_script(script.clone(), here, host);
        self.round = 0;
        self.summary.renders += renders;
        self.costs.forget_timings();
        self.freshness.forget_shown();
        self.pausing.script_began_anew();
        self.run_script_commands(commands);
        Ok(())
    }

    /// Sets parameters. Parameters that only callbacks of the rounds read change in the running script; for all
    /// others the top level and `init` run again.
    pub fn tune(&mut self, values: Vec<(String, String)>) -> Result<()> {
        let mut anew = false;
        for (name, value) in values {
            match self.callbacks.tune(&name, &value) {
                Ok(live) => {
                    self.tuned.retain(|(known, _)| *known != name);
                    self.tuned.push((name, value));
                    anew |= !live;
                }
                Err(error) => self.run.sinks.send(Event::Error(error)),
            }
        }
        if anew {
            self.set_up_again(self.callbacks.script().clone(), true)?;
        } else {
            self.freshness.script_changed(self.prepares_frames());
        }
        self.report_params();
        Ok(())
    }
}
