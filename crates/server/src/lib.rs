//! From configuration to a running server.
//!
//! Reading order: [`config`] → [`telemetry`] → [`seed`] (an empty data directory is filled from a district) →
//! [`notary`] (signs the log's checkpoints) → [`sweeper`] (deletes what has expired) → [`steps`] (cases,
//! terms, rules) → [`edge`] (MQTT) → [`run`].

pub mod config;
pub mod edge;
pub mod notary;
pub mod run;
pub mod seed;
pub mod steps;
pub mod sweeper;
pub mod telemetry;

pub use config::{Config, ConfigError, Layer};
pub use run::{ServeError, serve};
