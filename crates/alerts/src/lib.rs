//! Alerts as others read them: the warning message of OASIS CAP 1.2, the feed that lists messages, and what channels send.
//! Pure: the time is passed in, texts come out; storing and sending are done elsewhere.
//!
//! Reading order: [`cap`] → [`mod@identifier`] (its number after GB/T 35965.1) → [`atom`] (the list of messages) →
//! [`channels`] (e-mail, webhook, WeCom). [`escape`] and [`local_time`] serve them.
//!
//! Invariants: what is not real never looks real: a simulated alert is an exercise in every form; every text is
//! escaped where it is written.

pub mod atom;
pub mod cap;
pub mod channels;
pub mod escape;
pub mod identifier;
pub mod local_time;

pub use cap::{CapAlert, CapProblem, CapSeverity};
pub use channels::{Channel, ChannelError, Notice};
pub use identifier::{Issuer, identifier};
