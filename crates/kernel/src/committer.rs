//! The committer: one write and one fsync for everything that waited, then publication, then answers.
//!
//! The sequencer fills [`Next`]; the committer takes what is there whenever the disk is free. That is all there is to
//! group commit: no timers, and a lone command waits for nobody.

use std::sync::Arc;
use std::sync::atomic::Ordering;
use std::time::Duration;

use nacre_journal::codec::record::Encoded;
use nacre_journal::{Appender, JournalError};
use nacre_model::Seq;
use nacre_views::Applied;
use parking_lot::{Condvar, Mutex};
use tokio::sync::oneshot;

use crate::applier::Backlog;
use crate::feed::Feed;
use crate::refusal::Refusal;
use crate::tenant::{Answers, Failure, Shared};

/// What a job came to: records, and an answer for each submission.
#[derive(Default)]
pub(crate) struct Item {
    pub(crate) records: Vec<(Arc<Applied>, Encoded)>,
    pub(crate) answers: Answers,
    pub(crate) bytes: usize,
}

/// The group commit being filled.
pub(crate) struct Next {
    state: Mutex<NextState>,
    /// Something to commit.
    filled: Condvar,
    /// Room to fill.
    taken: Condvar,
}

#[derive(Default)]
struct NextState {
    items: Vec<(Item, oneshot::Sender<Answers>)>,
    bytes: usize,
    epoch: u64,
    closed: bool,
    /// A commit is under way.
    busy: bool,
}

impl Next {
    pub(crate) fn new() -> Next {
        Next { state: Mutex::default(), filled: Condvar::new(), taken: Condvar::new() }
    }

    /// Adds a job decided in `epoch`, waiting while the commit is full. When the epoch has moved on, the job is given back
    /// with the new epoch: what it was decided on never came to be.
    pub(crate) fn push(
        &self,
        item: Item,
        reply: oneshot::Sender<Answers>,
        epoch: u64,
        bytes_max: usize,
    ) -> Result<(), (oneshot::Sender<Answers>, u64)> {
        let mut state = self.state.lock();
        while state.bytes > bytes_max && state.epoch == epoch {
            self.taken.wait(&mut state);
        }
        if state.epoch != epoch {
            return Err((reply, state.epoch));
        }
        state.bytes += item.bytes;
        state.items.push((item, reply));
        self.filled.notify_one();
        Ok(())
    }

    /// Waits until everything up to `seq` is durable or the epoch has moved.
    pub(crate) fn flush(&self, feed: &Feed, seq: Seq) {
        let mut state = self.state.lock();
        let epoch = state.epoch;
        while feed.newest() < seq && state.epoch == epoch && (state.busy || !state.items.is_empty()) {
            self.taken.wait_for(&mut state, Duration::from_millis(5));
        }
    }

    /// No more will come.
    pub(crate) fn close(&self) {
        self.state.lock().closed = true;
        self.filled.notify_one();
    }

    fn take(&self) -> Option<Vec<(Item, oneshot::Sender<Answers>)>> {
        let mut state = self.state.lock();
        state.busy = false;
        self.taken.notify_all();
        while state.items.is_empty() {
            if state.closed {
                return None;
            }
            self.filled.wait(&mut state);
        }
        state.bytes = 0;
        state.busy = true;
        Some(std::mem::take(&mut state.items))
    }

    /// Voids everything decided so far and gives it back to be refused.
    fn abort(&self) -> Vec<(Item, oneshot::Sender<Answers>)> {
        let mut state = self.state.lock();
        state.epoch += 1;
        state.bytes = 0;
        let items = std::mem::take(&mut state.items);
        self.taken.notify_all();
        items
    }
}

pub(crate) struct Committer {
    shared: Arc<Shared>,
    appender: Appender,
    backlog: Arc<Backlog>,
}

impl Committer {
    pub(crate) fn new(shared: Arc<Shared>, appender: Appender, backlog: Arc<Backlog>) -> Committer {
        Committer { shared, appender, backlog }
    }

    pub(crate) fn run(mut self) {
        while let Some(items) = self.shared.next.take() {
            self.commit(items);
        }
        self.backlog.close();
    }

    fn commit(&mut self, items: Vec<(Item, oneshot::Sender<Answers>)>) {
        let records: Vec<&[u8]> =
            items.iter().flat_map(|(item, _)| &item.records).map(|(_, e)| e.bytes.as_slice()).collect();
        if !records.is_empty()
            && let Err(error) = self.appender.append(&records)
        {
            self.refuse(items, &error);
            return;
        }
        let mut commits = Vec::new();
        let mut waiting = Vec::new();
        let mut replies = Vec::new();
        for (item, reply) in items {
            for (applied, encoded) in item.records {
                self.shared.recent.publish(&applied.touched, applied.record.seq);
                self.shared.publish_documents(&applied.record);
                commits.push(applied.clone());
                waiting.push((applied, encoded.entry));
            }
            replies.push((item.answers, reply));
        }
        let meters = &self.shared.meters;
        if !commits.is_empty() {
            meters.commits.fetch_add(1, Ordering::Relaxed);
            meters.records.fetch_add(commits.len() as u64, Ordering::Relaxed);
            let changes: usize = commits.iter().map(|c| c.record.changes.len()).sum();
            meters.changes.fetch_add(changes as u64, Ordering::Relaxed);
            self.shared.feed.push(&commits);
            self.backlog.push(waiting);
        }
        for (answers, reply) in replies {
            // The caller may be gone; what it asked is done all the same.
            let _ = reply.send(answers);
        }
    }

    fn refuse(&self, mut items: Vec<(Item, oneshot::Sender<Answers>)>, error: &JournalError) {
        let refusal = match error {
            e if e.is_full() => Refusal::StorageFull(e.to_string()),
            e if e.is_too_large() => {
                Refusal::TooLarge { what: "the commit's size in bytes", limit: 32 << 20 }
            }
            e => {
                *self.shared.failure.write() = Some(Failure::Journal(e.to_string()));
                Refusal::JournalStopped(e.to_string())
            }
        };
        tracing::error!(tenant = %self.shared.id, code = refusal.code(), "commit failed: {error}");
        items.extend(self.shared.next.abort());
        for (item, reply) in items {
            let _ = reply.send(vec![Err(refusal.clone()); item.answers.len()]);
        }
    }
}
