//! What a payload means: a file `feeds/<name>.yaml` of a pack.

use serde::{Deserialize, Serialize};

/// Words in both languages.
#[derive(Debug, Clone, PartialEq, Eq, Default, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Words {
    /// 中文。
    pub zh: String,
    /// English.
    pub en: String,
}

/// A feed as written.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
pub struct FeedDef {
    /// What it is called.
    pub title: Words,
    /// MQTT topic; `{device}` stands for the local id of the device.
    pub topic: String,
    /// How payloads are written.
    #[serde(default)]
    pub format: Format,
    /// Short name of the type whose entity the readings are of: the asset of the device, or the device itself.
    #[serde(rename = "type")]
    pub kind: String,
    /// JSON pointer of a list, where a payload holds several readings.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub list: Option<String>,
    /// When it was observed; when it was received, where nothing is written.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub observed_at: Option<Moment>,
    /// What is read.
    pub fields: Vec<Field>,
    /// What a payload says of the device itself.
    #[serde(default)]
    pub device: DeviceFields,
    /// A device that is silent for longer is late.
    pub fresh_minutes: u32,
    /// A payload, for people.
    pub example: String,
}

/// How payloads are written.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum Format {
    /// JSON; `from` is a JSON pointer.
    #[default]
    Json,
    /// Lines with a head; `from` is the name of a column.
    Csv,
}

/// Where an instant stands, and how it is written.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Moment {
    /// JSON pointer or column.
    pub from: String,
    /// How it is written.
    #[serde(default)]
    pub format: MomentFormat,
}

/// How an instant is written.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum MomentFormat {
    /// RFC 3339; without zone it is the district's.
    #[default]
    Rfc3339,
    /// Seconds since 1970.
    EpochS,
    /// Milliseconds since 1970.
    EpochMs,
}

/// A value that is read.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
pub struct Field {
    /// Short name of the attribute.
    pub attribute: String,
    /// JSON pointer or column.
    pub from: String,
    /// UN/CEFACT code of its unit, after `scale`.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub unit: Option<String>,
    /// What it is multiplied by.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub scale: Option<f64>,
    /// Least credible value.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub min: Option<f64>,
    /// Greatest credible value.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub max: Option<f64>,
    /// A payload without it is not read.
    #[serde(default, skip_serializing_if = "std::ops::Not::not")]
    pub required: bool,
}

/// What a payload says of the device itself.
#[derive(Debug, Clone, PartialEq, Default, Serialize, Deserialize)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
pub struct DeviceFields {
    /// Its battery.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub battery: Option<String>,
    /// What makes 0 to 1 of it.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub battery_scale: Option<f64>,
    /// Its firmware.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub firmware: Option<String>,
}

/// A feed of a pack.
#[derive(Debug, Clone, PartialEq)]
pub struct Feed {
    /// `waterways.sensor`.
    pub id: String,
    /// As written.
    pub def: FeedDef,
}

impl Feed {
    /// The topic of a device.
    pub fn topic(&self, device: &str) -> String {
        self.def.topic.replace("{device}", device)
    }

    /// The device a topic names, where the topic is one of this feed.
    pub fn device_of<'a>(&self, topic: &'a str) -> Option<&'a str> {
        let (before, after) = self.def.topic.split_once("{device}")?;
        let device = topic.strip_prefix(before)?.strip_suffix(after)?;
        (!device.is_empty() && !device.contains('/')).then_some(device)
    }

    /// Everything wrong with it that a schema cannot see: where, and what.
    pub fn check(&self) -> Vec<(String, String)> {
        let mut wrong = Vec::new();
        let def = &self.def;
        if def.topic.matches("{device}").count() != 1 {
            wrong.push(("/topic".into(), "the topic names `{device}` once".into()));
        }
        if def.topic.contains(['+', '#']) || def.topic.starts_with('$') {
            wrong.push(("/topic".into(), "a topic has no wildcards and does not begin with `$`".into()));
        }
        let pointer = |p: &str| def.format == Format::Csv || p.is_empty() || p.starts_with('/');
        for (i, field) in def.fields.iter().enumerate() {
            if !pointer(&field.from) {
                wrong.push((format!("/fields/{i}/from"), "a JSON pointer begins with `/`".into()));
            }
            if field.min.zip(field.max).is_some_and(|(min, max)| min > max) {
                wrong.push((format!("/fields/{i}/min"), "`min` is above `max`".into()));
            }
            if def.fields[..i].iter().any(|f| f.attribute == field.attribute) {
                wrong.push((format!("/fields/{i}/attribute"), "the attribute is read twice".into()));
            }
        }
        // The example is a payload: it is read by the very code that reads devices.
        let at = nacre_model::Instant(1_767_225_600_000);
        if let Err(bad) = crate::reading::read(self, def.example.as_bytes(), at) {
            wrong.push(("/example".into(), format!("the example cannot be read: {bad}")));
        }
        wrong
    }
}
