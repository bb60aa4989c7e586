//! `plotrt render`: frames into files.

use super::args::{RenderArgs, SharedArgs};
use super::config::{Setup, set_up};
use super::progress::{Progress, human_time};
use super::{Outcome, interrupt, report};
use crate::engine::{Engine, Event, Frames, Mode, Summary};
use crate::output::{FrameWriter, Target, Written};
use crate::{Error, Result};
use serde::Serialize;
use std::borrow::Cow;
use std::collections::BTreeSet;
use std::path::{Path, PathBuf};

/// Frames are compressed by up to this many threads: more would only take cores from the tracer.
const MOST_WRITERS: usize = 4;

/// Default frames per second of an animation file.
const FPS: f64 = 25.0;

pub fn run(args: &RenderArgs) -> Outcome {
    match plan(args)? {
        Plan::Frames { frames, target } => render_frames(&args.shared, frames, target),
        Plan::Once { out_dir } => render_once(&args.shared, &out_dir),
    }
}

/// Frames to render, and the files for them.
#[derive(Debug, PartialEq)]
enum Plan {
    Frames {
        frames: Frames,
        target: Target,
    },
    /// The script renders by itself.
    Once {
        out_dir: PathBuf,
    },
}

fn plan(args: &RenderArgs) -> Result<Plan> {
    let folder = args.out.as_deref().filter(|out| out.ends_with(['/', '\\']) || Path::new(out).is_dir());
    if let Some(folder) = folder
        && !Path::new(folder).is_dir()
    {
        return Err(
            Error::file(format!("there is no folder `{folder}`")).hint(format!("make it first: mkdir -p '{folder}'"))
        );
    }
    let mut frames = match (args.frames, &args.out) {
        (Some(range), _) => Frames { start: range.start, end: range.end, step: range.step, skip: BTreeSet::new() },
        (None, Some(_)) if folder.is_none() => Frames::range(0, 0),
        (None, _) => return Ok(Plan::Once { out_dir: PathBuf::from(folder.unwrap_or(".")) }),
    };
    let target = match (&args.out, folder) {
        (Some(out), None) => Target::parse(out)?,
        (_, folder) => Target::parse(&default_pattern(&args.shared.script, folder))?,
    };
    match &target {
        Target::Files(pattern, _) => {
            if !pattern.is_numbered() && frames.iter().nth(1).is_some() {
                return Err(Error::usage(format!("all frames would go to `{}`", pattern.path(0).display())).hint(
                    format!(
                        "put the frame number into the name: `--out '{}'`, or write an animation: .gif, .apng, .webp",
                        pattern.with_number()
                    ),
                ));
            }
            if args.skip_existing {
                let skip = frames.iter().filter(|&number| pattern.path(number).is_file()).collect();
                frames.skip = skip;
            }
        }
        Target::Animation(path, format) => {
            format.check_fps(args.shared.fps.unwrap_or(FPS))?;
            if args.skip_existing && path.is_file() {
                frames.skip = frames.iter().collect();
            }
        }
    }
    Ok(Plan::Frames { frames, target })
}

/// `NAME-{:04}.png` for the script `NAME.rhai`.
fn default_pattern(script: &Path, folder: Option<&str>) -> String {
    let stem = script.file_stem().unwrap_or_default().to_string_lossy();
    let literal =
        format!("{}{stem}", folder.map(|folder| format!("{}/", folder.trim_end_matches('/'))).unwrap_or_default());
    format!("{}-{{:04}}.png", literal.replace('{', "{{").replace('}', "}}").replace('%', "%%"))
}

fn render_frames(args: &SharedArgs, frames: Frames, target: Target) -> Outcome {
    let quiet = args.output.quiet;
    let total = frames.iter().count() as u64;
    if total == 0 {
        if !quiet {
            report::note("nothing to do: all files exist");
        }
        return Ok(());
    }
    let name = target.path(frames.start);
    // Opened before the slow work, so that a folder that cannot be written is known early.
    let mut progress = Progress::new(total, quiet);
    let json = args.output.json;
    let on_written = move |written: Written| {
        progress.frame(written.number, &written.path, written.seconds);
        if json {
            print_json(&written);
        }
    };
    let mut writer = FrameWriter::start(target.clone(), args.fps.unwrap_or(FPS), writers(args.threads), on_written)?;
    let partial = frames.is_partial();
    let Setup { script, device, config } = set_up(args, Mode::Batch(frames), &target.folder(), target.needs_linear())?;
    if partial && !quiet {
        // They may never be reached: so warn before the slow work, and fail only when they are.
        script.image_callback_changes().iter().for_each(report::warning);
    }
    let engine = Engine::start(script, device, config)?;
    let stop = engine.stop_handle();
    interrupt::on_interrupt(move || stop.interrupt());

    let mut outcome = Ok(Summary::default());
    let mut taken = true;
    while let Some(event) = engine.events().next() {
        match event {
            Event::Frame(event) if taken => {
                taken = writer.push(event.number, event.frame, event.timings.total);
                if !taken {
                    engine.stop_handle().close();
                }
            }
            Event::Error(error) => report::error(&error),
            Event::Warning(warning) if !quiet => report::warning(&warning),
            Event::Finished(result) => outcome = result,
            _ => {}
        }
    }
    match outcome {
        Ok(summary) => {
            writer.finish()?;
            if !quiet {
                let files = if total == 1 || matches!(target, Target::Animation(..)) {
                    format!(": {}", name.display())
                } else {
                    String::new()
                };
                let plural = if summary.frames == 1 { "frame" } else { "frames" };
                report::note(&format!("{} {plural} in {}{files}", summary.frames, human_time(summary.seconds)));
            }
            Ok(())
        }
        Err(error) => {
            if let Some(partial) = writer.stop()? {
                report::note(&format!("the finished frames are in `{}`", partial.display()));
            }
            Err(error.into())
        }
    }
}

/// A script that renders and saves by itself, in `init`.
fn render_once(args: &SharedArgs, out_dir: &Path) -> Outcome {
    let Setup { script, device, config } = set_up(args, Mode::Once, out_dir, false)?;
    let engine = Engine::start(script, device, config)?;
    let stop = engine.stop_handle();
    interrupt::on_interrupt(move || stop.interrupt());
    let mut outcome = Ok(Summary::default());
    while let Some(event) = engine.events().next() {
        match event {
            Event::Error(error) => report::error(&error),
            Event::Warning(warning) if !args.output.quiet => report::warning(&warning),
            Event::Finished(result) => outcome = result,
            _ => {}
        }
    }
    let summary = outcome?;
    if summary.renders == 0 {
        return Err(Error::usage("the script renders nothing by itself")
            .hint("give `--frames 0-47`, or `--out FILE` for frame 0, or call `rt.render` in `init`")
            .into());
    }
    if !args.output.quiet {
        let plural = if summary.renders == 1 { "image" } else { "images" };
        report::note(&format!("{} {plural} in {}", summary.renders, human_time(summary.seconds)));
    }
    Ok(())
}

fn writers(threads: usize) -> usize {
    let threads = match threads {
        0 => std::thread::available_parallelism().map_or(1, usize::from),
        threads => threads,
    };
    threads.min(MOST_WRITERS)
}

/// The line of `--json` for a frame.
#[derive(Serialize)]
struct Line<'a> {
    frame: u64,
    file: Cow<'a, str>,
    /// Seconds.
    time: f64,
    passes: u32,
    noise: f32,
}

/// Prints one line per frame. A closed pipe is ignored, since the files are the result.
fn print_json(written: &Written) {
    let file = written.path.to_string_lossy();
    let line =
        Line { frame: written.number, file, time: written.seconds, passes: written.passes, noise: written.noise };
    // Numbers and text always have a JSON form.
    let printed = serde_json::to_string(&line).map_err(|e| Error::file(e.to_string()));
    if let Err(error) = printed.and_then(|line| report::result(&(line + "\n"))) {
        tracing::warn!("{error}");
    }
}
