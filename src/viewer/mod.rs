//! The viewer: connects a screen with an engine, and handles the user's input.
//!
//! | file | contents |
//! | --- | --- |
//! | `actions`, `perform` | the table of keys and gestures; what the actions do |
//! | `lazy_screen` | the screen, which is opened with the first image |
//! | `channel_view`, `channel` | the image to show; images of the auxiliary buffers |
//! | `status`, `messages`, `panels`, `overlay` | title, notes and errors, help and statistics; contents of the panels |
//! | `pointer` | mouse interaction |
//! | `camera`, `selection`, `queries` | for it: the viewer's camera; the selected object; ray queries without an answer |
//! | `navigate`, `arrange` | pure functions from a gesture to the next camera, or to an edit of the scene |
//! | `inspect` | the object under the pointer |
//! | `overrides` | the viewer's exposure and denoiser |
//! | `sliders` | the parameters of the script |
//! | `call` | the viewer's changes as calls to paste into the script |
//! | `reload` | live editing: watches the files and compiles the edited script |
//! | `saves`, `still`, `round_log` | files of images and texts; the image traced to be saved; the file of `--stats` |
//!
//! Only [`Viewer`] has the engine; the other types hold one concept each, and return the
//! commands for the engine.

pub mod actions;
pub mod arrange;
pub mod call;
mod camera;
pub mod channel;
mod channel_view;
pub mod inspect;
mod lazy_screen;
mod messages;
pub mod navigate;
mod overlay;
mod overrides;
mod panels;
mod perform;
mod pointer;
mod queries;
mod reload;
mod round_log;
mod saves;
mod selection;
pub mod sliders;
mod status;
mod still;

pub use call::{camera_call, edit_call};
pub use lazy_screen::OpenScreen;
pub use messages::Terminal;

use crate::Result;
use crate::device::Hit;
use crate::engine::{Control, Engine, Event, FrameEvent, RoundStats};
use crate::output::Panel;
use crate::script::{Edited, Script};
use channel_view::ChannelView;
use lazy_screen::LazyScreen;
use messages::Messages;
use overrides::Overrides;
use panels::Panels;
use pointer::Pointer;
use queries::{Purpose, Queries, Query};
use reload::{LiveEdit, Reloader, Saved};
use round_log::RoundLog;
use saves::Saves;
use sliders::Sliders;
use status::Status;
use std::io::Write;
use std::path::PathBuf;
use std::sync::Arc;
use std::time::{Duration, Instant};
use still::Still;

/// Time between two polls of input and events.
const POLL: Duration = Duration::from_millis(6);
const POLL_IDLE: Duration = Duration::from_millis(20);

/// Options of a viewer.
pub struct ViewerOptions {
    /// Name of the script, for the title.
    pub name: String,
    /// Size of the image; `None`: that of the first frame.
    pub size: Option<(u32, u32)>,
    /// Folder of the images that are saved, and the prefix of their names.
    pub folder: PathBuf,
    pub stem: String,
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

/// Passes frames and messages from the engine to the screen, and commands from the screen to the engine.
pub struct Viewer<'a> {
    engine: Engine,
    screen: LazyScreen<'a>,
    channel: ChannelView,
    status: Status,
    messages: Messages<'a>,
    panels: Panels,
    pointer: Pointer,
    queries: Queries,
    overrides: Overrides,
    sliders: Sliders,
    live_edit: LiveEdit,
    saves: Saves,
    still: Still,
    round_log: RoundLog,
    params_file: PathBuf,
    call_file: PathBuf,
}

impl<'a> Viewer<'a> {
    /// Creates a viewer. `script` is the script that `engine` runs; its files are watched. `open` is called when there is
    /// something to show.
    pub fn new(
        engine: Engine,
        script: Arc<Script>,
        options: ViewerOptions,
        open: OpenScreen<'a>,
        terminal: &'a dyn Terminal,
    ) -> Viewer<'a> {
        let reloader = Reloader::start(script).inspect_err(|error| terminal.error(error)).ok();
        Viewer {
            engine,
            screen: LazyScreen::new(options.name, options.size, open),
            channel: ChannelView::default(),
            status: Status::default(),
            messages: Messages::new(terminal),
            panels: Panels::new(options.device),
            pointer: Pointer::default(),
            queries: Queries::default(),
            overrides: Overrides::default(),
            sliders: Sliders::default(),
            live_edit: LiveEdit::new(reloader),
            saves: Saves::new(options.folder, options.stem),
            still: Still::new(options.still, options.still_passes),
            round_log: RoundLog::new(options.stats),
            params_file: options.params_file,
            call_file: options.call_file,
        }
    }

    /// Shows the run until the screen is closed or the run ends.
    pub fn run(mut self) -> Result<()> {
        let outcome = self.event_loop();
        // The screen closes at once, whatever the callbacks still do; if the screen failed, this ends the run.
        self.screen.close();
        self.engine.control(Control::Close);
        self.saves.finish().into_iter().for_each(|note| self.messages.report(note));
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
            for saved in self.live_edit.saved() {
                match saved {
                    Saved::Script { script, anew, .. } => self.engine.control(Control::Reload { script, anew }),
                    Saved::Fault(error) => {
                        self.messages.fault(&error, "the last good script continues; fix the error and save");
                    }
                }
            }
            if self.screen.open_if_late()? {
                self.messages.note("starting...");
            }
            for input in self.screen.poll() {
                if self.input(input)? {
                    return Ok(());
                }
            }
            let rest = self.pointer.rest(Instant::now());
            self.send(rest);
            for note in self.saves.notes() {
                self.messages.report(note);
            }
            self.update_panels();
            std::thread::sleep(if self.status.is_idle() { POLL_IDLE } else { POLL });
        }
    }

    fn send(&self, command: impl IntoIterator<Item = Control>) {
        command.into_iter().for_each(|command| self.engine.control(command));
    }

    /// Handles an event of the engine.
    fn event(&mut self, event: Event) -> Result<()> {
        match event {
            Event::Frame(event) => self.show(event)?,
            Event::Error(error) => self.messages.fault(&error, "space resumes; or fix the script and save it"),
            Event::Warning(warning) => self.messages.warning(&warning),
            Event::State(state) => {
                if self.status.set_state(state) {
                    // Resuming means that the user has seen the error.
                    self.messages.clear_fault();
                }
                self.update_title();
            }
            Event::Params(params) => self.sliders.set(params),
            Event::Reloaded { edited, seconds } => {
                self.messages.clear_fault();
                self.live_edit.set_running();
                match edited {
                    Edited::Setup => self.messages.note("began anew"),
                    Edited::Functions => self.messages.note("new functions"),
                    Edited::Nothing => {}
                }
                tracing::info!(?edited, seconds, "edited script taken over");
            }
            Event::Round(stats) => self.count(*stats),
            Event::Picked { id, hits } => self.answer(id, &hits)?,
            Event::StillAt { done, of } => self.still.set_progress(done, of),
            Event::Still(frame) => {
                self.still.end();
                match frame {
                    Some(frame) => self.saves.start(frame),
                    None => self.messages.note("cancelled"),
                }
            }
            Event::Finished(_) => {}
        }
        Ok(())
    }

    fn show(&mut self, event: FrameEvent) -> Result<()> {
        self.live_edit.note_image();
        self.screen.expect_size((event.frame.width, event.frame.height));
        self.status.set_image(&event);
        self.pointer.set_scene(event.scene);
        self.channel.set_frame(event.frame);
        self.update_image()?;
        self.update_title();
        Ok(())
    }

    /// Shows the image of the selected channel, or requests the data for it.
    fn update_image(&mut self) -> Result<()> {
        let query = self.channel.ask(self.pointer.scene(), &mut self.queries);
        self.send(query);
        self.channel.image().map_or(Ok(()), |image| self.screen.show(image))
    }

    /// Handles the answer to a ray query.
    fn answer(&mut self, id: u64, hits: &[Option<Hit>]) -> Result<()> {
        let Some(Query { purpose, scene }) = self.queries.answered(id) else { return Ok(()) };
        match purpose {
            Purpose::Ids => self.channel.of_hits(&scene, hits).map_or(Ok(()), |image| self.screen.show(image)),
            Purpose::Pointer { effect, ray } => {
                let hit = hits.first().and_then(Option::as_ref);
                let command = self.pointer.answer(effect, &scene, hit, &ray);
                self.send(command);
                Ok(())
            }
        }
    }

    /// Shows the statistics of a round, and writes them to the file of `--stats`.
    fn count(&mut self, stats: RoundStats) {
        if let Err(error) = self.round_log.write(&stats) {
            self.messages.fault(&error, "no more statistics are written");
        }
        self.panels.set_round(stats);
    }

    fn update_title(&mut self) {
        if let Some(title) = self.status.title() {
            self.screen.set_title(&title);
        }
    }

    fn update_panels(&mut self) {
        self.screen.set_panels(|text_size| {
            let progress = self.still.progress();
            let mut panels: Vec<Panel> = self.messages.panels(progress.as_deref(), Instant::now());
            panels.extend(self.pointer.panel());
            if let Some(help) = self.panels.help(text_size) {
                return vec![help];
            }
            panels.extend(self.panels.stats());
            panels.extend(self.sliders.panel());
            panels
        });
    }
}
