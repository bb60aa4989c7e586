//! A thousand edits of a running script: good ones, broken ones, half-written ones. The test is alone in its process,
//! whose memory and threads it counts.

use plotrt::device::null::NullDevice;
use plotrt::engine::*;
use plotrt::script::{Edited, Script, ScriptOptions};
use std::path::Path;
use std::sync::Arc;
use std::time::{Duration, Instant};

/// Long enough for a very busy machine; only a failing test waits for it.
const PATIENCE: Duration = Duration::from_secs(20);

const EDITS: usize = 1000;
/// Growth of memory after the first fifth of the edits that counts as noise, bytes: a third of a MiB was measured,
/// and eleven with all scripts kept.
const MORE_MEMORY: usize = 4 << 20;

const GOOD: &str = r#"// Points on a spiral that turns.
let count = param("count", 20, #{ min: 1, max: 50 });
let speed = param("speed", 0.125);
let t = 0;
let pos = [];

fn place(i) {
    let angle = i * 0.5;
    [sin(angle) * i, i * 0.25, cos(angle) * i]
}

fn init(rt) {
    for i in 0..count { pos.push(place(i)); }
    rt.set_data("points", #{ pos: pos, r: 0.3, c: [0.9, 0.5, 0.1] });
    rt.setup_camera("cam", #{ eye: [0, 10, 40], target: [0, 2, 0] });
    rt.setup_light("light", #{ pos: [20, 20, 20], color: 8 });
}

fn compute(rt, delta) {
    t += 1;
    pos[0][1] = sin(t * speed);
}

fn update_data(rt) {
    rt.update_data("points", #{ pos: pos });
    rt.set_background([t, 0, 0]);
}
"#;

/// The SplitMix64 generator.
struct Dice(u64);

impl Dice {
    fn below(&mut self, end: usize) -> usize {
        self.0 = self.0.wrapping_add(0x9e37_79b9_7f4a_7c15);
        let mut z = self.0;
        z = (z ^ (z >> 30)).wrapping_mul(0xbf58_476d_1ce4_e5b9);
        z = (z ^ (z >> 27)).wrapping_mul(0x94d0_49bb_1331_11eb);
        ((z ^ (z >> 31)) % end as u64) as usize
    }
}

/// A text as a user might save it in the middle of work.
fn edit(dice: &mut Dice) -> String {
    let number = dice.below(90) + 10;
    let at = dice.below(GOOD.len());
    let mut lines: Vec<&str> = GOOD.lines().collect();
    let (one, other) = (dice.below(lines.len()), dice.below(lines.len()));
    let replaced = |from: &str, to: String| {
        assert!(GOOD.contains(from), "{from}");
        GOOD.replace(from, &to)
    };
    match dice.below(14) {
        0 => replaced("sin(t * speed)", format!("sin(t * speed) * {number}")),
        1 => replaced("i * 0.25", format!("i * 0.{number}")),
        2 => replaced("t += 1;", format!("t += 1; let s = 0; for i in 0..{number} {{ s += i; }}")),
        3 => replaced("let t = 0", format!("let t = {number}")),
        4 => replaced("r: 0.3", format!("r: 0.{number}")),
        5 => replaced("\"count\", 20", format!("\"count\", {number}")),
        6 => GOOD[..at].to_string(),
        7 => {
            lines.swap(one, other);
            lines.join("\n")
        }
        8 => {
            format!("{}{}{}", &GOOD[..at], ["}", "\"", "`${", "/*", "@#", "fn", "é∂", "\0"][dice.below(8)], &GOOD[at..])
        }
        9 => format!("{GOOD}\nfn compute(rt, delta) {{ }}"),
        10 => String::new(),
        11 => replaced("t += 1;", "t += 1; nope.x = 1;".into()),
        12 => replaced("rt.setup_light", "throw \"here\"; rt.setup_light".into()),
        _ => format!("{}{}", &GOOD[..at], GOOD.lines().skip(one).collect::<Vec<_>>().join("\n")),
    }
}

struct Run {
    engine: Engine,
    script: Arc<Script>,
}

impl Run {
    /// Sends an edited text to the engine; false if it does not compile.
    fn save(&mut self, text: &str) -> bool {
        match Script::from_source("soak.rhai", text, Path::new("."), self.script.options_for_edit()) {
            Ok(script) => {
                self.script = script.clone();
                self.engine.control(Control::Reload { script, anew: false });
                true
            }
            Err(error) => {
                assert!(!error.message.is_empty() && text != GOOD, "{error}");
                false
            }
        }
    }

    fn until<T>(&self, what: &str, wanted: impl Fn(Event) -> Option<T>) -> T {
        let end = Instant::now() + PATIENCE;
        loop {
            match self.engine.events().try_next() {
                Some(Event::Finished(outcome)) => panic!("the run has ended: {outcome:?}"),
                Some(event) => {
                    if let Some(found) = wanted(event) {
                        return found;
                    }
                }
                None => {
                    assert!(Instant::now() < end, "no {what}");
                    std::thread::sleep(Duration::from_micros(200));
                }
            }
        }
    }

    fn reloaded(&self) -> Edited {
        self.until("reload", |event| match event {
            Event::Reloaded { edited, .. } => Some(edited),
            Event::Error(error) => panic!("{error}"),
            _ => None,
        })
    }

    /// A count of rounds of at least `least`, from a frame that is still to come.
    fn count(&self, least: f32) -> f32 {
        self.until("image", |event| match event {
            Event::Frame(frame) => Some(frame.scene.background.x).filter(|t| *t >= least),
            _ => None,
        })
    }
}

fn memory() -> usize {
    let pages = std::fs::read_to_string("/proc/self/statm").expect("Linux reports memory");
    pages.split(' ').nth(1).and_then(|n| n.parse::<usize>().ok()).expect("pages in use") * 4096
}

fn threads() -> usize {
    std::fs::read_dir("/proc/self/task").expect("Linux lists threads").count()
}

/// Seen to fail when edits of functions restart the script.
#[test]
#[cfg(target_os = "linux")]
fn a_thousand_edits_lose_and_leak_nothing() {
    let config = EngineConfig { size: Some((4, 4)), most_rounds: 1000.0, ..EngineConfig::new(Mode::Interactive) };
    let script = Script::from_source("soak.rhai", GOOD, Path::new("."), ScriptOptions::default()).unwrap();
    let engine = Engine::start(script.clone(), Box::new(NullDevice::new()), config).unwrap();
    let mut run = Run { engine, script };
    run.count(1.0);
    let before = threads();
    let (mut dice, mut held, mut broken) = (Dice(7), 0, 0);
    for number in 1..=EDITS {
        let text = edit(&mut dice);
        if run.save(&text) {
            // The engine answers an edit with either a reload or an error.
            run.until("answer", |event| matches!(event, Event::Reloaded { .. } | Event::Error(_)).then_some(()));
        } else {
            broken += 1;
        }
        if number % 50 == 0 {
            // The script may be in any state after the last edit, and an error of an earlier text may still be
            // queued.
            let base = 200 * number;
            let counts = |rate: &str| GOOD.replace("t += 1", rate).replace("let t = 0", &format!("let t = {base}"));
            assert!(run.save(GOOD) && run.save(&counts("t += 1")));
            let mut t = run.count(base as f32 + 1.0);
            for rate in ["t += 2", "t += 3", "t += 1"] {
                assert!(run.save(&counts(rate)));
                assert_eq!(run.reloaded(), Edited::Functions);
                t = run.count(t + 1.0);
            }
        }
        if number == EDITS / 5 {
            held = memory();
        }
    }
    assert!((100..900).contains(&broken), "{broken} texts do not compile");
    let now = memory();
    println!("memory grew by {} KiB", (now as isize - held as isize) / 1024);
    assert!(now < held + MORE_MEMORY, "memory has grown from {held} to {now} bytes");
    assert_eq!(threads(), before);
    run.engine.control(Control::Close);
    run.engine.wait().expect("closing is a normal end");
}
