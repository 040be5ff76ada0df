//! What waits for one subscription.
//!
//! Invariant: every occasion after `done` either waits here or will be read again from the commits after `behind`.
//! Both change under one lock, so that nothing falls between them.

use std::collections::VecDeque;
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};

use nacre_kernel::query::matching::Links;
use nacre_model::Seq;
use nacre_views::Applied;
use nacre_wire_ngsi_ld::Context;
use nacre_wire_ngsi_ld::subscription::{DeliveryState, Occasion, Subscription, Watch};
use parking_lot::Mutex;
use tokio::sync::Notify;

/// Most occasions that wait in memory.
pub(super) const WAITING_MAX: usize = 64;

/// A subscription ready to match and to be written about.
#[derive(Clone)]
pub(super) struct Ready {
    pub(super) watch: Arc<Watch>,
    /// The context of its notifications.
    pub(super) context: Arc<Context>,
}

/// What is owed.
pub(super) struct Held {
    waiting: VecDeque<(Seq, Occasion)>,
    /// Commits after this are to be read by the worker itself; none when it keeps up.
    behind: Option<Seq>,
    /// Everything up to here is settled, or was never owed.
    done: Seq,
    /// An occasion is being sent.
    busy: bool,
}

/// See the module.
pub(super) struct Queue {
    pub(super) id: Arc<str>,
    pub(super) subscription: Subscription,
    ready: Mutex<Option<Ready>>,
    held: Mutex<Held>,
    wake: Notify,
    pub(super) state: Mutex<DeliveryState>,
    closed: AtomicBool,
}

/// What the worker does next.
pub(super) enum Next {
    /// Send this.
    Send(Seq, Occasion),
    /// Read the commits after this.
    Read(Seq),
    /// Nothing is owed.
    Wait,
}

impl Queue {
    /// Owes everything after `from`.
    pub(super) fn new(id: Arc<str>, subscription: Subscription, from: Seq, state: DeliveryState) -> Queue {
        let held = Held { waiting: VecDeque::new(), behind: Some(from), done: from, busy: false };
        Queue {
            id,
            subscription,
            ready: Mutex::new(None),
            held: Mutex::new(held),
            wake: Notify::new(),
            state: Mutex::new(state),
            closed: AtomicBool::new(false),
        }
    }

    /// Its contexts are there.
    pub(super) fn make_ready(&self, ready: Ready) {
        *self.ready.lock() = Some(ready);
    }

    /// What it matches with, once its contexts are there.
    pub(super) fn watch(&self) -> Option<Arc<Watch>> {
        self.ready.lock().as_ref().map(|r| r.watch.clone())
    }

    /// What a group of commits has to tell.
    pub(super) fn occasion(&self, group: &[Arc<Applied>], links: &dyn Links) -> Option<Occasion> {
        super::occasion_of(&*self.watch()?, group, links)
    }

    /// Takes an occasion; with too many waiting it is left to be read again later.
    pub(super) fn offer(&self, seq: Seq, occasion: Occasion) {
        let mut held = self.held.lock();
        if held.behind.is_some() || seq <= held.done {
            return;
        }
        if held.waiting.len() >= WAITING_MAX {
            held.behind = Some(held.waiting.back().map_or(held.done, |(seq, _)| *seq));
            return;
        }
        held.waiting.push_back((seq, occasion));
        drop(held);
        self.wake.notify_one();
    }

    /// What to do next.
    pub(super) fn next(&self) -> Next {
        let mut held = self.held.lock();
        if let Some((seq, occasion)) = held.waiting.pop_front() {
            held.busy = true;
            return Next::Send(seq, occasion);
        }
        held.behind.map_or(Next::Wait, Next::Read)
    }

    /// What was taken is settled.
    pub(super) fn settle(&self, seq: Seq) {
        let mut held = self.held.lock();
        held.busy = false;
        held.done = held.done.max(seq);
    }

    /// Commits up to `seq` were read and settled. It keeps up again when nothing newer is there: what is newer than
    /// that will be offered.
    pub(super) fn has_read(&self, seq: Seq, newest: impl FnOnce() -> Seq) {
        let mut held = self.held.lock();
        held.done = held.done.max(seq);
        held.behind = if newest() <= seq { None } else { Some(seq) };
    }

    /// The last settled record, when something after it may be owed.
    pub(super) fn owes(&self) -> Option<Seq> {
        let held = self.held.lock();
        (held.busy || held.behind.is_some() || !held.waiting.is_empty()).then_some(held.done)
    }

    /// It is not to send any more.
    pub(super) fn close(&self) {
        self.closed.store(true, Ordering::Release);
        self.wake.notify_one();
    }

    pub(super) fn is_closed(&self) -> bool {
        self.closed.load(Ordering::Acquire)
    }

    /// Until something is offered, or it is closed.
    pub(super) async fn woken(&self) {
        self.wake.notified().await;
    }
}
