//! How many QoS 1 messages a second the broker takes when the gate accepts at once: 50 connections, bodies of 100 bytes,
//! clients in the same process and on the same cores. Each client writes a window of messages at once and waits for all
//! their acknowledgements; a window of 50 is the best case, one of 1 has a system call for every packet.
//!
//! `cargo run --release --example flood [seconds] [window]`

#![allow(clippy::unwrap_used, clippy::print_stdout, reason = "a measurement at a desk")]

use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering};
use std::time::{Duration, Instant};

use bytes::Bytes;
use mqtt_proto::{Pid, QosPid, TopicName, v3, v5};
use nacre_mqtt::{Accepting, Connect, Gate, Identity, Limits, Message, Refused, serve};
use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio::net::{TcpListener, TcpStream};

const CONNECTIONS: u16 = 50;

/// Accepts at once and counts, so that three counts can be held together: clients', broker's and gate's.
#[derive(Default)]
struct Open(AtomicU64);

impl Gate for Open {
    fn authenticate(&self, connect: &Connect<'_>) -> Result<Identity, Refused> {
        Ok(Identity(connect.client_id.into()))
    }

    fn may_publish(&self, _who: &Identity, _topic: &str) -> bool {
        true
    }

    fn may_subscribe(&self, _who: &Identity, _filter: &str) -> bool {
        true
    }

    fn accept(&self, _message: Message) -> Accepting {
        self.0.fetch_add(1, Ordering::Relaxed);
        Box::pin(async { Ok(()) })
    }
}

/// The bytes of one window of messages, and of one acknowledgement.
fn window(version: u8, messages: u16) -> (Vec<u8>, usize) {
    let mut bytes = Vec::new();
    for id in 1..=messages {
        let (topic, body) =
            (TopicName::try_from("site/1/lamp/17/state").unwrap(), Bytes::from(vec![b'x'; 100]));
        let qos = QosPid::Level1(Pid::try_from(id).unwrap());
        let packet = if version == 5 {
            v5::Packet::from(v5::Publish::new(qos, topic, body)).encode().unwrap()
        } else {
            v3::Packet::from(v3::Publish::new(qos, topic, body)).encode().unwrap()
        };
        bytes.extend_from_slice(packet.as_ref());
    }
    let ack_bytes = if version == 5 {
        v5::Packet::from(v5::Puback::new_success(Pid::default())).encode_len().unwrap()
    } else {
        4
    };
    (bytes, ack_bytes)
}

async fn client(
    address: std::net::SocketAddr,
    version: u8,
    messages: u16,
    number: u16,
    done: Arc<AtomicU64>,
) {
    let mut stream = TcpStream::connect(address).await.unwrap();
    let id: Arc<str> = format!("c{number}").into();
    let hello = if version == 5 {
        v5::Packet::from(v5::Connect::new(id, 60)).encode().unwrap()
    } else {
        v3::Packet::from(v3::Connect::new(id, 60)).encode().unwrap()
    };
    stream.write_all(hello.as_ref()).await.unwrap();
    let mut input = vec![0; 4_096];
    assert!(stream.read(&mut input).await.unwrap() > 3);
    let (window, ack_bytes) = window(version, messages);
    loop {
        stream.write_all(&window).await.unwrap();
        let mut rest = ack_bytes * usize::from(messages);
        while rest > 0 {
            let bytes = stream.read(&mut input).await.unwrap();
            assert!(bytes > 0, "closed");
            rest -= bytes;
        }
        done.fetch_add(u64::from(messages), Ordering::Relaxed);
    }
}

#[tokio::main]
async fn main() {
    let seconds = std::env::args().nth(1).and_then(|text| text.parse().ok()).unwrap_or(5);
    let messages: u16 = std::env::args().nth(2).and_then(|text| text.parse().ok()).unwrap_or(50);
    for version in [3, 5] {
        let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
        let gate = Arc::new(Open::default());
        let handle = serve(listener, Arc::clone(&gate) as Arc<dyn Gate>, Limits::default()).await;
        let done = Arc::new(AtomicU64::new(0));
        let mut clients = tokio::task::JoinSet::new();
        for number in 0..CONNECTIONS {
            clients.spawn(client(handle.local_addr(), version, messages, number, Arc::clone(&done)));
        }
        tokio::time::sleep(Duration::from_secs(1)).await;
        let read = || (done.load(Ordering::Relaxed), handle.stats().accepted, gate.0.load(Ordering::Relaxed));
        let (before, begun) = (read(), Instant::now());
        tokio::time::sleep(Duration::from_secs(seconds)).await;
        let (after, took_s) = (read(), begun.elapsed().as_secs_f64());
        println!(
            "MQTT {version}: {:.0}/s acknowledged to clients, {:.0}/s accepted by the broker's count, {:.0}/s by the gate's; \
             {CONNECTIONS} connections, window {messages}, {took_s:.2} s",
            (after.0 - before.0) as f64 / took_s,
            (after.1 - before.1) as f64 / took_s,
            (after.2 - before.2) as f64 / took_s,
        );
        clients.abort_all();
        handle.stop().await;
    }
}
