//! The viewer: connects a window with an engine, and handles the user's input.
//!
//! | file | contents |
//! | --- | --- |
//! | `actions` | the table of keys and gestures |
//! | `pointer` | mouse interaction: camera, picking, dragging of the selection |
//! | `navigate`, `arrange` | pure functions from a gesture to the next camera, or to an edit of the scene |
//! | `inspect`, `channel` | the object under the pointer; images of the auxiliary buffers |
//! | `call` | the viewer's changes as calls to paste into the script |
//! | `sliders` | the parameters of the script |
//! | `overlay` | contents of the panels |
//! | `reload` | watches the files and compiles the edited script |
//! | `saves` | writes images to files in the background |

pub mod actions;
pub mod arrange;
pub mod call;
pub mod channel;
pub mod inspect;
pub mod navigate;
mod overlay;
mod pointer;
mod reload;
mod saves;
pub mod sliders;

pub use call::{camera_call, edit_call};

use crate::engine::{Control, Engine, Event, FrameEvent, RoundStats, RunState};
use crate::frame::Frame;
use crate::output::{AtomicFile, Input, Panel, PanelId, Window, WindowStyle};
use crate::script::{Edited, Script};
use crate::{Error, Result, memory};
use actions::Action;
use channel::{Channel, Source};
use overlay::Machine;
use pointer::Pointer;
use reload::{Reloader, Saved};
use saves::Saves;
use sliders::Sliders;
use std::io::Write;
use std::path::PathBuf;
use std::sync::Arc;
use std::time::{Duration, Instant, SystemTime};

/// If `init` takes longer than this, the window opens without an image.
const WAIT_FOR_FIRST: Duration = Duration::from_millis(300);
const DEFAULT_SIZE: (u32, u32) = (800, 600);
/// Time between two polls of input and events.
const POLL: Duration = Duration::from_millis(6);
const POLL_IDLE: Duration = Duration::from_millis(20);
/// How long a note such as "saved" is shown.
const NOTE_TIME: Duration = Duration::from_secs(4);
/// A step of the arrow keys, as a fraction of the image's height dragged: 5 degrees.
const ORBIT_STEP: f32 = 5.0 / 180.0;

/// Output of the viewer to the terminal.
pub trait Voice {
    fn note(&self, text: &str);
    fn error(&self, error: &Error);
    fn warning(&self, warning: &Error);
    /// Prints a result that the user requested, such as a call to paste.
    fn result(&self, text: &str);
}

/// Options of a viewer.
pub struct Options {
    /// Name of the script, for the title and as the prefix of file names.
    pub name: String,
    pub stem: String,
    /// Size of the image; `None`: that of the first frame.
    pub size: Option<(u32, u32)>,
    pub style: WindowStyle,
    /// Size of the images that Shift+S traces (`None`: that of the displayed image), and their number of passes.
    pub still: Option<(u32, u32)>,
    pub still_passes: u32,
    /// The files into which S saves the parameters, and Shift+C the call.
    pub params_file: PathBuf,
    pub call_file: PathBuf,
    /// Writer for the statistics of each round, as lines of JSON, and the name of that file for messages.
    pub stats: Option<(Box<dyn Write>, String)>,
    /// Name of the device, for display.
    pub device: String,
}

/// Passes frames and messages from the engine to the window, and commands from the window to the engine.
pub struct Viewer<'a> {
    engine: Engine,
    voice: &'a dyn Voice,
    options: Options,
    window: Option<Window>,
    reloader: Option<Reloader>,
    saves: Saves,
    pointer: Pointer,
    sliders: Sliders,
    started: Instant,
    state: RunState,
    /// Passes and seconds per pass of the image, for the title.
    shown: Option<(u32, f64)>,
    frame: Option<Arc<Frame>>,
    channel: Channel,
    /// The id of the pending ray query for the ids channel, and the scene that it is for.
    ids: Option<(u64, Arc<crate::scene::Scene>)>,
    exposure: f32,
    denoise: Option<bool>,
    /// The page of the help that is shown.
    help: Option<usize>,
    stats: bool,
    round: Option<RoundStats>,
    still: Option<(u32, u32)>,
    /// The error that is shown, and a hint on what to do.
    fault: Option<(String, &'static str)>,
    note: Option<(String, Instant)>,
    /// When the script last sent to the engine was saved, and when the one whose first image is pending was saved.
    saved_at: Option<SystemTime>,
    taken_over: Option<SystemTime>,
}

impl<'a> Viewer<'a> {
    /// Creates a viewer. `script` is the script that `engine` runs; its files are watched.
    pub fn new(engine: Engine, script: Arc<Script>, options: Options, voice: &'a dyn Voice) -> Viewer<'a> {
        let reloader = Reloader::start(script).inspect_err(|error| voice.error(error)).ok();
        Viewer {
            engine,
            voice,
            saves: Saves::new(options.stem.clone()),
            options,
            window: None,
            reloader,
            pointer: Pointer::new(),
            sliders: Sliders::default(),
            started: Instant::now(),
            state: RunState::default(),
            shown: None,
            frame: None,
            channel: Channel::Picture,
            ids: None,
            exposure: 1.0,
            denoise: None,
            help: None,
            stats: false,
            round: None,
            still: None,
            fault: None,
            note: None,
            saved_at: None,
            taken_over: None,
        }
    }

    /// Shows the run until the window is closed or the run ends.
    pub fn run(mut self) -> Result<()> {
        let outcome = self.event_loop();
        // The window closes at once, whatever the callbacks still do; if the window failed, this ends the run.
        self.window = None;
        self.engine.control(Control::Close);
        self.saves.finish().iter().for_each(|note| self.voice.note(note));
        let ended = self.engine.wait();
        outcome?;
        ended?;
        Ok(())
    }

    fn event_loop(&mut self) -> Result<()> {
        loop {
            while let Some(event) = self.engine.events().try_next() {
                if let Event::Finished(_) = event {
                    return Ok(());
                }
                self.event(event)?;
            }
            let saved: Vec<Saved> = self.reloader.iter().flat_map(|reloader| reloader.saved()).collect();
            for saved in saved {
                match saved {
                    Saved::Script { script, anew, at } => {
                        self.saved_at = at;
                        self.engine.control(Control::Reload { script, anew });
                    }
                    Saved::Fault(error) => self.fault(&error, "the last good script continues; fix the error and save"),
                }
            }
            if self.window.is_none() && self.started.elapsed() > WAIT_FOR_FIRST {
                self.window()?;
                self.say("starting...".into());
            }
            let inputs = self.window.as_mut().map(Window::poll).unwrap_or_default();
            for input in inputs {
                if self.input(input) {
                    return Ok(());
                }
            }
            if let Some(command) = self.pointer.rest(Instant::now()) {
                self.engine.control(command);
            }
            for note in self.saves.notes() {
                self.voice.note(&note);
                self.say(note);
            }
            self.update_panels();
            std::thread::sleep(if self.state.idle { POLL_IDLE } else { POLL });
        }
    }

    fn event(&mut self, event: Event) -> Result<()> {
        match event {
            Event::Frame(event) => self.show(event)?,
            Event::Error(error) => self.fault(&error, "space resumes; or fix the script and save it"),
            Event::Warning(warning) => {
                self.voice.warning(&warning);
                self.say(format!("warning: {warning}"));
            }
            Event::State(state) => self.update_state(state),
            Event::Params(params) => self.sliders.set(params),
            Event::Reloaded { edited, seconds } => {
                self.fault = None;
                self.taken_over = self.saved_at.take();
                match edited {
                    Edited::Setup => self.say("began anew".into()),
                    Edited::Functions => self.say("new functions".into()),
                    Edited::Nothing => {}
                }
                tracing::info!(?edited, seconds, "edited script taken over");
            }
            Event::Round(stats) => self.count(*stats),
            Event::Picked { id, hits } => self.picked(id, &hits)?,
            Event::StillAt { done, of } => self.still = Some((done, of)),
            Event::Still(frame) => {
                self.still = None;
                match frame {
                    Some(frame) => self.saves.start(frame),
                    None => self.say("cancelled".into()),
                }
            }
            Event::Finished(_) => {}
        }
        Ok(())
    }

    /// Shows an error over the image and on the terminal.
    fn fault(&mut self, error: &Error, note: &'static str) {
        self.voice.error(error);
        let source = error.place.as_ref().and_then(|place| place.source.as_deref());
        let source = source.map(|line| format!("\n    {}", line.trim())).unwrap_or_default();
        let hint = error.hint.as_ref().map(|hint| format!("\nhint: {hint}")).unwrap_or_default();
        self.fault = Some((format!("{error}{source}{hint}"), note));
    }

    fn say(&mut self, note: String) {
        self.note = Some((note, Instant::now()));
    }

    /// The window. It is opened when there is something to show, because its size is not known before.
    fn window(&mut self) -> Result<&mut Window> {
        if self.window.is_none() {
            let size = self.options.size.unwrap_or(DEFAULT_SIZE);
            self.window = Some(Window::open(&self.options.name, size, self.options.style)?);
        }
        Ok(self.window.as_mut().expect("it was opened just now"))
    }

    fn show(&mut self, event: FrameEvent) -> Result<()> {
        if let Some(took) = self.taken_over.take().and_then(|saved| saved.elapsed().ok()) {
            tracing::info!(?took, "first image of the edited script, since it was saved");
        }
        self.options.size.get_or_insert((event.frame.width, event.frame.height));
        self.shown = Some((event.frame.passes, event.seconds_per_pass));
        self.pointer.see(event.scene);
        self.frame = Some(event.frame.clone());
        if self.channel.source() == Source::Hits {
            self.ask_for_ids();
        } else if let Some(frame) = self.in_channel(&event.frame) {
            self.window()?.show(frame);
        }
        self.update_title();
        Ok(())
    }

    /// The frame in the selected channel; `None` if the frame lacks the data of this channel, which have been
    /// requested.
    fn in_channel(&self, frame: &Arc<Frame>) -> Option<Arc<Frame>> {
        if self.channel.source() == Source::Picture {
            return Some(frame.clone());
        }
        let rgba8 = channel::guided(self.channel, frame.guides.as_ref()?)?;
        Some(Arc::new(Frame { rgba8, width: frame.width, height: frame.height, ..Frame::default() }))
    }

    /// Requests the first hits of all pixels, unless they are known or already requested for this scene.
    fn ask_for_ids(&mut self) {
        let scene = self.pointer.scene().clone();
        if self.ids.as_ref().is_some_and(|(_, known)| Arc::ptr_eq(known, &scene)) {
            return;
        }
        let rays = channel::rays(&scene.view(), scene.size);
        let id = self.pointer.number();
        self.ids = Some((id, scene));
        self.engine.control(Control::Pick { id, rays });
    }

    fn picked(&mut self, id: u64, hits: &[Option<crate::device::Hit>]) -> Result<()> {
        if let Some((_, scene)) = self.ids.as_ref().filter(|(asked, _)| *asked == id) {
            let (width, height) = scene.size;
            if self.channel.source() == Source::Hits {
                let frame = Frame { rgba8: channel::ids(hits), width, height, ..Frame::default() };
                self.window()?.show(Arc::new(frame));
            }
            return Ok(());
        }
        for command in self.pointer.answer(id, hits).unwrap_or_default() {
            self.engine.control(command);
        }
        Ok(())
    }

    fn update_state(&mut self, state: RunState) {
        // Resuming means that the user has seen the error.
        if self.state.paused && !state.paused {
            self.fault = None;
        }
        self.state = state;
        self.update_title();
    }

    fn update_title(&mut self) {
        let Some((passes, seconds_per_pass)) = self.shown else { return };
        let state = match self.state {
            RunState { paused: true, complete: true, .. } => "paused, complete",
            RunState { paused: true, .. } => "paused, refining",
            RunState { complete: true, idle: true, .. } => "complete",
            _ => "running",
        };
        let plural = if passes == 1 { "pass" } else { "passes" };
        let moved = if self.state.moved { ", camera moved" } else { "" };
        let name = &self.options.name;
        let title = format!("{name} - {passes} {plural}, {:.1} ms per pass, {state}{moved}", seconds_per_pass * 1000.0);
        if let Some(window) = &mut self.window {
            window.set_title(title);
        }
    }

    /// Stores the statistics of a round, and writes them to the file of `--stats`.
    fn count(&mut self, stats: RoundStats) {
        if let Some((file, name)) = &mut self.options.stats {
            let line = serde_json::to_string(&stats).unwrap_or_default();
            if let Err(e) = writeln!(file, "{line}").and_then(|()| file.flush()) {
                let error = Error::file(format!("cannot write to `{name}`: {e}")).hint("check the disk");
                self.options.stats = None;
                self.fault(&error, "no more statistics are written");
            }
        }
        self.round = Some(stats);
    }

    /// Handles an input; returns true if the window is to be closed.
    fn input(&mut self, input: Input) -> bool {
        match input {
            Input::Close => return true,
            Input::Resize(width, height) => self.engine.control(Control::Resize(width, height)),
            Input::Picture { gesture, area } => {
                for command in self.pointer.gesture(gesture, area) {
                    self.engine.control(command);
                }
            }
            Input::Panel { id: PanelId::Sliders, row, share, pressed } => {
                let change = self.sliders.pointed(row, share, pressed);
                self.tune(change);
            }
            Input::Panel { .. } => {}
            Input::Key(stroke) => {
                if self.sliders.open && self.slider_key(stroke) {
                    return false;
                }
                if let Some(action) = actions::action(stroke) {
                    return self.act(action);
                }
            }
        }
        false
    }

    /// Handles a key with another meaning while the parameters are shown; returns true if it has one.
    fn slider_key(&mut self, stroke: crate::output::Stroke) -> bool {
        use crate::output::Key;
        let many = if stroke.modifiers.shift { 10.0 } else { 1.0 };
        let change = match stroke.key {
            Key::Up => return self.choose(-1),
            Key::Down => return self.choose(1),
            Key::Left => self.sliders.stepped(-many),
            Key::Right => self.sliders.stepped(many),
            Key::Backspace => self.sliders.reset(),
            Key::S if many == 1.0 => {
                let path = self.options.params_file.clone();
                match self.sliders.save(&path) {
                    Ok(()) => {
                        let note = format!("saved {}", path.display());
                        self.voice.note(&note);
                        self.say(note);
                    }
                    Err(error) => self.fault(&error, "the parameters are not saved"),
                }
                return true;
            }
            _ => return false,
        };
        self.tune(change);
        true
    }

    fn choose(&mut self, rows: isize) -> bool {
        self.sliders.choose(rows);
        true
    }

    fn tune(&mut self, change: Option<(String, String)>) {
        if let Some(change) = change {
            self.sliders.expect(&change);
            self.engine.control(Control::Tune(vec![change]));
        }
    }

    /// Performs an action; returns true if the window is to be closed.
    fn act(&mut self, action: Action) -> bool {
        match action {
            Action::TogglePause => self.engine.control(Control::TogglePause),
            Action::Step => self.engine.control(Control::Step),
            Action::Restart => self.engine.control(Control::Restart),
            Action::SaveImage => {
                if let Some(frame) = self.window.as_ref().and_then(Window::frame) {
                    self.saves.start(frame.clone());
                }
            }
            Action::SaveStill => self.start_still(),
            Action::ToggleDenoiser => {
                self.denoise = match self.denoise {
                    None => Some(true),
                    Some(true) => Some(false),
                    Some(false) => None,
                };
                self.engine.control(Control::Denoise(self.denoise));
                let how = self.denoise.map_or("as in the script", |on| if on { "on" } else { "off" });
                self.say(format!("denoiser {how}"));
            }
            Action::Expose(factor) => self.expose(self.exposure * factor),
            Action::ScriptExposure => self.expose(1.0),
            Action::Channel { back } => self.next_channel(back),
            Action::LookAlong(axis) => {
                let camera = navigate::look_along(&self.pointer.camera(), axis);
                self.look(camera);
                self.say(format!("from {}", axis.name()));
            }
            Action::Fit => {
                if let Some(command) = self.pointer.fit() {
                    self.engine.control(command);
                }
            }
            Action::ScriptCamera => {
                let command = self.pointer.give_back();
                self.engine.control(command);
                self.say("the script's camera".into());
            }
            Action::PrintCall => {
                let call = self.pointer.call();
                self.voice.result(&call);
                self.say(call);
            }
            Action::SaveCamera => self.save_call(),
            Action::Orbit(right, up) => {
                let size = glam::Vec2::new(1.0, 1.0);
                let camera = navigate::orbit(&self.pointer.camera(), glam::Vec2::new(right, up) * ORBIT_STEP, size);
                self.look(camera);
            }
            Action::Dolly(way) => self.look(navigate::dolly(&self.pointer.camera(), way)),
            Action::Roll(degrees) => self.look(navigate::roll(&self.pointer.camera(), degrees.to_radians())),
            Action::Mirror(across, down) => {
                if let Some(window) = &mut self.window {
                    window.mirror((across, down));
                }
            }
            Action::Help => self.help = Some(self.help.map_or(0, |page| page + 1)),
            Action::Stats => self.stats = !self.stats,
            Action::Sliders => self.sliders.open = !self.sliders.open,
            Action::Close => return self.close_something(),
        }
        false
    }

    /// Closes one of the open panels; returns true if there is none, so that the window is to be closed.
    fn close_something(&mut self) -> bool {
        if self.still.is_some() {
            self.engine.control(Control::StopStill);
        } else if self.help.is_some() {
            self.help = None;
        } else if self.sliders.open {
            self.sliders.open = false;
        } else if !self.pointer.deselect() {
            return true;
        }
        false
    }

    fn look(&mut self, camera: crate::scene::Camera) {
        let command = self.pointer.look(camera);
        self.engine.control(command);
    }

    fn expose(&mut self, exposure: f32) {
        self.exposure = exposure;
        self.engine.control(Control::Exposure(exposure));
        self.say(format!("exposure x {exposure:.2}"));
    }

    fn next_channel(&mut self, back: bool) {
        let steps = if back { Channel::ALL.len() - 1 } else { 1 };
        self.channel = (0..steps).fold(self.channel, |channel, _| channel.next());
        self.engine.control(Control::Guides(self.channel.source() == Source::Guides));
        self.ids = None;
        self.say(self.channel.name().into());
        match (self.channel.source(), self.frame.clone()) {
            (Source::Hits, Some(_)) => self.ask_for_ids(),
            (_, Some(frame)) => {
                if let (Some(frame), Some(window)) = (self.in_channel(&frame), &mut self.window) {
                    window.show(frame);
                }
            }
            _ => {}
        }
    }

    fn start_still(&mut self) {
        let shown = self.frame.as_ref().map(|frame| (frame.width, frame.height));
        let Some(size) = self.options.still.or(shown) else { return };
        let passes = self.options.still_passes;
        self.still = Some((0, passes));
        self.engine.control(Control::Still { size, passes });
    }

    fn save_call(&mut self) {
        let (path, call) = (self.options.call_file.clone(), self.pointer.call());
        let saved = AtomicFile::create(&path).and_then(|mut file| {
            writeln!(file, "{call}")
                .map_err(|e| Error::file(format!("cannot write `{}`: {e}", path.display())).hint("check the disk"))?;
            file.commit()
        });
        match saved {
            Ok(()) => {
                let note = format!("saved {}", path.display());
                self.voice.note(&note);
                self.say(note);
            }
            Err(error) => self.fault(&error, "the call is not saved"),
        }
    }

    fn update_panels(&mut self) {
        if self.note.as_ref().is_some_and(|(_, since)| since.elapsed() > NOTE_TIME) {
            self.note = None;
        }
        let Some(window) = &mut self.window else { return };
        let mut panels: Vec<Panel> = Vec::new();
        if let Some((done, of)) = self.still {
            panels.push(overlay::note(&format!("tracing the image to save: {done} of {of} passes (Esc cancels)")));
        } else if let Some((note, _)) = &self.note {
            panels.push(overlay::note(note));
        }
        if let Some((fault, note)) = &self.fault {
            panels.push(overlay::fault(fault, note));
        }
        let selection = self.pointer.selection();
        if selection.is_some() || self.pointer.inspection().is_some() {
            panels.push(overlay::selection(self.pointer.inspection(), selection.as_deref()));
        }
        match self.help.map(|page| overlay::help(window.text_size(), page)) {
            // The help takes all the room.
            Some(Some(panel)) => return window.set_panels(vec![panel]),
            // The index is past the last page.
            Some(None) => self.help = None,
            None => {}
        }
        if self.stats {
            let machine = Machine { device: self.options.device.clone(), memory: memory::of_process() };
            panels.push(overlay::stats(self.round.as_ref(), &machine));
        }
        if self.sliders.open {
            panels.push(self.sliders.panel());
        }
        window.set_panels(panels);
    }
}
