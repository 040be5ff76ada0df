//! One client: bytes in and out, until one side ends it.
//!
//! One loop holds all that can happen: bytes came, bytes can go, a verdict is there, something is queued for the client,
//! a deadline, or the end is asked for. Reading stops while [`Limits::inflight_max`](crate::Limits) messages wait for the
//! gate or while the client leaves more than [`OUT_HIGH`] bytes; the keep-alive does not run in that time.

mod packets;

use std::net::SocketAddr;
use std::panic::AssertUnwindSafe;
use std::sync::Arc;
use std::sync::atomic::Ordering;
use std::time::Duration;

use bytes::BytesMut;
use futures_util::FutureExt;
use mqtt_proto::TopicName;
use tokio::io::{AsyncRead, AsyncReadExt, AsyncWrite, AsyncWriteExt, ReadHalf, WriteHalf};
use tokio::sync::{Notify, mpsc, oneshot};
use tokio::time::{Instant, sleep_until, timeout};

use crate::broker::Broker;
use crate::handshake::{self, Entered};
use crate::inbound::{Ack, Pipeline};
use crate::server::stopped;
use crate::session::{Closing, Outgoing, Session};
use crate::stats::count;
use crate::wire::encode::Writer;
use crate::wire::{Hello, Version, WireError, code, decode, take_frame};

/// Bytes waiting to be sent beyond which nothing more is read or taken from the queue.
const OUT_HIGH: usize = 64 * 1024;
/// Room made for each read.
const READ_BYTES: usize = 4 * 1024;
/// How long the last bytes may take.
const LAST_WORDS_MAX: Duration = Duration::from_millis(500);

/// A place among [`Limits::connections_max`](crate::Limits); given back when dropped.
pub(crate) struct Place(Arc<Broker>);

impl Place {
    pub(crate) fn take(broker: &Arc<Broker>) -> Self {
        broker.connections.fetch_add(1, Ordering::Relaxed);
        Self(Arc::clone(broker))
    }
}

impl Drop for Place {
    fn drop(&mut self) {
        self.0.connections.fetch_sub(1, Ordering::Relaxed);
    }
}

/// Why a connection ends.
#[derive(Debug)]
struct End {
    /// The reason in DISCONNECT, when there is one to send.
    code: Option<u8>,
    reason: String,
    with_will: bool,
}

impl End {
    fn new(code: Option<u8>, reason: impl Into<String>) -> Self {
        Self { code, reason: reason.into(), with_will: true }
    }
}

/// Serves one connection from its first byte to its last.
pub(crate) async fn run<S>(broker: Arc<Broker>, stream: S, peer: SocketAddr, place: Place)
where
    S: AsyncRead + AsyncWrite + Send + 'static,
{
    let (mut reader, mut sender) = tokio::io::split(stream);
    let mut input = BytesMut::with_capacity(READ_BYTES);
    let Some(hello) = greet(&broker, &mut reader, &mut sender, &mut input).await else { return };
    let entered = match handshake::enter(&broker, *hello, peer) {
        Ok(entered) => entered,
        Err((mut writer, reason)) => {
            count(&broker.counters.logins_refused);
            tracing::debug!(%peer, reason, "login refused");
            say_last(&mut sender, &mut writer).await;
            return;
        }
    };
    let Entered { attached, writer, keep_alive, clean_expiry } = entered;
    let (session, generation) = (Arc::clone(&attached.session), attached.generation);
    let version = writer.version;
    let (pipeline, acks) = Pipeline::start(&broker, &session, version);
    let now = Instant::now();
    let mut connection = Connection {
        broker: Arc::clone(&broker),
        session: Arc::clone(&session),
        generation,
        writer,
        input,
        pipeline,
        waiting: 0,
        aliases: Vec::new(),
        keep_alive,
        clean_expiry,
        heard: now,
        progress: now,
        wake: attached.wake,
    };
    let talk = async {
        let level = if version == Version::V4 { 4 } else { 5 };
        broker.gate.connected(&session.identity, &session.client_id, level);
        connection.talk(&mut reader, &mut sender, acks, attached.close).await
    };
    let end = AssertUnwindSafe(talk).catch_unwind().await.unwrap_or_else(|_| {
        tracing::error!("a connection's task panicked");
        End::new(None, "internal error")
    });
    tracing::debug!(client_id = &*session.client_id, reason = end.reason, "disconnected");
    if let Some(code) = end.code {
        connection.writer.disconnect(code);
    }
    say_last(&mut sender, &mut connection.writer).await;
    drop((reader, sender));
    broker.detach(&session, generation, &end.reason, end.with_will);
    drop(place);
    connection.pipeline.finish().await;
}

/// Waits for CONNECT; answers and returns `None` when there is none worth the name.
async fn greet<S: AsyncRead + AsyncWrite>(
    broker: &Broker,
    reader: &mut ReadHalf<S>,
    sender: &mut WriteHalf<S>,
    input: &mut BytesMut,
) -> Option<Box<Hello>> {
    let mut stopping = broker.stopping.subscribe();
    let connect = handshake::read_connect(reader, input, broker.limits.packet_bytes_max);
    let read = tokio::select! {
        read = timeout(broker.limits.connect_timeout, connect) => read,
        () = stopped(&mut stopping) => return None,
    };
    match read {
        Ok(Ok(hello)) => hello,
        Ok(Err(error)) => {
            count(&broker.counters.broken);
            if error == WireError::Version {
                let mut writer = Writer::new(Version::V4, broker.limits.packet_bytes_max);
                writer.connack_wrong_version();
                say_last(sender, &mut writer).await;
            }
            None
        }
        Err(_elapsed) => None,
    }
}

async fn say_last<S: AsyncRead + AsyncWrite>(sender: &mut WriteHalf<S>, writer: &mut Writer) {
    let say = async {
        sender.write_all_buf(&mut writer.out).await?;
        sender.shutdown().await
    };
    let _ = timeout(LAST_WORDS_MAX, say).await;
}

struct Connection {
    broker: Arc<Broker>,
    session: Arc<Session>,
    generation: u64,
    writer: Writer,
    input: BytesMut,
    pipeline: Pipeline,
    /// Messages in the pipeline.
    waiting: usize,
    /// Topics by alias, from 1.
    aliases: Vec<Option<TopicName>>,
    /// One and a half times the keep-alive.
    keep_alive: Option<Duration>,
    /// The session expiry in CONNECT was zero; DISCONNECT must not change that (§3.14.2.2.2).
    clean_expiry: bool,
    /// When bytes came last.
    heard: Instant,
    /// When bytes went last, or there were none to go.
    progress: Instant,
    wake: Arc<Notify>,
}

impl Connection {
    async fn talk<S: AsyncRead + AsyncWrite>(
        &mut self,
        reader: &mut ReadHalf<S>,
        sender: &mut WriteHalf<S>,
        mut acks: mpsc::UnboundedReceiver<Ack>,
        mut close: oneshot::Receiver<Closing>,
    ) -> End {
        let mut stopping = self.broker.stopping.subscribe();
        let wake = Arc::clone(&self.wake);
        let timer = sleep_until(self.deadline());
        tokio::pin!(timer);
        loop {
            if let Err(end) = self.take_packets() {
                return end;
            }
            self.fill();
            let may_read = self.may_read();
            if !may_read {
                self.heard = Instant::now();
            }
            if self.writer.out.is_empty() {
                self.progress = Instant::now();
            }
            let room = self.writer.out.len() < OUT_HIGH;
            let result = tokio::select! {
                biased;
                () = &mut timer => {
                    let checked = self.check_deadlines();
                    timer.as_mut().reset(self.deadline());
                    checked
                }
                closing = &mut close => Err(self.closing(closing)),
                () = stopped(&mut stopping) => Err(End {
                    with_will: false,
                    ..End::new(Some(code::SHUTTING_DOWN), "the broker stops")
                }),
                Some(ack) = acks.recv() => self.answer_all(ack, &mut acks),
                sent = sender.write_buf(&mut self.writer.out), if !self.writer.out.is_empty() => match sent {
                    Ok(bytes) if bytes > 0 => {
                        self.progress = Instant::now();
                        Ok(())
                    }
                    _ => Err(End::new(None, "connection lost")),
                },
                read = read_some(reader, &mut self.input), if may_read => match read {
                    Ok(bytes) if bytes > 0 => {
                        self.heard = Instant::now();
                        Ok(())
                    }
                    _ => Err(End::new(None, "connection lost")),
                },
                () = wake.notified(), if room => Ok(()),
            };
            if let Err(end) = result {
                return end;
            }
        }
    }

    fn may_read(&self) -> bool {
        self.waiting < usize::from(self.broker.limits.inflight_max.max(1)) && self.writer.out.len() < OUT_HIGH
    }

    /// Handles the packets that are there, as long as there is room for what they cause.
    fn take_packets(&mut self) -> Result<(), End> {
        while self.may_read() {
            let frame = match take_frame(&mut self.input, self.broker.limits.packet_bytes_max) {
                Ok(Some(frame)) => frame,
                Ok(None) => return Ok(()),
                Err(error) => return Err(self.broken(&error)),
            };
            match decode::decode(&frame, self.writer.version) {
                Ok(packet) => self.handle(packet)?,
                Err(error) => return Err(self.broken(&error)),
            }
        }
        Ok(())
    }

    fn broken(&self, error: &WireError) -> End {
        count(&self.broker.counters.broken);
        End::new(Some(error.code()), error.to_string())
    }

    /// Moves what is queued for the client into the bytes to send.
    fn fill(&mut self) {
        let now = Instant::now();
        let mut dropped = 0;
        while self.writer.out.len() < OUT_HIGH {
            let next = {
                let mut state = self.session.state.lock();
                if !state.is_current(self.generation) {
                    return;
                }
                state.next(now, &self.broker.limits, &mut dropped)
            };
            match next {
                None => break,
                Some(Outgoing::Pubrel(pid)) => self.writer.pubrel(pid, true),
                Some(Outgoing::Publish { message, packet, duplicate, retain }) => {
                    if self.writer.publish(&message, packet, duplicate, retain, now) {
                        count(&self.broker.counters.delivered);
                        continue;
                    }
                    // Larger than the client takes: as if it had been delivered (MQTT-3.1.2-25).
                    dropped += 1;
                    if let Some((pid, _)) = packet {
                        self.session.state.lock().give_up(pid);
                    }
                }
            }
        }
        if dropped > 0 {
            self.broker.counters.dropped.fetch_add(dropped, Ordering::Relaxed);
        }
    }

    fn deadline(&self) -> Instant {
        let write = self.progress + self.broker.limits.write_timeout;
        self.keep_alive.map_or(write, |keep_alive| write.min(self.heard + keep_alive))
    }

    fn check_deadlines(&mut self) -> Result<(), End> {
        let now = Instant::now();
        if self.keep_alive.is_some_and(|keep_alive| self.heard + keep_alive <= now) {
            return Err(End::new(Some(code::KEEP_ALIVE), "keep-alive timeout"));
        }
        if self.writer.out.is_empty() {
            self.progress = now;
        } else if self.progress + self.broker.limits.write_timeout <= now {
            return Err(End::new(None, "takes no bytes"));
        }
        Ok(())
    }

    fn closing(&self, closing: Result<Closing, oneshot::error::RecvError>) -> End {
        match closing {
            Ok(Closing::TooSlow) => End::new(Some(code::QUOTA), "too slow for what it subscribed to"),
            Ok(Closing::Kicked) => End::new(Some(code::ADMINISTRATIVE), "ended by the platform"),
            Ok(Closing::TakenOver) | Err(_) => {
                End::new(Some(code::TAKEN_OVER), "another connection took over")
            }
        }
    }
}

async fn read_some<S: AsyncRead + AsyncWrite>(
    reader: &mut ReadHalf<S>,
    input: &mut BytesMut,
) -> std::io::Result<usize> {
    input.reserve(READ_BYTES);
    reader.read_buf(input).await
}
