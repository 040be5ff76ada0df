//! One connection to an outside broker, the same for both protocol versions.

use std::sync::Arc;

use rumqttc::{mqttbytes, v5};
use tokio::sync::mpsc;
use tokio::task::JoinHandle;

use super::Outside;
use crate::gate::Message;

/// What happened on the connection.
pub(super) enum Event {
    Connected,
    /// Some filters were refused.
    NotSubscribed,
    Message(Box<(Message, Receipt)>),
    Lost(String),
}

/// A message as the library knows it, to acknowledge it.
#[derive(Clone)]
pub(super) enum Receipt {
    V4(rumqttc::Publish),
    V5(v5::mqttbytes::v5::Publish),
}

enum Inner {
    V4(rumqttc::AsyncClient),
    V5(v5::AsyncClient),
}

/// A connection; dropping it closes it.
pub(super) struct Client {
    inner: Inner,
    pub events: mpsc::Receiver<Event>,
    task: JoinHandle<()>,
}

impl Drop for Client {
    fn drop(&mut self) {
        self.task.abort();
    }
}

/// Where to connect.
#[derive(Debug, PartialEq, Eq)]
pub(super) struct Target {
    host: String,
    port: u16,
}

/// Checks the options, as the library panics on some that cannot work.
pub(super) fn check(outside: &Outside) -> Result<Target, String> {
    let url = url::Url::parse(&outside.url).map_err(|error| format!("`{}`: {error}", outside.url))?;
    if url.scheme() != "mqtt" {
        return Err(format!("`{}`: needed: mqtt://host:port", outside.url));
    }
    let host = url.host_str().filter(|host| !host.is_empty());
    let host = host.ok_or_else(|| format!("`{}`: no host", outside.url))?;
    // A socket address wants an IPv6 host without its brackets.
    let host = host.trim_start_matches('[').trim_end_matches(']').to_owned();
    if outside.client_id.is_empty() || outside.client_id.starts_with(' ') {
        return Err("`client_id` is empty or begins with a space; needed: a stable name".to_owned());
    }
    if !matches!(outside.version, 3 | 5) {
        return Err(format!("`version` is {}; needed: 3 or 5", outside.version));
    }
    for (filter, qos) in &outside.filters {
        if *qos > 2 {
            return Err(format!("`{filter}`: QoS {qos}; needed: 0, 1 or 2"));
        }
        if !crate::topics::is_filter(filter, usize::MAX) {
            return Err(format!("`{filter}` is no topic filter"));
        }
    }
    Ok(Target { host, port: url.port().unwrap_or(1883) })
}

impl Client {
    /// Starts connecting; the first event says how that went.
    pub(super) fn start(outside: &Outside, target: &Target) -> Self {
        let inflight_max = usize::from(outside.inflight_max.max(1));
        // Room for every acknowledgement and subscription, so that asking for one never waits.
        let requests_max = inflight_max + outside.filters.len() + 8;
        let keep_alive = outside.keep_alive.max(std::time::Duration::from_secs(1));
        let bytes_max = usize::try_from(outside.packet_bytes_max).unwrap_or(usize::MAX);
        let credentials =
            outside.username.clone().map(|name| (name, outside.password.clone().unwrap_or_default()));
        let id: Arc<str> = outside.client_id.as_str().into();
        let (sender, events) = mpsc::channel(1);
        if outside.version == 5 {
            let mut options = v5::MqttOptions::new(&*id, &target.host, target.port);
            options.set_keep_alive(keep_alive).set_clean_start(false).set_manual_acks(true);
            options
                .set_session_expiry_interval(u32::try_from(outside.session_expiry.as_secs()).ok())
                .set_receive_maximum(Some(outside.inflight_max.max(1)))
                .set_max_packet_size(Some(outside.packet_bytes_max.max(1)));
            if let Some((name, password)) = credentials {
                options.set_credentials(name, password);
            }
            let (client, mut eventloop) = v5::AsyncClient::new(options, requests_max);
            let task = tokio::spawn(async move {
                loop {
                    let event = match eventloop.poll().await {
                        Ok(event) => from_v5(event, &id),
                        Err(error) => Some(Event::Lost(error.to_string())),
                    };
                    if !pass_on(&sender, event).await {
                        return;
                    }
                }
            });
            Self { inner: Inner::V5(client), events, task }
        } else {
            let mut options = rumqttc::MqttOptions::new(&*id, &target.host, target.port);
            options.set_keep_alive(keep_alive).set_clean_session(false).set_manual_acks(true);
            options.set_max_packet_size(bytes_max, bytes_max);
            if let Some((name, password)) = credentials {
                options.set_credentials(name, password);
            }
            let (client, mut eventloop) = rumqttc::AsyncClient::new(options, requests_max);
            let task = tokio::spawn(async move {
                loop {
                    let event = match eventloop.poll().await {
                        Ok(event) => from_v4(event, &id),
                        Err(error) => Some(Event::Lost(error.to_string())),
                    };
                    if !pass_on(&sender, event).await {
                        return;
                    }
                }
            });
            Self { inner: Inner::V4(client), events, task }
        }
    }

    /// Asks for the filters, with QoS 1 at most (see [`super`]); the answer is an event only when some are refused.
    pub(super) fn subscribe(&self, filters: &[(String, u8)]) -> Result<(), String> {
        for (filter, qos) in filters {
            match &self.inner {
                Inner::V4(client) => {
                    let qos = mqttbytes::qos((*qos).min(1)).map_err(|error| error.to_string())?;
                    client.try_subscribe(filter, qos).map_err(|error| error.to_string())?;
                }
                Inner::V5(client) => {
                    let qos = v5::mqttbytes::qos((*qos).min(1)).ok_or_else(|| format!("QoS {qos}"))?;
                    client.try_subscribe(filter, qos).map_err(|error| error.to_string())?;
                }
            }
        }
        Ok(())
    }

    /// Acknowledges a message of QoS 1; for QoS 0 nothing happens.
    pub(super) fn acknowledge(&self, receipt: &Receipt) -> Result<(), String> {
        match (&self.inner, receipt) {
            (Inner::V4(client), Receipt::V4(publish)) => {
                client.try_ack(publish).map_err(|error| error.to_string())
            }
            (Inner::V5(client), Receipt::V5(publish)) => {
                client.try_ack(publish).map_err(|error| error.to_string())
            }
            _ => Err("a receipt of another connection".to_owned()),
        }
    }

    /// Says good-bye; events end when it was said.
    pub(super) fn disconnect(&self) {
        let _ = match &self.inner {
            Inner::V4(client) => client.try_disconnect().map_err(|_| ()),
            Inner::V5(client) => client.try_disconnect().map_err(|_| ()),
        };
    }
}

/// False when the connection is over.
async fn pass_on(sender: &mpsc::Sender<Event>, event: Option<Event>) -> bool {
    let Some(event) = event else { return !sender.is_closed() };
    let goes_on = !matches!(event, Event::Lost(_));
    sender.send(event).await.is_ok() && goes_on
}

fn from_v4(event: rumqttc::Event, id: &Arc<str>) -> Option<Event> {
    use rumqttc::Packet;
    use rumqttc::SubscribeReasonCode as Code;
    let rumqttc::Event::Incoming(packet) = event else { return None };
    match packet {
        Packet::ConnAck(_) => Some(Event::Connected),
        Packet::SubAck(ack) if ack.return_codes.contains(&Code::Failure) => Some(Event::NotSubscribed),
        Packet::Publish(publish) => {
            let message = Message {
                topic: publish.topic.clone(),
                payload: publish.payload.clone(),
                qos: publish.qos as u8,
                retain: publish.retain,
                duplicate: publish.dup,
                client_id: id.to_string(),
                identity: None,
                user_properties: Vec::new(),
            };
            Some(Event::Message(Box::new((message, Receipt::V4(publish)))))
        }
        _ => None,
    }
}

fn from_v5(event: v5::Event, id: &Arc<str>) -> Option<Event> {
    use v5::mqttbytes::v5::{Packet, SubscribeReasonCode as Code};
    let v5::Event::Incoming(packet) = event else { return None };
    match packet {
        Packet::ConnAck(_) => Some(Event::Connected),
        Packet::SubAck(ack) if ack.return_codes.iter().any(|code| !matches!(code, Code::Success(_))) => {
            Some(Event::NotSubscribed)
        }
        Packet::Publish(publish) => {
            let user_properties = publish.properties.as_ref().map(|one| one.user_properties.clone());
            let message = Message {
                topic: String::from_utf8_lossy(&publish.topic).into_owned(),
                payload: publish.payload.clone(),
                qos: publish.qos as u8,
                retain: publish.retain,
                duplicate: publish.dup,
                client_id: id.to_string(),
                identity: None,
                user_properties: user_properties.unwrap_or_default(),
            };
            Some(Event::Message(Box::new((message, Receipt::V5(publish)))))
        }
        Packet::Disconnect(disconnect) => {
            Some(Event::Lost(format!("the broker disconnected: {:?}", disconnect.reason_code)))
        }
        _ => None,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn options_that_cannot_work_are_named() {
        let good = || Outside { filters: vec![("a/#".to_owned(), 1)], ..Outside::new("mqtt://h:1", "c") };
        assert_eq!(check(&good()), Ok(Target { host: "h".to_owned(), port: 1 }));
        assert_eq!(
            check(&Outside { url: "mqtt://[::1]".to_owned(), ..good() }),
            Ok(Target { host: "::1".to_owned(), port: 1883 })
        );
        for bad in [
            Outside { url: "http://h".to_owned(), ..good() },
            Outside { url: "nonsense".to_owned(), ..good() },
            Outside { client_id: String::new(), ..good() },
            Outside { version: 4, ..good() },
            Outside { filters: vec![("a".to_owned(), 3)], ..good() },
            Outside { filters: vec![("a#".to_owned(), 1)], ..good() },
        ] {
            assert!(check(&bad).is_err(), "{}", bad.url);
        }
    }
}
