//! The MQTT edge: an embedded broker for MQTT 3.1.1 and 5 whose acknowledgement means *durable*, and a follower of
//! an outside broker that acknowledges as late as the embedded one.
//!
//! Reading order: [`gate`] (what the platform answers: who, what, and whether a message is stored) → [`limits`] →
//! [`topics`] (filters and the tree of subscriptions) → `wire` (packets as one model for both versions) → `routed`
//! and `retained` (a message on its way out) → `session` (what outlives a connection) → `broker` (who is here, and
//! routing) → `handshake`, `inbound`, `connection` (one client) → [`server`] (the listener and its handle) →
//! [`follow`] (the client of an outside broker).
//!
//! Invariants:
//! - PUBACK (QoS 1) and PUBREC (QoS 2) go out only after [`Gate::accept`] said `Ok`, in the order of receipt.
//! - A message is routed to subscribers only after it was accepted, in the order of receipt of its connection.
//! - All that a client can make grow has a limit in [`Limits`]; a slow or broken client costs itself alone.
//! - A client id belongs to the identity that holds its session; nobody else can take it over.

#![cfg_attr(test, allow(clippy::unwrap_used, reason = "a test stops at the first surprise"))]

mod broker;
mod connection;
pub mod follow;
pub mod gate;
mod handshake;
mod inbound;
pub mod limits;
mod retained;
mod routed;
pub mod server;
mod session;
pub mod stats;
pub mod topics;
mod wire;

pub use follow::{FollowStatus, Follower, Outside, follow};
pub use gate::{Accepting, Connect, Gate, Identity, Message, Refused};
pub use limits::Limits;
pub use server::{Handle, serve};
pub use stats::Stats;
