//! The first exchange of a connection: CONNECT in, CONNACK out.

use std::net::SocketAddr;
use std::sync::Arc;
use std::time::Duration;

use bytes::BytesMut;
use mqtt_proto::v5::ConnackProperties;
use tokio::io::{AsyncRead, AsyncReadExt};

use crate::broker::{Attached, Broker, Entry};
use crate::gate::{Connect, Refused};
use crate::session::Will;
use crate::topics;
use crate::wire::encode::Writer;
use crate::wire::{Hello, Version, WireError, code, decode, take_frame};

/// A client that was let in, its CONNACK already in `writer`.
pub(crate) struct Entered {
    pub attached: Attached,
    pub writer: Writer,
    pub keep_alive: Option<Duration>,
    pub clean_expiry: bool,
}

/// Reads CONNECT. `None`: the other side closed first.
pub(crate) async fn read_connect(
    reader: &mut (impl AsyncRead + Unpin),
    input: &mut BytesMut,
    bytes_max: usize,
) -> Result<Option<Box<Hello>>, WireError> {
    loop {
        if let Some(&head) = input.first()
            && head != 0x10
        {
            return Err(WireError::Protocol("the first packet is not CONNECT"));
        }
        if let Some(frame) = take_frame(input, bytes_max)? {
            return decode::first(&frame).map(Some);
        }
        match reader.read_buf(input).await {
            Ok(0) | Err(_) => return Ok(None),
            Ok(_) => {}
        }
    }
}

/// Judges a CONNECT. On refusal the writer holds CONNACK with the reason, and the reason is returned.
pub(crate) fn enter(broker: &Arc<Broker>, hello: Hello, peer: SocketAddr) -> Result<Entered, (Writer, u8)> {
    let limits = &broker.limits;
    let asked_bytes_max =
        hello.properties.max_packet_size.and_then(|bytes| usize::try_from(bytes).ok()).unwrap_or(usize::MAX);
    let mut writer = Writer::new(hello.version, asked_bytes_max.min(limits.packet_bytes_max));
    writer.quiet = hello.properties.request_problem_info == Some(false);
    let version = hello.version;
    let keep_alive_max_secs = u16::try_from(limits.keep_alive_max.as_secs()).unwrap_or(u16::MAX);
    let asked_secs = hello.keep_alive_secs;
    // Only MQTT 5 can be told another keep-alive (§3.2.2.3.14).
    let imposed = version == Version::V5 && (asked_secs == 0 || asked_secs > keep_alive_max_secs);
    let keep_alive_secs = if imposed { keep_alive_max_secs } else { asked_secs };
    let asked_expiry_secs = hello.properties.session_expiry_interval;
    match admit(broker, hello, peer) {
        Ok((attached, assigned, expiry_secs)) => {
            let properties = ConnackProperties {
                session_expiry_interval: asked_expiry_secs
                    .filter(|asked| *asked != expiry_secs)
                    .map(|_| expiry_secs),
                receive_max: Some(limits.inflight_max.max(1)),
                max_packet_size: u32::try_from(limits.packet_bytes_max).ok(),
                assigned_client_id: assigned.then(|| Arc::clone(&attached.session.client_id)),
                topic_alias_max: Some(limits.topic_alias_max),
                subscription_id_available: Some(false),
                shared_subscription_available: Some(false),
                server_keep_alive: imposed.then_some(keep_alive_secs),
                ..ConnackProperties::default()
            };
            writer.connack(attached.present, code::SUCCESS, properties);
            let keep_alive =
                (keep_alive_secs > 0).then(|| Duration::from_millis(u64::from(keep_alive_secs) * 1_500));
            Ok(Entered { attached, writer, keep_alive, clean_expiry: asked_expiry_secs.unwrap_or(0) == 0 })
        }
        Err(reason) => {
            writer.connack(false, reason, ConnackProperties::default());
            Err((writer, reason))
        }
    }
}

fn admit(broker: &Arc<Broker>, hello: Hello, peer: SocketAddr) -> Result<(Attached, bool, u32), u8> {
    let limits = &broker.limits;
    if hello.properties.auth_method.is_some() {
        return Err(code::AUTH_METHOD);
    }
    let assigned = hello.client_id.is_empty();
    if assigned && hello.version == Version::V4 && !hello.clean {
        return Err(code::CLIENT_ID); // MQTT-3.1.3-8
    }
    let client_id: Arc<str> = if assigned {
        format!("auto-{:032x}", rand::random::<u128>()).into()
    } else {
        hello.client_id.as_str().into()
    };
    if client_id.len() > limits.client_id_bytes_max || client_id.contains(char::is_control) {
        return Err(code::CLIENT_ID);
    }
    let connect = Connect {
        client_id: &client_id,
        username: hello.username.as_deref(),
        password: hello.password.as_deref(),
        peer,
    };
    let identity = broker.gate.authenticate(&connect).map_err(|refused| match refused {
        Refused::Temporary(_) => code::UNAVAILABLE,
        Refused::Quota(_) => code::QUOTA,
        Refused::Unauthorised(_) | Refused::Invalid(_) => code::NOT_AUTHORISED,
    })?;
    if let Some(will) = &hello.will {
        let topic = &will.publish.topic;
        if !topics::is_topic(topic, limits.topic_levels_max) {
            return Err(code::TOPIC);
        }
        if !broker.gate.may_publish(&identity, topic) {
            return Err(code::NOT_AUTHORISED);
        }
    }
    let expiry_max_secs = u32::try_from(limits.session_expiry_max.as_secs()).unwrap_or(u32::MAX);
    let expiry_secs = match hello.version {
        Version::V4 if hello.clean => 0,
        Version::V4 => expiry_max_secs,
        Version::V5 => hello.properties.session_expiry_interval.unwrap_or(0).min(expiry_max_secs),
    };
    let attached = broker.attach(Entry {
        client_id,
        identity,
        clean: hello.clean,
        expiry_secs,
        receive_max: hello.properties.receive_max.unwrap_or(u16::MAX),
        will: hello.will.map(|will| Will { publish: will.publish, delay_secs: will.delay_secs }),
    })?;
    Ok((attached, assigned, expiry_secs))
}
