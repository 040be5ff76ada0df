//! The `nacre` command. Data goes to standard output, everything else to standard error; exit codes are stable and
//! listed in [`cli::exit`].

mod cli;

use std::process::ExitCode;

/// The system's allocator took a fifth of the processor's time under load (`docs/decisions/0004-http.md`).
#[global_allocator]
static ALLOCATOR: mimalloc::MiMalloc = mimalloc::MiMalloc;

fn main() -> ExitCode {
    cli::main()
}
