//! Numeric arrays in scripts.

mod basics;
mod support;

#[global_allocator]
static ALLOCATOR: plotrt::memory::Counting = plotrt::memory::Counting;
