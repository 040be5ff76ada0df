//! The listener, and the handle the platform holds.

use std::net::SocketAddr;
use std::sync::Arc;
use std::sync::atomic::Ordering;
use std::time::Duration;

use bytes::Bytes;
use mqtt_proto::TopicName;
use mqtt_proto::v5::PublishProperties;
use tokio::net::TcpListener;
use tokio::sync::watch;
use tokio::task::JoinSet;
use tokio::time::{Instant, MissedTickBehavior, interval, timeout};

use crate::broker::Broker;
use crate::connection;
use crate::gate::Gate;
use crate::limits::Limits;
use crate::routed::Routed;
use crate::stats::{Stats, count};
use crate::topics;

/// How long [`Handle::stop`] takes at most.
const STOP_MAX: Duration = Duration::from_secs(2);
/// How long connections have to say good-bye; the rest of [`STOP_MAX`] is for cutting them.
const FAREWELL_MAX: Duration = Duration::from_millis(1_500);
/// How often sessions, wills and retained messages are looked at for what is over.
const SWEEP_EVERY: Duration = Duration::from_secs(1);
/// Pause after the system refused a connection, e.g. for want of file descriptors.
const ACCEPT_PAUSE: Duration = Duration::from_millis(100);

/// A running broker. Cheap to clone; dropping it does not stop the broker, [`Handle::stop`] does.
#[derive(Clone)]
pub struct Handle {
    broker: Arc<Broker>,
    address: SocketAddr,
    stopped: watch::Receiver<bool>,
}

/// Starts a broker on `listener`, with its tasks on the current runtime.
#[allow(clippy::unused_async, reason = "it starts tasks: only code inside a runtime can await it")]
pub async fn serve(listener: TcpListener, gate: Arc<dyn Gate>, limits: Limits) -> Handle {
    let address = listener.local_addr().unwrap_or_else(|_| SocketAddr::from(([0, 0, 0, 0], 0)));
    let broker = Arc::new(Broker::new(gate, limits));
    let (done, stopped) = watch::channel(false);
    tokio::spawn(listen(listener, Arc::clone(&broker), done));
    Handle { broker, address, stopped }
}

impl Handle {
    /// Where the broker listens.
    pub fn local_addr(&self) -> SocketAddr {
        self.address
    }

    /// Sends a message of the platform itself to subscribers; the gate is not asked. A `topic` that none can publish to
    /// is dropped with a warning; a `qos` above 2 counts as 2.
    pub fn publish(&self, topic: &str, payload: Bytes, qos: u8, retain: bool) {
        let name = topics::is_topic(topic, self.broker.limits.topic_levels_max)
            .then(|| TopicName::try_from(topic).ok())
            .flatten();
        match name {
            Some(name) => {
                let properties = PublishProperties::default();
                let message = Routed::new(name, payload, qos.min(2), retain, None, properties);
                self.broker.route(&Arc::new(message));
            }
            None => tracing::warn!(topic, "not published: no valid topic"),
        }
    }

    /// Counts so far.
    pub fn stats(&self) -> Stats {
        self.broker.stats()
    }

    /// Ends the connection of a client; false when it is not connected. Its session stays.
    pub fn kick(&self, client_id: &str) -> bool {
        self.broker.kick(client_id)
    }

    /// Stops the broker: connections are told and closed, messages the gate has are given their time. Returns within
    /// two seconds. Wills are not published.
    pub async fn stop(mut self) {
        self.broker.stopping.send_replace(true);
        if timeout(STOP_MAX, self.stopped.wait_for(|stopped| *stopped)).await.is_err() {
            tracing::warn!("the MQTT broker did not stop in time");
        }
    }
}

async fn listen(listener: TcpListener, broker: Arc<Broker>, done: watch::Sender<bool>) {
    let mut stopping = broker.stopping.subscribe();
    let mut tasks = JoinSet::new();
    let mut sweep = interval(SWEEP_EVERY);
    sweep.set_missed_tick_behavior(MissedTickBehavior::Delay);
    loop {
        tokio::select! {
            () = stopped(&mut stopping) => break,
            accepted = listener.accept() => match accepted {
                Ok((stream, peer)) => {
                    count(&broker.counters.opened);
                    if broker.connections.load(Ordering::Relaxed) >= broker.limits.connections_max {
                        count(&broker.counters.turned_away);
                        continue;
                    }
                    let _ = stream.set_nodelay(true);
                    let place = connection::Place::take(&broker);
                    tasks.spawn(connection::run(Arc::clone(&broker), stream, peer, place));
                }
                Err(error) => {
                    tracing::warn!(%error, "cannot take an MQTT connection");
                    tokio::time::sleep(ACCEPT_PAUSE).await;
                }
            },
            Some(_) = tasks.join_next(), if !tasks.is_empty() => {}
            _ = sweep.tick() => broker.sweep(Instant::now()),
        }
    }
    drop(listener);
    let _ = timeout(FAREWELL_MAX, async { while tasks.join_next().await.is_some() {} }).await;
    tasks.shutdown().await;
    done.send_replace(true);
}

/// Returns when the broker is to stop.
pub(crate) async fn stopped(stopping: &mut watch::Receiver<bool>) {
    let _ = stopping.wait_for(|stopping| *stopping).await;
}
