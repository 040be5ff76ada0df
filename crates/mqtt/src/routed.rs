//! A message on its way to subscribers: shared by all of them, never changed.

use std::sync::Arc;
use std::time::Duration;

use bytes::Bytes;
use mqtt_proto::TopicName;
use mqtt_proto::v5::PublishProperties;
use tokio::time::Instant;

/// An accepted message. Properties are those that pass through unaltered (MQTT 5 §3.3.2.3); the time it expires is kept
/// apart, because what is left of it is computed when it is sent.
#[derive(Debug)]
pub(crate) struct Routed {
    pub topic: TopicName,
    pub payload: Bytes,
    pub qos: u8,
    pub retain: bool,
    /// The client that published it, for subscriptions that do not want their own.
    pub publisher: Option<Arc<str>>,
    pub properties: PublishProperties,
    pub expires: Option<Instant>,
}

impl Routed {
    /// A message as it came in; what concerns only one connection or this copy is taken off.
    pub(crate) fn new(
        topic: TopicName,
        payload: Bytes,
        qos: u8,
        retain: bool,
        publisher: Option<Arc<str>>,
        mut properties: PublishProperties,
    ) -> Self {
        properties.topic_alias = None;
        properties.subscription_id = None;
        let expires = properties
            .message_expiry_interval
            .take()
            .map(|seconds| Instant::now() + Duration::from_secs(u64::from(seconds)));
        Self { topic, payload, qos, retain, publisher, properties, expires }
    }

    /// What it counts against limits in bytes.
    pub(crate) fn weight_bytes(&self) -> usize {
        let extra: usize =
            self.properties.user_properties.iter().map(|one| one.name.len() + one.value.len()).sum();
        self.payload.len() + self.topic.len() + extra
    }

    pub(crate) fn is_expired(&self, now: Instant) -> bool {
        self.expires.is_some_and(|at| at <= now)
    }
}
