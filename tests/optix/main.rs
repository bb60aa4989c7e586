//! The OptiX device compared with the CPU: the same images, the same results of single kernels, the same guarantees.
//!
//! The executable can be copied to a machine with a GPU, without cargo and the sources. Without a GPU its tests are
//! shown as ignored, with the reason, except those that need none; `PLOTRT_TEST_DEVICE=optix` makes that a failure.

#[path = "../support/mod.rs"]
mod support;

mod bare;
mod bodies;
mod change;
mod denoiser;
mod film;
mod gpu;
mod inputs;
mod lights;
mod memory;
mod names;
mod parity;
mod probes;
mod rays;
mod scenes;
mod specs;

use libtest_mimic::Arguments;
use std::process::ExitCode;

fn main() -> ExitCode {
    let arguments = Arguments::from_args();
    let topics = [
        names::trials,
        parity::trials,
        probes::trials,
        film::trials,
        denoiser::trials,
        change::trials,
        memory::trials,
        bare::trials,
        rays::trials,
    ];
    let trials = topics.into_iter().flat_map(|trials| trials()).collect();
    libtest_mimic::run(&arguments, trials).exit_code()
}
