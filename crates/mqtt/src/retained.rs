//! Retained messages: the last one of each topic, for those who subscribe later. Bounded in count and bytes.

use std::collections::BTreeMap;
use std::sync::Arc;

use tokio::time::Instant;

use crate::limits::Limits;
use crate::routed::Routed;
use crate::topics;

/// `bytes` is always the sum of the weights of `by_topic`.
#[derive(Default)]
pub(crate) struct Retained {
    by_topic: BTreeMap<Arc<str>, Arc<Routed>>,
    bytes: usize,
}

impl Retained {
    pub(crate) fn len(&self) -> usize {
        self.by_topic.len()
    }

    /// Keeps `message`, or forgets its topic when it has no body (§3.3.1.3). False when there is no room; then what
    /// was kept before is gone too, because it is no longer the last one.
    pub(crate) fn put(&mut self, message: &Arc<Routed>, limits: &Limits) -> bool {
        if let Some(old) = self.by_topic.remove(&*message.topic) {
            self.bytes -= old.weight_bytes();
        }
        if message.payload.is_empty() {
            return true;
        }
        let weight_bytes = message.weight_bytes();
        if self.by_topic.len() >= limits.retained_messages_max
            || self.bytes + weight_bytes > limits.retained_bytes_max
        {
            return false;
        }
        self.by_topic.insert(Arc::from(&*message.topic), Arc::clone(message));
        self.bytes += weight_bytes;
        true
    }

    /// The messages that `filter` covers and that did not expire.
    pub(crate) fn covered_by(&self, filter: &str, now: Instant) -> Vec<Arc<Routed>> {
        // Everything covered begins with the text before the first wildcard, without its last slash (`a/#` covers `a`).
        let fixed = filter.find(['+', '#']).and_then(|at| filter.get(..at)).unwrap_or(filter);
        let fixed = fixed.strip_suffix('/').unwrap_or(fixed);
        self.by_topic
            .range::<str, _>((std::ops::Bound::Included(fixed), std::ops::Bound::Unbounded))
            .take_while(|(topic, _)| topic.starts_with(fixed))
            .filter(|(topic, message)| topics::matches(filter, topic) && !message.is_expired(now))
            .map(|(_, message)| Arc::clone(message))
            .collect()
    }

    /// Drops what expired.
    pub(crate) fn sweep(&mut self, now: Instant) {
        let bytes = &mut self.bytes;
        self.by_topic.retain(|_, message| {
            let keep = !message.is_expired(now);
            if !keep {
                *bytes -= message.weight_bytes();
            }
            keep
        });
    }
}

#[cfg(test)]
mod tests {
    use bytes::Bytes;
    use mqtt_proto::TopicName;
    use mqtt_proto::v5::PublishProperties;

    use super::*;

    fn message(topic: &str, body: &'static str, expiry: Option<u32>) -> Arc<Routed> {
        let properties =
            PublishProperties { message_expiry_interval: expiry, ..PublishProperties::default() };
        let topic = TopicName::try_from(topic).unwrap();
        Arc::new(Routed::new(topic, Bytes::from_static(body.as_bytes()), 0, true, None, properties))
    }

    #[test]
    fn a_filter_finds_what_it_covers_and_an_empty_body_forgets() {
        let (limits, now) = (Limits::default(), Instant::now());
        let mut kept = Retained::default();
        for topic in ["a", "a/b", "a/c/d", "ab", "b", "$SYS/x"] {
            assert!(kept.put(&message(topic, "1", None), &limits));
        }
        let found = |kept: &Retained, filter| {
            kept.covered_by(filter, now).iter().map(|m| m.topic.to_string()).collect::<Vec<_>>()
        };
        assert_eq!(found(&kept, "a/#"), ["a", "a/b", "a/c/d"]);
        assert_eq!(found(&kept, "a/+"), ["a/b"]);
        assert_eq!(found(&kept, "ab"), ["ab"]);
        assert_eq!(found(&kept, "+"), ["a", "ab", "b"]);
        assert!(kept.put(&message("a/b", "", None), &limits));
        assert_eq!(found(&kept, "a/+"), Vec::<String>::new());
    }

    #[test]
    fn count_and_bytes_are_bounded_and_what_expires_goes() {
        let limits = Limits { retained_messages_max: 2, retained_bytes_max: 12, ..Limits::default() };
        let mut kept = Retained::default();
        assert!(kept.put(&message("a", "12345", Some(1)), &limits));
        assert!(!kept.put(&message("b", "1234567", None), &limits), "bytes");
        assert!(kept.put(&message("b", "1", None), &limits));
        assert!(!kept.put(&message("c", "1", None), &limits), "count");
        kept.sweep(Instant::now() + std::time::Duration::from_secs(2));
        assert_eq!((kept.len(), kept.bytes), (1, 2));
    }
}
