//! Arguments as typed. What they mean together is decided in `config.rs`.

use crate::device::DeviceChoice;
#[cfg(feature = "window")]
use crate::output::Aspect;
use crate::scene::check_size;
use clap::builder::styling::{AnsiColor, Styles};
use clap::{Args, Parser, Subcommand, ValueEnum, ValueHint};
use clap_complete::Shell;
use std::path::PathBuf;
use std::str::FromStr;
use std::time::Duration;

const STYLES: Styles = Styles::styled()
    .header(AnsiColor::Green.on_default().bold())
    .usage(AnsiColor::Green.on_default().bold())
    .literal(AnsiColor::Cyan.on_default().bold())
    .placeholder(AnsiColor::Cyan.on_default());

/// Ray-traces plots and animations that are written as Rhai scripts.
///
/// A script describes a scene in `init(rt)` and changes it in `compute(rt, delta)` and `update_data(rt)`; plotrt
/// traces it, shows it in a window (`run`) or writes it to files (`render`).
#[derive(Debug, Parser)]
#[command(version, styles = STYLES, propagate_version = true, after_help = "\
Examples:
  plotrt new wave
  plotrt run scripts/animation.rhai
  plotrt render scripts/animation.rhai --frames 0-47 --out animation.gif
  plotrt check scripts/animation.rhai
  plotrt api set_data

Exit codes: 0 done, 1 script error, 2 usage, 3 device not available, 4 file or disk, 5 limit or time-out, \
130 interrupted.")]
pub struct Cli {
    #[command(subcommand)]
    pub command: Command,
}

#[derive(Debug, Subcommand)]
pub enum Command {
    New(NewArgs),
    #[cfg(feature = "window")]
    Run(RunArgs),
    Render(RenderArgs),
    Check(CheckArgs),
    Api(ApiArgs),
    Devices(DevicesArgs),
    Bench(BenchArgs),
    Completions(CompletionsArgs),
}

/// Write a script to begin with
///
/// It runs at once, and its comments explain it.
#[derive(Debug, Args)]
#[command(after_help = "\
Examples:
  plotrt new wave
  plotrt new results --template scatter")]
pub struct NewArgs {
    /// Name of the script, with or without .rhai
    #[arg(value_name = "NAME", value_hint = ValueHint::FilePath)]
    pub name: PathBuf,

    /// Kind of script: points in space, balls that move, a function of two variables; batch saves images by
    /// itself
    #[arg(long, value_enum, default_value_t)]
    pub template: Template,
}

/// Templates of `plotrt new`.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, ValueEnum)]
pub enum Template {
    Scatter,
    #[default]
    Animation,
    Surface,
    Batch,
}

#[cfg(feature = "window")]
/// Show the animation of a script in a window
///
/// The image appears after the first pass and refines while you look at it. Edit the script and save it: the new code
/// takes effect at once; state, scene and camera are kept where only functions have changed. Drag to orbit, turn the
/// wheel to come nearer, click to see which primitive is there; H lists all keys, P shows the script's parameters as
/// sliders, I times and memory. Errors are shown over the image, which stays.
#[derive(Debug, Args)]
#[command(after_help = "\
Examples:
  plotrt run scripts/animation.rhai
  plotrt run scripts/animation.rhai --set n=20 --size 1280x720
  plotrt run scripts/animation.rhai --params saved.json --stats rounds.jsonl")]
pub struct RunArgs {
    /// Pixels of the screen per pixel of the image, and the size of text: 2 on a screen with small pixels
    #[arg(long, value_name = "N", default_value = "1", allow_negative_numbers = true, value_parser = parse_scale)]
    pub scale: f32,

    /// How the image fits a window of another shape: traced in that shape, with borders, or cropped
    #[arg(long, value_enum, default_value_t)]
    pub aspect: AspectArg,

    /// Size in pixels of the images that Shift+S traces and saves [default: that of the image in the window]
    #[arg(long, value_name = "WxH", allow_hyphen_values = true)]
    pub still: Option<Size>,

    /// Passes of the images that Shift+S traces and saves
    #[arg(long, value_name = "N", default_value = "1000", allow_negative_numbers = true, value_parser = parse_passes)]
    pub still_passes: u32,

    /// Write the times of each round into this file: one line of JSON per round
    #[arg(long, value_name = "FILE", value_hint = ValueHint::FilePath)]
    pub stats: Option<PathBuf>,

    #[command(flatten)]
    pub shared: SharedArgs,
}

/// Render frames of a script into files
///
/// One round of the script is one frame: frame 0 is the scene after `init`, and before each further frame
/// `compute` and `update_data` run once. Any range gives the same files as the whole run. Without `--frames`, a
/// script that renders by itself (`rt.render` in `init`) is run, or frame 0 is written if `--out` names a file.
#[derive(Debug, Args)]
#[command(after_help = "\
Examples:
  plotrt render scripts/animation.rhai --frames 0-47 --out animation.gif
  plotrt render scripts/animation.rhai --frames 0-999:10 --out 'frames/{:04}.png' --passes 256
  plotrt render scripts/animation.rhai --frames 0-999 --out 'frames/%04d.exr' --skip-existing
  plotrt render scripts/animation.rhai --out still.png --size 1920x1080 --passes 1000
  plotrt render scripts/sweep.rhai --out results/")]
pub struct RenderArgs {
    /// Frames to render: `7`, `0-99`, or `0-99:2` for every second one
    #[arg(long, value_name = "RANGE", allow_hyphen_values = true)]
    pub frames: Option<FrameRange>,

    /// Where to write: numbered images, an animation, or a folder
    ///
    /// The ending chooses: .png, .jpg, .tif (8 bits) and .exr (32-bit float, linear) with the frame number as
    /// `{:04}` or `%04d`; .gif, .apng and .webp hold all frames. Default with `--frames`: NAME-{:04}.png, NAME
    /// being the script's. A folder is where the files go that the script saves itself.
    #[arg(long, short, value_name = "PATTERN|FILE|FOLDER", value_hint = ValueHint::AnyPath)]
    pub out: Option<String>,

    /// Leave out frames whose file exists already
    #[arg(long)]
    pub skip_existing: bool,

    #[command(flatten)]
    pub shared: SharedArgs,
}

/// Arguments that `run` and `render` share.
#[derive(Debug, Args)]
pub struct SharedArgs {
    /// The script
    #[arg(value_name = "SCRIPT", value_hint = ValueHint::FilePath)]
    pub script: PathBuf,

    /// Size of the image in pixels; wins over the script's `rt.resize` [default: the script's, or 800x600]
    #[arg(long, value_name = "WxH", allow_hyphen_values = true)]
    pub size: Option<Size>,

    /// Passes per frame: more take longer and leave less noise [default: the script's `max_accumulation_frames`]
    #[arg(long, value_name = "N", allow_negative_numbers = true, value_parser = parse_passes)]
    pub passes: Option<u32>,

    /// Seed of all random numbers: the same seed gives the same pixels
    #[arg(long, value_name = "N", default_value = "0", allow_negative_numbers = true, value_parser = parse_seed)]
    pub seed: u64,

    /// Set a parameter of the script, `param("NAME", default)`; can be repeated
    #[arg(long = "set", value_name = "NAME=VALUE", value_parser = parse_set)]
    pub sets: Vec<(String, String)>,

    /// Take parameters of the script from this file, which S saves while the sliders are shown; `--set` wins
    #[arg(long, value_name = "FILE", value_hint = ValueHint::FilePath)]
    pub params: Option<PathBuf>,

    /// Frames per second: of an animation file [default: 25]; in a window, most rounds of the animation [default: 60]
    #[arg(long, value_name = "N", allow_negative_numbers = true, value_parser = parse_fps)]
    pub fps: Option<f64>,

    /// Threads that trace, and that compute arrays; 0: all cores. Images do not depend on it
    #[arg(long, value_name = "N", default_value = "0", allow_negative_numbers = true, value_parser = parse_threads)]
    pub threads: usize,

    /// Keep the same noise in every frame instead of letting it change
    #[arg(long)]
    pub lock_noise: bool,

    /// Device that traces: auto takes the best one that works, every other choice fails if it is not available
    #[arg(long, value_name = "auto|cpu|optix", default_value = "auto", value_parser = parse_device)]
    pub device: DeviceChoice,

    /// Let the script read files in this folder, besides its own; can be repeated
    #[arg(long, value_name = "FOLDER", value_hint = ValueHint::DirPath)]
    pub allow_read: Vec<PathBuf>,

    /// Let the script write files in this folder, besides the output folder; can be repeated
    #[arg(long, value_name = "FOLDER", value_hint = ValueHint::DirPath)]
    pub allow_write: Vec<PathBuf>,

    #[command(flatten)]
    pub limits: LimitArgs,

    #[command(flatten)]
    pub output: OutputArgs,
}

/// Limits of scripts.
#[derive(Debug, Clone, Args)]
pub struct LimitArgs {
    /// Most operations that one call of a callback may take; 0: as many as its time allows
    #[arg(long, value_name = "N", default_value = "0", allow_negative_numbers = true, value_parser = parse_operations)]
    pub max_operations: u64,

    /// Most memory that the numeric arrays of the script may take, such as 800M or 4G [default: half of the machine's]
    #[arg(long, value_name = "SIZE", value_parser = parse_size_of_memory)]
    pub max_memory: Option<usize>,
}

/// Messages of the process while it works.
#[derive(Debug, Clone, Args)]
pub struct OutputArgs {
    /// Print nothing but errors
    #[arg(long, short)]
    pub quiet: bool,

    /// Print one line of JSON per frame: frame, file, time (seconds), passes, noise
    #[arg(long)]
    pub json: bool,

    /// How much to log: error, warn, info, debug or trace [default: warn, and what the script prints]
    #[arg(long, value_name = "LEVEL")]
    pub log: Option<tracing_subscriber::filter::LevelFilter>,
}

/// Find the mistakes of a script without tracing
///
/// Looks for unknown functions, variables and options, and runs every callback three times on a device that traces
/// nothing. All problems are reported at once.
#[derive(Debug, Args)]
#[command(after_help = "\
Examples:
  plotrt check scripts/animation.rhai
  plotrt check scripts/animation.rhai --set n=0
  plotrt check scripts/animation.rhai --watch")]
pub struct CheckArgs {
    /// The script
    #[arg(value_name = "SCRIPT", value_hint = ValueHint::FilePath)]
    pub script: PathBuf,

    /// Set a parameter of the script, `param("NAME", default)`; can be repeated
    #[arg(long = "set", value_name = "NAME=VALUE", value_parser = parse_set)]
    pub sets: Vec<(String, String)>,

    /// Let the script read files in this folder, besides its own; can be repeated
    #[arg(long, value_name = "FOLDER", value_hint = ValueHint::DirPath)]
    pub allow_read: Vec<PathBuf>,

    #[command(flatten)]
    pub limits: LimitArgs,

    /// Go on, and check again whenever the script, a module or a data file is saved
    #[arg(long)]
    pub watch: bool,

    /// Longest that one call of a callback may take, seconds
    #[arg(long, value_name = "SECONDS", default_value = "5", value_parser = parse_seconds)]
    pub timeout: Duration,

    /// Print nothing but errors
    #[arg(long, short)]
    pub quiet: bool,
}

/// Show what scripts can call
///
/// Without a name, the list of all functions; with one, its parameters with units, ranges and defaults, and an
/// example that runs.
#[derive(Debug, Args)]
#[command(after_help = "\
Examples:
  plotrt api
  plotrt api setup_camera
  plotrt api --definitions .definitions")]
pub struct ApiArgs {
    /// A function, or a word to search for in names, options and texts
    pub name: Option<String>,

    /// Write definition files (.d.rhai) for editors into this folder
    #[arg(long, value_name = "FOLDER", value_hint = ValueHint::DirPath, conflicts_with_all = ["name", "markdown"])]
    pub definitions: Option<PathBuf>,

    /// Print the whole reference as Markdown
    #[arg(long, conflicts_with = "name")]
    pub markdown: bool,
}

/// List the devices that can trace
#[derive(Debug, Args)]
pub struct DevicesArgs {
    /// Print JSON
    #[arg(long)]
    pub json: bool,
}

/// A scene that is measured.
#[derive(Debug, Clone, Copy, PartialEq, Eq, ValueEnum, serde::Serialize)]
#[serde(rename_all = "lowercase")]
pub enum Case {
    /// 1000 parallelepipeds of the animation at t = 0.7, 500x500
    Seed,
    /// 1 M spheres, 960x540
    Spheres,
    /// 1 M boxes, 960x540
    Boxes,
    /// 1 M smaller spheres from close by, 1920x1080
    Cloud,
    /// 1 M cubes in the place of those spheres, 1920x1080
    Cubes,
}

/// Measure how fast this machine traces
///
/// Three scenes that never change: the animation of 1000 parallelepipeds, a million spheres, a million boxes. Times
/// from data to scene, per pass, to change the scene, to develop and denoise, and the memory that it takes.
#[derive(Debug, Args)]
#[command(after_help = "\
Examples:
  plotrt bench
  plotrt bench seed --passes 64 --path-seg-range 2,6 --reference 4096
  plotrt bench boxes --json --out boxes.exr")]
pub struct BenchArgs {
    /// The scene [default: all three]
    #[arg(value_enum)]
    pub case: Option<Case>,

    /// Passes per block that is timed
    #[arg(long, value_name = "N", default_value = "16", allow_negative_numbers = true, value_parser = parse_passes)]
    pub passes: u32,

    /// Segments of a path: from the first number on Russian roulette may end it, none exceeds the second
    #[arg(long, value_name = "MIN,MAX", default_value = "6,6", value_parser = parse_path_seg_range)]
    pub path_seg_range: (u32, u32),

    /// Trace an image with this many passes, and report errors against it after 1, 2, 4 ... passes; 0: don't
    #[arg(long, value_name = "N", default_value_t = 0)]
    pub reference: u32,

    /// Size of the image in pixels [default: 500x500 and 960x540]
    #[arg(long, value_name = "WxH")]
    pub size: Option<Size>,

    /// Number of spheres or boxes [default: 1000000]
    #[arg(long, value_name = "N", value_parser = parse_count)]
    pub count: Option<usize>,

    /// Threads that trace; 0: all cores
    #[arg(long, value_name = "N", default_value = "0", allow_negative_numbers = true, value_parser = parse_threads)]
    pub threads: usize,

    /// Device that traces
    #[arg(long, value_name = "auto|cpu|optix", default_value = "auto", value_parser = parse_device)]
    pub device: DeviceChoice,

    /// Save the image; of several scenes, the last
    #[arg(long, short, value_name = "FILE", value_hint = ValueHint::FilePath)]
    pub out: Option<PathBuf>,

    /// Compare camera rays on a GPU with the plainest OptiX program, which only writes normals; of spheres only
    #[arg(long, conflicts_with_all = ["path_seg_range", "reference", "threads", "out"])]
    pub bare: bool,

    /// Print one line of JSON per scene
    #[arg(long)]
    pub json: bool,
}

/// Print completions for a shell
#[derive(Debug, Args)]
#[command(after_help = "\
Examples:
  plotrt completions bash > ~/.local/share/bash-completion/completions/plotrt
  plotrt completions fish > ~/.config/fish/completions/plotrt.fish")]
pub struct CompletionsArgs {
    pub shell: Shell,
}

/// Values of `--aspect`.
#[cfg(feature = "window")]
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, ValueEnum)]
pub enum AspectArg {
    #[default]
    Follow,
    Keep,
    Crop,
}

#[cfg(feature = "window")]
impl From<AspectArg> for Aspect {
    fn from(arg: AspectArg) -> Aspect {
        match arg {
            AspectArg::Follow => Aspect::Follow,
            AspectArg::Keep => Aspect::Keep,
            AspectArg::Crop => Aspect::Crop,
        }
    }
}

/// `7`, `0-99` or `0-99:2`, both ends included.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct FrameRange {
    pub start: u64,
    pub end: u64,
    /// At least 1.
    pub step: u64,
}

impl FrameRange {
    /// Highest frame number: more than a hundred days at 1000 frames per second.
    const LAST: u64 = 9_999_999_999;
}

impl FromStr for FrameRange {
    type Err = String;

    fn from_str(text: &str) -> Result<Self, String> {
        // Else it would be read as a range without a beginning.
        if text.trim_start().starts_with('-') {
            return Err("frames are numbered from 0; write 7, 0-99, or 0-99:2 for every second frame".into());
        }
        let number = |part: &str| {
            let number: u64 = part.trim().parse().map_err(|_| {
                format!("`{part}` is not a frame number; write 7, 0-99, or 0-99:2 for every second frame")
            })?;
            if number > Self::LAST { Err(format!("frame numbers end at {}", Self::LAST)) } else { Ok(number) }
        };
        let (range, step) = match text.split_once(':') {
            Some((range, step)) => (range, number(step)?),
            None => (text, 1),
        };
        let (start, end) = match range.split_once('-') {
            Some((start, end)) => (number(start)?, number(end)?),
            None => (number(range)?, number(range)?),
        };
        if step == 0 {
            return Err("the step is at least 1".into());
        }
        if start > end {
            return Err(format!("the range is empty: {start} comes after {end}"));
        }
        Ok(FrameRange { start, end, step })
    }
}

/// `WxH` in pixels.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Size(pub u32, pub u32);

impl FromStr for Size {
    type Err = String;

    fn from_str(text: &str) -> Result<Self, String> {
        let (width, height) = text
            .split_once(['x', 'X', '×'])
            .ok_or_else(|| "write the size as WIDTHxHEIGHT, like 1280x720".to_string())?;
        let side = |part: &str| {
            let side = part.trim().parse::<u32>();
            side.map_err(|_| format!("`{part}` is not a number of pixels; write the size as 1280x720"))
        };
        let size = Size(side(width)?, side(height)?);
        check_size(size.0, size.1).map_err(|error| format!("{}; {}", error.message, error.hint.unwrap_or_default()))?;
        Ok(size)
    }
}

fn parse_set(text: &str) -> Result<(String, String), String> {
    match text.split_once('=') {
        Some((name, value)) if !name.trim().is_empty() => Ok((name.trim().to_string(), value.to_string())),
        _ => Err("write NAME=VALUE, like n=20".into()),
    }
}

fn parse_seconds(text: &str) -> Result<Duration, String> {
    let seconds = text.parse::<f64>().ok().filter(|seconds| *seconds > 0.0);
    let duration = seconds.and_then(|seconds| Duration::try_from_secs_f64(seconds).ok());
    duration.ok_or_else(|| "not a number of seconds above 0".into())
}

fn parse_seed(text: &str) -> Result<u64, String> {
    text.parse().map_err(|_| format!("a seed is a whole number from 0 to {}", u64::MAX))
}

fn parse_passes(text: &str) -> Result<u32, String> {
    let passes = text.parse().ok().filter(|passes| *passes > 0);
    passes.ok_or_else(|| format!("passes are a whole number from 1 to {}", u32::MAX))
}

fn parse_operations(text: &str) -> Result<u64, String> {
    text.parse().map_err(|_| "operations are a whole number; 0 means as many as the time allows".into())
}

/// Bytes, with K, M or G for their 1024-fold, its 1024-fold and so on.
fn parse_size_of_memory(text: &str) -> Result<usize, String> {
    let (number, unit) = match text.trim_end_matches(['B', 'b']).strip_suffix(['K', 'k', 'M', 'm', 'G', 'g']) {
        Some(number) => (number, text.trim_end_matches(['B', 'b']).chars().last()),
        None => (text, None),
    };
    let scale = match unit.map(|u| u.to_ascii_uppercase()) {
        Some('K') => 1024.0,
        Some('M') => 1048576.0,
        Some('G') => 1073741824.0,
        _ => 1.0,
    };
    let bytes = number.trim().parse::<f64>().ok().map(|x| x * scale).filter(|x| (1.0..=1e18).contains(x));
    bytes.map(|x| x as usize).ok_or_else(|| "a size is a number of bytes, or one with K, M or G: 800M, 4G".into())
}

fn parse_fps(text: &str) -> Result<f64, String> {
    let fps = text.parse().ok().filter(|fps| (0.001..=1000.0).contains(fps));
    fps.ok_or_else(|| "frames per second are a number from 0.001 to 1000".into())
}

#[cfg(feature = "window")]
fn parse_scale(text: &str) -> Result<f32, String> {
    let scale = text.parse().ok().filter(|scale| (1.0..=8.0).contains(scale));
    scale.ok_or_else(|| "a scale is a number from 1 to 8".into())
}

fn parse_threads(text: &str) -> Result<usize, String> {
    const MOST: usize = 1024;
    match text.parse::<usize>() {
        Ok(threads) if threads <= MOST => Ok(threads),
        _ => Err(format!("threads are a whole number from 1 to {MOST}; 0 means all cores")),
    }
}

fn parse_path_seg_range(text: &str) -> Result<(u32, u32), String> {
    let number = |part: &str| part.trim().parse::<u32>().ok().filter(|&n| n > 0);
    match text.split_once(',').map(|(least, most)| (number(least), number(most))) {
        Some((Some(least), Some(most))) if least <= most => Ok((least, most)),
        _ => Err("write two numbers like 2,6: the first is at least 1, the second no smaller".into()),
    }
}

fn parse_count(text: &str) -> Result<usize, String> {
    match text.parse() {
        // A few are removed to measure a rebuild.
        Ok(count) if (16..=100_000_000).contains(&count) => Ok(count),
        _ => Err("a number from 16 to 100000000".into()),
    }
}

/// `null`, which traces nothing, is for tests and not listed.
fn parse_device(text: &str) -> Result<DeviceChoice, String> {
    match text.split_once(':').map_or((text, None), |(kind, index)| (kind, Some(index))) {
        ("auto", None) => Ok(DeviceChoice::Auto),
        ("cpu", None) => Ok(DeviceChoice::Cpu),
        ("null", None) => Ok(DeviceChoice::Null),
        ("optix", None) => Ok(DeviceChoice::Optix(None)),
        ("optix", Some(index)) => match index.parse() {
            Ok(index) => Ok(DeviceChoice::Optix(Some(index))),
            Err(_) => Err(format!("`{index}` is not the number of a card; write optix:0")),
        },
        _ => Err("the devices are auto, cpu and optix".into()),
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use clap::CommandFactory;

    #[test]
    fn the_definition_is_consistent() {
        Cli::command().debug_assert();
    }

    #[test]
    fn ranges() {
        let range = |text: &str| text.parse::<FrameRange>();
        assert_eq!(range("7"), Ok(FrameRange { start: 7, end: 7, step: 1 }));
        assert_eq!(range("0-99:2"), Ok(FrameRange { start: 0, end: 99, step: 2 }));
        for (text, fact) in [
            ("9-3", "the range is empty: 9 comes after 3"),
            ("0-9:0", "the step is at least 1"),
            ("a-9", "`a` is not a frame number"),
            ("-3", "frames are numbered from 0"),
            ("3-", "`` is not a frame number"),
            ("99999999999999", "frame numbers end at"),
        ] {
            assert!(range(text).unwrap_err().contains(fact), "{text}");
        }
    }

    #[test]
    fn sizes_and_devices() {
        assert_eq!("640x480".parse(), Ok(Size(640, 480)));
        for text in ["640", "0x4", "4x0", "-4x4", "1e3x4", "999999999x1", "30000x30000"] {
            assert!(text.parse::<Size>().is_err(), "{text}");
        }
        assert_eq!(parse_device("optix:1"), Ok(DeviceChoice::Optix(Some(1))));
        assert!(parse_device("gpu").is_err());
        for (text, bytes) in
            [("1000", 1000), ("800M", 800 << 20), ("1.5G", 3 << 29), ("64kb", 64 << 10), ("2GB", 2 << 30)]
        {
            assert_eq!(parse_size_of_memory(text), Ok(bytes), "{text}");
        }
        for text in ["", "M", "-1M", "4T", "nan", "0"] {
            assert!(parse_size_of_memory(text).is_err(), "{text}");
        }
        assert_eq!(parse_set("a=b=c"), Ok(("a".into(), "b=c".into())));
        assert!(parse_set("=1").is_err() && parse_set("a").is_err());
    }

    #[test]
    fn numbers_out_of_range_name_the_range() {
        for (arguments, fact) in [
            ("--seed -1", "a seed is a whole number from 0 to 18446744073709551615"),
            ("--passes 0", "passes are a whole number from 1 to 4294967295"),
            ("--passes many", "passes are a whole number from 1"),
            ("--fps 0", "frames per second are a number from 0.001 to 1000"),
            ("--fps NaN", "frames per second are a number"),
            ("--threads -1", "threads are a whole number from 1 to 1024; 0 means all cores"),
            ("--max-operations -1", "operations are a whole number"),
        ] {
            let line = ["plotrt", "render", "a.rhai"].into_iter().chain(arguments.split(' '));
            let error = Cli::try_parse_from(line).err().map(|e| e.to_string()).unwrap_or_default();
            assert!(error.contains(fact), "{arguments}: {error}");
            assert!(error.contains(arguments.split(' ').next().unwrap()), "{arguments}: {error}");
        }
    }
}
