//! The notary: signs the size and root of each tenant's log, once a second while it grows, and keeps what it signed.
//!
//! ```text
//! <data>/keys/log.key                  the private key (Ed25519, C2SP signer form), readable by the owner only
//! <data>/keys/log.pub                  the key that verifies
//! <data>/tenants/<t>/checkpoints/latest       the newest signed note
//! <data>/tenants/<t>/checkpoints/<size>       one a minute at most, and one at each stop
//! ```

use std::collections::HashMap;
use std::io::Write;
use std::os::unix::fs::OpenOptionsExt;
use std::path::{Path, PathBuf};
use std::time::{Duration, Instant};

use nacre_api::Checkpoints;
use nacre_kernel::{Kernel, Tenant};
use nacre_ledger::{Checkpoint, Frontier, SignerKey, VerifierKey};
use nacre_model::TenantId;
use thiserror::Error;

/// How often the newest state is signed.
const SIGN_EVERY: Duration = Duration::from_secs(1);
/// How often a signed note is kept for good.
const KEEP_EVERY: Duration = Duration::from_secs(60);

/// Why the notary cannot work.
#[derive(Debug, Error)]
pub enum NotaryError {
    /// A file cannot be read or written.
    #[error("{path}: {why}")]
    File {
        /// Which.
        path: PathBuf,
        /// Why.
        why: String,
    },
    /// The key file holds no key.
    #[error("{path} holds no signing key: {why}")]
    Key {
        /// Which.
        path: PathBuf,
        /// Why.
        why: String,
    },
}

/// Folder of a tenant's signed checkpoints.
pub fn checkpoints_dir(data: &Path, tenant: &TenantId) -> PathBuf {
    data.join("tenants").join(tenant.as_str()).join("checkpoints")
}

/// See the module.
pub struct Notary {
    data: PathBuf,
    origin: String,
    key: SignerKey,
    published: Checkpoints,
    signed: HashMap<TenantId, (u64, Instant)>,
}

impl Notary {
    /// Reads the key, or makes one on the first start. The key's name is the log's origin.
    pub fn open(data: &Path, origin: &str) -> Result<Notary, NotaryError> {
        let dir = data.join("keys");
        let path = dir.join("log.key");
        let failed = |path: &Path| {
            let path = path.to_owned();
            move |e: std::io::Error| NotaryError::File { path, why: e.to_string() }
        };
        let malformed = |why: String| NotaryError::Key { path: path.clone(), why };
        let key = if path.exists() {
            let text = std::fs::read_to_string(&path).map_err(failed(&path))?;
            SignerKey::parse(text.trim()).map_err(|e| malformed(e.to_string()))?
        } else {
            std::fs::create_dir_all(&dir).map_err(failed(&dir))?;
            let key = SignerKey::from_seed(origin, &rand::random()).map_err(|e| malformed(e.to_string()))?;
            let new = dir.join("log.key.new");
            let mut file = std::fs::OpenOptions::new()
                .write(true)
                .create(true)
                .truncate(true)
                .mode(0o600)
                .open(&new)
                .map_err(failed(&new))?;
            writeln!(file, "{}", key.expose()).map_err(failed(&new))?;
            file.sync_all().map_err(failed(&new))?;
            std::fs::rename(&new, &path).map_err(failed(&path))?;
            key
        };
        let public = dir.join("log.pub");
        std::fs::write(&public, format!("{}\n", key.verifier())).map_err(failed(&public))?;
        let origin = key.name().to_owned();
        Ok(Notary {
            data: data.to_owned(),
            origin,
            key,
            published: Checkpoints::default(),
            signed: HashMap::new(),
        })
    }

    /// Where the newest checkpoints are published.
    pub fn published(&self) -> Checkpoints {
        self.published.clone()
    }

    /// The key that verifies.
    pub fn verifier(&self) -> VerifierKey {
        self.key.verifier()
    }

    /// The origin of a tenant's log: the server's, with the tenant behind it unless it is the default one.
    pub fn origin_of(&self, tenant: &TenantId) -> String {
        if *tenant == TenantId::default_tenant() {
            self.origin.clone()
        } else {
            format!("{}/{tenant}", self.origin)
        }
    }

    /// Signs whatever has grown. `last` keeps every note for good.
    pub fn sign_all(&mut self, kernel: &Kernel, last: bool) {
        for tenant in kernel.tenants() {
            if let Err(error) = self.sign(&tenant, last) {
                tracing::error!(tenant = %tenant.id(), "checkpoint: {error}");
            }
        }
    }

    fn sign(&mut self, tenant: &Tenant, last: bool) -> Result<(), String> {
        let (tiles, size) =
            tenant.log(&nacre_kernel::Principal::system("notary")).map_err(|e| e.to_string())?;
        let known = self.signed.get(tenant.id()).copied();
        if size == 0 || known.is_some_and(|(s, _)| s == size) && !last {
            return Ok(());
        }
        let root = Frontier::from_tiles(&tiles, size).map_err(|e| e.to_string())?.root();
        let checkpoint = Checkpoint::new(self.origin_of(tenant.id()), size, root);
        let note = checkpoint.sign(&self.key).map_err(|e| e.to_string())?.to_string();
        let dir = checkpoints_dir(&self.data, tenant.id());
        let keep = last || known.is_none_or(|(_, kept)| kept.elapsed() >= KEEP_EVERY);
        let io = |e: std::io::Error| e.to_string();
        std::fs::create_dir_all(&dir).map_err(io)?;
        let new = dir.join("latest.new");
        std::fs::write(&new, &note).map_err(io)?;
        std::fs::rename(&new, dir.join("latest")).map_err(io)?;
        if keep {
            std::fs::write(dir.join(format!("{size:020}")), &note).map_err(io)?;
        }
        self.published.write().insert(tenant.id().clone(), note.into());
        let kept_at = if keep { Instant::now() } else { known.map_or_else(Instant::now, |(_, at)| at) };
        self.signed.insert(tenant.id().clone(), (size, kept_at));
        Ok(())
    }

    /// Signs until the sender of `stop` goes away; then once more.
    pub async fn run(mut self, kernel: Kernel, mut stop: tokio::sync::oneshot::Receiver<()>) -> Notary {
        let mut timer = tokio::time::interval(SIGN_EVERY);
        loop {
            tokio::select! {
                _ = timer.tick() => self.sign_all(&kernel, false),
                _ = &mut stop => return self,
            }
        }
    }
}
