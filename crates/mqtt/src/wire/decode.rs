//! From a frame to a packet of a client.

use std::fmt::Display;

use mqtt_proto::{PollHeader, Protocol, QoS, QosPid, TopicName, v3, v5};

use super::{Frame, Hello, Packet, Publish, Version, Wanted, WillPacket, WireError};

fn malformed(error: impl Display) -> WireError {
    WireError::Malformed(error.to_string())
}

/// The first packet of a connection: it must be CONNECT, and tells the version.
pub(crate) fn first(frame: &Frame) -> Result<Box<Hello>, WireError> {
    if frame.head != 0x10 {
        return Err(WireError::Protocol("the first packet is not CONNECT"));
    }
    let version = match Protocol::decode(&frame.body, &mut 0) {
        Ok(Protocol::V311) => Version::V4,
        Ok(Protocol::V500) => Version::V5,
        Ok(Protocol::V310) | Err(mqtt_proto::Error::InvalidProtocol(..)) => return Err(WireError::Version),
        Err(error) => return Err(malformed(error)),
    };
    match decode(frame, version)? {
        Packet::Connect(hello) => Ok(hello),
        _ => Err(WireError::Protocol("the first packet is not CONNECT")),
    }
}

/// A packet of a client that speaks `version`.
pub(crate) fn decode(frame: &Frame, version: Version) -> Result<Packet, WireError> {
    match version {
        Version::V4 => from_v3(codec::<v3::Header>(frame)?),
        Version::V5 => from_v5(codec::<v5::Header>(frame)?),
    }
}

fn codec<H>(frame: &Frame) -> Result<H::Packet, WireError>
where
    H: PollHeader,
    H::Error: Display,
{
    let length = u32::try_from(frame.body.len()).map_err(malformed)?;
    let header = H::new_with(frame.head, length, length).map_err(malformed)?;
    // The codec has no body for PINGREQ and PINGRESP and must not be asked for one.
    if matches!(frame.head >> 4, 12 | 13) && length != 0 {
        return Err(malformed("PING with a body"));
    }
    if let Some(packet) = header.build_empty_packet() {
        return Ok(packet);
    }
    let mut offset = 0;
    let packet = header.decode_buffer(&frame.body, &mut offset).map_err(malformed)?;
    if offset == frame.body.len() { Ok(packet) } else { Err(malformed("bytes left over")) }
}

fn from_v3(packet: v3::Packet) -> Result<Packet, WireError> {
    Ok(match packet {
        v3::Packet::Connect(connect) => {
            if connect.password.is_some() && connect.username.is_none() {
                return Err(malformed("password without user name (MQTT-3.1.2-22)"));
            }
            let will = connect.last_will.map(|will| WillPacket {
                publish: will_publish(will.topic_name, will.message, will.qos, will.retain),
                delay_secs: 0,
            });
            Packet::Connect(Box::new(Hello {
                version: Version::V4,
                clean: connect.clean_session,
                keep_alive_secs: connect.keep_alive,
                client_id: connect.client_id.to_string(),
                username: connect.username.map(|name| name.to_string()),
                password: connect.password,
                will,
                properties: v5::ConnectProperties::default(),
            }))
        }
        v3::Packet::Publish(publish) => Packet::Publish(Box::new(check_publish(
            Publish {
                duplicate: publish.dup,
                retain: publish.retain,
                qos: publish.qos_pid.qos() as u8,
                pid: pid_of(publish.qos_pid),
                topic: publish.topic_name,
                payload: publish.payload,
                properties: v5::PublishProperties::default(),
            },
            Version::V4,
        )?)),
        v3::Packet::Puback(pid) => Packet::Puback(pid.value()),
        v3::Packet::Pubrec(pid) => Packet::Pubrec(pid.value(), false),
        v3::Packet::Pubrel(pid) => Packet::Pubrel(pid.value()),
        v3::Packet::Pubcomp(pid) => Packet::Pubcomp(pid.value()),
        v3::Packet::Subscribe(subscribe) => Packet::Subscribe {
            pid: subscribe.pid.value(),
            wanted: subscribe
                .topics
                .iter()
                .map(|(filter, qos)| Wanted {
                    filter: filter.to_string(),
                    qos: *qos as u8,
                    no_local: false,
                    retain_as_published: false,
                    retain_handling: 0,
                })
                .collect(),
            has_id: false,
        },
        v3::Packet::Unsubscribe(unsubscribe) => Packet::Unsubscribe {
            pid: unsubscribe.pid.value(),
            filters: unsubscribe.topics.iter().map(|filter| filter.to_string()).collect(),
        },
        v3::Packet::Pingreq => Packet::Ping,
        v3::Packet::Disconnect => {
            Packet::Disconnect { code: super::code::SUCCESS, session_expiry_secs: None }
        }
        v3::Packet::Connack(_) | v3::Packet::Suback(_) | v3::Packet::Unsuback(_) | v3::Packet::Pingresp => {
            return Err(WireError::Protocol("a packet that only a server sends"));
        }
    })
}

fn from_v5(packet: v5::Packet) -> Result<Packet, WireError> {
    Ok(match packet {
        v5::Packet::Connect(connect) => {
            if connect.properties.receive_max == Some(0) || connect.properties.max_packet_size == Some(0) {
                return Err(WireError::Protocol("a maximum of zero"));
            }
            let will = connect.last_will.map(|will| {
                let mut publish = will_publish(will.topic_name, will.payload, will.qos, will.retain);
                publish.properties = v5::PublishProperties {
                    payload_is_utf8: will.properties.payload_is_utf8,
                    message_expiry_interval: will.properties.message_expiry_interval,
                    response_topic: will.properties.response_topic,
                    correlation_data: will.properties.correlation_data,
                    user_properties: will.properties.user_properties,
                    content_type: will.properties.content_type,
                    ..v5::PublishProperties::default()
                };
                WillPacket { publish, delay_secs: will.properties.delay_interval.unwrap_or(0) }
            });
            Packet::Connect(Box::new(Hello {
                version: Version::V5,
                clean: connect.clean_start,
                keep_alive_secs: connect.keep_alive,
                client_id: connect.client_id.to_string(),
                username: connect.username.map(|name| name.to_string()),
                password: connect.password,
                will,
                properties: connect.properties,
            }))
        }
        v5::Packet::Publish(publish) => Packet::Publish(Box::new(check_publish(
            Publish {
                duplicate: publish.dup,
                retain: publish.retain,
                qos: publish.qos_pid.qos() as u8,
                pid: pid_of(publish.qos_pid),
                topic: publish.topic_name,
                payload: publish.payload,
                properties: publish.properties,
            },
            Version::V5,
        )?)),
        v5::Packet::Puback(ack) => Packet::Puback(ack.pid.value()),
        v5::Packet::Pubrec(ack) => Packet::Pubrec(ack.pid.value(), ack.reason_code as u8 >= 0x80),
        v5::Packet::Pubrel(ack) => Packet::Pubrel(ack.pid.value()),
        v5::Packet::Pubcomp(ack) => Packet::Pubcomp(ack.pid.value()),
        v5::Packet::Subscribe(subscribe) => Packet::Subscribe {
            pid: subscribe.pid.value(),
            wanted: subscribe
                .topics
                .iter()
                .map(|(filter, options)| Wanted {
                    filter: filter.to_string(),
                    qos: options.max_qos as u8,
                    no_local: options.no_local,
                    retain_as_published: options.retain_as_published,
                    retain_handling: options.retain_handling as u8,
                })
                .collect(),
            has_id: subscribe.properties.subscription_id.is_some(),
        },
        v5::Packet::Unsubscribe(unsubscribe) => Packet::Unsubscribe {
            pid: unsubscribe.pid.value(),
            filters: unsubscribe.topics.iter().map(|filter| filter.to_string()).collect(),
        },
        v5::Packet::Pingreq => Packet::Ping,
        v5::Packet::Disconnect(disconnect) => Packet::Disconnect {
            code: disconnect.reason_code as u8,
            session_expiry_secs: disconnect.properties.session_expiry_interval,
        },
        v5::Packet::Auth(_) => return Err(WireError::Protocol("AUTH without an authentication method")),
        v5::Packet::Connack(_) | v5::Packet::Suback(_) | v5::Packet::Unsuback(_) | v5::Packet::Pingresp => {
            return Err(WireError::Protocol("a packet that only a server sends"));
        }
    })
}

/// The rules for PUBLISH that the codec leaves to us.
fn check_publish(publish: Publish, version: Version) -> Result<Publish, WireError> {
    if publish.qos == 0 && publish.duplicate {
        return Err(malformed("DUP with QoS 0 (MQTT-3.3.1-2)"));
    }
    if publish.properties.subscription_id.is_some() {
        return Err(WireError::Protocol("a client sent a subscription identifier (MQTT-3.3.4-6)"));
    }
    let named = !publish.topic.is_empty();
    if !named && (version == Version::V4 || publish.properties.topic_alias.is_none()) {
        return Err(WireError::Protocol("no topic"));
    }
    Ok(publish)
}

fn will_publish(topic: TopicName, payload: bytes::Bytes, qos: QoS, retain: bool) -> Publish {
    Publish {
        duplicate: false,
        retain,
        qos: qos as u8,
        pid: 0,
        topic,
        payload,
        properties: v5::PublishProperties::default(),
    }
}

fn pid_of(qos: QosPid) -> u16 {
    qos.pid().map_or(0, mqtt_proto::Pid::value)
}
