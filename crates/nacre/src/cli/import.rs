//! `nacre import`.

use super::exit::Failure;

/// See `nacre help`.
#[derive(Debug, clap::Args)]
pub struct Args {}

pub fn run(_: Args) -> Result<(), Failure> {
    Err(Failure::failed("not there yet"))
}
