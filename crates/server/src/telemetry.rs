//! Structured logs on standard error. Never in a log: bodies, attribute values, keys, credentials.

use tracing_subscriber::EnvFilter;

use crate::config::Config;

/// Starts logging. A second call changes nothing.
pub fn start(config: &Config) {
    // The engine speaks of every table it writes; what concerns an operator comes as a warning.
    let quiet = format!("fjall=warn,lsm_tree=warn,{}", config.log);
    let filter = EnvFilter::try_new(quiet).unwrap_or_else(|_| EnvFilter::new("info"));
    let builder = tracing_subscriber::fmt().with_env_filter(filter).with_writer(std::io::stderr);
    let _ = if config.log_json { builder.json().try_init() } else { builder.try_init() };
}
