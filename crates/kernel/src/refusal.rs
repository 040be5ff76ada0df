//! Why a command or a read was not done. Every refusal has a stable code; nothing was changed when one is
//! returned.

use nacre_model::{EntityId, Iri, TenantId};
use thiserror::Error;

/// Whose fault a refused act is.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Fault {
    /// What was asked makes no sense.
    Invalid,
    /// The state does not allow it (any more).
    Conflict,
    /// Somebody else may do it.
    Forbidden,
    /// What it names is not there.
    Missing,
}

/// A refusal.
#[derive(Debug, Clone, PartialEq, Eq, Error)]
pub enum Refusal {
    /// A service's verb is refused.
    #[error("{detail}")]
    Act {
        /// The service's stable code.
        code: &'static str,
        /// Whose fault.
        fault: Fault,
        /// What was wrong, and what to do.
        detail: String,
    },
    /// The entity does not exist.
    #[error("entity `{0}` does not exist")]
    EntityNotFound(EntityId),
    /// The entity exists already.
    #[error("entity `{0}` exists already")]
    EntityExists(EntityId),
    /// The attribute does not exist.
    #[error("entity `{entity}` has no attribute `{name}`{}", dataset.as_ref().map(|d| format!(" with datasetId `{d}`")).unwrap_or_default())]
    AttributeNotFound {
        /// Which entity.
        entity: EntityId,
        /// Expanded name.
        name: Iri,
        /// Which instance.
        dataset: Option<Iri>,
    },
    /// The instance of history does not exist.
    #[error("entity `{entity}` has no instance `{instance}` of attribute `{name}`")]
    InstanceNotFound {
        /// Which entity.
        entity: EntityId,
        /// Expanded name.
        name: Iri,
        /// The instance id as given.
        instance: String,
    },
    /// The document does not exist.
    #[error("{collection} `{id}` does not exist")]
    DocumentNotFound {
        /// Kind of document.
        collection: String,
        /// Its id.
        id: String,
    },
    /// The document exists already.
    #[error("{collection} `{id}` exists already")]
    DocumentExists {
        /// Kind of document.
        collection: String,
        /// Its id.
        id: String,
    },
    /// The tenant does not exist.
    #[error("tenant `{0}` does not exist")]
    TenantNotFound(TenantId),
    /// What was asked makes no sense.
    #[error("{0}")]
    Invalid(String),
    /// The key was used for another request.
    #[error("the idempotency key `{0}` was used for a different request")]
    IdempotencyConflict(String),
    /// Something given is over a limit.
    #[error("{what} is over the limit of {limit}")]
    TooLarge {
        /// What.
        what: &'static str,
        /// How much is allowed.
        limit: u64,
    },
    /// More results on a page than allowed.
    #[error("a page holds at most {limit} entities")]
    TooManyResults {
        /// How many are allowed.
        limit: u64,
    },
    /// The query would look at too many entities.
    #[error("the query would have to look at more than {limit} entities; narrow it by type, id or area")]
    TooComplex {
        /// How many are allowed.
        limit: u64,
    },
    /// The caller may not do this.
    #[error("{principal} may not {right}: {why}")]
    Forbidden {
        /// Who.
        principal: String,
        /// Which right is missing.
        right: &'static str,
        /// Who can grant it, or which rule refused.
        why: String,
    },
    /// Too much is waiting; try again later.
    #[error("{0} is full; try again in a moment")]
    Overloaded(&'static str),
    /// The journal takes no more: a write or fsync failed, or the disk is full.
    #[error("the journal has stopped: {0}")]
    JournalStopped(String),
    /// The disk is full; nothing acknowledged is lost.
    #[error("the disk is full: {0}")]
    StorageFull(String),
    /// The views cannot answer.
    #[error("the views cannot be read: {0}")]
    ViewsFailed(String),
    /// The platform is stopping.
    #[error("the server is shutting down")]
    ShuttingDown,
}

impl Refusal {
    /// The stable code.
    pub fn code(&self) -> &'static str {
        match self {
            Refusal::Act { code, .. } => code,
            Refusal::EntityNotFound(_) => "entity_not_found",
            Refusal::EntityExists(_) => "entity_exists",
            Refusal::AttributeNotFound { .. } => "attribute_not_found",
            Refusal::InstanceNotFound { .. } => "instance_not_found",
            Refusal::DocumentNotFound { .. } => "document_not_found",
            Refusal::DocumentExists { .. } => "document_exists",
            Refusal::TenantNotFound(_) => "tenant_not_found",
            Refusal::Invalid(_) => "invalid",
            Refusal::IdempotencyConflict(_) => "idempotency_conflict",
            Refusal::TooLarge { .. } => "too_large",
            Refusal::TooManyResults { .. } => "too_many_results",
            Refusal::TooComplex { .. } => "too_complex",
            Refusal::Forbidden { .. } => "forbidden",
            Refusal::Overloaded(_) => "overloaded",
            Refusal::JournalStopped(_) => "journal_stopped",
            Refusal::StorageFull(_) => "storage_full",
            Refusal::ViewsFailed(_) => "views_failed",
            Refusal::ShuttingDown => "shutting_down",
        }
    }
}
