//! When it was observed: dates as people and loggers write them.
//!
//! A date without zone is taken for UTC+8, the one zone of China, and it is said. A date that may be one of two days refuses the
//! entity: a value on the wrong day is worse than none.

use serde_json::{Map, Value};

use super::correction::{Correction, CorrectionCode as Code};
use super::{Refused, names, number, shape, shorten, shown};

const DAY_MS: i64 = 86_400_000;
/// UTC+8.
const ZONE_MS: i64 = 8 * 3_600_000;
/// 1990-01-01T00:00:00Z; an earlier date is a zero or a clock that was never set.
const EARLIEST_MS: i64 = 631_152_000_000;

/// Keys of attributes that carry the instant of observation, the surest first.
const NAMES: [&str; 16] = [
    "dateobserved",
    "observedat",
    "observationdatetime",
    "resulttime",
    "phenomenontime",
    "timeinstant",
    "监测时间",
    "采样时间",
    "monitortime",
    "monitoringtime",
    "samplingtime",
    "sampletime",
    "timestamp",
    "datetime",
    "date",
    "time",
];

/// A date as it was read.
struct Read {
    ms: i64,
    zone_given: bool,
    /// Whether it stood as RFC 3339 wants it.
    usual: bool,
}

/// Whether an attribute of this name carries the instant.
pub(super) fn is_date(name: &str) -> bool {
    NAMES.contains(&names::key(name).as_str())
}

/// The instant of an entity: its own date, else the latest of its attributes, else that of receipt.
pub(super) fn find(
    members: &Map<String, Value>,
    of_attributes: &[(&str, &Value)],
    received_ms: i64,
    ignored: &mut Vec<String>,
    corrections: &mut Vec<Correction>,
) -> Result<i64, Refused> {
    let mut dates: Vec<(usize, &str, &Value)> = Vec::new();
    for (name, member) in members {
        let key = names::key(name);
        if let Some(rank) = NAMES.iter().position(|known| *known == key) {
            dates.push((rank, name, member));
        }
    }
    dates.sort_by_key(|(rank, ..)| *rank);
    let mut found = None;
    for (_, name, member) in dates {
        let attribute = shape::attribute(name, member).ok();
        let value = attribute.filter(|_| found.is_none()).map(|a| a.value).filter(|v| !is_empty(v));
        match value {
            Some(value) => found = Some(understood(name, &value, received_ms, corrections)?),
            None => ignored.push(shorten(name)),
        }
    }
    if let Some(ms) = found {
        return Ok(ms);
    }
    let mut latest: Option<(i64, &str, &Value)> = None;
    for (name, value) in of_attributes.iter().filter(|(_, value)| !is_empty(value)) {
        let mut said = Vec::new();
        let ms = understood(name, value, received_ms, &mut said)?;
        corrections.extend(said.into_iter().filter(|c| !corrections.contains(c)).collect::<Vec<_>>());
        if latest.is_none_or(|(before, ..)| ms > before) {
            latest = Some((ms, name, value));
        }
    }
    if let Some((ms, name, value)) = latest {
        let why = (
            "实体没有时间，取其属性中最晚的时间",
            "the entity has no date; the latest of its attributes was taken",
        );
        corrections.push(Code::DateOfAttributes.of(name, &shown(value), &written(ms), why));
        return Ok(ms);
    }
    let why = ("没有观测时间，取接收时间", "no date of observation; the instant of receipt was taken");
    corrections.push(Code::TimeOfReceipt.of("dateObserved", "", &written(received_ms), why));
    Ok(received_ms)
}

/// Whether nothing stands there.
fn is_empty(value: &Value) -> bool {
    value.is_null() || value.as_str().is_some_and(|text| text.trim().is_empty())
}

/// One date, checked, with what is to be said of it.
fn understood(
    field: &str,
    value: &Value,
    received_ms: i64,
    corrections: &mut Vec<Correction>,
) -> Result<i64, Refused> {
    let refuse = || (shorten(field), shown(value));
    let read = match value {
        Value::Number(n) => n.as_f64().and_then(|n| compact(&format!("{n}")).or_else(|| epoch(n))),
        Value::String(text) if text.len() <= super::TEXT_BYTES_MAX => text_date(text),
        _ => None,
    };
    let Some(read) = read else {
        let (field, found) = refuse();
        return Err(Refused::Date { field, found });
    };
    if read.ms < EARLIEST_MS || read.ms > received_ms.saturating_add(DAY_MS) {
        let (field, found) = refuse();
        return Err(Refused::DateOutside { field, found });
    }
    let became = written(read.ms);
    if !read.usual {
        let why = ("时间写法已统一", "the date was rewritten in the usual form");
        corrections.push(Code::DateForm.of(field, &shown(value), &became, why));
    }
    if !read.zone_given {
        let why = ("时间未写时区，按 UTC+8 理解", "the date has no zone and was taken for UTC+8");
        corrections.push(Code::ZoneAssumed.of(field, &shown(value), &became, why));
    }
    Ok(read.ms)
}

/// A date as text, in any of the forms known.
fn text_date(text: &str) -> Option<Read> {
    let plain: String = text.trim().chars().map(number::plain).collect();
    if plain.bytes().all(|b| b.is_ascii_digit() || b == b'.') && plain.matches('.').count() <= 1 {
        return compact(&plain).or_else(|| epoch(plain.parse().ok()?));
    }
    // An interval of ISO 8601: the observation is complete at its end.
    if let Some((from, to)) = plain.split_once('/').filter(|(from, to)| from.len() >= 10 && to.len() >= 10) {
        civil(from)?;
        return Some(Read { usual: false, ..civil(to)? });
    }
    civil(&plain)
}

/// Seconds or milliseconds since 1970; which, by their size.
fn epoch(n: f64) -> Option<Read> {
    // 1e11 s is the year 5138, 1e11 ms the year 1973, so no instant since 1990 is mistaken.
    let ms = if n.abs() < 1e11 { n * 1000.0 } else { n };
    (n > 0.0 && ms < 1e15).then_some(Read { ms: ms.round() as i64, zone_given: true, usual: false })
}

/// Figures without signs between them: 20261103, 202611030900, 20261103090000.
fn compact(digits: &str) -> Option<Read> {
    if !matches!(digits.len(), 8 | 12 | 14) || !digits.bytes().all(|b| b.is_ascii_digit()) {
        return None;
    }
    let part = |from: usize, to: usize| digits.get(from..to).map_or(Some(0), |t| t.parse::<i64>().ok());
    let time = [part(8, 10)?, part(10, 12)?, part(12, 14)?];
    let ms = instant(part(0, 4)?, part(4, 6)?, part(6, 8)?, time, 0)?;
    (ms >= EARLIEST_MS).then_some(Read { ms: ms - ZONE_MS, zone_given: false, usual: false })
}

/// A date with signs between its parts, with or without a time and a zone.
fn civil(text: &str) -> Option<Read> {
    let signs = text.replace(['年', '月'], "-").replace(['日', '号'], " ").replace(['时', '点', '分'], ":");
    let signs = signs.replace('秒', "");
    let signs = signs.trim().trim_end_matches(':');
    let (date, rest) = signs.split_once(['T', 't', ' ']).unwrap_or((signs, ""));
    let parts: Vec<&str> = date.split(['-', '/', '.']).collect();
    let [a, b, c] = parts.as_slice() else { return None };
    let (year, month, day) = match (a.len(), c.len()) {
        (4, 1 | 2) => (figures(a)?, figures(b)?, figures(c)?),
        (1 | 2, 4) => match (figures(a)?, figures(b)?) {
            (first, second) if first > 12 || first == second => (figures(c)?, second, first),
            (first, second) if second > 12 => (figures(c)?, first, second),
            _ => return None,
        },
        _ => return None,
    };
    let (clock, zone) = zone(rest.trim())?;
    let (clock, fraction) = clock.split_once(['.', ',']).unwrap_or((clock, ""));
    let mut time = [0; 3];
    if !clock.is_empty() {
        let parts: Vec<&str> = clock.split(':').collect();
        if parts.len() > 3 {
            return None;
        }
        for (slot, part) in time.iter_mut().zip(parts) {
            *slot = figures(part)?;
        }
    }
    if !fraction.bytes().all(|b| b.is_ascii_digit()) {
        return None;
    }
    let ms = format!("{fraction:0<3}").get(..3).and_then(|f| f.parse().ok())?;
    let ms = instant(year, month, day, time, ms)? - zone.unwrap_or(ZONE_MS);
    let at = |n: usize, b: u8| text.as_bytes().get(n) == Some(&b);
    let usual = zone.is_some() && at(4, b'-') && at(7, b'-') && at(10, b'T') && at(13, b':') && at(16, b':');
    Some(Read { ms, zone_given: zone.is_some(), usual })
}

/// Cuts the zone from a time; its offset in milliseconds when there is one.
fn zone(time: &str) -> Option<(&str, Option<i64>)> {
    for utc in ["Z", "z", "UTC", "GMT"] {
        if let Some(clock) = time.strip_suffix(utc) {
            return Some((clock.trim(), Some(0)));
        }
    }
    let Some(at) = time.rfind(['+', '-']) else { return Some((time, None)) };
    let (clock, offset) = time.split_at(at);
    let digits: String = offset.chars().skip(1).filter(|c| *c != ':').collect();
    let (hours, minutes) = match digits.len() {
        1 | 2 => (figures(&digits)?, 0),
        4 => (figures(digits.get(..2)?)?, figures(digits.get(2..)?)?),
        _ => return None,
    };
    if hours > 14 || minutes > 59 {
        return None;
    }
    let ms = (hours * 60 + minutes) * 60_000;
    let clock = clock.trim().trim_end_matches("UTC").trim_end_matches("GMT").trim();
    Some((clock, Some(if offset.starts_with('-') { -ms } else { ms })))
}

/// One to four figures and nothing else.
fn figures(text: &str) -> Option<i64> {
    let text = text.trim();
    let good = (1..=4).contains(&text.len()) && text.bytes().all(|b| b.is_ascii_digit());
    if good { text.parse().ok() } else { None }
}

/// The instant of a day and a time of UTC; none when there is no such day or time. 24:00 is the end of the day.
fn instant(year: i64, month: i64, day: i64, [hour, minute, second]: [i64; 3], ms: i64) -> Option<i64> {
    let leap = year % 4 == 0 && (year % 100 != 0 || year % 400 == 0);
    let days = match month {
        1 | 3 | 5 | 7 | 8 | 10 | 12 => 31,
        4 | 6 | 9 | 11 => 30,
        2 => 28 + i64::from(leap),
        _ => return None,
    };
    let clock = (hour < 24 && minute < 60 && second < 60) || (hour == 24 && minute + second + ms == 0);
    if !(1..=days).contains(&day) || !clock {
        return None;
    }
    // Days since 1970 by the count of years that begin in March, so that the leap day is the last.
    let y = if month <= 2 { year - 1 } else { year };
    let of_year = (153 * ((month + 9) % 12) + 2) / 5 + day - 1;
    let number = 365 * y + y.div_euclid(4) - y.div_euclid(100) + y.div_euclid(400) + of_year - 719_468;
    Some(number * DAY_MS + ((hour * 60 + minute) * 60 + second) * 1000 + ms)
}

/// An instant as RFC 3339 in UTC.
fn written(ms: i64) -> String {
    let (days, of_day) = (ms.div_euclid(DAY_MS) + 719_468, ms.rem_euclid(DAY_MS));
    let (era, of_era) = (days.div_euclid(146_097), days.rem_euclid(146_097));
    let of_years = (of_era - of_era / 1460 + of_era / 36_524 - of_era / 146_096) / 365;
    let of_year = of_era - (365 * of_years + of_years / 4 - of_years / 100);
    let march = (5 * of_year + 2) / 153;
    let day = of_year - (153 * march + 2) / 5 + 1;
    let month = if march < 10 { march + 3 } else { march - 9 };
    let year = of_years + era * 400 + i64::from(month <= 2);
    let (s, ms) = (of_day / 1000, of_day % 1000);
    let fraction = if ms == 0 { String::new() } else { format!(".{ms:03}") };
    format!("{year:04}-{month:02}-{day:02}T{:02}:{:02}:{:02}{fraction}Z", s / 3600, s / 60 % 60, s % 60)
}
