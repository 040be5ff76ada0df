//! What every route is given.

use std::sync::Arc;

use nacre_kernel::door::Principal;
use nacre_kernel::{Kernel, Tenant};
use nacre_ledger::VerifierKey;
use nacre_model::TenantId;
use parking_lot::RwLock;

use crate::outbound::Outbound;
use crate::problem::Problem;

/// Settings of the routes.
#[derive(Debug, Clone)]
pub struct Settings {
    /// Largest request body, bytes.
    pub body_bytes_max: usize,
    /// Instances of one attribute that an answer about histories shows before it becomes a part (206).
    pub temporal_instances_max: usize,
    /// Origin of the log's checkpoints: the name under which others know this log.
    pub log_origin: String,
    /// Name of the district in Chinese and English, for pages.
    pub district: (String, String),
    /// 中文 titles of types by short name, for pages.
    pub type_titles: std::collections::HashMap<String, String>,
}

impl Default for Settings {
    fn default() -> Settings {
        Settings {
            body_bytes_max: 8 << 20,
            temporal_instances_max: 1_000,
            log_origin: "nacre.local/district".into(),
            district: ("未指定城区".into(), "no district".into()),
            type_titles: std::collections::HashMap::new(),
        }
    }
}

/// The newest signed checkpoint of each tenant's log, as the notary left it.
pub type Checkpoints = Arc<RwLock<std::collections::HashMap<TenantId, Arc<str>>>>;

/// Shared by all routes; cloning is cheap.
#[derive(Clone)]
pub struct App(Arc<Inner>);

struct Inner {
    kernel: Kernel,
    settings: Settings,
    outbound: Outbound,
    checkpoints: Checkpoints,
    log_key: Option<VerifierKey>,
    ngsi_ld: crate::ngsi_ld::State,
}

impl App {
    /// Puts the parts together.
    pub fn new(
        kernel: Kernel,
        settings: Settings,
        outbound: Outbound,
        checkpoints: Checkpoints,
        log_key: Option<VerifierKey>,
    ) -> App {
        let ngsi_ld = crate::ngsi_ld::State::default();
        App(Arc::new(Inner { kernel, settings, outbound, checkpoints, log_key, ngsi_ld }))
    }

    /// The kernel.
    pub fn kernel(&self) -> &Kernel {
        &self.0.kernel
    }

    /// The settings.
    pub fn settings(&self) -> &Settings {
        &self.0.settings
    }

    /// The one way out of the server.
    pub fn outbound(&self) -> &Outbound {
        &self.0.outbound
    }

    /// What the NGSI-LD routes keep: parsed contexts.
    pub fn ngsi_ld(&self) -> &crate::ngsi_ld::State {
        &self.0.ngsi_ld
    }

    /// The newest signed checkpoint of a tenant's log.
    pub fn checkpoint(&self, tenant: &TenantId) -> Option<Arc<str>> {
        self.0.checkpoints.read().get(tenant).cloned()
    }

    /// The key that verifies checkpoints.
    pub fn log_key(&self) -> Option<&VerifierKey> {
        self.0.log_key.as_ref()
    }

    /// Who asks. While the door is open: the owner.
    pub fn principal(&self) -> Principal {
        nacre_access::owner()
    }

    /// The tenant of a platform route.
    pub fn tenant(&self, name: Option<&str>) -> Result<Tenant, Problem> {
        let id = match name {
            None => TenantId::default_tenant(),
            Some(name) => TenantId::new(name).map_err(|e| Problem::bad("invalid_tenant", e.to_string()))?,
        };
        Ok(self.kernel().tenant(&id)?)
    }
}
