//! Runs every script of `tests/suite` as `plotrt check` does and compares what it finds with the comments in the
//! script: `//~ part of the message` stands on the line of an expected error, `//~ warning: …` of a warning.

use plotrt::Error;
use plotrt::script::{Finding, Limits, Script, ScriptOptions, Severity, check};
use std::path::{Path, PathBuf};
use std::time::Duration;

#[global_allocator]
static ALLOCATOR: plotrt::memory::Counting = plotrt::memory::Counting;

/// Longest that a call of a script may take.
const LIMIT: Duration = Duration::from_secs(20);

fn scripts() -> Vec<PathBuf> {
    let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/suite");
    let mut scripts: Vec<PathBuf> = std::fs::read_dir(folder).unwrap().map(|e| e.unwrap().path()).collect();
    scripts.retain(|p| p.extension().is_some_and(|e| e == "rhai"));
    scripts.sort();
    assert!(scripts.len() > 10);
    scripts
}

/// File name, line and text of each expectation, in a script and the modules beside it.
fn expected(script: &Path) -> Vec<(String, usize, String)> {
    // A script may import what is not there.
    let Ok(text) = std::fs::read_to_string(script) else { return Vec::new() };
    let name = script.file_name().unwrap().to_string_lossy().into_owned();
    let mut found: Vec<_> = text
        .lines()
        .enumerate()
        .filter_map(|(i, line)| Some((name.clone(), i + 1, line.split_once("//~ ")?.1.trim().to_string())))
        .collect();
    for line in text.lines() {
        if let Some(path) = line.strip_prefix("import \"").and_then(|rest| rest.split('"').next()) {
            found.extend(expected(&script.with_file_name("").join(format!("{path}.rhai"))));
        }
    }
    found
}

fn show(error: &Error, warning: bool) -> (String, usize, String) {
    let (file, line) = error.place.as_ref().map_or((String::new(), 0), |p| {
        (Path::new(&p.file).file_name().unwrap().to_string_lossy().into_owned(), p.line)
    });
    (file, line, format!("{}{}", if warning { "warning: " } else { "" }, error.message))
}

fn all_problems(script: &Path) -> Vec<(String, usize, String)> {
    let script = match Script::load_for_check(script, ScriptOptions::default()) {
        Ok(script) => script,
        Err(error) => return vec![show(&error, false)],
    };
    let show_finding = |f: Finding| show(&f.error, f.severity == Severity::Warning);
    let mut problems: Vec<_> = check(&script).unwrap().into_iter().map(show_finding).collect();
    let ran = plotrt::engine::dry_run(script, 3, LIMIT, Vec::new());
    problems.extend(ran.errors.iter().map(|error| show(error, false)));
    // Suites are not about pictures: most have no plot.
    let placed = ran.warnings.iter().filter(|warning| !warning.message.starts_with("no image shows anything"));
    problems.extend(placed.map(|warning| show(warning, true)));
    problems
}

#[test]
fn scripts_give_the_errors_that_they_announce() {
    for script in scripts() {
        let (expected, found) = (expected(&script), all_problems(&script));
        let fits = |(file, line, part): &(String, usize, String), found: &(String, usize, String)| {
            (file, line) == (&found.0, &found.1) && found.2.contains(part.as_str())
        };
        for e in &expected {
            assert!(found.iter().any(|f| fits(e, f)), "{}: nothing says {e:?}; found {found:#?}", script.display());
        }
        for f in &found {
            // What runs in the wrong after a mistake may be told in other words, on the same line.
            let known = expected.iter().any(|e| (&e.0, e.1) == (&f.0, f.1));
            assert!(known, "{}: unexpected {f:?}", script.display());
        }
    }
}

/// A small generator: the same mutations in every run.
struct Random(u64);

impl Random {
    fn below(&mut self, n: usize) -> usize {
        self.0 = self.0.wrapping_mul(6_364_136_223_846_793_005).wrapping_add(1_442_695_040_888_963_407);
        (self.0 >> 33) as usize % n.max(1)
    }
}

/// Pieces that break things in interesting ways.
const PIECES: &[&str] = &[
    "(",
    ")",
    "{",
    "}",
    "[",
    "]",
    ";",
    ",",
    ".",
    "::",
    "=",
    "==",
    "+",
    "-",
    "/",
    "**",
    "!",
    "|",
    "#{",
    "..",
    "\"",
    "`",
    "${",
    "let ",
    "const ",
    "fn ",
    "import ",
    "export ",
    "return ",
    "throw ",
    "for ",
    "in ",
    "while ",
    "loop ",
    "switch ",
    "try ",
    "catch ",
    "this",
    "rt",
    "delta",
    "u",
    "0",
    "-1",
    "1e300",
    "9223372036854775807",
    "()",
    "\n",
    "é",
    "\u{0}",
    "Fn(\"compute\")",
    "|x| x",
    "blob(-1)",
    "param(\"n\", 1)",
    "global::",
    "type_of(",
    "curry(",
    ".call(",
    ".map(|v| v)",
    "rt.set_data(\"p\", #{ pos: u })",
    "rt.render(#{})",
    "compute(rt, delta)",
    ".pad(99999999999, u)",
    "u = [u, u];",
];

#[test]
fn mutated_scripts_never_panic() {
    let mut sources: Vec<String> = scripts().iter().map(|s| std::fs::read_to_string(s).unwrap()).collect();
    for name in ["animation.rhai", "animation_loops.rhai", "galaxies.rhai"] {
        let gallery = Path::new(env!("CARGO_MANIFEST_DIR")).join("scripts").join(name);
        sources.push(std::fs::read_to_string(gallery).unwrap());
    }
    let mut random = Random(2024);
    for round in 0..300 {
        let mut text = sources[random.below(sources.len())].clone();
        for _ in 0..=random.below(4) {
            let boundary = |text: &str, at: usize| (at..=text.len()).find(|&i| text.is_char_boundary(i)).unwrap();
            let start = boundary(&text, random.below(text.len() + 1));
            let end = boundary(&text, (start + random.below(12)).min(text.len()));
            let piece = if random.below(4) == 0 { "" } else { PIECES[random.below(PIECES.len())] };
            text.replace_range(start..end, piece);
        }
        let limits = Limits { max_operations: 20_000, memory: 16 << 20, ..Limits::default() };
        let options = ScriptOptions { limits, ..ScriptOptions::default() };
        let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/suite");
        let Ok(script) = Script::from_source("mutated.rhai", &text, &folder, options) else { continue };
        let findings = check(&script).unwrap_or_else(|e| panic!("round {round}: {e}\n{text}"));
        let mut errors: Vec<Error> = findings.into_iter().map(|f| f.error).collect();
        errors.extend(plotrt::engine::dry_run(script, 1, LIMIT, Vec::new()).errors);
        for error in errors {
            assert!(!error.message.starts_with("internal error"), "round {round}: {error:?}\n{text}");
            plotrt::script::render_error(&error, false);
        }
    }
}
