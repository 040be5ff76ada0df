//! A record: one accepted command as a fact. The journal is the list of them.

use std::sync::Arc;

use crate::change::Change;
use crate::id::{Actor, Seq, TenantId};
use crate::time::Instant;

/// Who, when, by which command, caused by what, and what changed.
#[derive(Debug, Clone, PartialEq)]
pub struct Record {
    /// Position in the tenant's journal.
    pub seq: Seq,
    /// When it was decided; never earlier than the record before it.
    pub at: Instant,
    /// Whose journal.
    pub tenant: TenantId,
    /// Who caused it.
    pub actor: Actor,
    /// Name of the command, such as `entity.create`.
    pub command: Arc<str>,
    /// The record that caused this one, if a rule or a service did.
    pub cause: Option<Seq>,
    /// The client's idempotency key and a digest of its request: a retry finds this record.
    pub idempotency: Option<(Arc<str>, u64)>,
    /// Sixteen unguessable bytes: they make the commitment to `changes` say nothing once these are erased.
    pub salt: [u8; 16],
    /// What changed, in order.
    pub changes: Vec<Change>,
}
