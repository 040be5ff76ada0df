//! What the broker counts.

use std::sync::atomic::{AtomicU64, Ordering};

/// Counts since the start, and how much there is now.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Stats {
    /// Clients connected now.
    pub connections: usize,
    /// Sessions now, those of absent clients included.
    pub sessions: usize,
    /// Subscriptions now.
    pub subscriptions: usize,
    /// Topics with a retained message now.
    pub retained: usize,
    /// TCP connections taken.
    pub opened: u64,
    /// TCP connections closed at once because there were too many.
    pub turned_away: u64,
    /// CONNECT packets refused.
    pub logins_refused: u64,
    /// Connections ended because of a malformed packet or a breach of the protocol.
    pub broken: u64,
    /// PUBLISH packets from clients, repeats included.
    pub received: u64,
    /// Messages that the gate accepted.
    pub accepted: u64,
    /// Messages refused, by the gate or because the topic is not permitted.
    pub refused: u64,
    /// PUBLISH packets sent to subscribers, repeats included.
    pub delivered: u64,
    /// Messages for a subscriber dropped: no room, expired or larger than it takes.
    pub dropped: u64,
    /// Subscribers closed because they were too slow for QoS 1 or 2.
    pub too_slow: u64,
    /// Retained messages not kept for want of room.
    pub not_retained: u64,
}

/// The counters behind [`Stats`].
#[derive(Default)]
pub(crate) struct Counters {
    pub opened: AtomicU64,
    pub turned_away: AtomicU64,
    pub logins_refused: AtomicU64,
    pub broken: AtomicU64,
    pub received: AtomicU64,
    pub accepted: AtomicU64,
    pub refused: AtomicU64,
    pub delivered: AtomicU64,
    pub dropped: AtomicU64,
    pub too_slow: AtomicU64,
    pub not_retained: AtomicU64,
}

/// Adds one; the counters order nothing.
pub(crate) fn count(counter: &AtomicU64) {
    counter.fetch_add(1, Ordering::Relaxed);
}

impl Counters {
    /// The counts; what there is now is filled in by the broker.
    pub(crate) fn read(&self) -> Stats {
        let read = |counter: &AtomicU64| counter.load(Ordering::Relaxed);
        Stats {
            opened: read(&self.opened),
            turned_away: read(&self.turned_away),
            logins_refused: read(&self.logins_refused),
            broken: read(&self.broken),
            received: read(&self.received),
            accepted: read(&self.accepted),
            refused: read(&self.refused),
            delivered: read(&self.delivered),
            dropped: read(&self.dropped),
            too_slow: read(&self.too_slow),
            not_retained: read(&self.not_retained),
            ..Stats::default()
        }
    }
}
