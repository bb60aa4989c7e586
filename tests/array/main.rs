//! Numeric arrays in scripts.

mod basics;
mod differences;
mod evaluation;
mod functions;
mod numpy;
mod support;

#[global_allocator]
static ALLOCATOR: plotrt::memory::Counting = plotrt::memory::Counting;
