//! Who is here: sessions, subscriptions, retained messages, and the routing between them.
//!
//! Lock order: `sessions` → a session's `state` → `tree`; `retained` is never held with another. Nothing is awaited
//! under a lock. The gate is called under `sessions` only for `disconnected` of a connection that is taken over, so that
//! the platform sees it before `connected` of its successor.

use std::collections::HashMap;
use std::sync::Arc;
use std::sync::atomic::{AtomicU64, AtomicUsize, Ordering};
use std::time::Duration;

use parking_lot::{Mutex, RwLock};
use tokio::sync::{Notify, oneshot, watch};
use tokio::time::Instant;

use crate::gate::{Gate, Identity, Message};
use crate::inbound::{self, Verdict};
use crate::limits::Limits;
use crate::retained::Retained;
use crate::routed::Routed;
use crate::session::{Closing, Link, Pushed, Session, State, Subscription, Will};
use crate::stats::{Counters, Stats, count};
use crate::topics::{self, FilterTree};
use crate::wire::{Wanted, code};

/// The state all connections share.
pub(crate) struct Broker {
    pub gate: Arc<dyn Gate>,
    pub limits: Limits,
    pub counters: Counters,
    pub connections: AtomicUsize,
    /// Becomes true once, when the broker stops.
    pub stopping: watch::Sender<bool>,
    sessions: Mutex<HashMap<Arc<str>, Arc<Session>>>,
    tree: RwLock<FilterTree<u64, (Arc<Session>, Subscription)>>,
    retained: Mutex<Retained>,
    numbers: AtomicU64,
}

/// What a client asks for when it enters.
pub(crate) struct Entry {
    pub client_id: Arc<str>,
    pub identity: Identity,
    pub clean: bool,
    pub expiry_secs: u32,
    pub receive_max: u16,
    pub will: Option<Will>,
}

/// A session with its new connection.
pub(crate) struct Attached {
    pub session: Arc<Session>,
    pub generation: u64,
    pub present: bool,
    pub wake: Arc<Notify>,
    pub close: oneshot::Receiver<Closing>,
}

impl Broker {
    pub(crate) fn new(gate: Arc<dyn Gate>, limits: Limits) -> Self {
        Self {
            gate,
            limits,
            counters: Counters::default(),
            connections: AtomicUsize::new(0),
            stopping: watch::Sender::new(false),
            sessions: Mutex::default(),
            tree: RwLock::default(),
            retained: Mutex::default(),
            numbers: AtomicU64::new(1),
        }
    }

    pub(crate) fn stats(&self) -> Stats {
        Stats {
            connections: self.connections.load(Ordering::Relaxed),
            sessions: self.sessions.lock().len(),
            subscriptions: self.tree.read().len(),
            retained: self.retained.lock().len(),
            ..self.counters.read()
        }
    }

    /// Gives a client its session: a new one, or the one it had. Another connection of the session is ended.
    ///
    /// # Errors
    /// A reason code for CONNACK.
    pub(crate) fn attach(self: &Arc<Self>, entry: Entry) -> Result<Attached, u8> {
        let mut sessions = self.sessions.lock();
        let mut kept = None;
        if let Some(old) = sessions.get(&entry.client_id).cloned() {
            if old.identity != entry.identity {
                return Err(code::CLIENT_ID);
            }
            let mut state = old.state.lock();
            let lasts = !entry.clean;
            if let Some(link) = state.link.take() {
                if let Some(close) = link.close {
                    let _ = close.send(Closing::TakenOver);
                }
                self.gate.disconnected(&old.identity, &old.client_id, "another connection took over");
            }
            // The will of the earlier connection is due now, unless its delay gave this one the time (§3.1.3.2.2).
            if let Some(will) = state.will.take().filter(|will| !lasts || will.delay_secs == 0) {
                self.publish_will(&old, will);
            }
            if lasts {
                drop(state);
                kept = Some(old);
            } else {
                sessions.remove(&entry.client_id);
                self.end(&old, &mut state);
            }
        }
        let present = kept.is_some();
        let session = match kept {
            Some(session) => session,
            None => {
                if sessions.len() >= self.limits.sessions_max {
                    return Err(code::BUSY);
                }
                let session = Arc::new(Session {
                    number: self.numbers.fetch_add(1, Ordering::Relaxed),
                    client_id: Arc::clone(&entry.client_id),
                    identity: entry.identity,
                    state: Mutex::default(),
                });
                sessions.insert(entry.client_id, Arc::clone(&session));
                session
            }
        };
        let generation = self.numbers.fetch_add(1, Ordering::Relaxed);
        let (wake, (closer, close)) = (Arc::new(Notify::new()), oneshot::channel());
        {
            let mut state = session.state.lock();
            let link = Link { generation, wake: Arc::clone(&wake), close: Some(closer) };
            state.attach(link, entry.receive_max);
            state.expiry_secs = entry.expiry_secs;
            state.will = entry.will;
        }
        Ok(Attached { session, generation, present, wake, close })
    }

    /// A connection ended. Nothing happens when another one took its place.
    pub(crate) fn detach(
        self: &Arc<Self>,
        session: &Arc<Session>,
        generation: u64,
        reason: &str,
        with_will: bool,
    ) {
        {
            let mut sessions = self.sessions.lock();
            let mut state = session.state.lock();
            if !state.is_current(generation) {
                return;
            }
            state.link = None;
            let now = Instant::now();
            let will = state.will.take().filter(|_| with_will);
            let expiry_secs = state.expiry_secs;
            if expiry_secs == 0 {
                sessions.remove(&session.client_id);
                self.end(session, &mut state);
            } else {
                state.expires = Some(now + Duration::from_secs(u64::from(expiry_secs)));
            }
            if let Some(will) = will {
                let delay_secs = will.delay_secs.min(expiry_secs);
                if delay_secs == 0 {
                    self.publish_will(session, will);
                } else {
                    state.will_due = Some(now + Duration::from_secs(u64::from(delay_secs)));
                    state.will = Some(will);
                }
            }
        }
        self.gate.disconnected(&session.identity, &session.client_id, reason);
    }

    /// A session is over: it was taken from `sessions` and has no connection.
    fn end(&self, session: &Session, state: &mut State) {
        state.ended = true;
        let mut tree = self.tree.write();
        for filter in std::mem::take(&mut state.subscriptions).into_keys() {
            tree.remove(&filter, &session.number);
        }
    }

    /// Ends what expired and publishes the wills that are due; called about every second.
    pub(crate) fn sweep(self: &Arc<Self>, now: Instant) {
        self.sessions.lock().retain(|_, session| {
            let mut state = session.state.lock();
            let over = state.expires.is_some_and(|at| at <= now);
            if state.will_due.is_some_and(|at| at <= now) || over {
                state.will_due = None;
                if let Some(will) = state.will.take() {
                    self.publish_will(session, will);
                }
            }
            if over {
                self.end(session, &mut state);
            }
            !over
        });
        self.retained.lock().sweep(now);
    }

    /// A will goes the way of every message of its client: through the gate, then to subscribers.
    fn publish_will(self: &Arc<Self>, session: &Arc<Session>, will: Will) {
        let (broker, publish) = (Arc::clone(self), will.publish);
        let message = Message {
            topic: publish.topic.to_string(),
            payload: publish.payload.clone(),
            qos: publish.qos,
            retain: publish.retain,
            duplicate: false,
            client_id: session.client_id.to_string(),
            identity: Some(session.identity.clone()),
            user_properties: user_properties(&publish.properties),
        };
        let routed = Arc::new(Routed::new(
            publish.topic,
            publish.payload,
            publish.qos,
            publish.retain,
            Some(Arc::clone(&session.client_id)),
            publish.properties,
        ));
        tokio::spawn(async move {
            if inbound::ask(&broker, message).await == Verdict::Accepted {
                broker.route(&routed);
            }
        });
    }

    /// Hands an accepted message to everybody who subscribed to it: once a client, with the highest QoS its matching
    /// subscriptions allow.
    pub(crate) fn route(&self, message: &Arc<Routed>) {
        if message.retain && !self.retained.lock().put(message, &self.limits) {
            count(&self.counters.not_retained);
        }
        let mut found: HashMap<u64, (Arc<Session>, Subscription)> = HashMap::new();
        self.tree.read().visit(&message.topic, &mut |number, (session, subscription)| {
            if subscription.no_local && message.publisher.as_ref() == Some(&session.client_id) {
                return;
            }
            let one = found.entry(*number).or_insert_with(|| (Arc::clone(session), *subscription));
            one.1.qos = one.1.qos.max(subscription.qos);
            one.1.retain_as_published |= subscription.retain_as_published;
        });
        for (session, subscription) in found.into_values() {
            let retain = message.retain && subscription.retain_as_published;
            self.push(&session, message, subscription.qos, retain);
        }
    }

    fn push(&self, session: &Session, message: &Arc<Routed>, qos_max: u8, retain: bool) {
        let mut state = session.state.lock();
        let pushed = state.push(message, message.qos.min(qos_max), retain, &self.limits);
        if pushed != Pushed::Queued {
            count(&self.counters.dropped);
        }
        if pushed == Pushed::Overflow
            && let Some(close) = state.link.as_mut().and_then(|link| link.close.take())
        {
            count(&self.counters.too_slow);
            let _ = close.send(Closing::TooSlow);
        }
    }

    /// Adds subscriptions; returns a reason code for each.
    pub(crate) fn subscribe(&self, session: &Arc<Session>, generation: u64, wanted: &[Wanted]) -> Vec<u8> {
        wanted.iter().map(|one| self.subscribe_one(session, generation, one)).collect()
    }

    fn subscribe_one(&self, session: &Arc<Session>, generation: u64, wanted: &Wanted) -> u8 {
        if wanted.filter.starts_with("$share/") {
            return code::NO_SHARED;
        }
        if !topics::is_filter(&wanted.filter, self.limits.topic_levels_max) {
            return code::FILTER;
        }
        if !self.gate.may_subscribe(&session.identity, &wanted.filter) {
            return code::NOT_AUTHORISED;
        }
        let subscription = Subscription {
            qos: wanted.qos,
            no_local: wanted.no_local,
            retain_as_published: wanted.retain_as_published,
        };
        let is_new = {
            let mut state = session.state.lock();
            let is_new = !state.subscriptions.contains_key(&wanted.filter);
            if !state.is_current(generation)
                || (is_new && state.subscriptions.len() >= self.limits.subscriptions_max)
            {
                return code::QUOTA;
            }
            state.subscriptions.insert(wanted.filter.clone(), subscription);
            let value = (Arc::clone(session), subscription);
            self.tree.write().insert(&wanted.filter, session.number, value);
            is_new
        };
        if wanted.retain_handling == 0 || (wanted.retain_handling == 1 && is_new) {
            let kept = self.retained.lock().covered_by(&wanted.filter, Instant::now());
            for message in kept {
                self.push(session, &message, wanted.qos, true);
            }
        }
        wanted.qos
    }

    /// Takes subscriptions away; returns a reason code for each.
    pub(crate) fn unsubscribe(&self, session: &Session, filters: &[String]) -> Vec<u8> {
        let mut state = session.state.lock();
        let mut tree = self.tree.write();
        let mut remove = |filter: &String| match state.subscriptions.remove(filter) {
            Some(_) => {
                tree.remove(filter, &session.number);
                code::SUCCESS
            }
            None => code::NO_SUBSCRIPTION,
        };
        filters.iter().map(&mut remove).collect()
    }

    /// Ends the connection of a client; false when it has none.
    pub(crate) fn kick(&self, client_id: &str) -> bool {
        let session = self.sessions.lock().get(client_id).cloned();
        let close =
            session.and_then(|session| session.state.lock().link.as_mut().and_then(|link| link.close.take()));
        close.is_some_and(|close| close.send(Closing::Kicked).is_ok())
    }
}

/// User properties as the gate sees them.
pub(crate) fn user_properties(properties: &mqtt_proto::v5::PublishProperties) -> Vec<(String, String)> {
    properties.user_properties.iter().map(|one| (one.name.to_string(), one.value.to_string())).collect()
}
