//! A program that uses `cust` links and runs, with a driver and without.

use cust::device::Device;
use cust::error::CudaError;
use cust::memory::{CopyDestination, DeviceBuffer};
use cust::stream::{Stream, StreamFlags};

#[test]
fn cust_works_where_there_is_a_driver_and_reports_an_error_where_there_is_none() {
    if let Err(error) = cuda_lazy::load() {
        assert!(error.to_string().contains(cuda_lazy::LIBRARY), "{error}");
        assert_eq!(cust::init(cust::CudaFlags::empty()), Err(CudaError::NoDevice));
        assert_eq!(Device::num_devices(), Err(CudaError::NoDevice));
        return;
    }
    match cust::quick_init() {
        Err(CudaError::NoDevice) => {}
        Err(error) => panic!("{error:?}"),
        Ok(_context) => {
            let stream = Stream::new(StreamFlags::NON_BLOCKING, None).unwrap();
            let buffer = DeviceBuffer::from_slice(&[1.0f32, 2.0, 3.0]).unwrap();
            stream.synchronize().unwrap();
            let mut back = [0.0f32; 3];
            buffer.copy_to(&mut back).unwrap();
            assert_eq!(back, [1.0, 2.0, 3.0]);
        }
    }
}
