//! Packets: bytes in and out, with one model for both protocol versions.
//!
//! The codec is `mqtt-proto`; here are the frame (so that a length is judged before anything is allocated), the check
//! that a packet fills its frame exactly, the rules the codec leaves to us, and the translation to [`Packet`].

pub(crate) mod decode;
pub(crate) mod encode;

use bytes::{Buf, Bytes, BytesMut};
use mqtt_proto::{Pid, TopicName, v5};

/// Protocol versions spoken.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Version {
    V4,
    V5,
}

/// Reason codes of MQTT 5 (§2.4) used here.
pub(crate) mod code {
    pub(crate) const SUCCESS: u8 = 0x00;
    pub(crate) const WITH_WILL: u8 = 0x04;
    pub(crate) const UNSPECIFIED: u8 = 0x80;
    pub(crate) const MALFORMED: u8 = 0x81;
    pub(crate) const PROTOCOL: u8 = 0x82;
    pub(crate) const CLIENT_ID: u8 = 0x85;
    pub(crate) const NOT_AUTHORISED: u8 = 0x87;
    pub(crate) const UNAVAILABLE: u8 = 0x88;
    pub(crate) const BUSY: u8 = 0x89;
    pub(crate) const SHUTTING_DOWN: u8 = 0x8B;
    pub(crate) const AUTH_METHOD: u8 = 0x8C;
    pub(crate) const KEEP_ALIVE: u8 = 0x8D;
    pub(crate) const TAKEN_OVER: u8 = 0x8E;
    pub(crate) const FILTER: u8 = 0x8F;
    pub(crate) const TOPIC: u8 = 0x90;
    pub(crate) const PACKET_ID_UNKNOWN: u8 = 0x92;
    pub(crate) const RECEIVE_MAX: u8 = 0x93;
    pub(crate) const TOPIC_ALIAS: u8 = 0x94;
    pub(crate) const TOO_LARGE: u8 = 0x95;
    pub(crate) const QUOTA: u8 = 0x97;
    pub(crate) const ADMINISTRATIVE: u8 = 0x98;
    pub(crate) const PAYLOAD_FORMAT: u8 = 0x99;
    pub(crate) const NO_SHARED: u8 = 0x9E;
    pub(crate) const NO_SUBSCRIPTION_ID: u8 = 0xA1;
    pub(crate) const NO_SUBSCRIPTION: u8 = 0x11;
}

/// What is wrong with bytes that came in.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub(crate) enum WireError {
    #[error("packet of {0} bytes is too large")]
    TooLarge(usize),
    #[error("malformed packet: {0}")]
    Malformed(String),
    #[error("breach of protocol: {0}")]
    Protocol(&'static str),
    #[error("protocol version not supported")]
    Version,
}

impl WireError {
    /// The reason code for DISCONNECT.
    pub(crate) fn code(&self) -> u8 {
        match self {
            Self::TooLarge(_) => code::TOO_LARGE,
            Self::Malformed(_) => code::MALFORMED,
            Self::Protocol(_) | Self::Version => code::PROTOCOL,
        }
    }
}

/// A packet's first byte and the bytes its length announces.
#[derive(Debug)]
pub(crate) struct Frame {
    pub head: u8,
    pub body: Bytes,
}

/// Takes one whole frame off the front of `input`; `None` when there is not enough yet.
pub(crate) fn take_frame(input: &mut BytesMut, bytes_max: usize) -> Result<Option<Frame>, WireError> {
    let Some((&head, rest)) = input.split_first() else { return Ok(None) };
    let (mut length, mut header_bytes) = (0_usize, 1_usize);
    for (at, byte) in rest.iter().take(4).enumerate() {
        length |= usize::from(byte & 0x7F) << (7 * at);
        header_bytes += 1;
        if byte & 0x80 == 0 {
            let whole_bytes = header_bytes + length;
            if whole_bytes > bytes_max {
                return Err(WireError::TooLarge(whole_bytes));
            }
            if input.len() < whole_bytes {
                return Ok(None);
            }
            let mut frame = input.split_to(whole_bytes);
            frame.advance(header_bytes);
            return Ok(Some(Frame { head, body: frame.freeze() }));
        }
    }
    // Four bytes that all say "more follows" are no length (§1.5.5).
    if rest.len() >= 4 { Err(WireError::Malformed("length".to_owned())) } else { Ok(None) }
}

/// CONNECT.
#[derive(Debug)]
pub(crate) struct Hello {
    pub version: Version,
    pub clean: bool,
    pub keep_alive_secs: u16,
    pub client_id: String,
    pub username: Option<String>,
    pub password: Option<Bytes>,
    pub will: Option<WillPacket>,
    /// MQTT 5 only; default for 3.1.1.
    pub properties: v5::ConnectProperties,
}

/// The will in CONNECT.
#[derive(Debug)]
pub(crate) struct WillPacket {
    pub publish: Publish,
    pub delay_secs: u32,
}

/// PUBLISH.
#[derive(Debug)]
pub(crate) struct Publish {
    pub duplicate: bool,
    pub retain: bool,
    pub qos: u8,
    /// Zero for QoS 0.
    pub pid: u16,
    pub topic: TopicName,
    pub payload: Bytes,
    pub properties: v5::PublishProperties,
}

/// One filter of SUBSCRIBE.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Wanted {
    pub filter: String,
    pub qos: u8,
    pub no_local: bool,
    pub retain_as_published: bool,
    /// 0: send retained messages; 1: only for a new subscription; 2: do not.
    pub retain_handling: u8,
}

/// A packet from a client.
#[derive(Debug)]
pub(crate) enum Packet {
    Connect(Box<Hello>),
    Publish(Box<Publish>),
    Puback(u16),
    /// The flag says that the client refused the message.
    Pubrec(u16, bool),
    Pubrel(u16),
    Pubcomp(u16),
    Subscribe {
        pid: u16,
        wanted: Vec<Wanted>,
        has_id: bool,
    },
    Unsubscribe {
        pid: u16,
        filters: Vec<String>,
    },
    Ping,
    Disconnect {
        code: u8,
        session_expiry_secs: Option<u32>,
    },
}

/// The packet id zero does not exist; callers hold ids that came from [`Pid`] or from a session.
pub(crate) fn pid(value: u16) -> Pid {
    Pid::try_from(value).unwrap_or_default()
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    #[test]
    fn a_length_is_judged_before_its_bytes_arrive() {
        let mut input = BytesMut::from(&[0x30, 0xFF, 0xFF, 0xFF, 0x7F][..]);
        assert!(matches!(take_frame(&mut input, 1024), Err(WireError::TooLarge(_))));
        let mut input = BytesMut::from(&[0x30, 0x80, 0x80, 0x80, 0x80][..]);
        assert!(matches!(take_frame(&mut input, 1024), Err(WireError::Malformed(_))));
        let mut input = BytesMut::from(&[0xC0][..]);
        assert!(matches!(take_frame(&mut input, 1024), Ok(None)));
        input.extend_from_slice(&[0, 0xC0]);
        assert!(matches!(take_frame(&mut input, 1024), Ok(Some(_))));
        assert_eq!(input.len(), 1, "the next packet stays");
    }

    proptest! {
        #![proptest_config(ProptestConfig::with_cases(4096))]
        #[test]
        fn any_bytes_are_decoded_or_refused_without_a_panic(
            head in any::<u8>(),
            body in prop::collection::vec(prop_oneof![any::<u8>(), 0_u8..6, Just(b'M')], 0..64),
        ) {
            let body = Bytes::from(body);
            let _ = decode::first(&Frame { head, body: body.clone() });
            for version in [Version::V4, Version::V5] {
                let _ = decode::decode(&Frame { head, body: body.clone() }, version);
            }
        }

        #[test]
        fn any_connect_body_is_decoded_or_refused_without_a_panic(
            level in 3_u8..6,
            rest in prop::collection::vec(prop_oneof![any::<u8>(), 0_u8..6], 0..64),
        ) {
            let mut body = vec![0, 4, b'M', b'Q', b'T', b'T', level];
            body.extend(rest);
            let _ = decode::first(&Frame { head: 0x10, body: Bytes::from(body) });
        }
    }
}
