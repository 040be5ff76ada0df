//! The sequencer: the one thread that decides a tenant's commands, in one total order.
//!
//! It loads the touched entities, decides, applies the changes to an overlay of states that are not durable yet, and
//! puts the encoded record into the next group commit. While the disk works on one commit it decides the next.
//!
//! When a commit fails, everything decided on top of it is void: the committer raises the epoch, and the sequencer,
//! seeing another epoch than the one it decided in, forgets its overlay and decides again from what is durable.

use std::collections::HashMap;
use std::sync::Arc;
use std::sync::atomic::Ordering;
use std::time::Duration;

use crossbeam_channel::{Receiver, RecvTimeoutError};
use nacre_journal::codec::record::{Encoded, encode};
use nacre_model::change::apply;
use nacre_model::{Change, DocumentKey, Entity, EntityId, Entropy, Instant, Record, Seq, Value};
use nacre_views::{Applied, HistoryRow, Reader, Touched};

use crate::command::{Accepted, Command, Output, Submission};
use crate::commands::{Decision, State, decide};
use crate::committer::Item;
use crate::door::Right;
use crate::refusal::Refusal;
use crate::tenant::{Job, Shared};

/// Overlay entries kept before durable ones are swept.
const OVERLAY_SWEEP: usize = 4096;

pub(crate) struct Sequencer {
    shared: Arc<Shared>,
    jobs: Receiver<Job>,
    entropy: Box<dyn Entropy>,
    epoch: u64,
    next_seq: Seq,
    last_at: Instant,
    entities: HashMap<EntityId, (Seq, Option<Arc<Entity>>)>,
    documents: HashMap<DocumentKey, (Seq, Option<Arc<Value>>)>,
    keys: HashMap<Arc<str>, (Seq, u64)>,
}

impl Sequencer {
    pub(crate) fn new(shared: Arc<Shared>, jobs: Receiver<Job>, last: Seq, last_at: Instant) -> Sequencer {
        let entropy = (shared.options.entropy)();
        Sequencer {
            shared,
            jobs,
            entropy,
            epoch: 0,
            next_seq: last.next(),
            last_at,
            entities: HashMap::new(),
            documents: HashMap::new(),
            keys: HashMap::new(),
        }
    }

    /// Runs until the handle says stop and the queue is empty.
    pub(crate) fn run(mut self) {
        loop {
            match self.jobs.recv_timeout(Duration::from_millis(50)) {
                Ok(job) => self.job(job),
                Err(RecvTimeoutError::Timeout) if self.shared.stopping.load(Ordering::Acquire) => break,
                Err(RecvTimeoutError::Timeout) => {}
                Err(RecvTimeoutError::Disconnected) => break,
            }
        }
        self.shared.next.close();
    }

    fn job(&mut self, job: Job) {
        self.hold_back();
        self.sweep();
        let Job { submissions, mut reply } = job;
        loop {
            let item = self.decide_all(&submissions);
            match self.shared.next.push(item, reply, self.epoch, self.shared.options.commit_bytes) {
                Ok(()) => return,
                Err((again, epoch)) => {
                    reply = again;
                    self.reset(epoch);
                }
            }
        }
    }

    /// Waits while the views are too far behind.
    fn hold_back(&self) {
        let durable = self.shared.feed.newest();
        let mut applied = self.shared.applied.lock();
        while durable.0.saturating_sub(applied.0) > self.shared.options.lag_max {
            if self.shared.stopping.load(Ordering::Acquire) || self.shared.failure.read().is_some() {
                return;
            }
            self.shared.applied_moved.wait_for(&mut applied, Duration::from_millis(100));
        }
    }

    fn sweep(&mut self) {
        let durable = self.shared.feed.newest();
        if durable.next() == self.next_seq {
            self.entities.clear();
            self.documents.clear();
        } else if self.entities.len() > OVERLAY_SWEEP {
            self.entities.retain(|_, (seq, _)| *seq > durable);
        }
        if self.keys.len() > OVERLAY_SWEEP {
            let applied = *self.shared.applied.lock();
            self.keys.retain(|_, (seq, _)| *seq > applied);
        }
    }

    fn reset(&mut self, epoch: u64) {
        self.epoch = epoch;
        let durable = self.shared.feed.newest();
        self.next_seq = durable.next();
        self.entities.clear();
        self.documents.clear();
        // Keys of durable records stay: the views may not have them yet, and a retry must not be done twice.
        self.keys.retain(|_, (seq, _)| *seq <= durable);
    }

    fn decide_all(&mut self, submissions: &[Submission]) -> Item {
        let mut item = Item::default();
        for submission in submissions {
            let answer = self.decide_one(submission, &mut item);
            if answer.is_err() {
                self.shared.meters.refusals.fetch_add(1, Ordering::Relaxed);
            }
            item.answers.push(answer);
        }
        item
    }

    fn decide_one(&mut self, submission: &Submission, item: &mut Item) -> Result<Accepted, Refusal> {
        if let Some((key, digest)) = &submission.idempotency
            && let Some((seq, known)) = self.used_key(key)?
        {
            if known != *digest {
                return Err(Refusal::IdempotencyConflict(key.to_string()));
            }
            return Ok(Accepted { seq, output: Output::Repeated });
        }
        let now = self.shared.options.clock.now().max(self.last_at);
        self.ask_door(submission)?;
        let Decision { changes, output } = decide(self, &submission.command, now)?;
        self.ask_door_of_others(submission, &changes)?;
        if changes.is_empty() {
            return Ok(Accepted { seq: Seq(self.next_seq.0 - 1), output });
        }
        let (applied, encoded) = self.record(submission, changes, now)?;
        let seq = applied.record.seq;
        item.bytes += encoded.bytes.len();
        item.records.push((Arc::new(applied), encoded));
        Ok(Accepted { seq, output })
    }

    fn used_key(&self, key: &Arc<str>) -> Result<Option<(Seq, u64)>, Refusal> {
        if let Some(found) = self.keys.get(key) {
            return Ok(Some(*found));
        }
        // Keys of records that are durable but not in the views yet are all in `keys`.
        let found = nacre_views::reader::idempotency(&*self.shared.store, key);
        Ok(found.map_err(|e| Refusal::ViewsFailed(e.to_string()))?.map(|(seq, digest, _)| (seq, digest)))
    }

    fn ask_door(&self, submission: &Submission) -> Result<(), Refusal> {
        let Some(id) = submission.command.entity() else { return Ok(()) };
        let Some(entity) = State::entity(self, id)? else { return Ok(()) };
        let right = Right::Command(submission.command.name());
        self.shared.options.door.permit_entity(&submission.principal, &self.shared.id, right, &entity)
    }

    /// An act may touch more than the entity it is about.
    fn ask_door_of_others(&self, submission: &Submission, changes: &[Change]) -> Result<(), Refusal> {
        let Command::Act(act) = &submission.command else { return Ok(()) };
        let right = Right::Command(submission.command.name());
        let mut asked = act.0.entity();
        for id in changes.iter().filter_map(Change::entity) {
            if asked == Some(id) {
                continue;
            }
            asked = Some(id);
            if let Some(entity) = State::entity(self, id)? {
                self.shared.options.door.permit_entity(
                    &submission.principal,
                    &self.shared.id,
                    right,
                    &entity,
                )?;
            }
        }
        Ok(())
    }

    /// Makes the record, and the overlay's states follow from it.
    fn record(
        &mut self,
        submission: &Submission,
        changes: Vec<Change>,
        at: Instant,
    ) -> Result<(Applied, Encoded), Refusal> {
        let mut salt = [0; 16];
        self.entropy.fill(&mut salt);
        let record = Record {
            seq: self.next_seq,
            at,
            tenant: self.shared.id.clone(),
            actor: submission.principal.actor.clone(),
            command: submission.command.name().into(),
            cause: submission.cause,
            idempotency: submission.idempotency.clone(),
            salt,
            changes,
        };
        let encoded = encode(&record);
        const RECORD_BYTES_MAX: usize = 16 << 20;
        if encoded.bytes.len() > RECORD_BYTES_MAX {
            return Err(Refusal::TooLarge {
                what: "the record's size in bytes",
                limit: RECORD_BYTES_MAX as u64,
            });
        }
        let touched = self.touch(&record)?;
        for t in &touched {
            self.entities.insert(t.id.clone(), (record.seq, t.after.clone()));
        }
        for change in &record.changes {
            match change {
                Change::PutDocument { key, value } => {
                    self.documents.insert(key.clone(), (record.seq, Some(Arc::new(value.clone()))));
                }
                Change::DeleteDocument { key } => {
                    drop(self.documents.insert(key.clone(), (record.seq, None)))
                }
                _ => {}
            }
        }
        if let Some((key, digest)) = &record.idempotency {
            self.keys.insert(key.clone(), (record.seq, *digest));
        }
        self.next_seq = record.seq.next();
        self.last_at = at;
        Ok((Applied { record: Arc::new(record), touched }, encoded))
    }

    fn touch(&self, record: &Record) -> Result<Vec<Touched>, Refusal> {
        let mut ids: Vec<&EntityId> = Vec::new();
        for id in record.changes.iter().filter_map(Change::entity) {
            if ids.last() != Some(&id) && !ids.contains(&id) {
                ids.push(id);
            }
        }
        let touch = |id: &EntityId| {
            let before = State::entity(self, id)?;
            let own = record.changes.iter().filter(|c| c.entity() == Some(id));
            let after = apply(before.as_deref().cloned(), own, record.seq, record.at).map(Arc::new);
            Ok(Touched { id: id.clone(), before, after })
        };
        ids.into_iter().map(touch).collect()
    }

    fn past(&self) -> Result<Reader, Refusal> {
        // History of records that are not durable yet cannot be read; wait for all that was decided.
        let decided = Seq(self.next_seq.0 - 1);
        self.shared.next.flush(&self.shared.feed, decided);
        self.shared.wait_applied(decided.min(self.shared.feed.newest()))?;
        Ok(Reader::new(&*self.shared.store))
    }
}

impl State for Sequencer {
    fn entity(&self, id: &EntityId) -> Result<Option<Arc<Entity>>, Refusal> {
        match self.entities.get(id) {
            Some((_, state)) => Ok(state.clone()),
            None => self.shared.entity(id),
        }
    }

    fn document(&self, key: &DocumentKey) -> Option<Arc<Value>> {
        match self.documents.get(key) {
            Some((_, state)) => state.clone(),
            None => self.shared.documents.read().get(key).cloned(),
        }
    }

    fn history_row(&self, id: &EntityId, seq: Seq) -> Result<Option<HistoryRow>, Refusal> {
        self.past()?.history_row(id, seq).map_err(|e| Refusal::ViewsFailed(e.to_string()))
    }

    fn has_history(&self, id: &EntityId) -> Result<bool, Refusal> {
        self.past()?.has_history(id).map_err(|e| Refusal::ViewsFailed(e.to_string()))
    }
}
