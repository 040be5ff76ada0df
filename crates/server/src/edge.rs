//! The edge to devices: the embedded MQTT broker, and brokers outside. What is acknowledged to a device is durable.

use std::net::SocketAddr;
use std::sync::Arc;

use nacre_api::devices::ingest::{BrokerStatus, Link, LinkStatus, OutsideStatus};
use nacre_kernel::Refusal;
use nacre_model::Instant;
use nacre_mqtt::{Accepting, Connect, Follower, Gate, Handle, Identity, Limits, Message, Outside, Refused};
use nacre_operations::Operations;
use nacre_operations::ingest::{Incoming, Verdict};
use tokio::net::TcpListener;

/// See the module.
#[derive(Default)]
pub struct Edge {
    broker: Option<Handle>,
    failure: Option<String>,
    outside: Vec<(String, Follower)>,
}

impl Edge {
    /// Opens the broker and begins to follow the brokers outside. A port that is taken is no reason not to serve: it is
    /// said in the log and on the page of devices.
    pub async fn open(listen: Option<SocketAddr>, outside: &[String], operations: &Operations) -> Edge {
        let mut edge = Edge::default();
        if let Some(address) = listen {
            match TcpListener::bind(address).await {
                Ok(listener) => {
                    let gate = Arc::new(Doorman { operations: operations.clone() });
                    let broker = nacre_mqtt::serve(listener, gate, Limits::default()).await;
                    tracing::info!(address = %broker.local_addr(), "the MQTT broker takes devices");
                    edge.broker = Some(broker);
                }
                Err(why) => {
                    tracing::warn!(%address, "no MQTT broker: {why}; another program may have the port, see --mqtt-listen");
                    edge.failure = Some(format!("{address}: {why}"));
                }
            }
        }
        for url in outside {
            match follow(url, operations) {
                Ok((shown, follower)) => edge.outside.push((shown, follower)),
                Err(why) => tracing::warn!("a broker outside cannot be followed: {why}"),
            }
        }
        edge
    }

    /// Says good-bye.
    pub async fn close(self: Arc<Edge>) {
        if let Some(broker) = &self.broker {
            broker.clone().stop().await;
        }
        if let Ok(edge) = Arc::try_unwrap(self).map_err(drop) {
            for (_, follower) in edge.outside {
                follower.stop().await;
            }
        }
    }
}

impl Link for Edge {
    fn status(&self) -> LinkStatus {
        let broker = self.broker.as_ref().map(|b| BrokerStatus {
            address: b.local_addr().to_string(),
            connections: b.stats().connections as u64,
        });
        let outside = self.outside.iter().map(|(url, follower)| {
            let status = follower.status();
            let since = status.connected_since.and_then(|t| t.duration_since(std::time::UNIX_EPOCH).ok());
            OutsideStatus {
                url: url.clone(),
                connected_since: since.map(|d| Instant(d.as_millis() as i64).to_string()),
                last_error: status.last_error,
                received: status.received,
            }
        });
        LinkStatus { broker, failure: self.failure.clone(), outside: outside.collect() }
    }

    fn kick(&self, device: &str) {
        if let Some(broker) = &self.broker {
            broker.kick(device);
        }
    }
}

/// `mqtt://user:password@host:port/filter`; without a filter every topic of the feeds is followed.
fn follow(written: &str, operations: &Operations) -> Result<(String, Follower), String> {
    let url = url::Url::parse(written).map_err(|e| format!("`{written}`: {e}"))?;
    let host = url.host_str().ok_or_else(|| format!("`{written}` names no host"))?;
    let shown = format!("mqtt://{host}:{}", url.port().unwrap_or(1883));
    let mut outside = Outside::new(shown.clone(), "nacre");
    if !url.username().is_empty() {
        outside.username = Some(url.username().to_owned());
        outside.password = url.password().map(str::to_owned);
    }
    let path = url.path().trim_start_matches('/');
    outside.filters = match path.is_empty() {
        false => vec![(path.replace("%23", "#"), 1)],
        true => operations.feeds().iter().map(|f| (f.topic("+"), 1)).collect(),
    };
    // 3.1.1 is what every broker speaks.
    outside.version = 3;
    let operations = operations.clone();
    let accept = move |message: Message| -> Accepting {
        let operations = operations.clone();
        Box::pin(async move { taken(&operations, message).await })
    };
    Ok((shown, nacre_mqtt::follow(outside, Arc::new(accept))))
}

/// Takes a message of either kind of broker.
async fn taken(operations: &Operations, message: Message) -> Result<(), Refused> {
    let incoming = Incoming {
        device: message.identity.map(|i| i.0.to_string()),
        topic: message.topic,
        payload: message.payload.to_vec(),
    };
    match operations.take(incoming).await {
        // What cannot be read is held: the device need not send it again.
        Ok(verdicts) => verdicts.into_iter().find_map(refused).map_or(Ok(()), Err),
        Err(refusal @ Refusal::Act { .. }) => Err(Refused::Invalid(refusal.to_string())),
        Err(refusal) => Err(Refused::Temporary(refusal.to_string())),
    }
}

/// What a device is told although its message is kept, or because it is not.
fn refused(verdict: Verdict) -> Option<Refused> {
    match verdict {
        Verdict::Held(why) if why.code == "device_forged" => Some(Refused::Unauthorised(why.words)),
        Verdict::Refused(why) if why.code == "quarantine_full" => Some(Refused::Quota(why.words)),
        _ => None,
    }
}

/// Who may come in, and what they may say.
struct Doorman {
    operations: Operations,
}

impl Gate for Doorman {
    fn authenticate(&self, connect: &Connect<'_>) -> Result<Identity, Refused> {
        let refused = || Refused::Unauthorised("unknown device or wrong password".into());
        let (Some(username), Some(password)) = (connect.username, connect.password) else {
            return Err(refused());
        };
        let device = self.operations.device(username).ok_or_else(refused)?;
        match device.knows(password) {
            true => Ok(Identity(device.local().into())),
            false => Err(refused()),
        }
    }

    /// A device that speaks as another is refused (MQTT 5: 0x87), and what it said is held: somebody should look.
    fn may_publish(&self, _who: &Identity, topic: &str) -> bool {
        !topic.starts_with('$')
    }

    /// A device hears what is sent to it.
    fn may_subscribe(&self, who: &Identity, filter: &str) -> bool {
        filter
            .strip_prefix("devices/")
            .and_then(|f| f.strip_prefix(&*who.0))
            .is_some_and(|f| f.starts_with('/'))
    }

    fn accept(&self, message: Message) -> Accepting {
        let operations = self.operations.clone();
        Box::pin(async move { taken(&operations, message).await })
    }
}
