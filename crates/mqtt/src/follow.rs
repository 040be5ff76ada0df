//! The client of an outside broker (Mosquitto, EMQX): messages go to the platform and are acknowledged only after it
//! accepted them.
//!
//! The session is persistent, so the broker keeps what was not acknowledged, and sends it again after a reconnect. What
//! is refused as [`Refused::Temporary`](crate::Refused) is not acknowledged: the connection is given up and tried
//! again after a pause, which is the only way MQTT has to ask for a message again. Every other refusal is final; the
//! message is acknowledged and counted. Delivery is at least once: what the outside broker sends again after a lost
//! connection is handed over again, with `duplicate` set. Therefore QoS 2 is asked for as QoS 1: it would promise
//! nothing more, and the library refuses the PUBREL of an exchange that an earlier process began, for ever.
//!
//! Each attempt is a new client with no memory of the one before, so no acknowledgement meant for one connection
//! reaches another. While [`Outside::inflight_max`] messages wait, nothing is read, keep-alive answers included; a
//! platform that answers more slowly than the keep-alive is seen as gone by the outside broker.

mod client;
mod run;

use std::sync::Arc;
use std::time::{Duration, SystemTime};

use parking_lot::Mutex;
use tokio::sync::watch;
use tokio::task::JoinHandle;

use crate::gate::{Accepting, Message};

/// How long [`Follower::stop`] takes at most.
const STOP_MAX: Duration = Duration::from_secs(2);

/// An outside broker and what to follow there.
#[derive(Clone)]
pub struct Outside {
    /// `mqtt://host:port`; the port defaults to 1883.
    pub url: String,
    /// The client id; it names the session at the outside broker, so it must be stable and not empty.
    pub client_id: String,
    /// The user name, when the broker wants one.
    pub username: Option<String>,
    /// The password, when the broker wants one.
    pub password: Option<String>,
    /// Topic filters with the QoS asked for: 0 or 1; 2 counts as 1 (see the module).
    pub filters: Vec<(String, u8)>,
    /// 3 for MQTT 3.1.1, 5 for MQTT 5. Default 5.
    pub version: u8,
    /// Messages that wait for the platform at the same time. Default 64; 0 counts as 1.
    pub inflight_max: u16,
    /// Bytes of one packet. Default 1 MiB.
    pub packet_bytes_max: u32,
    /// Keep-alive. Default 30 s.
    pub keep_alive: Duration,
    /// How long the broker is asked to keep the session (MQTT 5). Default 7 days.
    pub session_expiry: Duration,
    /// First pause after a failure; it doubles with each. Default 500 ms.
    pub pause_min: Duration,
    /// Longest pause. Default 60 s.
    pub pause_max: Duration,
    /// Time the platform has for one message. Default 30 s.
    pub handler_timeout: Duration,
}

impl Outside {
    /// A broker with the defaults above, no filter yet.
    pub fn new(url: impl Into<String>, client_id: impl Into<String>) -> Self {
        Self {
            url: url.into(),
            client_id: client_id.into(),
            username: None,
            password: None,
            filters: Vec::new(),
            version: 5,
            inflight_max: 64,
            packet_bytes_max: 1024 * 1024,
            keep_alive: Duration::from_secs(30),
            session_expiry: Duration::from_secs(7 * 24 * 60 * 60),
            pause_min: Duration::from_millis(500),
            pause_max: Duration::from_secs(60),
            handler_timeout: Duration::from_secs(30),
        }
    }
}

/// How a follower is doing.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct FollowStatus {
    /// Since when it is connected; empty while it is not. Read from the system clock: it is for people only.
    pub connected_since: Option<SystemTime>,
    /// The last thing that went wrong, also after it was overcome.
    pub last_error: Option<String>,
    /// Connections made.
    pub connections: u64,
    /// Messages that came, repeats included.
    pub received: u64,
    /// Messages the platform accepted.
    pub accepted: u64,
    /// Messages refused for good, and acknowledged.
    pub refused: u64,
    /// Messages not accepted for now, to be sent again.
    pub put_off: u64,
}

/// What takes the messages of a follower; see [`Gate::accept`](crate::Gate::accept).
pub type Accept = Arc<dyn Fn(Message) -> Accepting + Send + Sync>;

/// A running follower. Dropping it stops it at once, [`Follower::stop`] says good-bye first.
pub struct Follower {
    status: Arc<Mutex<FollowStatus>>,
    stopping: watch::Sender<bool>,
    task: JoinHandle<()>,
}

/// Follows an outside broker from a task on the current runtime, until stopped. Options that cannot work (a wrong URL,
/// version or QoS, an empty client id) end the task at once and stand in [`FollowStatus::last_error`].
pub fn follow(outside: Outside, accept: Arc<dyn Fn(Message) -> Accepting + Send + Sync>) -> Follower {
    let status = Arc::new(Mutex::new(FollowStatus::default()));
    let (stopping, stop) = watch::channel(false);
    let task = tokio::spawn(run::run(outside, accept, Arc::clone(&status), stop));
    Follower { status, stopping, task }
}

impl Follower {
    /// How it is doing.
    pub fn status(&self) -> FollowStatus {
        self.status.lock().clone()
    }

    /// Disconnects and ends. Returns within two seconds; what was not acknowledged by then is sent again to the next
    /// follower with this client id.
    pub async fn stop(mut self) {
        self.stopping.send_replace(true);
        let _ = tokio::time::timeout(STOP_MAX, &mut self.task).await;
    }
}

impl Drop for Follower {
    fn drop(&mut self) {
        self.task.abort();
    }
}
