//! The NGSI-LD API as a client sees it.

mod bad_input;
mod entities;
mod negotiation;
mod notifications;
mod subscriptions;
mod support;
mod temporal;
