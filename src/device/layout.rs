//! `#[repr(C)]` mirrors of `kernels/layout.h`. A test compares size, alignment and every offset with what the
//! C++ side reports.
