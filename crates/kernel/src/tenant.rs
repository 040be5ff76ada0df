//! A tenant: the cheap handle that everyone holds, and what its threads share.

use std::collections::HashMap;
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, AtomicU64, Ordering};
use std::time::Duration;

use crossbeam_channel::{Sender, TrySendError};
use nacre_journal::Reader as JournalReader;
use nacre_model::{Change, DocumentKey, EntityId, Instant, Record, Seq, TenantId, Value};
use nacre_views::tiles::TileReader;
use nacre_views::{Applied, Reader, Store};
use parking_lot::{Condvar, Mutex, RwLock};
use tokio::sync::oneshot;

use crate::command::{Accepted, Submission};
use crate::committer::Next;
use crate::door::{Principal, Right};
use crate::feed::Feed;
use crate::options::Options;
use crate::recent::{Lookup, Recent};
use crate::refusal::Refusal;

/// Answers of a job, one for each submission, in order.
pub type Answers = Vec<Result<Accepted, Refusal>>;

/// Submissions that are decided one after the other and acknowledged together.
pub(crate) struct Job {
    pub(crate) submissions: Vec<Submission>,
    pub(crate) reply: oneshot::Sender<Answers>,
}

/// Most submissions in one batch.
pub const BATCH_MAX: usize = 10_000;

/// What the threads of a tenant share.
pub(crate) struct Shared {
    pub(crate) id: TenantId,
    pub(crate) options: Options,
    pub(crate) store: Arc<dyn Store>,
    pub(crate) journal: JournalReader,
    pub(crate) tiles: TileReader,
    /// Leaves in the tiles.
    pub(crate) tree_size: AtomicU64,
    pub(crate) recent: Recent,
    pub(crate) documents: RwLock<HashMap<DocumentKey, Arc<Value>>>,
    pub(crate) feed: Feed,
    pub(crate) applied: Mutex<Seq>,
    pub(crate) applied_moved: Condvar,
    pub(crate) next: Next,
    pub(crate) queue: Sender<Job>,
    pub(crate) failure: RwLock<Option<Failure>>,
    pub(crate) stopping: AtomicBool,
    pub(crate) meters: Meters,
}

/// Why a tenant does not work as it should.
#[derive(Debug, Clone)]
pub(crate) enum Failure {
    Journal(String),
    Views(String),
}

/// Counters for whoever watches.
#[derive(Debug, Default)]
pub struct Meters {
    /// Records made durable since start.
    pub records: AtomicU64,
    /// Changes in them.
    pub changes: AtomicU64,
    /// Group commits.
    pub commits: AtomicU64,
    /// Commands refused for a reason of the caller's.
    pub refusals: AtomicU64,
    /// Commands refused because the queue was full.
    pub overloads: AtomicU64,
}

/// How a tenant is.
#[derive(Debug, Clone)]
pub struct Status {
    /// The newest durable record.
    pub durable: Seq,
    /// The newest record in the views.
    pub applied: Seq,
    /// Leaves in the log's tiles.
    pub tree_size: u64,
    /// Commands waiting.
    pub waiting: usize,
    /// Why it takes no commands, if so.
    pub journal_failure: Option<String>,
    /// Why the views do not follow, if so.
    pub views_failure: Option<String>,
}

/// The handle.
#[derive(Clone)]
pub struct Tenant(pub(crate) Arc<Shared>);

/// How long a reader waits for the views before it says that they are behind.
const APPLY_WAIT: Duration = Duration::from_secs(10);

impl Tenant {
    /// Its id.
    pub fn id(&self) -> &TenantId {
        &self.0.id
    }

    /// Runs a command. When it answers, the record is durable and every read that starts now sees it.
    pub async fn submit(&self, submission: Submission) -> Result<Accepted, Refusal> {
        let mut answers = self.submit_batch(vec![submission]).await;
        answers.pop().unwrap_or(Err(Refusal::ShuttingDown))
    }

    /// Runs commands in order, each accepted or refused by itself, all acknowledged together.
    pub async fn submit_batch(&self, submissions: Vec<Submission>) -> Answers {
        let count = submissions.len();
        match self.enqueue(submissions) {
            Err(refusal) => vec![Err(refusal); count],
            Ok(answers) => answers.await.unwrap_or_else(|_| vec![Err(Refusal::ShuttingDown); count]),
        }
    }

    /// The same for callers without a runtime; blocks the thread.
    pub fn submit_blocking(&self, submissions: Vec<Submission>) -> Answers {
        let count = submissions.len();
        match self.enqueue(submissions) {
            Err(refusal) => vec![Err(refusal); count],
            Ok(answers) => {
                answers.blocking_recv().unwrap_or_else(|_| vec![Err(Refusal::ShuttingDown); count])
            }
        }
    }

    /// Puts a job into the queue without waiting for its answers.
    pub fn enqueue(&self, submissions: Vec<Submission>) -> Result<oneshot::Receiver<Answers>, Refusal> {
        let shared = &self.0;
        if submissions.len() > BATCH_MAX {
            return Err(Refusal::TooLarge {
                what: "the number of commands in a batch",
                limit: BATCH_MAX as u64,
            });
        }
        for s in &submissions {
            shared.options.door.permit(&s.principal, &shared.id, Right::Command(s.command.name()))?;
        }
        if shared.stopping.load(Ordering::Acquire) {
            return Err(Refusal::ShuttingDown);
        }
        match &*shared.failure.read() {
            None => {}
            Some(Failure::Journal(why)) => return Err(Refusal::JournalStopped(why.clone())),
            // Without views to follow, what is accepted would pile up in memory.
            Some(Failure::Views(why)) => return Err(Refusal::ViewsFailed(why.clone())),
        }
        let (reply, answers) = oneshot::channel();
        match shared.queue.try_send(Job { submissions, reply }) {
            Ok(()) => Ok(answers),
            Err(TrySendError::Full(_)) => {
                shared.meters.overloads.fetch_add(1, Ordering::Relaxed);
                Err(Refusal::Overloaded("the command queue"))
            }
            Err(TrySendError::Disconnected(_)) => Err(Refusal::ShuttingDown),
        }
    }

    /// The stream of commits.
    pub fn feed(&self) -> &Feed {
        &self.0.feed
    }

    /// Up to `count` commits after `seq`, from memory or from the journal. What comes from the journal carries no
    /// entity states.
    pub fn commits_after(
        &self,
        principal: &Principal,
        seq: Seq,
        count: usize,
    ) -> Result<Vec<Arc<Applied>>, Refusal> {
        self.permit(principal, Right::Read)?;
        if let Some(commits) = self.0.feed.after(seq, count) {
            return Ok(commits);
        }
        let stopped = |e: String| Refusal::JournalStopped(e);
        let mut commits = Vec::new();
        for record in self.0.journal.iter(seq.next()).take(count) {
            let (_, bytes) = record.map_err(|e| stopped(e.to_string()))?;
            let record = nacre_journal::codec::record::decode(&bytes).map_err(|e| stopped(e.to_string()))?;
            commits.push(Arc::new(Applied { record: Arc::new(record), touched: Vec::new() }));
        }
        Ok(commits)
    }

    /// One record.
    pub fn record(&self, principal: &Principal, seq: Seq) -> Result<Option<Record>, Refusal> {
        self.permit(principal, Right::Audit)?;
        let bytes = self.record_bytes(principal, seq)?;
        let decode = |b: Vec<u8>| nacre_journal::codec::record::decode(&b);
        bytes.map(decode).transpose().map_err(|e| Refusal::JournalStopped(e.to_string()))
    }

    /// One record as it lies in the journal.
    pub fn record_bytes(&self, principal: &Principal, seq: Seq) -> Result<Option<Vec<u8>>, Refusal> {
        self.permit(principal, Right::Audit)?;
        if seq == Seq::ZERO || seq > self.0.feed.newest() {
            return Ok(None);
        }
        let bytes = self.0.journal.get(seq).map_err(|e| Refusal::JournalStopped(e.to_string()))?;
        Ok(bytes.map(|b| b.to_vec()))
    }

    /// The hashes of the log, and how many leaves are there.
    pub fn log(&self, principal: &Principal) -> Result<(TileReader, u64), Refusal> {
        self.permit(principal, Right::Audit)?;
        Ok((self.0.tiles.clone(), self.0.tree_size.load(Ordering::Acquire)))
    }

    /// A document.
    pub fn document(&self, principal: &Principal, key: &DocumentKey) -> Result<Option<Arc<Value>>, Refusal> {
        self.permit(principal, Right::Read)?;
        Ok(self.0.documents.read().get(key).cloned())
    }

    /// All documents of a collection, in order of id.
    pub fn documents(
        &self,
        principal: &Principal,
        collection: &str,
    ) -> Result<Vec<(DocumentKey, Arc<Value>)>, Refusal> {
        self.permit(principal, Right::Read)?;
        let documents = self.0.documents.read();
        let mut found: Vec<_> = documents
            .iter()
            .filter(|(key, _)| &*key.collection == collection)
            .map(|(key, value)| (key.clone(), value.clone()))
            .collect();
        found.sort_by(|a, b| a.0.cmp(&b.0));
        Ok(found)
    }

    /// Where a durable cursor stands.
    pub fn cursor(&self, name: &str) -> Result<Option<Seq>, Refusal> {
        nacre_views::reader::cursor(&*self.0.store, name).map_err(|e| Refusal::ViewsFailed(e.to_string()))
    }

    /// Moves durable cursors; `None` removes one. What was acknowledged by a receiver is not sent again, but for the last
    /// moments before a crash.
    pub fn set_cursors(&self, cursors: &[(String, Option<Seq>)]) -> Result<(), Refusal> {
        nacre_views::reader::set_cursors(&*self.0.store, cursors)
            .map_err(|e| Refusal::ViewsFailed(e.to_string()))
    }

    /// What time it is here.
    pub fn now(&self) -> Instant {
        self.0.options.clock.now()
    }

    /// How it is.
    pub fn status(&self) -> Status {
        let failure = self.0.failure.read().clone();
        let (journal_failure, views_failure) = match failure {
            None => (None, None),
            Some(Failure::Journal(why)) => (Some(why), None),
            Some(Failure::Views(why)) => (None, Some(why)),
        };
        Status {
            durable: self.0.feed.newest(),
            applied: *self.0.applied.lock(),
            tree_size: self.0.tree_size.load(Ordering::Acquire),
            waiting: self.0.queue.len(),
            journal_failure,
            views_failure,
        }
    }

    /// Its counters.
    pub fn meters(&self) -> &Meters {
        &self.0.meters
    }

    /// Bytes of the views on disk.
    pub fn view_bytes(&self) -> u64 {
        self.0.store.disk_bytes()
    }

    pub(crate) fn permit(&self, principal: &Principal, right: Right) -> Result<(), Refusal> {
        self.0.options.door.permit(principal, &self.0.id, right)
    }

    /// The newest record that every read from now on sees: everything acknowledged before the call is in it.
    pub fn settled(&self) -> Result<Seq, Refusal> {
        let newest = self.0.feed.newest();
        self.0.wait_applied(newest)?;
        Ok(newest)
    }

    /// A snapshot of the views that contains everything acknowledged before the call.
    pub(crate) fn snapshot(&self) -> Result<Reader, Refusal> {
        self.0.wait_applied(self.0.feed.newest())?;
        Ok(Reader::new(&*self.0.store))
    }
}

impl Shared {
    pub(crate) fn wait_applied(&self, seq: Seq) -> Result<(), Refusal> {
        let mut applied = self.applied.lock();
        while *applied < seq {
            if let Some(Failure::Views(why)) = &*self.failure.read() {
                return Err(Refusal::ViewsFailed(why.clone()));
            }
            if self.applied_moved.wait_for(&mut applied, APPLY_WAIT).timed_out() && *applied < seq {
                return Err(Refusal::Overloaded("the queue of the views"));
            }
        }
        Ok(())
    }

    /// The newest durable state of an entity.
    pub(crate) fn entity(&self, id: &EntityId) -> Result<Option<Arc<nacre_model::Entity>>, Refusal> {
        match self.recent.lookup(id) {
            Lookup::Known(state) => Ok(state),
            Lookup::Unknown(ticket) => {
                let loaded = nacre_views::writer::load_entity(&*self.store, id);
                let loaded = loaded.map_err(|e| Refusal::ViewsFailed(e.to_string()))?;
                if let Some(entity) = &loaded {
                    self.recent.remember(entity, ticket);
                }
                Ok(loaded)
            }
        }
    }

    /// Applies a record's changes of documents to those at hand.
    pub(crate) fn publish_documents(&self, record: &Record) {
        for change in &record.changes {
            match change {
                Change::PutDocument { key, value } => {
                    self.documents.write().insert(key.clone(), Arc::new(value.clone()));
                }
                Change::DeleteDocument { key } => drop(self.documents.write().remove(key)),
                _ => {}
            }
        }
    }
}
