//! The applier: brings the views and the log's tiles behind the commits, batch by batch.

use std::sync::Arc;
use std::sync::atomic::Ordering;
use std::time::{Duration, Instant};

use nacre_model::Seq;
use nacre_views::tiles::LogTiles;
use nacre_views::{Applied, ViewError, Writer};
use parking_lot::{Condvar, Mutex};

use crate::tenant::{Failure, Shared};

/// Records applied in one atomic batch at most.
pub(crate) const BATCH: usize = 4096;
/// How often the views and tiles are made to survive a power cut; only the time of a catch-up depends on it.
const SYNC_EVERY: Duration = Duration::from_secs(1);

/// Durable commits with their log entries, waiting for the views.
#[derive(Default)]
pub(crate) struct Backlog {
    state: Mutex<(Vec<Entry>, bool)>,
    filled: Condvar,
}

/// A commit and its log entry.
pub(crate) type Entry = (Arc<Applied>, Vec<u8>);

impl Backlog {
    pub(crate) fn push(&self, commits: Vec<Entry>) {
        self.state.lock().0.extend(commits);
        self.filled.notify_one();
    }

    pub(crate) fn close(&self) {
        self.state.lock().1 = true;
        self.filled.notify_one();
    }

    /// What waits; empty after a quiet while; `None` when closed and empty.
    fn take(&self) -> Option<Vec<Entry>> {
        let mut state = self.state.lock();
        if state.0.is_empty() {
            if state.1 {
                return None;
            }
            self.filled.wait_for(&mut state, SYNC_EVERY);
        }
        Some(std::mem::take(&mut state.0))
    }
}

pub(crate) struct Applier {
    shared: Arc<Shared>,
    backlog: Arc<Backlog>,
    writer: Writer,
    tiles: LogTiles,
    synced: Seq,
    synced_at: Instant,
}

impl Applier {
    pub(crate) fn new(
        shared: Arc<Shared>,
        backlog: Arc<Backlog>,
        writer: Writer,
        tiles: LogTiles,
    ) -> Applier {
        let synced = writer.applied();
        Applier { shared, backlog, writer, tiles, synced, synced_at: Instant::now() }
    }

    pub(crate) fn run(mut self) {
        while let Some(commits) = self.backlog.take() {
            for batch in commits.chunks(BATCH) {
                if let Err(error) = self.apply(batch) {
                    self.fail(&error);
                    return;
                }
            }
            if self.synced_at.elapsed() >= SYNC_EVERY
                && let Err(error) = self.sync()
            {
                self.fail(&error);
                return;
            }
        }
        if let Err(error) = self.sync() {
            self.fail(&error);
        }
    }

    fn apply(&mut self, batch: &[Entry]) -> Result<(), ViewError> {
        let applied: Vec<Applied> = batch.iter().map(|(a, _)| (**a).clone()).collect();
        self.tiles.append(batch.iter().map(|(_, entry)| entry.as_slice()))?;
        self.writer.apply(&applied)?;
        self.shared.tree_size.store(self.tiles.size(), Ordering::Release);
        for (commit, _) in batch {
            self.shared.recent.forget(&commit.touched, commit.record.seq);
        }
        *self.shared.applied.lock() = self.writer.applied();
        self.shared.applied_moved.notify_all();
        Ok(())
    }

    fn sync(&mut self) -> Result<(), ViewError> {
        self.synced_at = Instant::now();
        if self.writer.applied() > self.synced {
            self.tiles.sync()?;
            self.shared.store.sync()?;
            self.synced = self.writer.applied();
        }
        Ok(())
    }

    /// The views stop; the journal holds everything, and a restart or a rebuild brings them back.
    fn fail(&self, error: &ViewError) {
        tracing::error!(tenant = %self.shared.id, "the views stopped: {error}");
        *self.shared.failure.write() = Some(Failure::Views(error.to_string()));
        self.shared.applied_moved.notify_all();
    }
}
