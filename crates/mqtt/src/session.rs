//! What outlives a connection: subscriptions, the queue to the client, what was sent and not acknowledged, and which
//! QoS 2 messages of the client are under way. No IO; the connection asks for [`State::next`] and sends it.
//!
//! Invariants: `queue` and `inflight` stay within the limits; `resend` holds only ids of `inflight`; at most
//! `receive_max` ids are outstanding on one connection; a packet id in `inflight` occurs once.

use std::collections::{HashMap, VecDeque};
use std::sync::Arc;

use parking_lot::Mutex;
use tokio::sync::{Notify, oneshot, watch};
use tokio::time::Instant;

use crate::gate::Identity;
use crate::inbound::Verdict;
use crate::limits::Limits;
use crate::routed::Routed;
use crate::wire::Publish;

/// A client's session. Where both are held, `Broker::sessions` is locked before `state`.
pub(crate) struct Session {
    /// Unlike the client id never used again.
    pub number: u64,
    pub client_id: Arc<str>,
    pub identity: Identity,
    pub state: Mutex<State>,
}

/// How a connection is told to end from outside.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Closing {
    TakenOver,
    Kicked,
    TooSlow,
}

/// The connection a session has now.
pub(crate) struct Link {
    /// Tells this connection from earlier ones of the session.
    pub generation: u64,
    /// Something is to be sent.
    pub wake: Arc<Notify>,
    pub close: Option<oneshot::Sender<Closing>>,
}

/// A will, kept while its client is connected and during its delay.
#[derive(Debug)]
pub(crate) struct Will {
    pub publish: Publish,
    pub delay_secs: u32,
}

/// A subscription's options.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct Subscription {
    pub qos: u8,
    pub no_local: bool,
    pub retain_as_published: bool,
}

/// A QoS 2 message from the client, by packet id, from PUBLISH to PUBREL.
pub(crate) enum Incoming {
    /// The gate has it; whoever sees the same packet id again waits for the same verdict.
    Waiting(watch::Receiver<Option<Verdict>>),
    /// Accepted, PUBREC is or may be sent.
    Received,
}

/// A message for this client.
#[derive(Clone, Debug)]
struct Delivery {
    message: Arc<Routed>,
    qos: u8,
    retain: bool,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Phase {
    Published,
    Released,
}

#[derive(Debug)]
struct Sent {
    pid: u16,
    delivery: Delivery,
    phase: Phase,
}

/// What to send next.
pub(crate) enum Outgoing {
    Publish { message: Arc<Routed>, packet: Option<(u16, u8)>, duplicate: bool, retain: bool },
    Pubrel(u16),
}

/// What became of a message for this client.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Pushed {
    Queued,
    /// Dropped; for QoS 0 that is all.
    Dropped,
    /// Dropped although it was QoS 1 or 2.
    Overflow,
}

/// The part of a session that changes.
#[derive(Default)]
pub(crate) struct State {
    pub link: Option<Link>,
    /// The session is over; nothing may be added.
    pub ended: bool,
    /// How long it outlives its connection; `None` while unknown counts as not at all.
    pub expiry_secs: u32,
    /// When it ends, while nobody is connected.
    pub expires: Option<Instant>,
    pub will: Option<Will>,
    /// When the will is due, while nobody is connected.
    pub will_due: Option<Instant>,
    pub subscriptions: HashMap<String, Subscription>,
    pub incoming: HashMap<u16, Incoming>,
    queue: VecDeque<Delivery>,
    queue_bytes: usize,
    inflight: VecDeque<Sent>,
    resend: VecDeque<u16>,
    receive_max: usize,
    pid_last: u16,
}

impl State {
    pub(crate) fn is_current(&self, generation: u64) -> bool {
        self.link.as_ref().is_some_and(|link| link.generation == generation)
    }

    /// A connection begins: everything unacknowledged is to be sent again, in order (§4.4).
    pub(crate) fn attach(&mut self, link: Link, receive_max: u16) {
        self.link = Some(link);
        self.expires = None;
        self.will_due = None;
        self.receive_max = usize::from(receive_max.max(1));
        self.resend = self.inflight.iter().map(|sent| sent.pid).collect();
        // What waits for nobody's verdict any more, because its pipeline was torn down, may be sent anew.
        self.incoming.retain(|_, one| match one {
            Incoming::Waiting(verdict) => verdict.has_changed().is_ok() || verdict.borrow().is_some(),
            Incoming::Received => true,
        });
    }

    /// Queues a message for the client, within the limits.
    pub(crate) fn push(&mut self, message: &Arc<Routed>, qos: u8, retain: bool, limits: &Limits) -> Pushed {
        if self.ended || (qos == 0 && self.link.is_none()) {
            return Pushed::Dropped;
        }
        let weight_bytes = message.weight_bytes();
        let full = self.queue.len() >= limits.queue_messages_max
            || self.queue_bytes + weight_bytes > limits.queue_bytes_max;
        if full {
            return if qos == 0 { Pushed::Dropped } else { Pushed::Overflow };
        }
        self.queue_bytes += weight_bytes;
        self.queue.push_back(Delivery { message: Arc::clone(message), qos, retain });
        if let Some(link) = &self.link {
            link.wake.notify_one();
        }
        Pushed::Queued
    }

    /// The next packet for the client, if there is one and its window is open. `dropped` counts what expired.
    pub(crate) fn next(&mut self, now: Instant, limits: &Limits, dropped: &mut u64) -> Option<Outgoing> {
        let outstanding = self.inflight.len() - self.resend.len();
        let open = outstanding < self.receive_max;
        if open {
            while let Some(pid) = self.resend.pop_front() {
                if let Some(sent) = self.inflight.iter().find(|sent| sent.pid == pid) {
                    return Some(sent.again());
                }
            }
        }
        let window_max = self.receive_max.min(usize::from(limits.outgoing_inflight_max.max(1)));
        let room = open && self.inflight.len() < window_max;
        loop {
            let front = self.queue.front()?;
            let expired = front.message.is_expired(now);
            if front.qos > 0 && !room && !expired {
                return None;
            }
            let delivery = self.queue.pop_front()?;
            self.queue_bytes -= delivery.message.weight_bytes();
            if expired {
                *dropped += 1;
                continue;
            }
            let (message, retain) = (Arc::clone(&delivery.message), delivery.retain);
            let packet = (delivery.qos > 0).then(|| (self.pid_new(), delivery.qos));
            if let Some((pid, _)) = packet {
                self.inflight.push_back(Sent { pid, delivery, phase: Phase::Published });
            }
            return Some(Outgoing::Publish { message, packet, duplicate: false, retain });
        }
    }

    /// PUBACK, or a message given up because the client does not take its size.
    pub(crate) fn puback(&mut self, pid: u16) -> bool {
        self.forget(pid, |sent| sent.delivery.qos == 1)
    }

    /// A message given up because the client does not take its size.
    pub(crate) fn give_up(&mut self, pid: u16) {
        self.forget(pid, |_| true);
    }

    /// PUBREC; true when the packet id is known and PUBREL is the answer.
    pub(crate) fn pubrec(&mut self, pid: u16, failed: bool) -> bool {
        if failed {
            self.forget(pid, |sent| sent.delivery.qos == 2);
            return false;
        }
        match self.inflight.iter_mut().find(|sent| sent.pid == pid && sent.delivery.qos == 2) {
            Some(sent) => {
                sent.phase = Phase::Released;
                true
            }
            None => false,
        }
    }

    /// PUBCOMP.
    pub(crate) fn pubcomp(&mut self, pid: u16) -> bool {
        self.forget(pid, |sent| sent.phase == Phase::Released)
    }

    fn forget(&mut self, pid: u16, when: impl Fn(&Sent) -> bool) -> bool {
        let Some(at) = self.inflight.iter().position(|sent| sent.pid == pid && when(sent)) else {
            return false;
        };
        self.inflight.remove(at);
        self.resend.retain(|one| *one != pid);
        true
    }

    fn pid_new(&mut self) -> u16 {
        loop {
            self.pid_last = self.pid_last.checked_add(1).unwrap_or(1);
            // Ends: the window is at most 65 535 and has room when this is asked.
            if !self.inflight.iter().any(|sent| sent.pid == self.pid_last) {
                return self.pid_last;
            }
        }
    }
}

impl Sent {
    fn again(&self) -> Outgoing {
        match self.phase {
            Phase::Released => Outgoing::Pubrel(self.pid),
            Phase::Published => Outgoing::Publish {
                message: Arc::clone(&self.delivery.message),
                packet: Some((self.pid, self.delivery.qos)),
                duplicate: true,
                retain: self.delivery.retain,
            },
        }
    }
}

#[cfg(test)]
mod tests;
