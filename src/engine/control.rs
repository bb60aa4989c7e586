//! What a viewer asks of a running engine.

use crate::cancel::CancelToken;
use crate::device::Ray;
use crate::scene::{Camera, Edit};
use crate::script::Script;
use crossbeam_channel::{Receiver, Sender, bounded};
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

/// A wish of the viewer, carried out between two rounds; those that change the picture also end the block of passes
/// that is being traced.
#[derive(Clone)]
pub enum Control {
    /// Stop calling `compute` and `update_data`; the image goes on refining.
    PauseCompute,
    /// Call them again.
    ResumeCompute,
    /// Pause if they run, resume if they are paused.
    TogglePause,
    /// Run one round with `compute` and `update_data` although they are paused, and pause if they are not.
    Step,
    /// Start the image afresh.
    Refresh,
    /// New image size in pixels, each at least 1.
    Resize(u32, u32),
    /// Look through this camera instead of the script's; `None` gives that back. While the camera is `moving`, pictures
    /// come fast rather than fine.
    Look { camera: Option<Camera>, moving: bool },
    /// Multiplies the script's exposure, at least 0.
    Exposure(f32),
    /// Switches denoising on or off, whatever the script says; `None`: as the script says.
    Denoise(Option<bool>),
    /// Whether frames bring [`crate::frame::Frame::guides`] along.
    Guides(bool),
    /// Changes the scene as a callback would.
    Edit(Edit),
    /// Say what these rays meet first; answered by [`super::Event::Picked`] with the same number.
    Pick { id: u64, rays: Vec<Ray> },
    /// Go on with an edited script, which may have to run its top level and `init` again, and must where `anew`.
    Reload { script: Arc<Script>, anew: bool },
    /// Run the top level and `init` again.
    Restart,
    /// Set parameters of the script: name, value as for `--set`.
    Tune(Vec<(String, String)>),
    /// Trace a picture of this size and so many passes of what is seen, beside the animation, which waits.
    Still { size: (u32, u32), passes: u32 },
    /// Give up the picture of [`Control::Still`] that is being traced.
    StopStill,
    /// End the run, at once.
    Close,
}

impl Control {
    /// Whether passes that are being traced are not worth waiting for.
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

    /// The same of passes of a picture that is small and quick because the hand moves: the hand's next step would
    /// otherwise end each before it is done, and nothing would be seen until the hand rests.
    pub(super) fn is_urgent_while_moving(&self) -> bool {
        self.is_urgent() && !matches!(self, Control::Look { moving: true, .. })
    }

    /// Whether what the script is computing is not worth waiting for.
    pub(super) fn begins_anew(&self) -> bool {
        matches!(self, Control::Reload { .. } | Control::Restart)
    }

    /// Whether it can be granted in the middle of a round: only what is seen changes.
    pub(super) fn is_of_view(&self) -> bool {
        matches!(
            self,
            Control::Look { .. }
                | Control::Exposure(_)
                | Control::Denoise(_)
                | Control::Guides(_)
                | Control::Edit(_)
                | Control::Pick { .. }
                | Control::Refresh
        )
    }

    /// Whether a later wish of the same kind makes an earlier one pointless.
    fn replaces(&self, earlier: &Control) -> bool {
        let same = std::mem::discriminant(self) == std::mem::discriminant(earlier);
        match self {
            Control::PauseCompute | Control::ResumeCompute => {
                matches!(earlier, Control::PauseCompute | Control::ResumeCompute | Control::TogglePause)
            }
            Control::TogglePause | Control::Step | Control::Edit(_) | Control::Pick { .. } | Control::Tune(_) => false,
            _ => same,
        }
    }
}

/// Wishes that wait for the next chance. They are condensed as they come in, so there are never more than a few,
/// and asking never blocks.
pub(super) struct Controls {
    pending: Mutex<Pending>,
    wake: Sender<()>,
    woken: Receiver<()>,
}

/// The token of passes that are being traced, and which wishes cancel it.
type Tracing = (CancelToken, fn(&Control) -> bool);

#[derive(Default)]
struct Pending {
    commands: Vec<Control>,
    /// Of the passes that are being traced, and the wishes that end them.
    tracing: Option<Tracing>,
    /// Of the callbacks that are running.
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
            // Two toggles are none; whether the first one paused or resumed does not matter.
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
                // What the earlier text of the script would have had to do is still to be done.
                let before = commands.iter().any(|w| matches!(w, Control::Reload { anew: true, .. }));
                commands.retain(|w| !matches!(w, Control::Reload { .. }));
                commands.push(Control::Reload { script, anew: anew || before });
            }
            command => {
                commands.retain(|earlier| !command.replaces(earlier));
                // Toggles stay last, so that they can cancel each other.
                let toggle = matches!(commands.last(), Some(Control::TogglePause));
                let at = commands.len() - usize::from(toggle && !matches!(command, Control::TogglePause));
                commands.insert(at, command);
            }
        }
        drop(pending);
        // A full channel means that the engine has been woken already.
        let _ = self.wake.try_send(());
    }

    /// All wishes since the last call.
    pub fn take(&self) -> Vec<Control> {
        self.take_if(|_| true)
    }

    /// Takes the wishes for which `chosen` is true, and leaves the others.
    pub fn take_if(&self, chosen: impl FnMut(&Control) -> bool) -> Vec<Control> {
        let mut pending = self.pending();
        let (taken, left) = std::mem::take(&mut pending.commands).into_iter().partition(chosen);
        pending.commands = left;
        taken
    }

    /// Whether there is a wish like this.
    pub fn any(&self, of: impl Fn(&Control) -> bool) -> bool {
        self.pending().commands.iter().any(of)
    }

    /// Names the token of the passes that are being traced from now on, and which wishes cancel it.
    pub fn tracing(&self, work: Option<Tracing>) {
        let mut pending = self.pending();
        if let Some((token, ends)) = &work
            && pending.commands.iter().any(ends)
        {
            token.cancel();
        }
        pending.tracing = work;
    }

    /// Adds the token of a callback, which a wish for a new beginning cancels.
    pub fn running(&self, token: &CancelToken) {
        let mut pending = self.pending();
        if pending.commands.iter().any(Control::begins_anew) {
            token.cancel();
        }
        pending.running.push(token.clone());
    }

    /// No callback runs any more.
    pub fn nothing_runs(&self) {
        self.pending().running.clear();
    }

    /// Ready when something has been asked since the last wake-up.
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
    fn an_urgent_wish_ends_the_passes_under_way_and_those_that_begin_before_it_is_heard() {
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
        assert!(!callback.is_cancelled(), "the script goes on");
        controls.ask(Restart);
        assert!(callback.is_cancelled());
    }
}
