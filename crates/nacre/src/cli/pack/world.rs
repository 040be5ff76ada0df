//! The world of a scenario: the types of its packs before the real commands of a kernel in memory, on a manual clock.

use std::sync::Arc;

use nacre_access::{OpenDoor, owner};
use nacre_kernel::open::OpenError;
use nacre_kernel::query::AsOf;
use nacre_kernel::{Command, EntityDraft, Kernel, Options, Refusal, Submission, Tenant};
use nacre_model::{Attribute, EntityId, Instant, ManualClock, TenantId};
use nacre_pack::runner::Refused;
use nacre_pack::scenario::{GivenEntity, Refusal as Reason};
use nacre_pack::{MemoryWorld, TypeDef, World, written};
use nacre_wire_ngsi_ld::Context;
use serde_json::Value as Json;

/// See the module.
pub struct KernelWorld {
    kernel: Kernel,
    tenant: Tenant,
    clock: Arc<ManualClock>,
    /// Asked first: it knows the rules of the types.
    types: MemoryWorld,
    context: Arc<Context>,
}

impl KernelWorld {
    /// An empty world that knows these types.
    pub fn new(types: Vec<Arc<TypeDef>>) -> Result<KernelWorld, OpenError> {
        let clock = Arc::new(ManualClock::default());
        let mut options = Options::new(Arc::new(OpenDoor));
        options.clock = clock.clone();
        let kernel = Kernel::in_memory(options)?;
        let tenant = kernel
            .tenant(&TenantId::default_tenant())
            .map_err(|e| OpenError::Folder { path: "memory".into(), why: e.to_string() })?;
        Ok(KernelWorld { kernel, tenant, clock, types: MemoryWorld::new(types), context: Context::core() })
    }

    /// Ends its threads.
    pub fn close(self) {
        self.kernel.close();
    }

    fn draft(
        &self,
        id: &str,
        types: &[&str],
        attributes: &[(String, Attribute)],
    ) -> Result<EntityDraft, String> {
        let expand = |name: &str| self.context.expand(name).map_err(|e| e.detail);
        let named = |(name, attribute): &(String, Attribute)| Ok((expand(name)?, vec![attribute.clone()]));
        Ok(EntityDraft {
            id: EntityId::new(id).map_err(|e| e.to_string())?,
            types: types.iter().map(|t| expand(t)).collect::<Result<_, _>>()?,
            scopes: None,
            expires_at: None,
            attributes: attributes.iter().map(named).collect::<Result<_, String>>()?,
        })
    }

    fn submit(&self, command: Command) -> Result<(), Refused> {
        let answer = self.tenant.submit_blocking(vec![Submission::new(owner(), command)]).pop();
        answer.map_or(Ok(()), |answer| answer.map(|_| ()).map_err(|e| refused(&e)))
    }

    fn entity(&self, id: &str) -> Option<Arc<nacre_model::Entity>> {
        let id = EntityId::new(id).ok()?;
        self.tenant.entity(&owner(), &id, AsOf::Now).ok().flatten()
    }
}

/// The types have accepted what the kernel refuses: that is told as an entity that is there already, or as one missing.
fn refused(refusal: &Refusal) -> Refused {
    let reason = if matches!(refusal, Refusal::EntityExists(_)) { Reason::Exists } else { Reason::Missing };
    Refused { reason, message: refusal.to_string() }
}

/// What cannot be named is not there.
fn nameless(message: String) -> Refused {
    Refused { reason: Reason::Missing, message }
}

impl World for KernelWorld {
    fn create(&mut self, entity: &GivenEntity) -> Result<(), Refused> {
        self.types.create(entity)?;
        let stored = self.types.stored(&entity.entity_type, &entity.attributes);
        let draft = self.draft(&entity.id, &[&entity.entity_type], &stored).map_err(nameless)?;
        self.submit(Command::CreateEntity(draft))
    }

    fn observe(&mut self, id: &str, attributes: &[(String, Attribute)]) -> Result<(), Refused> {
        self.types.observe(id, attributes)?;
        let stored = self.types.stored(self.types.entity_type(id).unwrap_or_default(), attributes);
        let draft = self.draft(id, &[], &stored).map_err(nameless)?;
        self.submit(Command::AppendAttributes { draft, no_overwrite: false })
    }

    fn advance(&mut self, to: Instant) {
        self.types.advance(to);
        self.clock.set(to);
    }

    fn value(&self, id: &str, attribute: &str) -> Option<Json> {
        let name = self.context.expand(attribute).ok()?;
        let entity = self.entity(id)?;
        entity.instance(name.as_str(), None).map(|i| written::reduced(&i.attribute))
    }

    fn exists(&self, id: &str) -> bool {
        self.entity(id).is_some()
    }
}
