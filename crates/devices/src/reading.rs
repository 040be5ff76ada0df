//! A payload, read by its feed. Bad input gives the first reason why, and nothing of it is used.

use nacre_model::Instant;
use serde_json::Value as Json;
use thiserror::Error;

use crate::feed::{Feed, Format, Moment, MomentFormat};

/// Largest payload.
pub const PAYLOAD_MAX: usize = 64 << 10;
/// Most readings in one payload.
pub const READINGS_MAX: usize = 1_000;
/// So far ahead of ours a device's clock may be.
pub const AHEAD_MS: i64 = 120_000;
/// Older than that is no observation of a device that lives.
const OLDEST: Instant = Instant(946_684_800_000);

/// One value.
#[derive(Debug, Clone, PartialEq)]
pub struct Value {
    /// Short name of the attribute.
    pub attribute: String,
    /// What was read.
    pub value: nacre_model::Value,
    /// Its unit.
    pub unit: Option<String>,
}

/// What a device observed at a moment.
#[derive(Debug, Clone, PartialEq)]
pub struct Reading {
    /// When.
    pub observed_at: Instant,
    /// The clock of the device was ahead by so many milliseconds; then `observed_at` is when it was received.
    pub ahead_ms: Option<i64>,
    /// What.
    pub values: Vec<Value>,
    /// 0 to 1.
    pub battery: Option<f64>,
    /// Version.
    pub firmware: Option<String>,
}

/// Why a payload cannot be read.
#[derive(Debug, Clone, PartialEq, Eq, Error)]
pub enum Bad {
    /// Too large.
    #[error("报文有 {0} 字节，最多 {PAYLOAD_MAX}。 / The payload has {0} bytes; at most {PAYLOAD_MAX}.")]
    TooLarge(usize),
    /// Too many readings.
    #[error(
        "报文有 {0} 条读数，最多 {READINGS_MAX}。 / The payload has {0} readings; at most {READINGS_MAX}."
    )]
    TooMany(usize),
    /// Neither JSON nor a table.
    #[error("报文读不懂：{0}。 / The payload cannot be read: {0}.")]
    Unreadable(String),
    /// Something that has to be there is not.
    #[error("缺少 `{0}`。 / `{0}` is missing.")]
    Missing(String),
    /// Not a number.
    #[error("`{at}` 是 {found}，不是数。 / `{at}` is {found}, no number.")]
    NoNumber {
        /// Where.
        at: String,
        /// What stands there.
        found: String,
    },
    /// Not credible.
    #[error("`{at}` 是 {value}，不在 {min} 到 {max} 之间。 / `{at}` is {value}, outside {min} to {max}.")]
    OutOfRange {
        /// Where.
        at: String,
        /// What stands there.
        value: String,
        /// Least.
        min: String,
        /// Greatest.
        max: String,
    },
    /// No instant.
    #[error(
        "`{at}` 是 {found}，不是 {wanted} 形式的时间。 / `{at}` is {found}, no instant of the form {wanted}."
    )]
    NoInstant {
        /// Where.
        at: String,
        /// What stands there.
        found: String,
        /// Which form.
        wanted: &'static str,
    },
    /// Nothing of what the feed knows is in it.
    #[error("报文里没有接入映射认得的字段。 / The payload has none of the fields of the feed.")]
    Nothing,
    /// A table has not the columns of the feed.
    #[error(
        "表头缺少 {missing}；认得的列：{known}。 / The head of the table lacks {missing}; known columns: {known}."
    )]
    Columns {
        /// Which are needed.
        missing: String,
        /// Those that are known.
        known: String,
    },
}

impl Bad {
    /// The stable code.
    pub fn code(&self) -> &'static str {
        match self {
            Bad::TooLarge(_) => "payload_too_large",
            Bad::TooMany(_) => "payload_too_many",
            Bad::Unreadable(_) => "payload_unreadable",
            Bad::Missing(_) => "field_missing",
            Bad::NoNumber { .. } => "field_no_number",
            Bad::OutOfRange { .. } => "field_out_of_range",
            Bad::NoInstant { .. } => "field_no_instant",
            Bad::Nothing => "payload_nothing_known",
            Bad::Columns { .. } => "columns_missing",
        }
    }
}

/// Reads a payload.
pub fn read(feed: &Feed, payload: &[u8], received: Instant) -> Result<Vec<Reading>, Bad> {
    if payload.len() > PAYLOAD_MAX {
        return Err(Bad::TooLarge(payload.len()));
    }
    let items = match feed.def.format {
        Format::Json => {
            let json: Json = serde_json::from_slice(payload).map_err(|e| Bad::Unreadable(e.to_string()))?;
            match (&feed.def.list, json) {
                (Some(at), json) => {
                    let list = json.pointer(at).and_then(Json::as_array);
                    list.cloned().ok_or_else(|| Bad::Missing(at.clone()))?
                }
                (None, Json::Array(list)) => list,
                (None, one) => vec![one],
            }
        }
        Format::Csv => table(payload)?,
    };
    if items.len() > READINGS_MAX {
        return Err(Bad::TooMany(items.len()));
    }
    if items.is_empty() {
        return Err(Bad::Nothing);
    }
    items.iter().map(|item| one(feed, item, received)).collect()
}

/// Lines of a table of the past, each a reading or what is wrong with it. A table whose head fits nothing is refused whole.
pub fn history(feed: &Feed, bytes: &[u8], received: Instant) -> Result<Vec<Result<Reading, Bad>>, Bad> {
    let def = &feed.def;
    let column = |from: &str| from.trim_start_matches('/').to_owned();
    let fields: Vec<String> = def.fields.iter().map(|f| column(&f.from)).collect();
    let moment = def.observed_at.as_ref().map(|m| column(&m.from));
    let head = csv::ReaderBuilder::new().trim(csv::Trim::All).from_reader(unmarked(bytes)).headers().cloned();
    let head = head.map_err(|e| Bad::Unreadable(e.to_string()))?;
    let has = |name: &str| head.iter().any(|h| h.trim_start_matches('/') == name);
    let mut missing: Vec<String> = moment.iter().filter(|m| !has(m)).map(|m| format!("`{m}`")).collect();
    if !fields.iter().any(|f| has(f)) {
        missing.push(fields.iter().map(|f| format!("`{f}`")).collect::<Vec<_>>().join(" | "));
    }
    if !missing.is_empty() {
        let known = moment.iter().chain(&fields).cloned().collect::<Vec<_>>().join(", ");
        return Err(Bad::Columns { missing: missing.join(", "), known });
    }
    Ok(table(bytes)?.iter().map(|item| one(feed, item, received)).collect())
}

/// Without the mark that spreadsheets put before UTF-8.
fn unmarked(bytes: &[u8]) -> &[u8] {
    bytes.strip_prefix("\u{feff}".as_bytes()).unwrap_or(bytes)
}

/// Lines of a table as objects.
pub fn table(bytes: &[u8]) -> Result<Vec<Json>, Bad> {
    let bytes = unmarked(bytes);
    let unreadable = |e: csv::Error| Bad::Unreadable(e.to_string());
    let mut reader = csv::ReaderBuilder::new().trim(csv::Trim::All).from_reader(bytes);
    let head = reader.headers().map_err(unreadable)?.clone();
    let mut items = Vec::new();
    for record in reader.records() {
        let record = record.map_err(unreadable)?;
        let cells = head.iter().zip(record.iter()).filter(|(_, cell)| !cell.is_empty());
        items.push(Json::Object(cells.map(|(h, c)| (h.to_owned(), Json::from(c))).collect()));
        if items.len() > 1_000_000 {
            return Err(Bad::TooMany(items.len()));
        }
    }
    Ok(items)
}

fn at<'a>(item: &'a Json, from: &str) -> Option<&'a Json> {
    let found = match from.is_empty() || from.starts_with('/') {
        true => item.pointer(from),
        false => item.get(from),
    };
    // A row of a backfill has columns where a payload has pointers: `/nh3n` is also the column `nh3n`.
    let found = found.or_else(|| item.get(from.trim_start_matches('/')));
    found.filter(|v| !v.is_null())
}

/// One reading.
pub fn one(feed: &Feed, item: &Json, received: Instant) -> Result<Reading, Bad> {
    let def = &feed.def;
    let stated = match &def.observed_at {
        None => None,
        Some(moment) => match at(item, &moment.from) {
            None => return Err(Bad::Missing(moment.from.clone())),
            Some(value) => Some(instant(moment, value)?),
        },
    };
    let mut values = Vec::new();
    for field in &def.fields {
        let Some(found) = at(item, &field.from) else {
            if field.required {
                return Err(Bad::Missing(field.from.clone()));
            }
            continue;
        };
        let bounded =
            field.min.is_some() || field.max.is_some() || field.unit.is_some() || field.scale.is_some();
        let value = match found {
            Json::Bool(b) if !bounded => nacre_model::Value::Bool(*b),
            Json::String(text) if !bounded => {
                nacre_model::Value::text(text.chars().take(400).collect::<String>())
            }
            other => {
                let number = number(other).ok_or_else(|| Bad::NoNumber {
                    at: field.from.clone(),
                    found: other.to_string().chars().take(60).collect(),
                })?;
                let number = number * field.scale.unwrap_or(1.0);
                let (min, max) = (field.min.unwrap_or(f64::MIN), field.max.unwrap_or(f64::MAX));
                if !(min..=max).contains(&number) {
                    let edge = |e: Option<f64>| e.map_or_else(|| "∞".to_owned(), |e| e.to_string());
                    return Err(Bad::OutOfRange {
                        at: field.from.clone(),
                        value: number.to_string(),
                        min: edge(field.min),
                        max: edge(field.max),
                    });
                }
                // Scaling by 0.001 leaves a tail that nobody measured.
                let digits = 1e9;
                nacre_model::Value::Float((number * digits).round() / digits)
            }
        };
        values.push(Value { attribute: field.attribute.clone(), value, unit: field.unit.clone() });
    }
    let battery = def.device.battery.as_ref().and_then(|p| number(at(item, p)?));
    let battery = battery.map(|b| (b * def.device.battery_scale.unwrap_or(1.0)).clamp(0.0, 1.0));
    let firmware = def.device.firmware.as_ref().and_then(|p| at(item, p)?.as_str());
    if values.is_empty() && battery.is_none() {
        return Err(Bad::Nothing);
    }
    let observed_at = stated.unwrap_or(received);
    let ahead = observed_at.0 - received.0;
    let skewed = ahead > AHEAD_MS;
    Ok(Reading {
        observed_at: if skewed { received } else { observed_at },
        ahead_ms: skewed.then_some(ahead),
        values,
        battery,
        firmware: firmware.map(|f| f.chars().take(64).collect()),
    })
}

/// A number, also one written as a text.
fn number(value: &Json) -> Option<f64> {
    let number = match value {
        Json::Number(n) => n.as_f64()?,
        Json::String(text) => text.trim().parse().ok()?,
        _ => return None,
    };
    number.is_finite().then_some(number)
}

fn instant(moment: &Moment, value: &Json) -> Result<Instant, Bad> {
    let wanted = match moment.format {
        MomentFormat::Rfc3339 => "2026-11-23T09:00:00+08:00",
        MomentFormat::EpochS => "seconds since 1970",
        MomentFormat::EpochMs => "milliseconds since 1970",
    };
    let found = match moment.format {
        MomentFormat::Rfc3339 => value.as_str().and_then(|text| {
            let text = text.trim().replacen(' ', "T", 1);
            let zoned = text.ends_with('Z') || text.get(19..).is_some_and(|z| z.contains(['+', '-']));
            Instant::parse(&if zoned { text } else { format!("{text}+08:00") })
        }),
        MomentFormat::EpochS => number(value).map(|s| Instant((s * 1_000.0) as i64)),
        MomentFormat::EpochMs => number(value).map(|ms| Instant(ms as i64)),
    };
    let found = found.filter(|at| (OLDEST..=Instant::MAX).contains(at));
    found.ok_or_else(|| Bad::NoInstant {
        at: moment.from.clone(),
        found: value.to_string().chars().take(60).collect(),
        wanted,
    })
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::feed::{FeedDef, Field, Words};

    fn feed() -> Feed {
        let field = |attribute: &str, from: &str, scale: Option<f64>, max: f64| Field {
            attribute: attribute.into(),
            from: from.into(),
            unit: Some("M1".into()),
            scale,
            min: Some(0.0),
            max: Some(max),
            required: false,
        };
        Feed {
            id: "test.sensor".into(),
            def: FeedDef {
                title: Words::default(),
                topic: "devices/{device}/water".into(),
                format: Format::Json,
                kind: "WaterSection".into(),
                list: None,
                observed_at: Some(Moment { from: "/ts".into(), format: MomentFormat::Rfc3339 }),
                fields: vec![
                    field("ammoniaNitrogen", "/nh3", None, 100.0),
                    field("totalPhosphorus", "/tp", Some(0.001), 50.0),
                ],
                device: crate::feed::DeviceFields {
                    battery: Some("/bat".into()),
                    battery_scale: Some(0.01),
                    firmware: None,
                },
                fresh_minutes: 30,
                example: r#"{"ts":"2025-12-31T09:00:00+08:00","nh3":1.2}"#.into(),
            },
        }
    }

    fn at(text: &str) -> Instant {
        Instant::parse(text).expect("an instant")
    }

    #[test]
    fn a_table_of_the_past_is_refused_whole_when_its_head_fits_nothing() {
        let now = at("2026-11-23T09:00:00+08:00");
        let read = |text: &str| history(&feed(), text.as_bytes(), now);
        let rows = read("\u{feff}ts,nh3\n2026-11-01T00:00:00Z,1.5\nyesterday,1\n").expect("fits");
        assert_eq!(rows.iter().map(Result::is_ok).collect::<Vec<_>>(), [true, false]);
        for (head, missing) in
            [("time,nh3", "`ts`"), ("ts,colour", "`nh3` | `tp`"), ("", "`ts`, `nh3` | `tp`")]
        {
            let bad = read(&format!("{head}\n1,2\n")).expect_err("is refused");
            assert_eq!(bad.code(), "columns_missing");
            assert!(bad.to_string().contains(missing), "{bad}");
        }
    }

    #[test]
    fn a_payload_becomes_values_in_the_units_of_the_feed() {
        let now = at("2026-11-23T09:00:00+08:00");
        let read = |text: &str| read(&feed(), text.as_bytes(), now);
        let readings = read(r#"[{"ts":"2026-11-23 08:59:00","nh3":"1.5","tp":210,"bat":87}]"#).expect("read");
        let one = &readings[0];
        assert_eq!(one.observed_at, at("2026-11-23T08:59:00+08:00"));
        assert_eq!(one.values[1].value, nacre_model::Value::Float(0.21));
        assert_eq!(one.battery, Some(0.87));
        for (text, code) in [
            ("{", "payload_unreadable"),
            (r#"{"nh3":1}"#, "field_missing"),
            (r#"{"ts":"yesterday","nh3":1}"#, "field_no_instant"),
            (r#"{"ts":"2026-11-23T08:00:00Z","nh3":"much"}"#, "field_no_number"),
            (r#"{"ts":"2026-11-23T08:00:00Z","nh3":-9999}"#, "field_out_of_range"),
            (r#"{"ts":"2026-11-23T00:00:00Z","colour":"brown"}"#, "payload_nothing_known"),
            ("[]", "payload_nothing_known"),
        ] {
            assert_eq!(read(text).map_err(|b| b.code()), Err(code), "{text}");
        }
    }

    #[test]
    fn a_clock_that_is_ahead_is_flagged_and_does_not_block_what_comes_later() {
        let now = at("2026-11-23T09:00:00+08:00");
        let reading = read(&feed(), br#"{"ts":"2026-11-23T12:00:00+08:00","nh3":1}"#, now).expect("read");
        assert_eq!((reading[0].observed_at, reading[0].ahead_ms), (now, Some(3 * 3_600_000)));
    }

    #[test]
    fn topics_name_their_device() {
        assert_eq!(feed().device_of("devices/w-1/water"), Some("w-1"));
        assert_eq!(feed().device_of("devices/w/1/water"), None);
        assert_eq!(feed().device_of("devices//water"), None);
        assert_eq!(feed().check(), []);
    }
}
