//! An attribute to a value: number, unit, substance, sentinels, what cannot be, and oxygen in percent.

use std::borrow::Cow;
use std::ops::RangeInclusive;

use serde_json::Value;

use super::correction::{Correction, CorrectionCode as Code};
use super::names::{self, Basis, Meaning};
use super::number::{self, NotNumber};
use super::units::{self, Unit, tidy};
use super::{Attribute, shorten, shown};
use crate::gb3838::{Body, Class, Parameter, limit, saturation};

/// Figures that stand for "no reading" in the files of many loggers.
const SENTINELS: [f64; 4] = [-9999.0, -999.0, 9999.0, -1.0];
/// Nitrogen in ammonium by mass: 14.007 of 18.039.
const NITROGEN: f64 = 14.007;
const AMMONIUM: f64 = 18.039;
/// The most items of a `measurand` list that are read.
const MEASURANDS_MAX: usize = 100;

/// A figure on its way: in the unit of its parameter, except oxygen in percent.
struct Figure {
    field: String,
    was: String,
    parameter: Parameter,
    value: f64,
    below: bool,
    percent: bool,
    /// Which of two for one parameter is taken: the lower.
    rank: u8,
}

/// What can be: pH, oxygen, liquid water, and for all else a bound no surface water reaches.
fn possible(parameter: Parameter) -> RangeInclusive<f64> {
    match parameter {
        Parameter::Ph => 0.0..=14.0,
        Parameter::DissolvedOxygen => 0.0..=30.0,
        Parameter::Temperature => 0.0..=100.0,
        _ => 0.0..=1000.0,
    }
}

/// The values of all readings, in the order of [`Parameter::ALL`].
pub(super) fn values(
    readings: Vec<(Meaning, Attribute<'_>)>,
    corrections: &mut Vec<Correction>,
) -> Vec<(Parameter, f64, bool)> {
    let mut figures: Vec<Figure> =
        readings.iter().filter_map(|(meaning, attribute)| figure(*meaning, attribute, corrections)).collect();
    // Temperature first, since oxygen in percent needs it; then the best of each parameter.
    figures.sort_by_key(|f| (f.parameter != Parameter::Temperature, f.rank));
    let mut values: Vec<(Parameter, f64, bool)> = Vec::new();
    for f in figures {
        if values.iter().any(|(p, ..)| *p == f.parameter) {
            let why =
                ("同一指标已有取值，此值未采用", "the parameter already has a value; this one was not taken");
            corrections.push(Code::GivenTwice.of(&f.field, &f.was, "", why));
            continue;
        }
        let temperature = values.iter().find(|(p, ..)| *p == Parameter::Temperature).map(|(_, t, _)| *t);
        let value = if f.percent { oxygen(&f, temperature, corrections) } else { Some(f.value) };
        let Some(value) = value else { continue };
        let range = possible(f.parameter);
        if !range.contains(&value) {
            let (zh, en) = f.parameter.title();
            let (from, to) = (range.start(), range.end());
            let zh = format!("{zh}只可能在 {from} 至 {to} 之间，该值未采用");
            let en = format!("{en} can only be from {from} to {to}; the value was dropped");
            corrections.push(Code::Impossible.of(&f.field, &f.was, "", (&zh, &en)));
            continue;
        }
        values.push((f.parameter, value, f.below));
    }
    values.sort_by_key(|(parameter, ..)| *parameter);
    values
}

/// Reads the figure of one attribute; none when it was dropped, which is then said.
fn figure(meaning: Meaning, attribute: &Attribute<'_>, corrections: &mut Vec<Correction>) -> Option<Figure> {
    let parameter = meaning.parameter;
    let (field, was) = (attribute.name.clone(), shown(&attribute.value));
    let canonical = field == parameter.name();
    if !canonical {
        let (zh, en) = parameter.title();
        let (zh, en) = (format!("属性名按{zh}理解"), format!("the name was understood as {en}"));
        corrections.push(Code::Renamed.of(&field, &field, parameter.name(), (&zh, &en)));
    }
    let (raw, mut below, unit_behind) = match bare(&attribute.value) {
        Ok(read) => read,
        Err(why) => {
            corrections.push(not_number(why, &field, &was));
            return None;
        }
    };
    if SENTINELS.contains(&raw) {
        let why = ("该数是“无读数”的占位值，未采用", "the figure stands for \"no reading\"; dropped");
        corrections.push(Code::Sentinel.of(&field, &was, "", why));
        return None;
    }
    if attribute.value.is_string() {
        let why = ("数值原为文本", "the number stood as text");
        corrections.push(Code::NumberText.of(&field, &was, &raw.to_string(), why));
    }
    let unit = unit(parameter, attribute, unit_behind.as_deref(), corrections).ok()?;
    let percent =
        matches!(unit, Some((Unit::Percent, _))) || (meaning.basis == Basis::Saturation && unit.is_none());
    if meaning.basis == Basis::Saturation && !percent {
        let why = (
            "名称是饱和度，单位却是浓度，未采用",
            "named a saturation but in a unit of concentration; dropped",
        );
        corrections.push(Code::UnitUnknown.of(&field, &was, "", why));
        return None;
    }
    let mut value = raw;
    if let Some((unit, text)) = unit.filter(|_| !percent) {
        value = unit.apply(raw);
        if !units::is_own(parameter, &text) {
            let (was, became) = (format!("{raw} {text}"), format!("{value} {}", written(parameter)));
            corrections.push(Code::UnitConverted.of(
                &field,
                &was,
                became.trim_end(),
                ("单位已换算或改写", "the unit was converted or rewritten"),
            ));
        }
    }
    let as_nitrogen = matches!(unit_of(parameter, attribute, unit_behind.as_deref()), Some(Unit::AsNitrogen));
    let ammonium = meaning.basis == Basis::Ammonium && !as_nitrogen;
    if ammonium {
        let nitrogen = tidy(value * NITROGEN / AMMONIUM);
        let why = ("铵离子换算为氨氮：× 14.007 ÷ 18.039", "ammonium to ammonia nitrogen: × 14.007 / 18.039");
        corrections.push(Code::SubstanceConverted.of(&field, &value.to_string(), &nitrogen.to_string(), why));
        value = nitrogen;
    }
    below &= parameter != Parameter::Temperature;
    // Of pH and oxygen the lower is the worse, so the figure behind `<` would give a better class than the water has. Oxygen
    // below a figure that is itself beyond class V keeps it: the class is the same whatever the true value.
    let misleads = match parameter {
        Parameter::Ph => true,
        Parameter::DissolvedOxygen => {
            percent || limit(parameter, Class::V, Body::River).is_some_and(|v| v.holds(value))
        }
        _ => false,
    };
    if below && misleads {
        let why = (
            "“小于”某值不能说明真值是否达标，未采用",
            "\"less than\" a figure does not tell whether the limit is kept; dropped",
        );
        corrections.push(Code::OutsideRange.of(&field, &was, "", why));
        return None;
    }
    if below {
        let why = (
            "低于检出限：保留检出限并标记，不推算",
            "below detection: the limit stands with a flag, nothing is inferred",
        );
        corrections.push(Code::BelowDetection.of(&field, &was, &value.to_string(), why));
    }
    let rank = if percent {
        3
    } else if ammonium {
        2
    } else {
        u8::from(!canonical)
    };
    Some(Figure { field, was, parameter, value, below, percent, rank })
}

/// The number in a value, whether it is below detection, and the unit behind it.
fn bare(value: &Value) -> Result<(f64, bool, Option<String>), NotNumber> {
    match value {
        Value::Number(n) => {
            n.as_f64().filter(|v| v.is_finite()).map(|v| (v, false, None)).ok_or(NotNumber::Unreadable)
        }
        Value::String(text) => number::read(text).map(|n| (n.value, n.below, n.unit)),
        Value::Null => Err(NotNumber::Empty),
        _ => Err(NotNumber::Unreadable),
    }
}

/// What the unit is, without saying anything.
fn unit_of(parameter: Parameter, attribute: &Attribute<'_>, behind: Option<&str>) -> Option<Unit> {
    units::read(parameter, behind.or(attribute.unit.as_deref())?)
}

/// The unit and how it was written; `Err` when the value had to be dropped for it, which is then said.
fn unit(
    parameter: Parameter,
    attribute: &Attribute<'_>,
    behind: Option<&str>,
    corrections: &mut Vec<Correction>,
) -> Result<Option<(Unit, String)>, ()> {
    let given = attribute.unit.as_deref();
    let Some(text) = behind.or(given) else { return Ok(None) };
    let unit = units::read(parameter, text);
    let agree = match (behind, given) {
        (Some(_), Some(other)) => units::read(parameter, other) == unit,
        _ => true,
    };
    if let (Some(unit), true) = (unit, agree) {
        return Ok(Some((unit, text.to_owned())));
    }
    let why = if agree {
        (
            "单位不认识，或不是该指标的单位，该值未采用",
            "the unit is unknown or of another quantity; the value was dropped",
        )
    } else {
        (
            "数值后的单位与属性的单位不一致，该值未采用",
            "the unit behind the figure and that of the attribute differ; dropped",
        )
    };
    corrections.push(Code::UnitUnknown.of(
        &attribute.name,
        &format!("{} [{text}]", shown(&attribute.value)),
        "",
        why,
    ));
    Err(())
}

/// Oxygen in percent of saturation to mg/L; without a usable temperature it is dropped.
fn oxygen(f: &Figure, temperature: Option<f64>, corrections: &mut Vec<Correction>) -> Option<f64> {
    let Some(full) = temperature.and_then(saturation) else {
        let why = (
            "溶解氧以饱和度给出而无 0 至 40 °C 的水温，无法换算，未采用",
            "oxygen in percent without a water temperature of 0 to 40 °C cannot be converted; dropped",
        );
        corrections.push(Code::SaturationDropped.of(&f.field, &f.was, "", why));
        return None;
    };
    let value = tidy(f.value / 100.0 * full);
    let why = (
        "饱和度换算为浓度：% ÷ 100 × 468 ÷ (31.6 + T)",
        "saturation to concentration: % / 100 × 468 / (31.6 + T)",
    );
    corrections.push(Code::SaturationConverted.of(
        &f.field,
        &format!("{} %", f.value),
        &format!("{value} mg/L"),
        why,
    ));
    Some(value)
}

/// The unit as it is written behind a figure.
fn written(parameter: Parameter) -> &'static str {
    match parameter.unit() {
        "M1" => "mg/L",
        "CEL" => "°C",
        _ => "",
    }
}

/// What is said of a value that is no number.
fn not_number(why: NotNumber, field: &str, was: &str) -> Correction {
    let (code, why) = match why {
        NotNumber::Empty => (Code::Sentinel, ("没有读数", "no reading stands there")),
        NotNumber::NotDetected => (
            Code::OutsideRange,
            ("未检出而未写检出限，未采用", "not detected, but the limit of detection is not said; dropped"),
        ),
        NotNumber::Above => (
            Code::OutsideRange,
            ("高于量程，真值不明，未采用", "above the range, the true value is unknown; dropped"),
        ),
        NotNumber::Ambiguous => (
            Code::Unreadable,
            (
                "逗号可为小数点或千位分隔，无法确定，未采用",
                "the comma may be a decimal sign or part thousands; dropped",
            ),
        ),
        NotNumber::Unreadable => {
            (Code::Unreadable, ("无法读作数值，未采用", "cannot be read as a number; dropped"))
        }
    };
    code.of(field, was, "", why)
}

/// The list `measurand` of Smart Data Models: `name, value, unit code, description` in each text.
pub(super) fn measurands<'a>(
    attribute: &Attribute<'a>,
    readings: &mut Vec<(Meaning, Attribute<'a>)>,
    ignored: &mut Vec<String>,
    corrections: &mut Vec<Correction>,
) {
    let list = match attribute.value.as_ref() {
        Value::Array(list) => list.as_slice(),
        one => std::slice::from_ref(one),
    };
    if list.len() > MEASURANDS_MAX {
        let why = ("measurand 条目过多，未采用", "too many items of `measurand`; dropped");
        corrections.push(Code::Unreadable.of(&attribute.name, &list.len().to_string(), "", why));
        return;
    }
    for item in list {
        let Some(text) = item.as_str() else {
            ignored.push(format!("measurand: {}", shown(item)));
            continue;
        };
        let parts: Vec<&str> = text.split(',').map(str::trim).collect();
        let (name, mut rest) = parts.split_first().map_or(("", &parts[..0]), |(name, rest)| (*name, rest));
        let digits =
            |at: usize| rest.get(at).is_some_and(|t| !t.is_empty() && t.bytes().all(|b| b.is_ascii_digit()));
        let Some((meaning, mut value)) = names::meaning(name).zip(rest.first().map(|v| (*v).to_owned()))
        else {
            ignored.push(format!("measurand: {}", shorten(text)));
            continue;
        };
        // A decimal comma was cut as if it parted two items.
        if digits(0) && digits(1) {
            value = format!("{},{}", rest[0], rest[1]);
            rest = &rest[1..];
        }
        let unit = rest.get(1).filter(|u| !u.is_empty()).map(|u| (*u).to_owned());
        // A plain figure is a text here only because the form of the list wants it.
        let value = match value.parse::<f64>().ok().and_then(serde_json::Number::from_f64) {
            Some(number) => Value::Number(number),
            None => Value::String(value),
        };
        let (name, value) = (name.to_owned(), Cow::Owned(value));
        readings
            .push((meaning, Attribute { name, value, kind: None, unit, observed_at: attribute.observed_at }));
    }
}
