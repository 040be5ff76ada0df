//! All tenants of a data directory.

use std::collections::BTreeMap;
use std::path::{Path, PathBuf};
use std::sync::Arc;
use std::sync::atomic::Ordering;

use nacre_journal::Recovery;
use nacre_journal::disk::Disk;
use nacre_journal::sim::SimDisk;
use nacre_model::TenantId;
use parking_lot::Mutex;

use crate::open::{self, Folders, OpenError, Running};
use crate::options::Options;
use crate::refusal::Refusal;
use crate::tenant::Tenant;

/// Most tenants of one server.
pub const TENANTS_MAX: usize = 256;

/// See the module.
#[derive(Clone)]
pub struct Kernel(Arc<Inner>);

struct Inner {
    place: Place,
    options: Options,
    tenants: Mutex<BTreeMap<TenantId, Running>>,
}

/// Where tenants are kept.
enum Place {
    /// A data directory.
    Folder(PathBuf),
    /// A sound disk in memory for each.
    Memory,
    /// The journals on this disk, the views in memory.
    Disk(Arc<dyn Disk>),
}

impl Kernel {
    /// Opens every tenant of a data directory; the default tenant is made if there is none.
    pub fn open(data: &Path, options: Options) -> Result<Kernel, OpenError> {
        let place = Place::Folder(data.to_owned());
        let kernel = Kernel(Arc::new(Inner { place, options, tenants: Mutex::default() }));
        let mut ids = tenants_in(data)?;
        if !ids.contains(&TenantId::default_tenant()) {
            ids.push(TenantId::default_tenant());
        }
        for id in ids {
            kernel.start(&id)?;
        }
        Ok(kernel)
    }

    /// A kernel that keeps everything in memory, for scenarios and tests.
    pub fn in_memory(options: Options) -> Result<Kernel, OpenError> {
        let options = Options { segment_bytes: 256 << 10, ..options };
        Kernel::start_default(Place::Memory, options)
    }

    /// A kernel whose journals lie on the given disk and whose views are made in memory at each opening: for a simulation
    /// of disks that fail. What it does follows from options, commands and disk alone.
    pub fn on_disk(disk: Arc<dyn Disk>, options: Options) -> Result<Kernel, OpenError> {
        Kernel::start_default(Place::Disk(disk), options)
    }

    fn start_default(place: Place, options: Options) -> Result<Kernel, OpenError> {
        let kernel = Kernel(Arc::new(Inner { place, options, tenants: Mutex::default() }));
        kernel.start(&TenantId::default_tenant())?;
        Ok(kernel)
    }

    fn start(&self, id: &TenantId) -> Result<Tenant, OpenError> {
        let mut tenants = self.0.tenants.lock();
        if let Some(running) = tenants.get(id) {
            return Ok(running.tenant.clone());
        }
        let options = &self.0.options;
        let running = match &self.0.place {
            Place::Folder(data) => open::open(&Folders::of(data, id), id, options)?,
            Place::Memory => open::open_in_memory(Arc::new(SimDisk::new(0)), id, options)?,
            Place::Disk(disk) => open::open_in_memory(disk.clone(), id, options)?,
        };
        let tenant = running.tenant.clone();
        tenants.insert(id.clone(), running);
        Ok(tenant)
    }

    /// A tenant that exists.
    pub fn tenant(&self, id: &TenantId) -> Result<Tenant, Refusal> {
        let tenants = self.0.tenants.lock();
        tenants.get(id).map(|r| r.tenant.clone()).ok_or_else(|| Refusal::TenantNotFound(id.clone()))
    }

    /// A tenant, made if it does not exist.
    pub fn tenant_or_create(&self, id: &TenantId) -> Result<Tenant, Refusal> {
        if let Ok(tenant) = self.tenant(id) {
            return Ok(tenant);
        }
        if self.0.tenants.lock().len() >= TENANTS_MAX {
            return Err(Refusal::TooLarge { what: "the number of tenants", limit: TENANTS_MAX as u64 });
        }
        self.start(id).map_err(|e| Refusal::JournalStopped(e.to_string()))
    }

    /// All tenants.
    pub fn tenants(&self) -> Vec<Tenant> {
        self.0.tenants.lock().values().map(|r| r.tenant.clone()).collect()
    }

    /// What opening each tenant found in its journal.
    pub fn recoveries(&self) -> Vec<(TenantId, Recovery)> {
        self.0.tenants.lock().iter().map(|(id, r)| (id.clone(), r.recovery.clone())).collect()
    }

    /// The data directory, if there is one.
    pub fn data(&self) -> Option<&Path> {
        match &self.0.place {
            Place::Folder(data) => Some(data),
            Place::Memory | Place::Disk(_) => None,
        }
    }

    /// The settings.
    pub fn options(&self) -> &Options {
        &self.0.options
    }

    /// Takes no more commands, finishes those that wait, brings the views up and stops. Blocks.
    pub fn close(&self) {
        let running = std::mem::take(&mut *self.0.tenants.lock());
        for r in running.values() {
            r.tenant.0.stopping.store(true, Ordering::Release);
        }
        for (_, r) in running {
            for thread in r.threads {
                if thread.join().is_err() {
                    tracing::error!("a kernel thread ended by panic");
                }
            }
        }
    }
}

/// Tenants that have a folder in a data directory.
pub fn tenants_in(data: &Path) -> Result<Vec<TenantId>, OpenError> {
    let root = data.join("tenants");
    let folder = |e: std::io::Error| OpenError::Folder { path: root.clone(), why: e.to_string() };
    if !root.exists() {
        return Ok(Vec::new());
    }
    let mut ids = Vec::new();
    for entry in std::fs::read_dir(&root).map_err(folder)? {
        let name = entry.map_err(folder)?.file_name();
        ids.extend(name.to_str().and_then(|n| TenantId::new(n).ok()));
    }
    ids.sort();
    Ok(ids)
}
