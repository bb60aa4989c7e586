//! Runs an animation script without a window, and receives its frames when they are ready.
//!
//!     cargo run --release --example script -- scripts/animation.rhai

use plotrt::device::{self, DeviceChoice};
use plotrt::engine::{Engine, EngineConfig, Event, Frames, Mode};
use plotrt::script::{Script, ScriptOptions};

/// Lets the host stop a script that allocates without end.
#[global_allocator]
static ALLOCATOR: plotrt::memory::Counting = plotrt::memory::Counting;

fn main() -> plotrt::Result<()> {
    let path = std::env::args().nth(1).unwrap_or_else(|| "scripts/animation.rhai".into());

    // Values for `param` in the script, as `--set` gives them on the command line.
    let options = ScriptOptions { sets: vec![("n".into(), "4".into())], ..ScriptOptions::default() };
    let script = Script::load(path.as_ref(), options)?;
    let device = device::open(&DeviceChoice::Auto, 0)?;
    let frames = Mode::Batch(Frames::range(0, 3));
    let config = EngineConfig { passes: Some(8), size: Some((160, 120)), ..EngineConfig::new(frames) };

    let engine = Engine::start(script, device, config)?;
    while let Some(event) = engine.events().next() {
        match event {
            Event::Frame(event) => {
                // `rgba8` holds 4 bytes of each pixel, row by row from the top.
                let sum: u64 = event.frame.rgba8.iter().map(|&value| u64::from(value)).sum();
                let mean = sum as f64 / event.frame.rgba8.len() as f64;
                println!("frame {}: {} passes, mean value {mean:.1}", event.number, event.frame.passes);
            }
            Event::Error(error) => eprintln!("{error}"),
            Event::Finished(outcome) => return outcome.map(drop),
            _ => {}
        }
    }
    Ok(())
}
