//! The stream of commits: what subscriptions, event streams and other followers read.
//!
//! The newest commits lie in a ring; who is further behind reads the journal. Nobody can make a writer wait.

use std::collections::VecDeque;
use std::sync::Arc;

use nacre_model::Seq;
use nacre_views::Applied;
use parking_lot::RwLock;
use tokio::sync::watch;

/// Commits kept at hand: each holds the states before and after it, a few kilobytes.
const RING: usize = 16_384;

/// See the module.
pub struct Feed {
    ring: RwLock<VecDeque<Arc<Applied>>>,
    newest: watch::Sender<Seq>,
}

impl Feed {
    /// Begins after `seq`.
    pub fn new(seq: Seq) -> Feed {
        Feed { ring: RwLock::default(), newest: watch::Sender::new(seq) }
    }

    /// Adds durable commits in order.
    pub fn push(&self, commits: &[Arc<Applied>]) {
        let Some(last) = commits.last() else { return };
        {
            let mut ring = self.ring.write();
            ring.extend(commits.iter().cloned());
            let surplus = ring.len().saturating_sub(RING);
            ring.drain(..surplus);
        }
        self.newest.send_replace(last.record.seq);
    }

    /// The newest durable record.
    pub fn newest(&self) -> Seq {
        *self.newest.borrow()
    }

    /// Told when there is something newer.
    pub fn watch(&self) -> watch::Receiver<Seq> {
        self.newest.subscribe()
    }

    /// Up to `count` commits after `seq`; `None` when the ring does not reach back so far.
    pub fn after(&self, seq: Seq, count: usize) -> Option<Vec<Arc<Applied>>> {
        if seq >= self.newest() {
            return Some(Vec::new());
        }
        let ring = self.ring.read();
        let first = ring.front()?.record.seq;
        if seq.next() < first {
            return None;
        }
        let skip = (seq.next().0 - first.0) as usize;
        Some(ring.iter().skip(skip).take(count).cloned().collect())
    }
}
