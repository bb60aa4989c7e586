//! Runs the programs in `examples/`, which `cargo test` has built: compares their output with what they promise.

use std::path::{Path, PathBuf};
use std::process::{Command, Output};

/// The executable of an example, beside that of `plotrt`.
fn example(name: &str) -> PathBuf {
    let folder = Path::new(env!("CARGO_BIN_EXE_plotrt")).parent().unwrap().join("examples");
    let path = folder.join(format!("{name}{}", std::env::consts::EXE_SUFFIX));
    assert!(path.exists(), "{} is missing: run `cargo build --examples` first", path.display());
    path
}

fn run(name: &str, args: &[&str]) -> Output {
    let output = Command::new(example(name)).args(args).current_dir(env!("CARGO_MANIFEST_DIR")).output().unwrap();
    assert!(output.status.success(), "{name}: {}", String::from_utf8_lossy(&output.stderr));
    output
}

#[test]
fn a_still_is_traced_from_rust_data() {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("still.png");
    run("still", &[path.to_str().unwrap()]);
    let picture = image::open(&path).unwrap().to_rgb8();
    assert_eq!(picture.dimensions(), (320, 240));
    // The background is black, and the balls are of the colours of fire.
    let lit: Vec<_> = picture.pixels().filter(|p| p[0] > 60).collect();
    assert!((2_000..70_000).contains(&lit.len()), "{} pixels show the balls", lit.len());
    assert!(lit.iter().filter(|p| p[0] > p[2]).count() > lit.len() / 2, "the balls are not red");
    assert!(picture.pixels().any(|p| p.0.iter().all(|&c| c < 3)), "there is no background");
}

#[test]
fn a_script_gives_its_frames() {
    let output = run("script", &["scripts/animation.rhai"]);
    let said = String::from_utf8(output.stdout).unwrap();
    let lines: Vec<&str> = said.lines().collect();
    assert_eq!(lines.len(), 4, "{said}");
    for (number, line) in lines.iter().enumerate() {
        assert!(line.starts_with(&format!("frame {number}: 8 passes, mean value ")), "{line}");
        // Opaque pixels, of which black ones have a mean of 63.75.
        let mean: f64 = line.rsplit(' ').next().unwrap().parse().unwrap();
        assert!((65.0..250.0).contains(&mean), "{line}");
    }
    let missing = Command::new(example("script")).arg("none.rhai").output().unwrap();
    assert!(!missing.status.success());
}

#[test]
fn picking_names_the_plot_and_the_primitive() {
    let said = String::from_utf8(run("picking", &[]).stdout).unwrap();
    assert!(said.starts_with("primitive 4 of `lower`, "), "{said}");
}

/// The one example that needs a display, which is not available to this test.
#[test]
fn a_window_without_a_display_is_an_error() {
    if !cfg!(target_os = "linux") {
        return;
    }
    let mut command = Command::new(example("window"));
    let output = command.arg("1").env_remove("DISPLAY").env_remove("WAYLAND_DISPLAY").output().unwrap();
    assert!(!output.status.success());
    assert!(!output.stderr.is_empty());
}
