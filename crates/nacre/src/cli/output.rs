//! Where words go: data to standard output, everything else to standard error. A closed pipe ends the program quietly.

use std::fmt;
use std::io::Write;

/// A line of data on standard output.
pub fn data(line: fmt::Arguments<'_>) {
    if writeln!(std::io::stdout().lock(), "{line}").is_err() {
        std::process::exit(0);
    }
}

/// A line for people on standard error.
pub fn say(line: fmt::Arguments<'_>) {
    // Nobody listens: nothing to do about it.
    let _ = writeln!(std::io::stderr().lock(), "{line}");
}
