//! What every route is given.

use std::collections::HashSet;
use std::sync::Arc;

use nacre_channels::Messenger;
use nacre_kernel::door::Principal;
use nacre_kernel::{Kernel, Tenant};
use nacre_ledger::VerifierKey;
use nacre_model::{Iri, TenantId};
use nacre_outbound::Outbound;
use nacre_wire_ngsi_ld::context::Context;
use parking_lot::{Mutex, RwLock};

use crate::explore::search::Names;
use crate::plan::facts::Snapshot;
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
    /// Packs that are loaded, in order.
    pub packs: Vec<Arc<nacre_pack::Pack>>,
    /// Code of the district, GB/T 2260.
    pub district_code: Option<String>,
    /// Sources that any picture of the map names.
    pub attribution: Vec<String>,
    /// What lies inside the district.
    pub outline: Option<crate::outline::Outline>,
    /// Where people reach this server; no slash at the end.
    pub public_url: String,
    /// Folder in which files are kept by digest; without it they are not kept.
    pub files: Option<std::path::PathBuf>,
}

impl Default for Settings {
    fn default() -> Settings {
        Settings {
            body_bytes_max: 8 << 20,
            temporal_instances_max: 1_000,
            log_origin: "nacre.local/district".into(),
            district: ("未指定城区".into(), "no district".into()),
            type_titles: std::collections::HashMap::new(),
            packs: Vec::new(),
            district_code: None,
            attribution: Vec::new(),
            outline: None,
            public_url: "http://127.0.0.1:8080".into(),
            files: None,
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
    governed: HashSet<Iri>,
    snapshots: Mutex<Vec<Arc<Snapshot>>>,
    names: Mutex<Names>,
    plan_lock: Arc<tokio::sync::Mutex<()>>,
    operations: nacre_operations::Operations,
    file_turns: Arc<tokio::sync::Semaphore>,
    public_pace: Mutex<(i64, usize)>,
    trial_pace: Mutex<(i64, usize)>,
    ingest_link: Arc<dyn crate::devices::ingest::Link>,
    messenger: Messenger,
}

impl App {
    /// Puts the parts together.
    #[allow(clippy::too_many_arguments)]
    pub fn new(
        kernel: Kernel,
        operations: nacre_operations::Operations,
        ingest_link: Arc<dyn crate::devices::ingest::Link>,
        settings: Settings,
        outbound: Outbound,
        checkpoints: Checkpoints,
        log_key: Option<VerifierKey>,
        messenger: Messenger,
    ) -> App {
        let ngsi_ld = crate::ngsi_ld::State::default();
        let types = settings.packs.iter().flat_map(|p| p.types.values()).filter(|t| t.governed);
        let governed = types.filter_map(|t| Context::core().expand(&t.name).ok()).collect();
        App(Arc::new(Inner {
            governed,
            kernel,
            settings,
            outbound,
            checkpoints,
            log_key,
            ngsi_ld,
            snapshots: Mutex::default(),
            names: Mutex::default(),
            plan_lock: Arc::default(),
            operations,
            file_turns: Arc::new(tokio::sync::Semaphore::new(2)),
            public_pace: Mutex::default(),
            trial_pace: Mutex::default(),
            ingest_link,
            messenger,
        }))
    }

    /// The kernel.
    pub fn kernel(&self) -> &Kernel {
        &self.0.kernel
    }

    /// What follows from records by itself: cases, terms, rules.
    pub fn operations(&self) -> &nacre_operations::Operations {
        &self.0.operations
    }

    /// Whatever carries devices: a broker, or brokers outside.
    pub fn ingest_link(&self) -> &dyn crate::devices::ingest::Link {
        &*self.0.ingest_link
    }

    /// Sends notices out of the house.
    pub fn messenger(&self) -> &Messenger {
        &self.0.messenger
    }

    /// Turns of those who read pictures.
    pub(crate) fn file_turns(&self) -> Arc<tokio::sync::Semaphore> {
        self.0.file_turns.clone()
    }

    /// Refuses more than so many reports of citizens in a minute.
    pub(crate) fn public_pace(&self, most: usize) -> Result<(), Problem> {
        let detail = "上报太多，请一分钟后再试。 / Too many reports; try again in a minute.";
        self.paced(&self.0.public_pace, most, "too_many_reports", detail)
    }

    /// Refuses more than thirty test messages in a minute.
    pub(crate) fn trial_pace(&self) -> Result<(), Problem> {
        let detail = "测试太多，请一分钟后再试。 / Too many tests; try again in a minute.";
        self.paced(&self.0.trial_pace, 30, "too_many_tests", detail)
    }

    fn paced(
        &self,
        pace: &Mutex<(i64, usize)>,
        most: usize,
        code: &str,
        detail: &str,
    ) -> Result<(), Problem> {
        let minute = self.tenant(None)?.now().0 / 60_000;
        let mut pace = pace.lock();
        if pace.0 != minute {
            *pace = (minute, 0);
        }
        pace.1 += 1;
        if pace.1 > most {
            let problem = Problem::new(axum::http::StatusCode::TOO_MANY_REQUESTS, code, detail);
            return Err(Problem { retry_after_s: Some(60), ..problem });
        }
        Ok(())
    }

    /// Whether a place lies in the district; everywhere does where its outline is not known.
    pub fn inside_district(&self, place: nacre_model::Position) -> bool {
        self.0.settings.outline.as_ref().is_none_or(|outline| outline.contains(place))
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

    /// Keeps a file by its digest, beside the data.
    pub fn keep_file(&self, sha256: &str, bytes: &[u8]) -> Result<(), Problem> {
        let Some(dir) = &self.0.settings.files else { return Ok(()) };
        let failed = |e: std::io::Error| {
            Problem::new(axum::http::StatusCode::INSUFFICIENT_STORAGE, "file_not_kept", e.to_string())
        };
        std::fs::create_dir_all(dir).map_err(failed)?;
        let (path, part) = (dir.join(sha256), dir.join(format!("{sha256}.new")));
        let written = std::fs::File::create(&part).and_then(|mut file| {
            std::io::Write::write_all(&mut file, bytes)?;
            file.sync_all()
        });
        written.and_then(|()| std::fs::rename(&part, &path)).map_err(failed)
    }

    /// A file that was kept, when it still has its digest.
    pub fn kept_file(&self, sha256: &str) -> Option<Vec<u8>> {
        let plain = sha256.len() == 64 && sha256.bytes().all(|b| b.is_ascii_hexdigit());
        let bytes = std::fs::read(self.0.settings.files.as_ref().filter(|_| plain)?.join(sha256)).ok()?;
        (hex::encode(<sha2::Sha256 as sha2::Digest>::digest(&bytes)) == sha256).then_some(bytes)
    }

    /// The small picture of a picture that was kept.
    pub fn kept_thumbnail(&self, sha256: &str) -> Option<Vec<u8>> {
        let plain = sha256.len() == 64 && sha256.bytes().all(|b| b.is_ascii_hexdigit());
        let name = format!("{sha256}.thumbnail");
        std::fs::read(self.0.settings.files.as_ref().filter(|_| plain)?.join(name)).ok()
    }

    /// The first bytes of a file that was kept, and how long it is.
    pub fn file_head(&self, sha256: &str) -> Option<(Vec<u8>, u64)> {
        let plain = sha256.len() == 64 && sha256.bytes().all(|b| b.is_ascii_hexdigit());
        let file =
            std::fs::File::open(self.0.settings.files.as_ref().filter(|_| plain)?.join(sha256)).ok()?;
        let length = file.metadata().ok()?.len();
        let mut head = Vec::new();
        std::io::Read::read_to_end(&mut std::io::Read::take(file, 32), &mut head).ok()?;
        Some((head, length))
    }

    /// Everything known of the plan, at the records people looked at last.
    pub(crate) fn snapshots(&self) -> &Mutex<Vec<Arc<Snapshot>>> {
        &self.0.snapshots
    }

    /// Types whose entities change by verbs only, expanded.
    pub(crate) fn governed(&self) -> &HashSet<Iri> {
        &self.0.governed
    }

    /// Names of entities.
    pub(crate) fn names(&self) -> &Mutex<Names> {
        &self.0.names
    }

    /// Held while a verb of the plan reads, decides and writes: of two at one moment the second sees the first.
    pub(crate) async fn plan_lock(&self) -> tokio::sync::OwnedMutexGuard<()> {
        self.0.plan_lock.clone().lock_owned().await
    }

    /// The newest signed checkpoint of a tenant's log.
    pub fn checkpoint(&self, tenant: &TenantId) -> Option<Arc<str>> {
        self.0.checkpoints.read().get(tenant).cloned()
    }

    /// The key that verifies checkpoints.
    pub fn log_key(&self) -> Option<&VerifierKey> {
        self.0.log_key.as_ref()
    }

    /// Who asks. While the door is open: the post the request states, else the owner.
    pub fn principal(&self) -> Principal {
        crate::plan::post::acting().unwrap_or_else(nacre_access::owner)
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
