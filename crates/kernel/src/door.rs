//! The authorisation door: every read and every command passes it (invariant 6).
//!
//! The kernel asks, a policy answers. Policies live in the `access` crate; the kernel only makes sure that
//! there is no way round.

use std::sync::Arc;

use nacre_model::{Actor, Entity, TenantId};

use crate::refusal::Refusal;

/// Who asks, as an edge has established it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Principal {
    /// The name written into records.
    pub actor: Actor,
}

impl Principal {
    /// The platform itself: seeding, rebuilds, timers.
    pub fn system(part: &str) -> Principal {
        Principal { actor: Actor::new(&format!("system:{part}")) }
    }
}

/// What is about to be done.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Right {
    /// See current state and history.
    Read,
    /// Run the command of this name.
    Command(&'static str),
    /// See the journal and its proofs.
    Audit,
    /// Look after the platform: backups, tenants.
    Operate,
}

impl Right {
    /// How the right is called in messages and policies.
    pub fn name(self) -> &'static str {
        match self {
            Right::Read => "read",
            Right::Command(name) => name,
            Right::Audit => "audit",
            Right::Operate => "operate",
        }
    }
}

/// A policy.
pub trait Door: Send + Sync {
    /// May the principal do this in the tenant at all?
    fn permit(&self, principal: &Principal, tenant: &TenantId, right: Right) -> Result<(), Refusal>;

    /// May the principal do this to the entity? Asked for each entity a read would show and a command would touch.
    fn permit_entity(
        &self,
        principal: &Principal,
        tenant: &TenantId,
        right: Right,
        entity: &Entity,
    ) -> Result<(), Refusal>;

    /// Does the principal see every entity? Only then may a count come from a counter.
    fn sees_all(&self, principal: &Principal, tenant: &TenantId) -> bool;
}

/// A shared policy.
pub type SharedDoor = Arc<dyn Door>;
