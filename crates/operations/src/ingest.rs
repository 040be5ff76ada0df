//! What devices say: read by their feeds, recorded once, held where it cannot be read. It answers when it is durable.

use std::collections::HashMap;
use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering};

use nacre_devices::device::DEVICE;
use nacre_devices::names::urn;
use nacre_devices::{Bad, Device, Feed, Observe, Quarantine, Reading, Reason, reading};
use nacre_kernel::query::AsOf;
use nacre_kernel::{Act, Command, Output, Principal, Refusal, Submission, Verb};
use nacre_model::{Actor, EntityId, Instant};
use parking_lot::Mutex;

use super::Operations;

/// Most messages that are held: more is refused, and said so.
pub const HELD_MAX: u64 = 10_000;
/// Most devices that are counted one by one.
const TALLIES_MAX: usize = 200_000;

/// A message as it came.
#[derive(Debug, Clone)]
pub struct Incoming {
    /// Local id of whoever has proved to be the device.
    pub device: Option<String>,
    /// Topic or path.
    pub topic: String,
    /// As it came.
    pub payload: Vec<u8>,
}

/// What became of a reading.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Verdict {
    /// It is recorded.
    Recorded {
        /// The record.
        seq: u64,
    },
    /// It was recorded before.
    Duplicate {
        /// That record.
        seq: u64,
    },
    /// It cannot be read, and is held.
    Held(Reason),
    /// It is neither recorded nor held.
    Refused(Reason),
}

/// What was counted of a device since the start.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub struct Tally {
    /// When it was last heard.
    pub last_seen: Option<Instant>,
    /// Recorded.
    pub accepted: u64,
    /// Held or refused.
    pub refused: u64,
    /// Observed before what stands.
    pub late: u64,
    /// Recorded before.
    pub duplicates: u64,
}

/// Counts since the start.
#[derive(Debug, Default)]
pub struct Tallies {
    devices: Mutex<HashMap<String, Tally>>,
    held: AtomicU64,
    /// Messages.
    pub received: AtomicU64,
    /// Readings that were recorded.
    pub accepted: AtomicU64,
    /// Readings that were not.
    pub refused: AtomicU64,
}

fn reason(code: &str, words: impl Into<String>) -> Reason {
    Reason { code: code.to_owned(), words: words.into() }
}

/// A message that could not be read, as far as it was understood.
struct Unread {
    device: Option<Device>,
    feed: Option<String>,
    why: Reason,
}

fn unread(device: Option<Device>, feed: Option<Arc<Feed>>, why: Reason) -> Box<Unread> {
    Box::new(Unread { device, feed: feed.map(|f| f.id.clone()), why })
}

/// A device as it stands in records.
pub fn actor(device: &str) -> Principal {
    Principal { actor: Actor::new(&format!("device:{device}")) }
}

fn act(principal: Principal, verb: impl Verb + 'static) -> Submission {
    Submission::new(principal, Command::Act(Act(Arc::new(verb))))
}

impl Operations {
    /// What payloads mean.
    pub fn feeds(&self) -> &[Arc<Feed>] {
        &self.0.feeds
    }

    /// A feed.
    pub fn feed(&self, id: &str) -> Option<&Arc<Feed>> {
        self.0.feeds.iter().find(|f| f.id == id)
    }

    /// A device by its local id.
    pub fn device(&self, local: &str) -> Option<Device> {
        let id = EntityId::new(&urn(DEVICE, local)).ok()?;
        let entity = self.0.tenant.entity(&super::system(), &id, AsOf::Now).ok()??;
        Device::read(&entity)
    }

    /// What was counted of a device since the start.
    pub fn tally(&self, local: &str) -> Tally {
        self.0.tallies.devices.lock().get(local).copied().unwrap_or_default()
    }

    /// Counts since the start.
    pub fn tallies(&self) -> &Tallies {
        &self.0.tallies
    }

    /// Takes a message; when it answers, what it says is durable.
    pub async fn take(&self, incoming: Incoming) -> Result<Vec<Verdict>, Refusal> {
        let tallies = &self.0.tallies;
        tallies.received.fetch_add(1, Ordering::Relaxed);
        let received = self.0.tenant.now();
        let (device, feed, read) = match self.read(&incoming, received) {
            Ok(found) => found,
            Err(unread) => {
                let Unread { device, feed, why } = *unread;
                let held = self.hold(device, feed, incoming, why).await?;
                return Ok(vec![held]);
            }
        };
        let verdicts = self.record(&device, read, received).await?;
        // A contradiction is held, so that somebody looks.
        if let Some(why) = verdicts.iter().find_map(|v| match v {
            Verdict::Refused(why) => Some(why.clone()),
            _ => None,
        }) {
            self.hold(Some(device), Some(feed.id.clone()), incoming, why).await?;
        }
        Ok(verdicts)
    }

    /// Reads a message by the feed of its device.
    fn read(
        &self,
        incoming: &Incoming,
        received: Instant,
    ) -> Result<(Device, Arc<Feed>, Vec<Reading>), Box<Unread>> {
        let by_topic = self.0.feeds.iter().find_map(|f| Some((f, f.device_of(&incoming.topic)?)));
        let claimed = by_topic.map(|(_, d)| d).or(incoming.device.as_deref());
        let device = incoming.device.as_deref().or(claimed).and_then(|d| self.device(d));
        let Some(device) = device else {
            let words = format!("没有设备 {}。 / There is no such device.", claimed.unwrap_or("?"));
            return Err(unread(None, None, reason("device_unknown", words)));
        };
        if let (Some(proved), Some(claimed)) = (incoming.device.as_deref(), claimed)
            && proved != claimed
        {
            let words =
                format!("设备 {proved} 用了 {claimed} 的主题。 / Device {proved} spoke as {claimed}.");
            return Err(unread(Some(device), None, reason("device_forged", words)));
        }
        if device.revoked.is_some() {
            let words = "设备的凭证已撤销。 / The credential of the device was revoked.";
            return Err(unread(Some(device), None, reason("device_revoked", words)));
        }
        let Some(feed) = self.feed(&device.feed).cloned() else {
            let words = format!("没有接入映射 {}。 / There is no feed `{}`.", device.feed, device.feed);
            return Err(unread(Some(device), None, reason("feed_unknown", words)));
        };
        if by_topic.is_some_and(|(f, _)| f.id != feed.id) {
            let words = format!(
                "设备的接入映射是 {}，不是这个主题的。 / The device has feed `{}`.",
                feed.id, feed.id
            );
            return Err(unread(Some(device), Some(feed), reason("feed_other", words)));
        }
        match reading::read(&feed, &incoming.payload, received) {
            Ok(readings) => Ok((device, feed, readings)),
            Err(bad) => {
                let why = Reason { code: bad.code().into(), words: bad.to_string() };
                Err(unread(Some(device), Some(feed), why))
            }
        }
    }

    /// Records readings of a device, each once.
    pub async fn record(
        &self,
        device: &Device,
        readings: Vec<Reading>,
        received: Instant,
    ) -> Result<Vec<Verdict>, Refusal> {
        let principal = actor(device.local());
        let stands = self.0.tenant.entity(&super::system(), device.target(), AsOf::Now)?;
        let newest = stands.iter().flat_map(|e| e.attributes.values().flatten());
        let newest = newest.filter_map(|i| i.attribute.observed_at).max().unwrap_or(Instant::MIN);
        let late = readings.iter().filter(|r| r.observed_at < newest).count() as u64;
        let submissions = readings.into_iter().map(|reading| {
            let observe = Observe { device: device.id.clone(), reading, received };
            let key = Some((Arc::from(observe.key()), observe.digest()));
            Submission { idempotency: key, ..act(principal.clone(), observe) }
        });
        let answers = self.0.tenant.submit_batch(submissions.collect()).await;
        let mut verdicts = Vec::with_capacity(answers.len());
        for answer in answers {
            verdicts.push(match answer {
                Ok(done) if done.output == Output::Repeated => Verdict::Duplicate { seq: done.seq.0 },
                Ok(done) => Verdict::Recorded { seq: done.seq.0 },
                Err(Refusal::IdempotencyConflict(_)) => Verdict::Refused(reason(
                    "observation_contradicts",
                    "同一时间已有另一读数。 / Another reading stands for this instant.",
                )),
                Err(refusal @ Refusal::Act { .. }) => {
                    Verdict::Refused(reason(refusal.code(), refusal.to_string()))
                }
                // Nothing of ours is acknowledged that is not durable: the device sends again.
                Err(refusal) => return Err(refusal),
            });
        }
        self.count(device.local(), &verdicts, late, received);
        Ok(verdicts)
    }

    fn count(&self, device: &str, verdicts: &[Verdict], late: u64, received: Instant) {
        let of = |wanted: fn(&Verdict) -> bool| verdicts.iter().filter(|v| wanted(v)).count() as u64;
        let accepted = of(|v| matches!(v, Verdict::Recorded { .. }));
        let duplicates = of(|v| matches!(v, Verdict::Duplicate { .. }));
        let refused = of(|v| matches!(v, Verdict::Held(_) | Verdict::Refused(_)));
        self.0.tallies.accepted.fetch_add(accepted, Ordering::Relaxed);
        self.0.tallies.refused.fetch_add(refused, Ordering::Relaxed);
        let mut devices = self.0.tallies.devices.lock();
        if devices.len() >= TALLIES_MAX && !devices.contains_key(device) {
            return;
        }
        let tally = devices.entry(device.to_owned()).or_default();
        tally.last_seen = tally.last_seen.max(Some(received));
        tally.accepted += accepted;
        tally.duplicates += duplicates;
        tally.refused += refused;
        tally.late += late.min(accepted);
    }

    /// Holds a message; refuses when too many are held.
    async fn hold(
        &self,
        device: Option<Device>,
        feed: Option<String>,
        incoming: Incoming,
        why: Reason,
    ) -> Result<Verdict, Refusal> {
        let local = device.as_ref().map(|d| d.local().to_owned());
        if let Some(local) = &local {
            self.count(local, &[Verdict::Held(why.clone())], 0, self.0.tenant.now());
        } else {
            self.0.tallies.refused.fetch_add(1, Ordering::Relaxed);
        }
        let room = self.0.tallies.held.load(Ordering::Relaxed) < HELD_MAX;
        let mut payload = incoming.payload;
        payload.truncate(reading::PAYLOAD_MAX);
        let message = Quarantine::new(device.map(|d| d.id), feed, incoming.topic, payload, why.clone());
        let Some(message) = message.filter(|_| room) else {
            let words = "隔离区已满，先处理其中的消息。 / Too many messages are held.";
            return Ok(Verdict::Refused(reason("quarantine_full", words)));
        };
        let principal = actor(local.as_deref().unwrap_or("unknown"));
        let answer = self.0.tenant.submit(act(principal, message)).await?;
        if answer.output == Output::Done {
            self.0.tallies.held.fetch_add(1, Ordering::Relaxed);
        }
        Ok(Verdict::Held(why))
    }

    /// Messages held since the start, less those decided about.
    pub fn released(&self) {
        let less = |n: u64| Some(n.saturating_sub(1));
        // The closure always answers.
        let _ = self.0.tallies.held.fetch_update(Ordering::Relaxed, Ordering::Relaxed, less);
    }

    /// Reads rows of a table as readings of a device: each with its row number.
    pub fn rows(&self, feed: &Feed, bytes: &[u8]) -> Result<Vec<Result<Reading, Bad>>, Bad> {
        let received = self.0.tenant.now();
        reading::history(feed, bytes, received)
    }
}
