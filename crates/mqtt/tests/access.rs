//! Who gets in, and what each may do; with the clients of Mosquitto and packet by packet.

#![allow(clippy::unwrap_used, reason = "a test stops at the first surprise")]

mod common;

use std::time::Duration;

use common::raw::{Raw, connect3, connect5, pid, publish3, publish5};
use common::{Desk, broker, mosquitto};
use mqtt_proto::{QoS, TopicName, v3, v5};
use nacre_mqtt::Limits;

#[tokio::test]
async fn a_wrong_password_is_refused_with_5_in_3_1_1_and_0x87_in_mqtt_5() {
    let desk = Desk::new();
    let handle = broker(&desk, Limits::default()).await;
    let mut connect = connect3("a");
    connect.password = Some(bytes::Bytes::from_static(b"wrong"));
    let (mut client, ack) = Raw::v3(handle.local_addr(), connect).await;
    assert_eq!(ack.code, v3::ConnectReturnCode::NotAuthorized);
    assert_eq!(client.next3().await, None, "and closed");
    let mut connect = connect5("a");
    connect.password = None;
    let (mut client, ack) = Raw::v5(handle.local_addr(), connect).await;
    assert_eq!(ack.reason_code, v5::ConnectReasonCode::NotAuthorized);
    assert_eq!(client.next5().await, None);
    let mut connect = connect5("busy");
    connect.password = None;
    let (_, ack) = Raw::v5(handle.local_addr(), connect).await;
    assert_eq!(ack.reason_code, v5::ConnectReasonCode::ServerUnavailable);
    assert_eq!(desk.events.lock().len(), 0);
    assert_eq!((handle.stats().logins_refused, handle.stats().sessions), (3, 0));

    for (version, code) in [("mqttv311", "Connection Refused"), ("mqttv5", "Not authorized")] {
        let out = mosquitto::publish(
            handle.local_addr(),
            &["-V", version, "-u", "a", "-P", "wrong", "-t", "t", "-m", "x", "-q", "1"],
        )
        .await;
        let said = String::from_utf8_lossy(&out.stderr).into_owned();
        assert!(!out.status.success() && said.contains(code), "{version}: {said}");
    }
}

#[tokio::test]
async fn the_clients_of_mosquitto_publish_and_subscribe_in_both_versions_and_every_qos() {
    let desk = Desk::new();
    let handle = broker(&desk, Limits::default()).await;
    let address = handle.local_addr();
    for version in ["mqttv311", "mqttv5"] {
        for qos in ["0", "1", "2"] {
            let mut sub = mosquitto::Sub::start(
                address,
                &["-V", version, "-i", "sub", "-u", "s", "-P", "secret", "-t", "d/+/x/#", "-q", qos, "-v"],
            );
            desk.until("subscribed", |_| handle.stats().subscriptions == 1).await;
            let out = mosquitto::publish(
                address,
                &[
                    "-V", version, "-i", "pub", "-u", "p", "-P", "secret", "-t", "d/1/x/y", "-m", "hello",
                    "-q", qos,
                ],
            )
            .await;
            assert!(out.status.success(), "{version} {qos}: {}", String::from_utf8_lossy(&out.stderr));
            assert_eq!(sub.line().await, "d/1/x/y hello", "{version} {qos}");
            sub.kill().await;
            desk.until("gone", |_| handle.stats().sessions == 0).await;
        }
    }
    let messages = desk.accepted.lock().clone();
    assert_eq!(messages.iter().map(|one| one.qos).collect::<Vec<_>>(), [0, 1, 2, 0, 1, 2]);
    assert!(messages.iter().all(|one| one.client_id == "pub" && &*one.identity.as_ref().unwrap().0 == "p"));
    let events = desk.events.lock().clone();
    assert!(events.contains(&"+pub p v4".to_owned()) && events.contains(&"+pub p v5".to_owned()));
    assert_eq!(events.iter().filter(|one| one.starts_with('-')).count(), events.len() / 2);
}

#[tokio::test]
async fn a_topic_not_permitted_is_refused_in_mqtt_5_and_dropped_in_3_1_1() {
    let desk = Desk::new();
    let handle = broker(&desk, Limits::default()).await;
    let (mut client, _) = Raw::v5(handle.local_addr(), connect5("a")).await;
    client.send5(publish5("closed/x", "x", 1, 1)).await;
    match client.next5().await {
        Some(v5::Packet::Puback(ack)) => assert_eq!(ack.reason_code, v5::PubackReasonCode::NotAuthorized),
        other => panic!("{other:?}"),
    }
    client.send5(publish5("closed/x", "x", 2, 2)).await;
    match client.next5().await {
        Some(v5::Packet::Pubrec(ack)) => assert_eq!(ack.reason_code, v5::PubrecReasonCode::NotAuthorized),
        other => panic!("{other:?}"),
    }
    assert_eq!(client.subscribe5("closed/#", QoS::Level1).await, [v5::SubscribeReasonCode::NotAuthorized]);
    assert_eq!(
        client.subscribe5("$share/g/t", QoS::Level1).await,
        [v5::SubscribeReasonCode::SharedSubscriptionNotSupported]
    );
    assert_eq!(client.subscribe5("open/#", QoS::Level2).await, [v5::SubscribeReasonCode::GrantedQoS2]);

    let (mut client, _) = Raw::v3(handle.local_addr(), connect3("b")).await;
    client.send3(publish3("closed/x", "x", 1, 1)).await;
    assert_eq!(client.next3().await, Some(v3::Packet::Puback(pid(1))));
    client.send3(publish3("closed/x", "x", 2, 2)).await;
    assert_eq!(client.next3().await, Some(v3::Packet::Pubrec(pid(2))));
    client.send3(v3::Packet::Pubrel(pid(2))).await;
    assert_eq!(client.next3().await, Some(v3::Packet::Pubcomp(pid(2))));
    assert_eq!(client.subscribe3("closed/#", QoS::Level1).await, [v3::SubscribeReturnCode::Failure]);
    assert_eq!(client.subscribe3("open/#", QoS::Level1).await, [v3::SubscribeReturnCode::MaxLevel1]);

    let mut connect = connect5("c");
    let topic = TopicName::try_from("closed/will").unwrap();
    connect.last_will = Some(v5::LastWill::new(QoS::Level0, topic, bytes::Bytes::new()));
    let (_, ack) = Raw::v5(handle.local_addr(), connect).await;
    assert_eq!(ack.reason_code, v5::ConnectReasonCode::NotAuthorized, "a will counts too");
    assert_eq!(desk.asked.lock().len(), 0);
}

#[tokio::test]
async fn a_second_connection_takes_over_and_only_of_the_same_identity() {
    let desk = Desk::new();
    let handle = broker(&desk, Limits::default()).await;
    let (mut first, _) = Raw::v5(handle.local_addr(), connect5("a")).await;
    let mut thief = connect5("a");
    thief.username = Some("thief".into());
    let (_, ack) = Raw::v5(handle.local_addr(), thief).await;
    assert_eq!(ack.reason_code, v5::ConnectReasonCode::ClientIdentifierNotValid);
    first.send5(v5::Packet::Pingreq).await;
    assert_eq!(first.next5().await, Some(v5::Packet::Pingresp), "untouched");

    let (mut second, _) = Raw::v5(handle.local_addr(), connect5("a")).await;
    let taken = v5::Disconnect::new(v5::DisconnectReasonCode::SessionTakenOver);
    assert_eq!(first.next5().await, Some(taken.into()));
    assert_eq!(first.next5().await, None);
    second.send5(v5::Packet::Pingreq).await;
    assert_eq!(second.next5().await, Some(v5::Packet::Pingresp));
    assert_eq!(
        *desk.events.lock(),
        ["+a a v5", "-a another connection took over", "+a a v5"],
        "the end of the first is seen before the second, and once"
    );
    assert!(handle.kick("a") && !handle.kick("nobody"));
    let kicked = v5::Disconnect::new(v5::DisconnectReasonCode::AdministrativeAction);
    assert_eq!(second.next5().await, Some(kicked.into()));
    desk.until("gone", |_| handle.stats().connections == 0).await;
}

#[tokio::test]
async fn a_client_without_an_id_gets_one() {
    let desk = Desk::new();
    let handle = broker(&desk, Limits::default()).await;
    let mut connect = connect5("x");
    connect.client_id = "".into();
    let (_one, ack) = Raw::v5(handle.local_addr(), connect).await;
    assert!(ack.properties.assigned_client_id.unwrap().starts_with("auto-"));
    let mut connect = connect3("x");
    connect.client_id = "".into();
    let (_two, ack) = Raw::v3(handle.local_addr(), connect.clone()).await;
    assert_eq!(ack.code, v3::ConnectReturnCode::Accepted);
    connect.clean_session = false;
    let (_, ack) = Raw::v3(handle.local_addr(), connect).await;
    assert_eq!(ack.code, v3::ConnectReturnCode::IdentifierRejected);
}

#[tokio::test]
async fn properties_pass_through_and_topic_aliases_are_resolved() {
    let desk = Desk::new();
    let handle = broker(&desk, Limits::default()).await;
    let (mut reader, _) = Raw::v5(handle.local_addr(), connect5("reader")).await;
    reader.subscribe5("t/#", QoS::Level1).await;
    let (mut client, ack) = Raw::v5(handle.local_addr(), connect5("a")).await;
    assert_eq!(ack.properties.topic_alias_max, Some(16));
    let mut publish = publish5("t/long", "x", 1, 1);
    publish.properties.topic_alias = Some(3);
    publish.properties.message_expiry_interval = Some(60);
    publish.properties.content_type = Some("text/plain".into());
    publish.properties.user_properties = vec![v5::UserProperty { name: "unit".into(), value: "CEL".into() }];
    client.send5(publish.clone()).await;
    client.next5().await;
    let seen = reader.publish5().await;
    assert_eq!(seen.properties.user_properties, publish.properties.user_properties);
    assert_eq!(seen.properties.content_type, publish.properties.content_type);
    assert!(seen.properties.message_expiry_interval.unwrap() >= 58);
    assert_eq!(seen.properties.topic_alias, None);
    let mut short = publish5("", "y", 1, 2);
    short.properties.topic_alias = Some(3);
    client.send5(short).await;
    client.next5().await;
    assert_eq!(&*reader.publish5().await.topic_name, "t/long");
    assert_eq!(desk.asked.lock()[0].user_properties, [("unit".to_owned(), "CEL".to_owned())]);
    let mut beyond = publish5("t", "z", 1, 3);
    beyond.properties.topic_alias = Some(17);
    client.send5(beyond).await;
    let invalid = v5::Disconnect::new(v5::DisconnectReasonCode::TopicAliasInvalid);
    assert_eq!(client.next5().await, Some(invalid.into()));
    tokio::time::sleep(Duration::from_millis(10)).await;
}
