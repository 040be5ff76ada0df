//! A client that sends and sees single packets, for both versions.

use std::net::SocketAddr;
use std::time::Duration;

use bytes::{Bytes, BytesMut};
use mqtt_proto::{Pid, QoS, QosPid, TopicFilter, TopicName, v3, v5};
use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio::net::TcpStream;

/// How long a packet is waited for.
const PATIENCE: Duration = Duration::from_secs(5);

pub struct Raw {
    pub stream: TcpStream,
    input: BytesMut,
}

pub fn pid(id: u16) -> Pid {
    Pid::try_from(id).unwrap()
}

pub fn qos_pid(qos: u8, id: u16) -> QosPid {
    match qos {
        0 => QosPid::Level0,
        1 => QosPid::Level1(pid(id)),
        _ => QosPid::Level2(pid(id)),
    }
}

pub fn connect3(client_id: &str) -> v3::Connect {
    let mut connect = v3::Connect::new(client_id.into(), 60);
    connect.username = Some(client_id.into());
    connect.password = Some(Bytes::from_static(b"secret"));
    connect
}

pub fn connect5(client_id: &str) -> v5::Connect {
    let mut connect = v5::Connect::new(client_id.into(), 60);
    connect.username = Some(client_id.into());
    connect.password = Some(Bytes::from_static(b"secret"));
    connect
}

pub fn publish3(topic: &str, body: &str, qos: u8, id: u16) -> v3::Publish {
    let topic = TopicName::try_from(topic).unwrap();
    v3::Publish::new(qos_pid(qos, id), topic, Bytes::copy_from_slice(body.as_bytes()))
}

pub fn publish5(topic: &str, body: &str, qos: u8, id: u16) -> v5::Publish {
    let topic = TopicName::try_from(topic).unwrap();
    v5::Publish::new(qos_pid(qos, id), topic, Bytes::copy_from_slice(body.as_bytes()))
}

impl Raw {
    pub async fn open(address: SocketAddr) -> Self {
        Self { stream: TcpStream::connect(address).await.unwrap(), input: BytesMut::new() }
    }

    /// Connects with 3.1.1; the answer must be "accepted".
    pub async fn v3(address: SocketAddr, connect: v3::Connect) -> (Self, v3::Connack) {
        let mut client = Self::open(address).await;
        client.send3(connect).await;
        match client.next3().await {
            Some(v3::Packet::Connack(ack)) => (client, ack),
            other => panic!("no CONNACK: {other:?}"),
        }
    }

    pub async fn v5(address: SocketAddr, connect: v5::Connect) -> (Self, v5::Connack) {
        let mut client = Self::open(address).await;
        client.send5(connect).await;
        match client.next5().await {
            Some(v5::Packet::Connack(ack)) => (client, ack),
            other => panic!("no CONNACK: {other:?}"),
        }
    }

    pub async fn send3(&mut self, packet: impl Into<v3::Packet>) {
        let bytes = packet.into().encode().unwrap();
        let _ = self.stream.write_all(bytes.as_ref()).await;
    }

    pub async fn send5(&mut self, packet: impl Into<v5::Packet>) {
        let bytes = packet.into().encode().unwrap();
        let _ = self.stream.write_all(bytes.as_ref()).await;
    }

    /// The next packet; `None` when the broker closed.
    pub async fn next3(&mut self) -> Option<v3::Packet> {
        self.next(|bytes| {
            let packet = v3::Packet::decode(bytes).unwrap()?;
            Some((packet.encode_len().unwrap(), packet))
        })
        .await
    }

    pub async fn next5(&mut self) -> Option<v5::Packet> {
        self.next(|bytes| {
            let packet = v5::Packet::decode(bytes).unwrap()?;
            Some((packet.encode_len().unwrap(), packet))
        })
        .await
    }

    async fn next<P>(&mut self, decode: impl Fn(&[u8]) -> Option<(usize, P)>) -> Option<P> {
        let read = async {
            loop {
                if let Some((bytes, packet)) = decode(&self.input) {
                    let _ = self.input.split_to(bytes);
                    return Some(packet);
                }
                match self.stream.read_buf(&mut self.input).await {
                    Ok(0) | Err(_) => return None,
                    Ok(_) => {}
                }
            }
        };
        tokio::time::timeout(PATIENCE, read).await.expect("a packet in time")
    }

    /// Nothing comes for a while.
    pub async fn is_silent(&mut self, time: Duration) -> bool {
        self.input.is_empty()
            && tokio::time::timeout(time, self.stream.read_buf(&mut self.input)).await.is_err()
    }

    pub async fn subscribe3(&mut self, filter: &str, qos: QoS) -> Vec<v3::SubscribeReturnCode> {
        let filter = TopicFilter::try_from(filter).unwrap();
        self.send3(v3::Subscribe::new(pid(900), vec![(filter, qos)])).await;
        match self.next3().await {
            Some(v3::Packet::Suback(ack)) => ack.topics,
            other => panic!("no SUBACK: {other:?}"),
        }
    }

    pub async fn subscribe5(&mut self, filter: &str, qos: QoS) -> Vec<v5::SubscribeReasonCode> {
        let filter = TopicFilter::try_from(filter).unwrap();
        let options = v5::SubscriptionOptions::new(qos);
        self.send5(v5::Subscribe::new(pid(900), vec![(filter, options)])).await;
        match self.next5().await {
            Some(v5::Packet::Suback(ack)) => ack.topics,
            other => panic!("no SUBACK: {other:?}"),
        }
    }

    /// The next packet must be PUBLISH.
    pub async fn publish3(&mut self) -> v3::Publish {
        match self.next3().await {
            Some(v3::Packet::Publish(publish)) => publish,
            other => panic!("no PUBLISH: {other:?}"),
        }
    }

    pub async fn publish5(&mut self) -> v5::Publish {
        match self.next5().await {
            Some(v5::Packet::Publish(publish)) => publish,
            other => panic!("no PUBLISH: {other:?}"),
        }
    }
}
