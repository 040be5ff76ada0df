//! Policies behind the kernel's authorisation door.
//!
//! Until people and roles exist there is one: [`OpenDoor`], with which everybody on loopback is the owner. The server
//! refuses to combine it with any other address and says so on every answer.

use nacre_kernel::door::{Door, Principal, Right};
use nacre_kernel::refusal::Refusal;
use nacre_model::{Actor, Entity, TenantId};

/// Everybody may do everything.
#[derive(Debug, Clone, Copy, Default)]
pub struct OpenDoor;

/// Who everybody is while the door is open.
pub fn owner() -> Principal {
    Principal { actor: Actor::new("owner") }
}

impl Door for OpenDoor {
    fn permit(&self, _: &Principal, _: &TenantId, _: Right) -> Result<(), Refusal> {
        Ok(())
    }

    fn permit_entity(&self, _: &Principal, _: &TenantId, _: Right, _: &Entity) -> Result<(), Refusal> {
        Ok(())
    }

    fn sees_all(&self, _: &Principal, _: &TenantId) -> bool {
        true
    }
}
