//! Opening a tenant: recover the journal, bring the views and tiles up to it, start the threads.
//!
//! ```text
//! <data>/tenants/<tenant>/journal   segment files: the truth
//!                        /views     the embedded engine: can be deleted
//!                        /log       hashes of the log's tiles: can be deleted
//! ```

use std::collections::HashMap;
use std::path::{Path, PathBuf};
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, AtomicU64};
use std::thread::JoinHandle;

use nacre_journal::codec::record::{decode, parts};
use nacre_journal::disk::{Disk, OsDisk};
use nacre_journal::writer::LOCK_NAME;
use nacre_journal::{
    Appender, Journal, JournalError, Options as JournalOptions, Reader as JournalReader, Recovery,
};
use nacre_model::change::apply;
use nacre_model::{Change, Entity, EntityId, Instant, Seq, TenantId};
use nacre_views::tiles::LogTiles;
use nacre_views::{Applied, FjallStore, MemoryStore, Reader, Store, Touched, ViewError, Writer};
use parking_lot::{Condvar, Mutex, RwLock};
use thiserror::Error;

use crate::applier::{Applier, BATCH, Backlog};
use crate::committer::{Committer, Next};
use crate::feed::Feed;
use crate::options::Options;
use crate::recent::Recent;
use crate::sequencer::Sequencer;
use crate::tenant::{Meters, Shared, Tenant};

/// Why a tenant cannot be opened.
#[derive(Debug, Error)]
pub enum OpenError {
    /// The journal cannot be used; nothing was changed.
    #[error(transparent)]
    Journal(#[from] JournalError),
    /// The views cannot be made.
    #[error(transparent)]
    Views(#[from] ViewError),
    /// A record of the journal cannot be decoded.
    #[error("record {seq} cannot be read: {why}")]
    Record {
        /// Which.
        seq: Seq,
        /// Why.
        why: String,
    },
    /// A folder cannot be made or read.
    #[error("{path}: {why}")]
    Folder {
        /// Which.
        path: PathBuf,
        /// Why.
        why: String,
    },
}

/// Where a tenant's files lie.
#[derive(Debug, Clone)]
pub struct Folders {
    /// Segment files.
    pub journal: PathBuf,
    /// The embedded engine.
    pub views: PathBuf,
    /// Hashes of the log's tiles.
    pub log: PathBuf,
}

impl Folders {
    /// Of a tenant below a data directory.
    pub fn of(data: &Path, tenant: &TenantId) -> Folders {
        let root = data.join("tenants").join(tenant.as_str());
        Folders { journal: root.join("journal"), views: root.join("views"), log: root.join("log") }
    }
}

/// A tenant that runs, and its threads.
pub(crate) struct Running {
    pub(crate) tenant: Tenant,
    pub(crate) threads: Vec<JoinHandle<()>>,
    pub(crate) recovery: Recovery,
}

/// Opens a tenant on disk.
pub(crate) fn open(folders: &Folders, id: &TenantId, options: &Options) -> Result<Running, OpenError> {
    for dir in [&folders.journal, &folders.views, &folders.log] {
        std::fs::create_dir_all(dir)
            .map_err(|e| OpenError::Folder { path: dir.clone(), why: e.to_string() })?;
    }
    // The views come first, because they know how far the journal must reach; so whether another process is here is asked
    // before them, and answered in the journal's words.
    let lock = folders.journal.join(LOCK_NAME);
    match OsDisk.lock(&lock) {
        Ok(Some(free)) => drop(free),
        Ok(None) => return Err(JournalError::Locked { dir: folders.journal.clone() }.into()),
        Err(e) => return Err(OpenError::Folder { path: lock, why: e.to_string() }),
    }
    let (store, writer) = open_views(&folders.views, options)?;
    let journal_options =
        JournalOptions { segment_bytes: options.segment_bytes, ..JournalOptions::default() };
    let known = Some(writer.applied()).filter(|k| *k > Seq::ZERO);
    let (journal, recovery) = Journal::open(Arc::new(OsDisk), &folders.journal, journal_options, id, known)?;
    let tiles = LogTiles::open(&folders.log, recovery.last.0)?;
    start(id, options, Views { store, writer, tiles }, journal.split(), recovery)
}

/// Opens a tenant with its journal on the given disk and its views in memory. Nothing is left to chance: what the disk is
/// asked to do follows from the commands.
pub(crate) fn open_in_memory(
    disk: Arc<dyn Disk>,
    id: &TenantId,
    options: &Options,
) -> Result<Running, OpenError> {
    let store: Arc<dyn Store> = Arc::new(MemoryStore::default());
    let writer = Writer::open(store.clone(), options.indexes.clone())?;
    let mut salt = [0; 8];
    (options.entropy)().fill(&mut salt);
    let journal_options = JournalOptions {
        segment_bytes: options.segment_bytes,
        prepare_in_background: false,
        salt: u64::from_le_bytes(salt),
        ..JournalOptions::default()
    };
    let dir = Path::new("tenants").join(id.as_str()).join("journal");
    let (journal, recovery) = Journal::open(disk, &dir, journal_options, id, None)?;
    start(id, options, Views { store, writer, tiles: LogTiles::in_memory() }, journal.split(), recovery)
}

/// Opens the views; those of another format, or with other declared indexes, are made anew from the journal. Delivery
/// cursors are carried over.
fn open_views(dir: &Path, options: &Options) -> Result<(Arc<dyn Store>, Writer), OpenError> {
    let store: Arc<dyn Store> = Arc::new(FjallStore::open(dir, &options.engine)?);
    match Writer::open(store.clone(), options.indexes.clone()) {
        Ok(writer) => Ok((store, writer)),
        Err(ViewError::Format { .. }) => {
            tracing::info!(
                "views of another format or with other indexes: they are made anew from the journal"
            );
            let cursors = nacre_views::reader::cursors(&*store)?;
            drop(store);
            remove(dir)?;
            let store: Arc<dyn Store> = Arc::new(FjallStore::open(dir, &options.engine)?);
            nacre_views::reader::set_cursors(&*store, &cursors)?;
            let writer = Writer::open(store.clone(), options.indexes.clone())?;
            Ok((store, writer))
        }
        Err(other) => Err(other.into()),
    }
}

fn remove(dir: &Path) -> Result<(), OpenError> {
    let folder = |e: std::io::Error| OpenError::Folder { path: dir.to_owned(), why: e.to_string() };
    std::fs::remove_dir_all(dir).map_err(folder)?;
    std::fs::create_dir_all(dir).map_err(folder)
}

/// Deletes the views and tiles of a tenant that does not run, keeping its delivery cursors, so that the next opening
/// makes them from the journal.
pub fn forget_views(folders: &Folders, options: &Options) -> Result<(), OpenError> {
    let cursors = FjallStore::open(&folders.views, &options.engine)
        .and_then(|store| nacre_views::reader::cursors(&store))
        .unwrap_or_default();
    remove(&folders.views)?;
    remove(&folders.log)?;
    let store = FjallStore::open(&folders.views, &options.engine)?;
    nacre_views::reader::set_cursors(&store, &cursors)?;
    store.sync()?;
    Ok(())
}

/// Everything that follows from the journal.
struct Views {
    store: Arc<dyn Store>,
    writer: Writer,
    tiles: LogTiles,
}

fn start(
    id: &TenantId,
    options: &Options,
    Views { store, mut writer, mut tiles }: Views,
    (appender, reader): (Appender, JournalReader),
    recovery: Recovery,
) -> Result<Running, OpenError> {
    let last = reader.durable();
    let last_at = catch_up(&reader, last, &mut writer, &mut tiles)?;
    let documents = Reader::new(&*store)
        .documents()?
        .into_iter()
        .map(|(k, v)| (k, Arc::new(v)))
        .collect::<HashMap<_, _>>();
    let (queue, jobs) = crossbeam_channel::bounded(options.queue_length);
    let shared = Arc::new(Shared {
        id: id.clone(),
        options: options.clone(),
        store,
        journal: reader,
        tiles: tiles.reader(),
        tree_size: AtomicU64::new(tiles.size()),
        recent: Recent::new(options.cache_bytes),
        documents: RwLock::new(documents),
        feed: Feed::new(last),
        applied: Mutex::new(writer.applied()),
        applied_moved: Condvar::new(),
        next: Next::new(),
        queue,
        failure: RwLock::new(None),
        stopping: AtomicBool::new(false),
        meters: Meters::default(),
    });
    let backlog = Arc::new(Backlog::default());
    let sequencer = Sequencer::new(shared.clone(), jobs, last, last_at);
    let committer = Committer::new(shared.clone(), appender, backlog.clone());
    let applier = Applier::new(shared.clone(), backlog, writer, tiles);
    let spawn = |name: &str, run: Box<dyn FnOnce() + Send>| {
        std::thread::Builder::new()
            .name(format!("{name}-{id}"))
            .spawn(run)
            .map_err(|e| OpenError::Folder { path: PathBuf::from("thread"), why: e.to_string() })
    };
    let threads = vec![
        spawn("seq", Box::new(move || sequencer.run()))?,
        spawn("commit", Box::new(move || committer.run()))?,
        spawn("apply", Box::new(move || applier.run()))?,
    ];
    Ok(Running { tenant: Tenant(shared), threads, recovery })
}

/// Applies what the journal has and the views or tiles do not. Returns the instant of the last record.
fn catch_up(
    journal: &JournalReader,
    last: Seq,
    writer: &mut Writer,
    tiles: &mut LogTiles,
) -> Result<Instant, OpenError> {
    let from = Seq(writer.applied().0.min(tiles.size()).min(last.0.saturating_sub(1))).next();
    let mut last_at = Instant::MIN;
    let mut batch: Vec<Applied> = Vec::new();
    let mut entries: Vec<Vec<u8>> = Vec::new();
    let mut states: HashMap<EntityId, Option<Arc<Entity>>> = HashMap::new();
    if last == Seq::ZERO {
        return Ok(last_at);
    }
    for record in journal.iter(from) {
        let (seq, bytes) = record?;
        let unreadable = |e: nacre_journal::codec::CodecError| OpenError::Record { seq, why: e.to_string() };
        let parts = parts(&bytes).map_err(unreadable)?;
        last_at = parts.record.at;
        if seq.0 > tiles.size() + entries.len() as u64 {
            entries.push(parts.entry());
        }
        if seq > writer.applied() {
            let record = decode(&bytes).map_err(unreadable)?;
            let mut touched: Vec<Touched> = Vec::new();
            for id in record.changes.iter().filter_map(Change::entity) {
                if touched.iter().any(|t| t.id == *id) {
                    continue;
                }
                let before = match states.get(id) {
                    Some(state) => state.clone(),
                    None => writer.entity(id)?,
                };
                let own = record.changes.iter().filter(|c| c.entity() == Some(id));
                let after = apply(before.as_deref().cloned(), own, seq, record.at).map(Arc::new);
                states.insert(id.clone(), after.clone());
                touched.push(Touched { id: id.clone(), before, after });
            }
            batch.push(Applied { record: Arc::new(record), touched });
        }
        if batch.len() >= BATCH || entries.len() >= BATCH {
            tiles.append(entries.drain(..).as_slice().iter().map(Vec::as_slice))?;
            entries.clear();
            writer.apply(&batch)?;
            batch.clear();
            states.clear();
        }
    }
    tiles.append(entries.iter().map(Vec::as_slice))?;
    writer.apply(&batch)?;
    Ok(last_at)
}
