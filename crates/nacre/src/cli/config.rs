//! `nacre config`: the reference, printed from the flags themselves.

use super::exit::Failure;
use super::output::data;

/// Show the configuration reference.
#[derive(Debug, clap::Args)]
pub struct Args {}

pub fn run(_: Args, command: clap::Command) -> Result<(), Failure> {
    data(format_args!("# Configuration\n"));
    data(format_args!(
        "A setting comes from a file (`--config`, TOML), the environment, or a flag; the later wins.\n"
    ));
    data(format_args!("| flag | environment | in the file | meaning |\n| --- | --- | --- | --- |"));
    let serve = command.find_subcommand("serve").cloned().unwrap_or_default();
    for arg in serve.get_arguments() {
        let (Some(flag), Some(env)) = (arg.get_long(), arg.get_env()) else { continue };
        let help = arg.get_long_help().or(arg.get_help()).map(ToString::to_string).unwrap_or_default();
        let key = if flag == "config" { String::new() } else { format!("`{}`", flag.replace('-', "_")) };
        let env = env.to_string_lossy();
        data(format_args!("| `--{flag}` | `{env}` | {key} | {} |", help.replace('\n', " ")));
    }
    Ok(())
}
