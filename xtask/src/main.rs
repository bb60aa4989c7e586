//! Developer tasks: `cargo xtask TASK`.

mod kernels;
mod layout;
mod nvrtc;

use std::process::ExitCode;

const USAGE: &str = "\
usage: cargo xtask layout|kernels [--check]

  layout            writes kernels/layout.h from src/device/layout.rs and the enums of src/scene
  kernels           compiles kernels/optix/*.cu to kernels/ptx/*.ptx

With --check nothing is written: the task fails where a committed file is not what its source gives.

The compiler of `kernels` is NVRTC, fetched with `python3 -m pip` into the target folder on first use. No GPU, driver or CUDA
toolkit is needed.";

fn main() -> ExitCode {
    let arguments: Vec<String> = std::env::args().skip(1).collect();
    let arguments: Vec<&str> = arguments.iter().map(String::as_str).collect();
    let result = match arguments[..] {
        ["layout"] => layout::write(),
        ["layout", "--check"] => layout::check(),
        ["kernels"] => kernels::write(),
        ["kernels", "--check"] => kernels::check(),
        _ => {
            eprintln!("{USAGE}");
            return ExitCode::from(2);
        }
    };
    match result {
        Ok(()) => ExitCode::SUCCESS,
        Err(error) => {
            eprintln!("error: {error:#}");
            ExitCode::FAILURE
        }
    }
}
