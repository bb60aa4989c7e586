//! A program that uses `cust` links and runs, with a driver and without.

use cust::device::Device;
use cust::error::CudaError;
use cust::memory::{CopyDestination, DeviceBuffer};
use cust::stream::{Stream, StreamFlags};
use libtest_mimic::{Arguments, Completion, Failed, Trial};
use std::process::ExitCode;

fn main() -> ExitCode {
    let tests = vec![
        Trial::ignorable_test("without_a_driver_calls_are_errors", without_a_driver_calls_are_errors),
        Trial::ignorable_test("with_a_gpu_numbers_go_there_and_back", with_a_gpu_numbers_go_there_and_back),
    ];
    libtest_mimic::run(&Arguments::from_args(), tests).exit_code()
}

fn without_a_driver_calls_are_errors() -> Result<Completion, Failed> {
    let Err(error) = cuda_lazy::load() else { return Ok(Completion::ignored_with("there is a driver")) };
    assert!(error.to_string().contains(cuda_lazy::LIBRARY), "{error}");
    assert_eq!(cust::init(cust::CudaFlags::empty()), Err(CudaError::NoDevice));
    assert_eq!(Device::num_devices(), Err(CudaError::NoDevice));
    Ok(Completion::Completed)
}

/// Without a GPU the test is ignored, or fails if `PLOTRT_TEST_DEVICE=optix` requires one.
fn with_a_gpu_numbers_go_there_and_back() -> Result<Completion, Failed> {
    let missing = |reason: String| match std::env::var("PLOTRT_TEST_DEVICE").as_deref() {
        Ok("optix") => Err(format!("no GPU: {reason}").into()),
        _ => Ok(Completion::ignored_with(reason)),
    };
    if let Err(error) = cuda_lazy::load() {
        return missing(error.to_string());
    }
    let _context = match cust::quick_init() {
        Err(CudaError::NoDevice) => return missing("the driver finds none".into()),
        context => context.unwrap(),
    };
    let stream = Stream::new(StreamFlags::NON_BLOCKING, None).unwrap();
    let buffer = DeviceBuffer::from_slice(&[1.0f32, 2.0, 3.0]).unwrap();
    stream.synchronize().unwrap();
    let mut back = [0.0f32; 3];
    buffer.copy_to(&mut back).unwrap();
    assert_eq!(back, [1.0, 2.0, 3.0]);
    Ok(Completion::Completed)
}
