//! Commands of a viewer to a running engine.

use crate::cancel::CancelToken;
use crate::device::Ray;
use crate::scene::{Camera, Edit};
use crate::script::Script;
use crossbeam_channel::{Receiver, Sender, bounded};
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

/// A command of the viewer. It is carried out between two rounds; commands that change the image also interrupt the
/// block of passes that is being traced.
#[derive(Clone)]
pub enum Control {
    /// Stop calling `compute` and `update_data`; the image continues to refine.
    PauseCompute,
    /// Call `compute` and `update_data` again.
    ResumeCompute,
    /// Pause if the callbacks run, resume if they are paused.
    TogglePause,
    /// Run one round with `compute` and `update_data` even if paused, and pause afterwards.
    Step,
    /// Start the image afresh.
    Refresh,
    /// Set the image size in pixels, each side at least 1.
    Resize(u32, u32),
    /// Use this camera instead of the script's; `None` switches back. While the camera is `moving`, speed has
    /// priority over image quality.
    Look { camera: Option<Camera>, moving: bool },
    /// Set the factor on the script's exposure, at least 0.
    Exposure(f32),
    /// Switch denoising on or off, overriding the script; `None` restores the script's choice.
    Denoise(Option<bool>),
    /// Whether frames include [`crate::frame::Frame::guides`].
    Guides(bool),
    /// Change the scene, as a callback would.
    Edit(Edit),
    /// Find the first hit of each ray; the answer is [`super::Event::Picked`] with the same `id`.
    Pick { id: u64, rays: Vec<Ray> },
    /// Continue with an edited script. `anew`: run the top level and `init` even if only functions have changed.
    Reload { script: Arc<Script>, anew: bool },
    /// Run the top level and `init` again.
    Restart,
    /// Set parameters of the script: names, and values in the syntax of `--set`.
    Tune(Vec<(String, String)>),
    /// Trace an image of the present view with this size and number of passes; the animation waits meanwhile.
    Still { size: (u32, u32), passes: u32 },
    /// Cancel the image of [`Control::Still`].
    StopStill,
    /// End the run at once.
    Close,
}

impl Control {
    /// Whether the command interrupts passes that are being traced.
    pub(super) fn is_urgent(&self) -> bool {
        match self {
            Control::PauseCompute | Control::ResumeCompute | Control::TogglePause | Control::Step => false,
            Control::Exposure(_) | Control::Denoise(_) | Control::Guides(_) => false,
            Control::Refresh
            | Control::Resize(..)
            | Control::Look { .. }
            | Control::Edit(_)
            | Control::Pick { .. }
            | Control::Reload { .. }
            | Control::Restart
            | Control::Tune(_)
            | Control::Still { .. }
            | Control::StopStill
            | Control::Close => true,
        }
    }

    /// Like `is_urgent`, but for the small and fast passes of a moving camera: the next movement would interrupt each
    /// of them, and nothing would be shown until the camera rests.
    pub(super) fn is_urgent_while_moving(&self) -> bool {
        self.is_urgent() && !matches!(self, Control::Look { moving: true, .. })
    }

    /// Whether the command cancels the callbacks that are running.
    pub(super) fn begins_anew(&self) -> bool {
        matches!(self, Control::Reload { .. } | Control::Restart)
    }

    /// Whether the command can be carried out in the middle of a round, because it only changes the view.
    pub(super) fn is_of_view(&self) -> bool {
        match self {
            Control::Look { .. }
            | Control::Exposure(_)
            | Control::Denoise(_)
            | Control::Guides(_)
            | Control::Edit(_)
            | Control::Pick { .. }
            | Control::Refresh => true,
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
            | Control::Close => false,
        }
    }

    /// Whether this command makes an earlier one of the same kind obsolete.
    fn replaces(&self, earlier: &Control) -> bool {
        let same = std::mem::discriminant(self) == std::mem::discriminant(earlier);
        match self {
            Control::PauseCompute | Control::ResumeCompute => {
                matches!(earlier, Control::PauseCompute | Control::ResumeCompute | Control::TogglePause)
            }
            Control::TogglePause | Control::Step | Control::Edit(_) | Control::Pick { .. } | Control::Tune(_) => false,
            Control::Refresh
            | Control::Resize(..)
            | Control::Look { .. }
            | Control::Exposure(_)
            | Control::Denoise(_)
            | Control::Guides(_)
            | Control::Reload { .. }
            | Control::Restart
            | Control::Still { .. }
            | Control::StopStill
            | Control::Close => same,
        }
    }
}

/// What may interrupt passes that are being traced.
#[derive(Clone, Copy)]
pub(super) enum Breaks {
    Never,
    /// A command of the viewer that this function selects.
    For(fn(&Control) -> bool),
}

/// Pending commands. They are merged as they arrive, so the list stays short, and adding one never blocks.
pub(super) struct Controls {
    pending: Mutex<Pending>,
    wake: Sender<()>,
    woken: Receiver<()>,
}

/// The token of the passes that are being traced, and which commands cancel it.
type Tracing = (CancelToken, fn(&Control) -> bool);

#[derive(Default)]
struct Pending {
    commands: Vec<Control>,
    /// The token of the passes that are being traced, and which commands cancel it.
    tracing: Option<Tracing>,
    /// The tokens of the callbacks that are running.
    running: Vec<CancelToken>,
}

impl Controls {
    pub fn new() -> Self {
        let (wake, woken) = bounded(1);
        Controls { pending: Mutex::default(), wake, woken }
    }

    fn pending(&self) -> MutexGuard<'_, Pending> {
        self.pending.lock().unwrap_or_else(PoisonError::into_inner)
    }

    pub fn ask(&self, command: Control) {
        let mut pending = self.pending();
        if let Some((token, ends)) = &pending.tracing
            && ends(&command)
        {
            token.cancel();
        }
        if command.begins_anew() {
            pending.running.iter().for_each(CancelToken::cancel);
        }
        let commands = &mut pending.commands;
        let last_is_toggle = matches!(commands.last(), Some(Control::TogglePause));
        match command {
            // Two toggles cancel each other, whether the first one would have paused or resumed.
            Control::TogglePause if last_is_toggle => drop(commands.pop()),
            Control::Tune(values) => {
                let known = commands.iter_mut().find_map(|w| if let Control::Tune(v) = w { Some(v) } else { None });
                match known {
                    Some(known) => {
                        known.retain(|(name, _)| !values.iter().any(|(new, _)| new == name));
                        known.extend(values);
                    }
                    None => commands.push(Control::Tune(values)),
                }
            }
            Control::Reload { script, anew } => {
                // A restart requested with the earlier text is still due.
                let before = commands.iter().any(|w| matches!(w, Control::Reload { anew: true, .. }));
                commands.retain(|w| !matches!(w, Control::Reload { .. }));
                commands.push(Control::Reload { script, anew: anew || before });
            }
            command => {
                commands.retain(|earlier| !command.replaces(earlier));
                // Toggles stay last, so that two of them can cancel each other.
                let toggle = matches!(commands.last(), Some(Control::TogglePause));
                let at = commands.len() - usize::from(toggle && !matches!(command, Control::TogglePause));
                commands.insert(at, command);
            }
        }
        drop(pending);
        // A full channel means that the engine has been woken already.
        let _ = self.wake.try_send(());
    }

    /// Takes all pending commands.
    pub fn take(&self) -> Vec<Control> {
        self.take_if(|_| true)
    }

    /// Takes the commands for which `chosen` is true and leaves the others pending.
    pub fn take_if(&self, chosen: impl FnMut(&Control) -> bool) -> Vec<Control> {
        let mut pending = self.pending();
        let (taken, left) = std::mem::take(&mut pending.commands).into_iter().partition(chosen);
        pending.commands = left;
        taken
    }

    /// Whether a pending command satisfies `of`.
    pub fn any(&self, of: impl Fn(&Control) -> bool) -> bool {
        self.pending().commands.iter().any(of)
    }

    /// Sets the token of the passes that are traced from now on, and which commands cancel it.
    pub fn tracing(&self, work: Option<Tracing>) {
        let mut pending = self.pending();
        if let Some((token, ends)) = &work
            && pending.commands.iter().any(ends)
        {
            token.cancel();
        }
        pending.tracing = work;
    }

    /// Adds the token of a callback; a command that restarts the script cancels it.
    pub fn running(&self, token: &CancelToken) {
        let mut pending = self.pending();
        if pending.commands.iter().any(Control::begins_anew) {
            token.cancel();
        }
        pending.running.push(token.clone());
    }

    /// Forgets the tokens of callbacks: none runs any more.
    pub fn nothing_runs(&self) {
        self.pending().running.clear();
    }

    /// Becomes ready when a command has arrived since the last wake-up.
    pub fn woken(&self) -> &Receiver<()> {
        &self.woken
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use Control::*;

    fn condensed(commands: &[Control]) -> Vec<String> {
        let controls = Controls::new();
        for command in commands {
            controls.ask(command.clone());
        }
        controls.take().iter().map(shown).collect()
    }

    fn shown(command: &Control) -> String {
        match command {
            PauseCompute => "pause".into(),
            ResumeCompute => "resume".into(),
            TogglePause => "toggle".into(),
            Refresh => "refresh".into(),
            Resize(width, height) => format!("{width}x{height}"),
            Look { camera, moving } => format!("look {} {moving}", camera.is_some()),
            Tune(values) => values.iter().map(|(name, value)| format!("{name}={value} ")).collect(),
            _ => "other".into(),
        }
    }

    #[test]
    fn commands_that_cancel_or_replace_each_other_are_merged() {
        assert_eq!(condensed(&[TogglePause, TogglePause, TogglePause]), ["toggle"]);
        assert_eq!(condensed(&[TogglePause, Resize(1, 2), TogglePause]), ["1x2"]);
        assert_eq!(condensed(&[PauseCompute, TogglePause, ResumeCompute]), ["resume"]);
        assert_eq!(condensed(&[PauseCompute, TogglePause]), ["pause", "toggle"]);
        assert_eq!(condensed(&[Resize(1, 2), Refresh, Resize(3, 4), Refresh]), ["3x4", "refresh"]);
        let look = |moving: bool| Look { camera: moving.then(Camera::default), moving };
        assert_eq!(condensed(&[look(true), TogglePause, look(false)]), ["look false false", "toggle"]);
        let tune = |name: &str, value: &str| Tune(vec![(name.into(), value.into())]);
        assert_eq!(condensed(&[tune("a", "1"), tune("b", "1"), tune("a", "2")]), ["b=1 a=2 "]);
    }

    #[test]
    fn an_urgent_command_ends_the_passes_under_way_and_those_that_begin_before_it_is_taken() {
        let controls = Controls::new();
        let token = CancelToken::new();
        controls.tracing(Some((token.clone(), Control::is_urgent)));
        controls.ask(TogglePause);
        assert!(!token.is_cancelled());
        controls.ask(Refresh);
        assert!(token.is_cancelled());
        let next = CancelToken::new();
        controls.tracing(Some((next.clone(), Control::is_urgent)));
        assert!(next.is_cancelled());
        controls.take();
        let last = CancelToken::new();
        controls.tracing(Some((last.clone(), Control::is_urgent)));
        assert!(!last.is_cancelled());
        let callback = CancelToken::new();
        controls.running(&callback);
        controls.ask(Refresh);
        assert!(!callback.is_cancelled(), "the script continues");
        controls.ask(Restart);
        assert!(callback.is_cancelled());
    }
}
