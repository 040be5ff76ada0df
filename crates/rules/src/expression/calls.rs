//! The functions of CEL (language definition, "List of Standard Definitions") and a few for figures.

use nacre_model::Instant;

use crate::duration;
use crate::expression::eval::{Run, Trouble};
use crate::value::Val;

/// What is offered, for messages.
pub const NAMES: [&str; 28] = [
    "size",
    "contains",
    "startsWith",
    "endsWith",
    "matches",
    "string",
    "int",
    "double",
    "bool",
    "timestamp",
    "duration",
    "abs",
    "floor",
    "ceil",
    "round",
    "min",
    "max",
    "getFullYear",
    "getMonth",
    "getDate",
    "getDayOfMonth",
    "getDayOfWeek",
    "getDayOfYear",
    "getHours",
    "getMinutes",
    "getSeconds",
    "getMilliseconds",
    "has",
];

const DAY_MS: i64 = 86_400_000;

/// A function.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
#[allow(missing_docs)]
pub enum Builtin {
    Size,
    Contains,
    StartsWith,
    EndsWith,
    ToText,
    ToInt,
    ToDouble,
    ToBool,
    ToTime,
    ToSpan,
    Abs,
    Floor,
    Ceil,
    Round,
    Min,
    Max,
    Part(Part),
}

/// A part of a time or a duration.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
#[allow(missing_docs)]
pub enum Part {
    Year,
    Month,
    Date,
    DayOfMonth,
    DayOfWeek,
    DayOfYear,
    Hours,
    Minutes,
    Seconds,
    Milliseconds,
}

impl Builtin {
    /// The function with its least and most arguments (what it is called on is the first).
    pub fn named(name: &str, on_target: bool) -> Option<(Builtin, usize, usize)> {
        let part = |p| Some((Builtin::Part(p), 1, 2));
        match (name, on_target) {
            ("size", _) => Some((Builtin::Size, 1, 1)),
            ("contains", true) => Some((Builtin::Contains, 2, 2)),
            ("startsWith", true) => Some((Builtin::StartsWith, 2, 2)),
            ("endsWith", true) => Some((Builtin::EndsWith, 2, 2)),
            ("getFullYear", true) => part(Part::Year),
            ("getMonth", true) => part(Part::Month),
            ("getDate", true) => part(Part::Date),
            ("getDayOfMonth", true) => part(Part::DayOfMonth),
            ("getDayOfWeek", true) => part(Part::DayOfWeek),
            ("getDayOfYear", true) => part(Part::DayOfYear),
            ("getHours", true) => part(Part::Hours),
            ("getMinutes", true) => part(Part::Minutes),
            ("getSeconds", true) => part(Part::Seconds),
            ("getMilliseconds", true) => part(Part::Milliseconds),
            ("string", false) => Some((Builtin::ToText, 1, 1)),
            ("int" | "uint", false) => Some((Builtin::ToInt, 1, 1)),
            ("double", false) => Some((Builtin::ToDouble, 1, 1)),
            ("bool", false) => Some((Builtin::ToBool, 1, 1)),
            ("timestamp", false) => Some((Builtin::ToTime, 1, 1)),
            ("duration", false) => Some((Builtin::ToSpan, 1, 1)),
            ("abs", false) => Some((Builtin::Abs, 1, 1)),
            ("floor", false) => Some((Builtin::Floor, 1, 1)),
            ("ceil", false) => Some((Builtin::Ceil, 1, 1)),
            // The second argument is how many decimals.
            ("round", false) => Some((Builtin::Round, 1, 2)),
            ("min", false) => Some((Builtin::Min, 1, 20)),
            ("max", false) => Some((Builtin::Max, 1, 20)),
            _ => None,
        }
    }
}

/// Calls one.
pub fn call(builtin: Builtin, given: &[Val], run: &Run<'_>) -> Result<Val, Trouble> {
    match (builtin, given) {
        (Builtin::Size, [Val::Text(text)]) => {
            run.spend(text.len() / 64)?;
            Ok(whole(text.chars().count()))
        }
        (Builtin::Size, [Val::List(items)]) => Ok(whole(items.len())),
        (Builtin::Size, [Val::Map(members)]) => Ok(whole(members.len())),
        (
            Builtin::Contains | Builtin::StartsWith | Builtin::EndsWith,
            [Val::Text(text), Val::Text(piece)],
        ) => {
            run.spend((text.len() + piece.len()) / 64)?;
            Ok(Val::Bool(match builtin {
                Builtin::Contains => text.contains(&**piece),
                Builtin::StartsWith => text.starts_with(&**piece),
                _ => text.ends_with(&**piece),
            }))
        }
        (Builtin::ToText, [value]) => {
            value.printed().map(|t| Val::text(&t)).ok_or_else(|| unfit("string", given))
        }
        (Builtin::ToInt, [value]) => to_int(value).ok_or_else(|| unfit("int", given)),
        (Builtin::ToDouble, [value]) => to_double(value).ok_or_else(|| unfit("double", given)),
        (Builtin::ToBool, [value]) => to_bool(value).ok_or_else(|| unfit("bool", given)),
        (Builtin::ToTime, [value]) => to_time(value).ok_or_else(|| unfit("timestamp", given)),
        (Builtin::ToSpan, [value]) => to_span(value).ok_or_else(|| unfit("duration", given)),
        (Builtin::Abs, [Val::Int(n)]) => n.checked_abs().map(Val::Int).ok_or_else(|| unfit("abs", given)),
        (Builtin::Abs, [Val::Float(n)]) => Ok(Val::Float(n.abs())),
        (Builtin::Floor | Builtin::Ceil | Builtin::Round, [Val::Int(n)]) => Ok(Val::Int(*n)),
        (Builtin::Floor, [Val::Float(n)]) => Ok(Val::Float(n.floor())),
        (Builtin::Ceil, [Val::Float(n)]) => Ok(Val::Float(n.ceil())),
        (Builtin::Round, [Val::Float(n)]) => Ok(Val::Float(n.round())),
        (Builtin::Round, [value, decimals]) => round_to(value, decimals).ok_or_else(|| unfit("round", given)),
        (Builtin::Min, [Val::List(items)]) => extreme(items, true, run),
        (Builtin::Max, [Val::List(items)]) => extreme(items, false, run),
        (Builtin::Min, given) => extreme(given, true, run),
        (Builtin::Max, given) => extreme(given, false, run),
        (Builtin::Part(part), [Val::Span(ms)]) => span_part(part, *ms).ok_or_else(|| unfit("get…", given)),
        (Builtin::Part(part), [value, zone @ ..]) => {
            time_part(part, value, zone.first()).ok_or_else(|| unfit("get…", given))
        }
        _ => Err(unfit(&format!("{builtin:?}"), given)),
    }
}

fn whole(n: usize) -> Val {
    Val::Int(i64::try_from(n).unwrap_or(i64::MAX))
}

fn unfit(name: &str, given: &[Val]) -> Trouble {
    let kinds: Vec<&str> = given.iter().map(Val::kind).collect();
    let kinds = kinds.join(", ");
    Trouble::new(format!("`{name}` 不能用于（{kinds}）"), format!("`{name}` cannot be used on ({kinds})"))
}

/// The whole number of a fraction, when it fits.
pub fn float_to_int(n: f64) -> Option<i64> {
    // Both bounds are exact in a fraction; the upper one itself is one too many.
    (n.is_finite() && n > -9_223_372_036_854_775_809.0 && n < 9_223_372_036_854_775_808.0)
        .then(|| n.trunc() as i64)
}

fn to_int(value: &Val) -> Option<Val> {
    Some(Val::Int(match value {
        Val::Int(n) => *n,
        Val::Float(n) => float_to_int(*n)?,
        Val::Text(text) => text.parse().ok()?,
        Val::Time(at) => at.0.div_euclid(1_000),
        _ => return None,
    }))
}

fn to_double(value: &Val) -> Option<Val> {
    let n = match value {
        Val::Text(text) => text.parse::<f64>().ok()?,
        other => other.number()?,
    };
    n.is_finite().then_some(Val::Float(n))
}

fn to_bool(value: &Val) -> Option<Val> {
    match value {
        Val::Bool(b) => Some(Val::Bool(*b)),
        Val::Text(text) => match &**text {
            "1" | "t" | "T" | "true" | "TRUE" | "True" => Some(Val::Bool(true)),
            "0" | "f" | "F" | "false" | "FALSE" | "False" => Some(Val::Bool(false)),
            _ => None,
        },
        _ => None,
    }
}

fn to_time(value: &Val) -> Option<Val> {
    if let Val::Int(_) | Val::Float(_) = value {
        let ms = float_to_int(value.number()? * 1_000.0)?;
        return (Instant::MIN.0..=Instant::MAX.0).contains(&ms).then_some(Val::Time(Instant(ms)));
    }
    value.time().map(Val::Time)
}

fn to_span(value: &Val) -> Option<Val> {
    match value {
        Val::Span(ms) => Some(Val::Span(*ms)),
        Val::Text(text) => {
            let (negative, digits) = match text.strip_prefix('-') {
                Some(rest) => (true, rest),
                None => (false, &**text),
            };
            let ms = if matches!(digits, "0" | "0s") { 0 } else { fraction_ms(digits)? };
            Some(Val::Span(if negative { -ms } else { ms }))
        }
        _ => None,
    }
}

/// A duration that may have one number with decimals, as CEL allows: `1.5h`.
fn fraction_ms(text: &str) -> Option<i64> {
    if let Some(ms) = duration::parse(text) {
        return Some(ms);
    }
    let split = text.find(|c: char| c.is_ascii_alphabetic())?;
    let (number, unit) = text.split_at(split);
    if !number.bytes().all(|b| b.is_ascii_digit() || b == b'.') {
        return None;
    }
    let one = duration::parse(&format!("1{unit}"))?;
    let ms = float_to_int(number.parse::<f64>().ok()? * one as f64)?;
    (0..=duration::DURATION_MS_MAX).contains(&ms).then_some(ms)
}

fn round_to(value: &Val, decimals: &Val) -> Option<Val> {
    let (n, decimals) = (value.number()?, decimals.number()?);
    if !(0.0..=9.0).contains(&decimals) {
        return None;
    }
    let power = 10f64.powi(decimals as i32);
    let scaled = n * power;
    Some(Val::Float(if scaled.is_finite() { scaled.round() / power } else { n }))
}

/// The least or largest number of all.
fn extreme(items: &[Val], least: bool, run: &Run<'_>) -> Result<Val, Trouble> {
    run.spend(items.len())?;
    let name = if least { "min" } else { "max" };
    let mut best: Option<&Val> = None;
    for item in items {
        let n = item.number().ok_or_else(|| unfit(name, &items[..items.len().min(5)]))?;
        let better = match best.and_then(Val::number) {
            None => true,
            Some(b) if least => n < b,
            Some(b) => n > b,
        };
        if better {
            best = Some(item);
        }
    }
    best.cloned().ok_or_else(|| unfit(name, items))
}

fn span_part(part: Part, ms: i64) -> Option<Val> {
    Some(Val::Int(match part {
        Part::Hours => ms / 3_600_000,
        Part::Minutes => ms / 60_000,
        Part::Seconds => ms / 1_000,
        Part::Milliseconds => ms % 1_000,
        _ => return None,
    }))
}

fn time_part(part: Part, value: &Val, zone: Option<&Val>) -> Option<Val> {
    let offset = match zone {
        None => 0,
        Some(zone) => zone_ms(zone.as_text()?)?,
    };
    let local = value.time()?.0.checked_add(offset)?;
    let (days, of_day) = (local.div_euclid(DAY_MS), local.rem_euclid(DAY_MS));
    let (year, month, day) = civil(days);
    Some(Val::Int(match part {
        Part::Year => year,
        Part::Month => month - 1,
        Part::Date => day,
        Part::DayOfMonth => day - 1,
        // 1970-01-01 was a Thursday; Sunday is 0.
        Part::DayOfWeek => (days + 4).rem_euclid(7),
        Part::DayOfYear => days - days_of(year, 1, 1),
        Part::Hours => of_day / 3_600_000,
        Part::Minutes => of_day / 60_000 % 60,
        Part::Seconds => of_day / 1_000 % 60,
        Part::Milliseconds => of_day % 1_000,
    }))
}

/// `+08:00`, `08:00`, `-05:30`, `UTC`, and the one zone of the country by its name.
fn zone_ms(zone: &str) -> Option<i64> {
    match zone {
        "UTC" | "Z" => return Some(0),
        "Asia/Shanghai" => return Some(8 * 3_600_000),
        _ => {}
    }
    let (sign, digits) = match zone.as_bytes().first()? {
        b'-' => (-1, zone.get(1..)?),
        b'+' => (1, zone.get(1..)?),
        _ => (1, zone),
    };
    let (hours, minutes) = digits.split_once(':')?;
    if hours.len() != 2 || minutes.len() != 2 {
        return None;
    }
    let (hours, minutes): (i64, i64) = (hours.parse().ok()?, minutes.parse().ok()?);
    ((0..=14).contains(&hours) && (0..60).contains(&minutes))
        .then_some(sign * (hours * 3_600_000 + minutes * 60_000))
}

/// Days since 1970 of a date of the Gregorian calendar.
fn days_of(year: i64, month: i64, day: i64) -> i64 {
    let y = if month <= 2 { year - 1 } else { year };
    let era = y.div_euclid(400);
    let year_of_era = y.rem_euclid(400);
    let day_of_year = (153 * ((month + 9) % 12) + 2) / 5 + day - 1;
    let day_of_era = year_of_era * 365 + year_of_era / 4 - year_of_era / 100 + day_of_year;
    era * 146_097 + day_of_era - 719_468
}

/// The date of so many days since 1970.
fn civil(days: i64) -> (i64, i64, i64) {
    let z = days + 719_468;
    let era = z.div_euclid(146_097);
    let day_of_era = z.rem_euclid(146_097);
    let year_of_era = (day_of_era - day_of_era / 1_460 + day_of_era / 36_524 - day_of_era / 146_096) / 365;
    let day_of_year = day_of_era - (365 * year_of_era + year_of_era / 4 - year_of_era / 100);
    let shifted = (5 * day_of_year + 2) / 153;
    let day = day_of_year - (153 * shifted + 2) / 5 + 1;
    let month = if shifted < 10 { shifted + 3 } else { shifted - 9 };
    (year_of_era + era * 400 + i64::from(month <= 2), month, day)
}
