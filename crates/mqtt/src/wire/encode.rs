//! From what the broker says to bytes for a client of either version.

use std::sync::Arc;

use bytes::BytesMut;
use mqtt_proto::{QosPid, VarBytes, v3, v5};
use tokio::time::Instant;

use super::{Version, code, pid};
use crate::routed::Routed;

/// The bytes that wait to be sent on one connection.
pub(crate) struct Writer {
    pub version: Version,
    pub out: BytesMut,
    /// The largest packet the client takes.
    pub packet_bytes_max: usize,
    /// MQTT 5: the client does not want reason strings (§3.1.2.11.7).
    pub quiet: bool,
}

impl Writer {
    pub(crate) fn new(version: Version, packet_bytes_max: usize) -> Self {
        Self { version, out: BytesMut::new(), packet_bytes_max, quiet: false }
    }

    /// CONNACK. Codes are those of MQTT 5; MQTT 3.1.1 has five (§3.2.2.3).
    pub(crate) fn connack(&mut self, present: bool, reason: u8, properties: v5::ConnackProperties) {
        match self.version {
            Version::V4 => {
                use v3::ConnectReturnCode as Code;
                let code = match reason {
                    code::SUCCESS => Code::Accepted,
                    code::CLIENT_ID => Code::IdentifierRejected,
                    code::NOT_AUTHORISED => Code::NotAuthorized,
                    _ => Code::ServerUnavailable,
                };
                self.v3(&v3::Packet::Connack(v3::Connack::new(present, code)));
            }
            Version::V5 => {
                let reason =
                    v5::ConnectReasonCode::from_u8(reason).unwrap_or(v5::ConnectReasonCode::UnspecifiedError);
                let packet = v5::Connack { session_present: present, reason_code: reason, properties };
                self.v5(&packet.into());
            }
        }
    }

    /// CONNACK for a client whose version is not spoken; it understands at least the form of 3.1.1.
    pub(crate) fn connack_wrong_version(&mut self) {
        let code = v3::ConnectReturnCode::UnacceptableProtocolVersion;
        self.v3(&v3::Packet::Connack(v3::Connack::new(false, code)));
    }

    /// PUBLISH; `pid` is `None` for QoS 0. False when the packet is larger than the client takes.
    pub(crate) fn publish(
        &mut self,
        message: &Routed,
        packet: Option<(u16, u8)>,
        duplicate: bool,
        retain: bool,
        now: Instant,
    ) -> bool {
        let qos_pid = match packet {
            None => QosPid::Level0,
            Some((id, 2)) => QosPid::Level2(pid(id)),
            Some((id, _)) => QosPid::Level1(pid(id)),
        };
        let (topic_name, payload) = (message.topic.clone(), message.payload.clone());
        match self.version {
            Version::V4 => {
                let packet = v3::Publish { dup: duplicate, retain, qos_pid, topic_name, payload };
                self.v3(&packet.into())
            }
            Version::V5 => {
                let mut properties = message.properties.clone();
                properties.message_expiry_interval = message.expires.map(|at| {
                    u32::try_from(at.saturating_duration_since(now).as_secs().max(1)).unwrap_or(u32::MAX)
                });
                let packet = v5::Publish { dup: duplicate, retain, qos_pid, topic_name, payload, properties };
                self.v5(&packet.into())
            }
        }
    }

    pub(crate) fn puback(&mut self, id: u16, reason: u8, text: Option<&str>) {
        match self.version {
            Version::V4 => self.v3(&v3::Packet::Puback(pid(id))),
            Version::V5 => {
                let reason =
                    v5::PubackReasonCode::from_u8(reason).unwrap_or(v5::PubackReasonCode::UnspecifiedError);
                let mut packet = v5::Puback::new(pid(id), reason);
                packet.properties.reason_string = self.text(text);
                self.v5(&packet.into())
            }
        };
    }

    pub(crate) fn pubrec(&mut self, id: u16, reason: u8, text: Option<&str>) {
        match self.version {
            Version::V4 => self.v3(&v3::Packet::Pubrec(pid(id))),
            Version::V5 => {
                let reason =
                    v5::PubrecReasonCode::from_u8(reason).unwrap_or(v5::PubrecReasonCode::UnspecifiedError);
                let mut packet = v5::Pubrec::new(pid(id), reason);
                packet.properties.reason_string = self.text(text);
                self.v5(&packet.into())
            }
        };
    }

    pub(crate) fn pubrel(&mut self, id: u16, known: bool) {
        match self.version {
            Version::V4 => self.v3(&v3::Packet::Pubrel(pid(id))),
            Version::V5 => {
                let reason = if known {
                    v5::PubrelReasonCode::Success
                } else {
                    v5::PubrelReasonCode::PacketIdentifierNotFound
                };
                self.v5(&v5::Pubrel::new(pid(id), reason).into())
            }
        };
    }

    pub(crate) fn pubcomp(&mut self, id: u16, known: bool) {
        match self.version {
            Version::V4 => self.v3(&v3::Packet::Pubcomp(pid(id))),
            Version::V5 => {
                let reason = if known { code::SUCCESS } else { code::PACKET_ID_UNKNOWN };
                let reason = v5::PubcompReasonCode::from_u8(reason).unwrap_or(v5::PubcompReasonCode::Success);
                self.v5(&v5::Pubcomp::new(pid(id), reason).into())
            }
        };
    }

    /// SUBACK; MQTT 3.1.1 knows one failure, 0x80.
    pub(crate) fn suback(&mut self, id: u16, codes: &[u8]) {
        match self.version {
            Version::V4 => {
                // `mqtt-proto` 0.4.0 writes the failure as 3 and not as 0x80 (§3.9.3), so the codes are put in here.
                let granted = vec![v3::SubscribeReturnCode::MaxLevel0; codes.len()];
                let packet = v3::Packet::from(v3::Suback::new(pid(id), granted));
                let mut bytes = packet.encode().map(|bytes| bytes.as_ref().to_vec()).unwrap_or_default();
                let start = bytes.len().saturating_sub(codes.len());
                for (byte, code) in bytes.iter_mut().skip(start).zip(codes) {
                    *byte = (*code).min(code::UNSPECIFIED);
                }
                self.append(Some(VarBytes::Dynamic(bytes)))
            }
            Version::V5 => {
                use v5::SubscribeReasonCode as Code;
                let topics =
                    codes.iter().map(|code| Code::from_u8(*code).unwrap_or(Code::UnspecifiedError)).collect();
                self.v5(&v5::Suback::new(pid(id), topics).into())
            }
        };
    }

    pub(crate) fn unsuback(&mut self, id: u16, codes: &[u8]) {
        match self.version {
            Version::V4 => self.v3(&v3::Packet::Unsuback(pid(id))),
            Version::V5 => {
                use v5::UnsubscribeReasonCode as Code;
                let topics =
                    codes.iter().map(|code| Code::from_u8(*code).unwrap_or(Code::UnspecifiedError)).collect();
                self.v5(&v5::Unsuback::new(pid(id), topics).into())
            }
        };
    }

    pub(crate) fn pong(&mut self) {
        self.v3(&v3::Packet::Pingresp);
    }

    /// DISCONNECT; a server of MQTT 3.1.1 just closes.
    pub(crate) fn disconnect(&mut self, reason: u8) {
        if self.version == Version::V5 {
            let reason = v5::DisconnectReasonCode::from_u8(reason)
                .unwrap_or(v5::DisconnectReasonCode::UnspecifiedError);
            self.v5(&v5::Disconnect::new(reason).into());
        }
    }

    fn text(&self, text: Option<&str>) -> Option<Arc<str>> {
        text.filter(|text| !self.quiet && text.len() <= 256).map(Arc::from)
    }

    fn v3(&mut self, packet: &v3::Packet) -> bool {
        self.append(packet.encode().ok())
    }

    fn v5(&mut self, packet: &v5::Packet) -> bool {
        self.append(packet.encode().ok())
    }

    fn append(&mut self, bytes: Option<VarBytes>) -> bool {
        let Some(bytes) = bytes.filter(|bytes| bytes.as_ref().len() <= self.packet_bytes_max) else {
            return false;
        };
        self.out.extend_from_slice(bytes.as_ref());
        true
    }
}
