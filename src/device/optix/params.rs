//! Constants shared by `kernels/optix/params.h` and Rust, beside the structs in [`crate::device::layout`].

/// Threads of a block of every kernel that is not an OptiX program: `kBlock`.
pub const BLOCK: u32 = 256;
/// Threads of a launch for each multiprocessor: `kThreads`.
pub const THREADS: u32 = 2048;
/// Floats of a packed sphere: `kSphereFloats`.
pub const SPHERE_FLOATS: usize = 4;
/// Floats of a packed frame of edges: `kFrameFloats`.
pub const FRAME_FLOATS: usize = 12;
/// Floats of scratch space of the denoiser for a pixel: `kDenoiseFloats`.
pub const DENOISE_FLOATS: usize = 18;

#[cfg(test)]
mod tests {
    use super::*;

    /// The value of a name in the header.
    fn in_header(name: &str) -> u64 {
        let header = include_str!("../../../kernels/optix/params.h");
        let text = header.split(&format!("{name} = ")).nth(1).unwrap_or_else(|| panic!("no {name}"));
        text.chars().take_while(char::is_ascii_digit).collect::<String>().parse().unwrap()
    }

    #[test]
    fn numbers_are_those_of_the_header() {
        assert_eq!(u64::from(BLOCK), in_header("kBlock"));
        assert_eq!(u64::from(THREADS), in_header("kThreads"));
        assert_eq!(SPHERE_FLOATS as u64, in_header("kSphereFloats"));
        assert_eq!(FRAME_FLOATS as u64, in_header("kFrameFloats"));
        assert_eq!(DENOISE_FLOATS as u64, in_header("kDenoiseFloats"));
    }
}
