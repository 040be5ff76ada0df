//! The limits of the broker: what one client, and all of them together, may use.
//!
//! Every limit has a default that suits a district's devices on one machine. In the worst case one connection holds
//! `inflight_max * packet_bytes_max` of incoming and `queue_bytes_max` plus `outgoing_inflight_max * packet_bytes_max`
//! of outgoing bytes.

use std::time::Duration;

/// What clients may use. See each field; [`Limits::default`] gives the defaults named there.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Limits {
    /// Connections at the same time; one more is closed at once. Default 10 000.
    pub connections_max: usize,
    /// Sessions, those of absent clients included; one more is refused as "server busy". Default 20 000.
    pub sessions_max: usize,
    /// Bytes of one packet, header included, both ways. Default 256 KiB.
    pub packet_bytes_max: usize,
    /// Messages of one connection that wait for the gate; reading stops there. MQTT 5 clients are told it as Receive
    /// Maximum. Default 64; 0 counts as 1.
    pub inflight_max: u16,
    /// Messages sent to one client and not yet acknowledged by it. Default 64; 0 counts as 1.
    pub outgoing_inflight_max: u16,
    /// Messages that wait for one client. Beyond, QoS 0 is dropped, QoS 1 and 2 are dropped and a connected client is
    /// closed with "quota exceeded" so that it knows. Default 1 000.
    pub queue_messages_max: usize,
    /// Bytes of payload and topic that wait for one client. Default 4 MiB.
    pub queue_bytes_max: usize,
    /// Subscriptions of one client. Default 64.
    pub subscriptions_max: usize,
    /// Levels of a topic or filter. Default 32.
    pub topic_levels_max: usize,
    /// Topics with a retained message; a further one is routed and not retained. Default 10 000.
    pub retained_messages_max: usize,
    /// Bytes of payload and topic of all retained messages. Default 64 MiB.
    pub retained_bytes_max: usize,
    /// Bytes of a client id. Default 128.
    pub client_id_bytes_max: usize,
    /// Topic aliases that an MQTT 5 client may use. Default 16.
    pub topic_alias_max: u16,
    /// Time from the TCP connection to a whole CONNECT. Default 5 s.
    pub connect_timeout: Duration,
    /// Time in which a client with bytes waiting must take some. Default 20 s.
    pub write_timeout: Duration,
    /// Time the gate has for one message. Default 30 s.
    pub handler_timeout: Duration,
    /// Longest keep-alive. MQTT 5 clients that ask for more, or for none, are told this one. Default 20 min.
    pub keep_alive_max: Duration,
    /// Longest time a session outlives its connection; for MQTT 3.1.1 with clean session 0 the time it does. Default
    /// 24 h.
    pub session_expiry_max: Duration,
}

impl Default for Limits {
    fn default() -> Self {
        Self {
            connections_max: 10_000,
            sessions_max: 20_000,
            packet_bytes_max: 256 * 1024,
            inflight_max: 64,
            outgoing_inflight_max: 64,
            queue_messages_max: 1_000,
            queue_bytes_max: 4 * 1024 * 1024,
            subscriptions_max: 64,
            topic_levels_max: 32,
            retained_messages_max: 10_000,
            retained_bytes_max: 64 * 1024 * 1024,
            client_id_bytes_max: 128,
            topic_alias_max: 16,
            connect_timeout: Duration::from_secs(5),
            write_timeout: Duration::from_secs(20),
            handler_timeout: Duration::from_secs(30),
            keep_alive_max: Duration::from_secs(20 * 60),
            session_expiry_max: Duration::from_secs(24 * 60 * 60),
        }
    }
}
