//! Cost of the script part of one frame: `cargo bench --bench script [-- SCRIPT]`.
//!
//! Runs the callbacks of a frame as the engine does (two views, merged), without tracing anything.

use plotrt::cancel::CancelToken;
use plotrt::scene::Scene;
use plotrt::script::{CallContext, Callback, Host, Script, ScriptOptions, merge};
use std::path::{Path, PathBuf};
use std::time::{Duration, Instant};

#[global_allocator]
static ALLOCATOR: plotrt::memory::Counting = plotrt::memory::Counting;

const TIMEOUT: Duration = Duration::from_secs(60);
const FRAMES: u32 = 100;

fn main() -> plotrt::Result<()> {
    let path = std::env::args().skip(1).find(|a| a.ends_with(".rhai"));
    let path = path.map(PathBuf::from).unwrap_or(Path::new(env!("CARGO_MANIFEST_DIR")).join("scripts/animation.rhai"));
    let script = Script::load(&path, ScriptOptions::default())?;
    let mut compute_host = Host::new(&script)?;
    let begin = Instant::now();
    compute_host.run_top_level(&CancelToken::new(), TIMEOUT)?;
    println!("{:<14} {:8.3} ms", "top level", begin.elapsed().as_secs_f64() * 1e3);
    let mut image_host = compute_host.fork()?;
    let mut scene = Scene::default();
    let mut call = |host: &mut Host, callback: Callback| {
        let context = CallContext::new(callback, scene.clone());
        let (context, result) = host.call(context, 4, TIMEOUT);
        scene = context.scene;
        result
    };
    call(&mut compute_host, Callback::Init)?;
    let join = |a: &mut Host, b: &mut Host| merge(a, b).into_iter().next().map_or(Ok(()), Err);
    join(&mut compute_host, &mut image_host)?;
    let mut times = [const { Vec::new() }; 5];
    for _ in 0..FRAMES {
        let mut step = |i: usize, f: &mut dyn FnMut() -> plotrt::Result<()>| {
            let begin = Instant::now();
            f()?;
            times[i].push(begin.elapsed().as_secs_f64() * 1e3);
            plotrt::Result::Ok(())
        };
        step(0, &mut || call(&mut compute_host, Callback::Compute))?;
        step(1, &mut || call(&mut image_host, Callback::UpdateImage))?;
        step(2, &mut || join(&mut compute_host, &mut image_host))?;
        step(3, &mut || call(&mut compute_host, Callback::UpdateData))?;
        step(4, &mut || join(&mut compute_host, &mut image_host))?;
    }
    // The minimum is the cost of the work; the median includes other load on the machine.
    let mut sums = [0.0; 2];
    for (name, times) in ["compute", "update_image", "merge", "update_data", "merge"].iter().zip(&mut times) {
        times.sort_by(f64::total_cmp);
        let (least, median) = (times[0], times[times.len() / 2]);
        sums = [sums[0] + least, sums[1] + median];
        println!("{name:<14} {least:8.3} ms (median of {FRAMES}: {median:.3})");
    }
    println!("{:<14} {:8.3} ms (medians: {:.3})", "frame", sums[0], sums[1]);
    Ok(())
}
