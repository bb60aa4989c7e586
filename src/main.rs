//! The `plotrt` command: everything is in the library; this turns its one result into one exit code.

fn main() -> std::process::ExitCode {
    plotrt::cli::main()
}
