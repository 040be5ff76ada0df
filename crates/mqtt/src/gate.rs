//! What the broker asks the platform: who a client is, what it may do, and whether a message is durable.
//!
//! [`Gate::accept`] is the heart: the acknowledgement of a message waits for its future. Futures of one connection run
//! concurrently and are first polled in the order of receipt; their results are acknowledged in that order too
//! (MQTT 5 §4.6, MQTT 3.1.1 §4.6). A future that panics or passes [`crate::Limits::handler_timeout`] counts as
//! [`Refused::Temporary`].

use std::future::Future;
use std::net::SocketAddr;
use std::pin::Pin;
use std::sync::Arc;

use bytes::Bytes;

/// A message that arrived.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Message {
    /// The topic it was published to; topic aliases are already resolved.
    pub topic: String,
    /// The body, as sent.
    pub payload: Bytes,
    /// Quality of service it was published with: 0, 1 or 2.
    pub qos: u8,
    /// The publisher asks that it be kept for later subscribers.
    pub retain: bool,
    /// The sender says that it may have sent this before.
    pub duplicate: bool,
    /// The client that sent it; for a [`crate::Follower`] the follower's own client id, as the publisher is unknown.
    pub client_id: String,
    /// Who authenticated; empty for messages from an outside broker.
    pub identity: Option<Identity>,
    /// MQTT 5 user properties in the order sent; empty for MQTT 3.1.1.
    pub user_properties: Vec<(String, String)>,
}

/// Who a client is, e.g. a device id; given by [`Gate::authenticate`].
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub struct Identity(pub Arc<str>);

/// What a client said of itself when it connected.
#[derive(Clone, Copy)]
pub struct Connect<'a> {
    /// The client id; one that the broker assigned when the client sent none.
    pub client_id: &'a str,
    /// The user name, when there was one.
    pub username: Option<&'a str>,
    /// The password, when there was one.
    pub password: Option<&'a [u8]>,
    /// The address of the other side of the TCP connection.
    pub peer: SocketAddr,
}

/// Why the platform refused. The text goes to logs and, with MQTT 5, into the reason string.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum Refused {
    /// The client may not do this. MQTT 5: 0x87.
    #[error("not authorised: {0}")]
    Unauthorised(String),
    /// The content cannot be accepted, now or later. MQTT 5: 0x99.
    #[error("invalid: {0}")]
    Invalid(String),
    /// The client used up what it may use. MQTT 5: 0x97.
    #[error("quota exceeded: {0}")]
    Quota(String),
    /// It was not possible now; sending again may work. MQTT 5: 0x80; MQTT 3.1.1: no acknowledgement, connection closed.
    #[error("not now: {0}")]
    Temporary(String),
}

/// The answer of [`Gate::accept`], some time later.
pub type Accepting = Pin<Box<dyn Future<Output = Result<(), Refused>> + Send>>;

/// The platform as the broker sees it.
///
/// The synchronous methods are called on the tasks of connections: they must answer from memory.
pub trait Gate: Send + Sync + 'static {
    /// Says who this is, or refuses. Every error is answered as "not authorised" (3.1.1: 5, MQTT 5: 0x87), except
    /// [`Refused::Temporary`] ("server unavailable") and [`Refused::Quota`] ("quota exceeded"; 3.1.1: unavailable).
    ///
    /// # Errors
    /// When the client is not let in.
    fn authenticate(&self, connect: &Connect<'_>) -> Result<Identity, Refused>;

    /// Whether `who` may publish to `topic`. A refusal is answered with 0x87 in MQTT 5; MQTT 3.1.1 knows only
    /// acknowledging or closing (§3.3.5), and a device that is closed sends the same again for ever, so it is
    /// acknowledged and dropped. To keep such messages, answer `true` here and put them aside in [`Gate::accept`].
    fn may_publish(&self, who: &Identity, topic: &str) -> bool;

    /// Whether `who` may subscribe to `filter`, wildcards included as written.
    fn may_subscribe(&self, who: &Identity, filter: &str) -> bool;

    /// Called once for every PUBLISH from a device, wills included, never for [`crate::Handle::publish`]. `Ok` means
    /// that the message is durable; only then is it acknowledged and routed. The future is driven to its end even when
    /// the connection is gone.
    fn accept(&self, message: Message) -> Accepting;

    /// A client is connected; `version` is the protocol level, 4 (MQTT 3.1.1) or 5.
    fn connected(&self, who: &Identity, client_id: &str, version: u8) {
        let _ = (who, client_id, version);
    }

    /// A connection ended; called once for every [`Gate::connected`].
    fn disconnected(&self, who: &Identity, client_id: &str, reason: &str) {
        let _ = (who, client_id, reason);
    }
}
