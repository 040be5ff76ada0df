//! NGSI-LD (ETSI GS CIM 009 V1.9.1) on the wire: from bytes to commands and back. Pure: no IO, no clock, no
//! state.
//!
//! Reading order: [`errors`] → [`json`], [`datetime`], [`names`] → [`context`] → [`negotiate`] →
//! [`entity_in`] → [`entity_out`] → [`q`], [`geo`], [`scope_q`], [`type_query`] → [`temporal`] → [`subscription`] →
//! [`notification`].

pub mod context;
pub mod datetime;
pub mod entity_in;
pub mod entity_out;
pub mod errors;
pub mod geo;
pub mod json;
pub mod names;
pub mod negotiate;
pub mod notification;
pub mod parameters;
pub mod q;
pub mod scope_q;
pub mod subscription;
pub mod temporal;
pub mod type_query;

pub use context::{Coercion, Context, ContextSource, Resolution, resolve};
pub use errors::{ErrorKind, NgsiError};
