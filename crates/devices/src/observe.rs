//! Readings become history: the newest stand, late ones go where they belong, repeated ones change nothing.

use nacre_kernel::commands::{Decision, State};
use nacre_kernel::{Fault, Refusal, Verb};
use nacre_model::{Attribute, Change, EntityId, Instant, Value};

use crate::device::Device;
use crate::names::{iri, property, relationship};
use crate::reading::Reading;

/// What is said of the device itself is recorded at most so often.
const SEEN_EVERY_MS: i64 = 60_000;

/// A device observed something.
#[derive(Debug, Clone)]
pub struct Observe {
    /// Which device.
    pub device: EntityId,
    /// What.
    pub reading: Reading,
    /// When it came.
    pub received: Instant,
}

impl Observe {
    /// The key under which an observation counts once: the device and its instant.
    pub fn key(&self) -> String {
        format!("observe:{}:{}", crate::names::local(self.device.as_str()), self.reading.observed_at.0)
    }

    /// What the observation says, in a number: another one under the same key is a contradiction.
    pub fn digest(&self) -> u64 {
        use sha2::{Digest, Sha256};
        let hash = Sha256::digest(format!("{:?}", self.reading.values));
        hash.iter().take(8).fold(0, |n, byte| n << 8 | u64::from(*byte))
    }
}

fn unknown(id: &EntityId) -> Refusal {
    let detail = format!("没有设备 {id}。 / There is no device {id}.");
    Refusal::Act { code: "device_unknown", fault: Fault::Missing, detail }
}

impl Verb for Observe {
    fn name(&self) -> &'static str {
        "device.observe"
    }

    fn entity(&self) -> Option<&EntityId> {
        Some(&self.device)
    }

    fn decide(&self, state: &dyn State, now: Instant) -> Result<Decision, Refusal> {
        let stored = state.entity(&self.device)?.ok_or_else(|| unknown(&self.device))?;
        let device = Device::read(&stored).ok_or_else(|| unknown(&self.device))?;
        let target = state.entity(device.target())?;
        let target = target.ok_or_else(|| {
            let detail = format!(
                "设备 {} 的对象 {} 不存在。 / What the device observes does not exist.",
                device.id,
                device.target()
            );
            Refusal::Act { code: "asset_unknown", fault: Fault::Missing, detail }
        })?;
        let reading = &self.reading;
        let mut changes = Vec::new();
        for value in &reading.values {
            let name = iri(&value.attribute);
            let mut attribute = Attribute {
                observed_at: Some(reading.observed_at),
                unit_code: value.unit.as_deref().map(Into::into),
                ..property(value.value.clone())
            };
            attribute.attributes.push((iri("providedBy"), vec![relationship(device.id.as_str())]));
            if device.simulated {
                attribute.attributes.push((iri("simulated"), vec![property(Value::Bool(true))]));
            }
            let stands = target.instance(name.as_str(), None).and_then(|i| i.attribute.observed_at);
            let entity = target.id.clone();
            changes.push(match stands.is_some_and(|at| at > reading.observed_at) {
                true => Change::AddHistory { entity, name, attribute },
                false => Change::SetAttribute { entity, name, attribute },
            });
        }
        changes.extend(self.seen(&device, now));
        Ok(Decision::done(changes))
    }
}

impl Observe {
    /// What is said of the device itself.
    fn seen(&self, device: &Device, now: Instant) -> Vec<Change> {
        let mut all: Vec<(&str, Attribute)> = Vec::new();
        let reading = &self.reading;
        let recently = device.last_seen.is_some_and(|at| now.0 - at.0 < SEEN_EVERY_MS);
        if !recently && self.received >= device.last_seen.unwrap_or(Instant::MIN) {
            all.push(("dateLastValueReported", property(Value::text(self.received.to_string()))));
            if let Some(battery) = reading.battery.filter(|b| Some(*b) != device.battery) {
                all.push(("batteryLevel", property(Value::Float(battery))));
            }
        }
        if let Some(firmware) = reading.firmware.as_ref().filter(|f| Some(*f) != device.firmware.as_ref()) {
            all.push(("firmwareVersion", property(Value::text(firmware.as_str()))));
        }
        let skew = reading.ahead_ms.map(|ms| (ms as f64 / 1_000.0).round());
        match (skew, device.skew_s) {
            (Some(skew), before) if before.is_none_or(|b| (b - skew).abs() > 60.0) => {
                all.push(("clockSkew", property(Value::Float(skew))));
            }
            (None, Some(before)) if before != 0.0 => all.push(("clockSkew", property(Value::Float(0.0)))),
            _ => {}
        }
        let set = |(name, attribute)| Change::SetAttribute {
            entity: device.id.clone(),
            name: iri(name),
            attribute,
        };
        all.into_iter().map(set).collect()
    }
}
