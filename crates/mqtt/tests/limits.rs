//! What is too much, too late or no MQTT at all ends one connection, and many at once are served.

#![allow(clippy::unwrap_used, reason = "a test stops at the first surprise")]

mod common;

use std::time::{Duration, Instant};

use common::raw::{Raw, connect3, connect5, pid, publish3, publish5};
use common::{Desk, broker};
use mqtt_proto::{QoS, v3, v5};
use nacre_mqtt::Limits;
use tokio::io::AsyncWriteExt;

#[tokio::test]
async fn an_oversized_packet_closes_only_its_connection() {
    let desk = Desk::new();
    let handle = broker(&desk, Limits { packet_bytes_max: 1_000, ..Limits::default() }).await;
    let (mut good, ack) = Raw::v5(handle.local_addr(), connect5("good")).await;
    assert_eq!(ack.properties.max_packet_size, Some(1_000));
    let (mut bad, _) = Raw::v5(handle.local_addr(), connect5("bad")).await;
    bad.send5(publish5("t", &"x".repeat(2_000), 1, 1)).await;
    let large = v5::Disconnect::new(v5::DisconnectReasonCode::PacketTooLarge);
    assert_eq!(bad.next5().await, Some(large.into()));
    assert_eq!(bad.next5().await, None);
    good.send5(publish5("t", &"x".repeat(900), 1, 1)).await;
    assert_eq!(good.next5().await, Some(v5::Puback::new_success(pid(1)).into()));
    assert_eq!(desk.bodies().len(), 1);
}

#[tokio::test]
async fn garbage_closes_only_its_connection() {
    let desk = Desk::new();
    let handle = broker(&desk, Limits::default()).await;
    let (mut good, _) = Raw::v3(handle.local_addr(), connect3("good")).await;
    for garbage in [
        &b"GET / HTTP/1.1\r\nHost: x\r\n\r\n"[..],
        &[0x16, 0x03, 0x01, 0x02, 0x00],
        &[0x10, 0x80, 0x80, 0x80, 0x80],
        &[0x10, 0x02, 0x00, 0x04],
        &[0xFF; 4_000],
        &[0x00; 64],
        &[0xC0, 0x00],
    ] {
        let mut client = Raw::open(handle.local_addr()).await;
        let _ = client.stream.write_all(garbage).await;
        assert_eq!(client.next3().await, None, "{garbage:?}");
    }
    for garbage in [
        &[0x00, 0x00][..],
        &[0xC0, 0x01, 0x00],
        &[0x36, 0x05, 0, 1, b't', 0, 1],
        &[0x82, 0x02, 0, 1],
        &[0x20, 0x02, 0, 0],
    ] {
        let (mut client, _) = Raw::v5(handle.local_addr(), connect5("bad")).await;
        let _ = client.stream.write_all(garbage).await;
        assert!(matches!(client.next5().await, Some(v5::Packet::Disconnect(_))), "{garbage:?}");
        assert_eq!(client.next5().await, None);
        let (mut client, _) = Raw::v3(handle.local_addr(), connect3("bad3")).await;
        let _ = client.stream.write_all(garbage).await;
        assert_eq!(client.next3().await, None, "{garbage:?}");
    }
    good.send3(publish3("t", "x", 1, 1)).await;
    assert_eq!(good.next3().await, Some(v3::Packet::Puback(pid(1))));
    assert!(handle.stats().broken >= 16);
    let mut old = Raw::open(handle.local_addr()).await;
    let _ = old
        .stream
        .write_all(&[0x10, 15, 0, 6, b'M', b'Q', b'I', b's', b'd', b'p', 3, 2, 0, 60, 0, 1, b'a'])
        .await;
    match old.next3().await {
        Some(v3::Packet::Connack(ack)) => {
            assert_eq!(ack.code, v3::ConnectReturnCode::UnacceptableProtocolVersion)
        }
        other => panic!("{other:?}"),
    }
}

#[tokio::test]
async fn packets_that_arrive_byte_by_byte_are_understood() {
    let desk = Desk::new();
    let handle = broker(&desk, Limits::default()).await;
    let (mut client, _) = Raw::v5(handle.local_addr(), connect5("a")).await;
    let packet = v5::Packet::from(publish5("t", "slowly", 1, 1)).encode().unwrap();
    for byte in packet.as_ref() {
        client.stream.write_all(&[*byte]).await.unwrap();
        tokio::time::sleep(Duration::from_millis(2)).await;
    }
    assert_eq!(client.next5().await, Some(v5::Puback::new_success(pid(1)).into()));
}

#[tokio::test]
async fn connections_without_connect_and_connections_too_many_are_closed() {
    let desk = Desk::new();
    let limits =
        Limits { connect_timeout: Duration::from_millis(200), connections_max: 2, ..Limits::default() };
    let handle = broker(&desk, limits).await;
    let begun = Instant::now();
    let mut silent = Raw::open(handle.local_addr()).await;
    let mut half = Raw::open(handle.local_addr()).await;
    half.stream.write_all(&[0x10, 20, 0, 4]).await.unwrap();
    desk.until("both there", |_| handle.stats().connections == 2).await;
    let mut third = Raw::open(handle.local_addr()).await;
    assert_eq!(third.next3().await, None);
    assert_eq!(silent.next3().await, None);
    assert_eq!(half.next3().await, None);
    assert!(begun.elapsed() >= Duration::from_millis(200));
    assert_eq!(handle.stats().turned_away, 1);
    desk.until("room again", |_| handle.stats().connections == 0).await;
    let (_client, ack) = Raw::v3(handle.local_addr(), connect3("a")).await;
    assert_eq!(ack.code, v3::ConnectReturnCode::Accepted);
}

#[tokio::test]
async fn sessions_subscriptions_levels_and_qos_2_messages_have_limits() {
    let desk = Desk::new();
    let limits = Limits {
        sessions_max: 1,
        subscriptions_max: 2,
        topic_levels_max: 3,
        inflight_max: 2,
        ..Limits::default()
    };
    let handle = broker(&desk, limits).await;
    let (mut client, _) = Raw::v5(handle.local_addr(), connect5("a")).await;
    let (_, ack) = Raw::v5(handle.local_addr(), connect5("b")).await;
    assert_eq!(ack.reason_code, v5::ConnectReasonCode::ServerBusy);
    for filter in ["1", "2", "2"] {
        assert_eq!(client.subscribe5(filter, QoS::Level0).await, [v5::SubscribeReasonCode::GrantedQoS0]);
    }
    assert_eq!(client.subscribe5("3", QoS::Level0).await, [v5::SubscribeReasonCode::QuotaExceeded]);
    assert_eq!(
        client.subscribe5("1/2/3/#", QoS::Level0).await,
        [v5::SubscribeReasonCode::TopicFilterInvalid]
    );
    for id in 1..=2 {
        client.send5(publish5("t", "x", 2, id)).await;
        assert_eq!(client.next5().await, Some(v5::Pubrec::new_success(pid(id)).into()));
    }
    client.send5(publish5("t", "x", 2, 3)).await;
    let too_many = v5::Disconnect::new(v5::DisconnectReasonCode::ReceiveMaximumExceeded);
    assert_eq!(client.next5().await, Some(too_many.into()));
}

#[tokio::test(flavor = "multi_thread")]
async fn two_hundred_clients_with_fifty_messages_each_are_all_accepted() {
    use rumqttc::{AsyncClient, Event, MqttOptions, Packet, QoS};
    let desk = Desk::new();
    let handle = broker(&desk, Limits::default()).await;
    let port = handle.local_addr().port();
    desk.answer_after(Duration::from_millis(2), Ok(()));
    let mut clients = tokio::task::JoinSet::new();
    for number in 0..200 {
        clients.spawn(async move {
            let mut options = MqttOptions::new(format!("c{number}"), "127.0.0.1", port);
            options.set_credentials("u", "secret").set_request_channel_capacity(64);
            let (client, mut events) = AsyncClient::new(options, 64);
            for at in 0..50 {
                let body = format!("{number}/{at}");
                client.publish(format!("d/{number}"), QoS::AtLeastOnce, false, body).await.unwrap();
            }
            let mut acknowledged = 0;
            while acknowledged < 50 {
                if let Event::Incoming(Packet::PubAck(_)) = events.poll().await.unwrap() {
                    acknowledged += 1;
                }
            }
        });
    }
    tokio::time::timeout(Duration::from_secs(60), async {
        while let Some(done) = clients.join_next().await {
            done.unwrap()
        }
    })
    .await
    .unwrap();
    let mut bodies = desk.bodies();
    assert_eq!((bodies.len(), handle.stats().accepted), (10_000, 10_000));
    bodies.sort();
    bodies.dedup();
    assert_eq!(bodies.len(), 10_000);
}
