//! The `plotrt` command: everything is in the library; this turns its one result into one exit code.

/// Lets the script host stop a script that grows without end.
#[global_allocator]
static ALLOCATOR: plotrt::memory::Counting = plotrt::memory::Counting;

fn main() -> std::process::ExitCode {
    plotrt::cli::main()
}
