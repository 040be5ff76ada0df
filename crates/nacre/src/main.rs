//! The `nacre` command. Data goes to standard output, everything else to standard error; exit codes are stable and
//! listed in [`cli::exit`].

mod cli;

use std::process::ExitCode;

fn main() -> ExitCode {
    cli::main()
}
