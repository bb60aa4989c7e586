//! `plotrt run`: the window.

use super::args::RunArgs;
use super::config::{Setup, set_up};
use super::{Outcome, interrupt, report};
use crate::Result;
use crate::engine::{Control, Engine, Event, FrameEvent, Mode, State};
use crate::output::{Window, Wish, check_display, save_numbered};
use std::path::Path;
use std::sync::mpsc::{Receiver, Sender, channel};
use std::thread::JoinHandle;
use std::time::{Duration, Instant};

/// A script whose `init` takes longer gets a window without a picture in the meantime.
const WAIT_FOR_FIRST: Duration = Duration::from_millis(300);
const DEFAULT_SIZE: (u32, u32) = (800, 600);
/// Between two looks at keys and new frames.
const POLL: Duration = Duration::from_millis(6);
const POLL_IDLE: Duration = Duration::from_millis(20);

pub fn run(args: &RunArgs) -> Outcome {
    let args = &args.shared;
    check_display()?;
    let Setup { script, device, config } = set_up(args, Mode::Interactive, Path::new("."), false)?;
    let engine = Engine::start(script, device, config)?;
    let stop = engine.stop_handle();
    interrupt::on_interrupt(move || stop.interrupt());

    let name = args.script.file_name().unwrap_or_default().to_string_lossy().into_owned();
    let stem = args.script.file_stem().unwrap_or_default().to_string_lossy().into_owned();
    let mut viewer = Viewer::new(engine, name, stem, args.size.map(|size| (size.0, size.1)));
    let outcome = viewer.look();
    let Viewer { window, engine, saves, .. } = viewer;
    // The window goes at once, whatever the callbacks still do; if it failed, the run ends for that.
    drop(window);
    engine.control(Control::Close);
    saves.finish();
    let ended = engine.wait();
    outcome?;
    ended?;
    Ok(())
}

/// Carries frames and messages from the engine into the window, and wishes back.
struct Viewer {
    engine: Engine,
    window: Option<Window>,
    name: String,
    size: Option<(u32, u32)>,
    started: Instant,
    state: State,
    shown: Option<Shown>,
    saves: Saves,
}

/// What the title says about the picture.
struct Shown {
    passes: u32,
    seconds_per_pass: f64,
}

impl Viewer {
    fn new(engine: Engine, name: String, stem: String, size: Option<(u32, u32)>) -> Viewer {
        Viewer {
            engine,
            window: None,
            name,
            size,
            started: Instant::now(),
            state: State::default(),
            shown: None,
            saves: Saves::new(stem),
        }
    }

    /// Until the window is closed or the run ends.
    fn look(&mut self) -> Result<()> {
        loop {
            while let Some(event) = self.engine.events().try_next() {
                match event {
                    Event::Frame(event) => self.show(event)?,
                    Event::Error(error) => {
                        report::error(&error);
                        let hint = error.hint.as_ref().map(|hint| format!("\nhint: {hint}")).unwrap_or_default();
                        self.window()?.set_error(Some(format!("{error}{hint}\n(space resumes)")));
                    }
                    Event::State(state) => self.update_state(state),
                    Event::Finished(_) => return Ok(()),
                    _ => {}
                }
            }
            if self.window.is_none() && self.started.elapsed() > WAIT_FOR_FIRST {
                self.window()?.note("starting...".into());
            }
            let wishes = self.window.as_mut().map(Window::poll).unwrap_or_default();
            for wish in wishes {
                match wish {
                    Wish::TogglePause => self.engine.control(Control::TogglePause),
                    Wish::Resize(width, height) => self.engine.control(Control::Resize(width, height)),
                    Wish::Save => self.save(),
                    Wish::Close => return Ok(()),
                }
            }
            for note in self.saves.notes() {
                report::note(&note);
                if let Some(window) = &mut self.window {
                    window.note(note);
                }
            }
            std::thread::sleep(if self.state.idle { POLL_IDLE } else { POLL });
        }
    }

    /// The window, which is opened when there is something to show, since only then its size is known.
    fn window(&mut self) -> Result<&mut Window> {
        if self.window.is_none() {
            self.window = Some(Window::open(&self.name, self.size.unwrap_or(DEFAULT_SIZE))?);
        }
        Ok(self.window.as_mut().expect("it was opened just now"))
    }

    fn show(&mut self, event: FrameEvent) -> Result<()> {
        self.size.get_or_insert((event.frame.width, event.frame.height));
        self.shown = Some(Shown { passes: event.frame.passes, seconds_per_pass: event.seconds_per_pass });
        self.window()?.show(event.frame);
        self.update_title();
        Ok(())
    }

    fn update_state(&mut self, state: State) {
        // Going on means that the error has been seen.
        if self.state.paused
            && !state.paused
            && let Some(window) = &mut self.window
        {
            window.set_error(None);
        }
        self.state = state;
        self.update_title();
    }

    fn update_title(&mut self) {
        let Some(shown) = &self.shown else { return };
        let state = match self.state {
            State { paused: true, complete: true, .. } => "paused, complete",
            State { paused: true, .. } => "paused, refining",
            State { complete: true, idle: true, .. } => "complete",
            _ => "running",
        };
        let plural = if shown.passes == 1 { "pass" } else { "passes" };
        let title = format!(
            "{} - {} {plural}, {:.1} ms per pass, {state}",
            self.name,
            shown.passes,
            shown.seconds_per_pass * 1000.0
        );
        if let Some(window) = &mut self.window {
            window.set_title(title);
        }
    }

    fn save(&mut self) {
        if let Some(frame) = self.window.as_ref().and_then(Window::frame) {
            self.saves.start(frame.clone());
        }
    }
}

/// Pictures on their way into files, beside the window, which must not freeze.
struct Saves {
    stem: String,
    done: Sender<String>,
    notes: Receiver<String>,
    threads: Vec<JoinHandle<()>>,
}

impl Saves {
    fn new(stem: String) -> Saves {
        let (done, notes) = channel();
        Saves { stem, done, notes, threads: Vec::new() }
    }

    fn start(&mut self, frame: std::sync::Arc<crate::frame::Frame>) {
        let (stem, done) = (self.stem.clone(), self.done.clone());
        self.threads.retain(|thread| !thread.is_finished());
        self.threads.push(std::thread::spawn(move || {
            let note = match save_numbered(&frame, Path::new(""), &stem) {
                Ok(path) => format!("saved {}", path.display()),
                Err(error) => format!("not saved: {error}"),
            };
            // The window may have been closed in the meantime.
            let _ = done.send(note);
        }));
    }

    fn notes(&self) -> Vec<String> {
        self.notes.try_iter().collect()
    }

    /// What was asked for is saved even if the window is closed at once.
    fn finish(self) {
        for thread in self.threads {
            // A panic was printed by the thread itself.
            let _ = thread.join();
        }
        for note in self.notes.try_iter() {
            report::note(&note);
        }
    }
}
