//! What each packet of a connected client does.

use std::sync::Arc;

use tokio::sync::{mpsc, watch};

use super::{Connection, End};
use crate::broker::user_properties;
use crate::gate::{Message, Refused};
use crate::inbound::{Ack, Arrived, Verdict, Work};
use crate::routed::Routed;
use crate::session::Incoming;
use crate::stats::count;
use crate::topics;
use crate::wire::{Packet, Publish, Version, code};

/// QoS 2 messages of one MQTT 3.1.1 client between PUBLISH and PUBREL; it cannot be told a Receive Maximum.
const INCOMING_V4_MAX: usize = 4_096;

impl Connection {
    pub(super) fn handle(&mut self, packet: Packet) -> Result<(), End> {
        match packet {
            Packet::Connect(_) => return Err(self.breach(code::PROTOCOL, "a second CONNECT")),
            Packet::Publish(publish) => return self.publish(*publish),
            Packet::Puback(pid) => {
                self.session.state.lock().puback(pid);
            }
            Packet::Pubrec(pid, failed) => {
                let known = self.session.state.lock().pubrec(pid, failed);
                if !failed {
                    self.writer.pubrel(pid, known);
                }
            }
            Packet::Pubrel(pid) => return self.pubrel(pid),
            Packet::Pubcomp(pid) => {
                self.session.state.lock().pubcomp(pid);
            }
            Packet::Subscribe { pid, wanted, has_id } => {
                let codes = if has_id {
                    vec![code::NO_SUBSCRIPTION_ID; wanted.len()]
                } else {
                    self.broker.subscribe(&self.session, self.generation, &wanted)
                };
                self.writer.suback(pid, &codes);
            }
            Packet::Unsubscribe { pid, filters } => {
                let codes = self.broker.unsubscribe(&self.session, &filters);
                self.writer.unsuback(pid, &codes);
            }
            Packet::Ping => self.writer.pong(),
            Packet::Disconnect { code, session_expiry_secs } => {
                return Err(self.goodbye(code, session_expiry_secs));
            }
        }
        Ok(())
    }

    /// The client broke the protocol.
    fn breach(&self, code: u8, reason: &str) -> End {
        count(&self.broker.counters.broken);
        End::new(Some(code), reason)
    }

    fn goodbye(&mut self, reason: u8, session_expiry_secs: Option<u32>) -> End {
        if let Some(asked_secs) = session_expiry_secs {
            if self.clean_expiry && asked_secs > 0 {
                return self.breach(code::PROTOCOL, "a session that was to end at once is asked to stay");
            }
            let max_secs = u32::try_from(self.broker.limits.session_expiry_max.as_secs()).unwrap_or(u32::MAX);
            let mut state = self.session.state.lock();
            if state.is_current(self.generation) {
                state.expiry_secs = asked_secs.min(max_secs);
            }
        }
        End { with_will: reason == code::WITH_WILL, ..End::new(None, "the client disconnected") }
    }

    fn publish(&mut self, mut publish: Publish) -> Result<(), End> {
        count(&self.broker.counters.received);
        self.resolve_alias(&mut publish)?;
        if !topics::is_topic(&publish.topic, self.broker.limits.topic_levels_max) {
            return Err(self.breach(code::TOPIC, "a topic that none can publish to"));
        }
        let (pid, qos) = (publish.pid, publish.qos);
        let work = if qos == 2 { self.known(pid)? } else { None };
        let work = match work {
            Some(work) => work,
            None if self.broker.gate.may_publish(&self.session.identity, &publish.topic) => self.ask(publish),
            None => {
                count(&self.broker.counters.refused);
                if qos == 2 && self.writer.version == Version::V4 {
                    // It will be acknowledged (see `Gate::may_publish`), so PUBREL follows.
                    self.session.state.lock().incoming.insert(pid, Incoming::Received);
                }
                Work::Known(Verdict::Refused(Refused::Unauthorised("topic not permitted".to_owned())))
            }
        };
        self.waiting += 1;
        if let Some(inbox) = &self.pipeline.inbox {
            let _ = inbox.send(Arrived { pid, qos, work });
        }
        Ok(())
    }

    fn resolve_alias(&mut self, publish: &mut Publish) -> Result<(), End> {
        let Some(alias) = publish.properties.topic_alias else { return Ok(()) };
        if alias == 0 || alias > self.broker.limits.topic_alias_max {
            return Err(self.breach(code::TOPIC_ALIAS, "a topic alias beyond the maximum"));
        }
        let at = usize::from(alias) - 1;
        if !publish.topic.is_empty() {
            if self.aliases.len() <= at {
                self.aliases.resize(at + 1, None);
            }
            if let Some(slot) = self.aliases.get_mut(at) {
                *slot = Some(publish.topic.clone());
            }
            return Ok(());
        }
        match self.aliases.get(at) {
            Some(Some(topic)) => {
                publish.topic = topic.clone();
                Ok(())
            }
            _ => Err(self.breach(code::PROTOCOL, "a topic alias that names nothing")),
        }
    }

    /// A QoS 2 packet id that is under way already.
    fn known(&self, pid: u16) -> Result<Option<Work>, End> {
        let state = self.session.state.lock();
        let incoming_max = match self.writer.version {
            Version::V4 => INCOMING_V4_MAX,
            Version::V5 => usize::from(self.broker.limits.inflight_max.max(1)),
        };
        match state.incoming.get(&pid) {
            Some(Incoming::Received) => Ok(Some(Work::Known(Verdict::Accepted))),
            Some(Incoming::Waiting(verdict)) => Ok(Some(Work::Wait(verdict.clone()))),
            None if state.incoming.len() >= incoming_max => {
                Err(self.breach(code::RECEIVE_MAX, "more QoS 2 messages than the receive maximum"))
            }
            None => Ok(None),
        }
    }

    fn ask(&self, publish: Publish) -> Work {
        let message = Message {
            topic: publish.topic.to_string(),
            payload: publish.payload.clone(),
            qos: publish.qos,
            retain: publish.retain,
            duplicate: publish.duplicate,
            client_id: self.session.client_id.to_string(),
            identity: Some(self.session.identity.clone()),
            user_properties: user_properties(&publish.properties),
        };
        let verdicts = (publish.qos == 2).then(|| {
            let (sender, verdict) = watch::channel(None);
            self.session.state.lock().incoming.insert(publish.pid, Incoming::Waiting(verdict));
            sender
        });
        let routed = Arc::new(Routed::new(
            publish.topic,
            publish.payload,
            publish.qos,
            publish.retain,
            Some(Arc::clone(&self.session.client_id)),
            publish.properties,
        ));
        Work::Ask { message, routed, verdicts }
    }

    fn pubrel(&mut self, pid: u16) -> Result<(), End> {
        let known = {
            let mut state = self.session.state.lock();
            if matches!(state.incoming.get(&pid), Some(Incoming::Waiting(_))) {
                drop(state);
                return Err(self.breach(code::PROTOCOL, "PUBREL before PUBREC"));
            }
            state.incoming.remove(&pid).is_some()
        };
        self.writer.pubcomp(pid, known);
        Ok(())
    }

    pub(super) fn answer_all(
        &mut self,
        first: Ack,
        acks: &mut mpsc::UnboundedReceiver<Ack>,
    ) -> Result<(), End> {
        let mut next = Some(first);
        while let Some(ack) = next {
            self.answer(&ack)?;
            next = acks.try_recv().ok();
        }
        Ok(())
    }

    fn answer(&mut self, ack: &Ack) -> Result<(), End> {
        self.waiting = self.waiting.saturating_sub(1);
        if ack.qos == 0 {
            return Ok(());
        }
        if self.writer.version == Version::V4 && ack.verdict.is_temporary() {
            // 3.1.1 has no negative acknowledgement; without one the device sends again when it is back.
            return Err(End::new(None, "a message could not be accepted now"));
        }
        let (code, text) = (ack.verdict.code(), ack.verdict.text());
        match ack.qos {
            1 => self.writer.puback(ack.pid, code, text),
            _ => self.writer.pubrec(ack.pid, code, text),
        }
        Ok(())
    }
}
