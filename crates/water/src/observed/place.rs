//! Where it was observed: GeoJSON, text, pairs of attributes, and coordinates the wrong way round.
//!
//! A place that may be one of two is dropped, and so is 0, 0. The datum is not guessed.

use serde_json::{Map, Value};

use super::correction::{Correction, CorrectionCode as Code};
use super::{names, shape, shorten, shown};

/// Keys of attributes that carry a point, the surest first.
const NAMES: [&str; 8] =
    ["location", "geometry", "position", "coordinates", "coordinate", "geo", "坐标", "位置"];
const LATITUDES: [&str; 3] = ["latitude", "lat", "纬度"];
const LONGITUDES: [&str; 4] = ["longitude", "lng", "lon", "经度"];

/// In which order two figures stand.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Order {
    LngLat,
    LatLng,
    Unknown,
}

/// Two figures, in which order, and whether they stood as GeoJSON wants it.
struct Pair {
    figures: (f64, f64),
    order: Order,
    usual: bool,
}

/// Whether an attribute of this name carries a place.
pub(super) fn is_place(name: &str) -> bool {
    let key = names::key(name);
    [&NAMES[..], &LATITUDES, &LONGITUDES].iter().any(|names| names.contains(&key.as_str()))
}

/// The place of an entity as longitude and latitude.
pub(super) fn find(
    members: &Map<String, Value>,
    ignored: &mut Vec<String>,
    corrections: &mut Vec<Correction>,
) -> Option<(f64, f64)> {
    let named = |keys: &[&str]| {
        let found = |key: &&str| members.iter().find(|(name, m)| names::key(name) == *key && !m.is_null());
        keys.iter().find_map(found)
    };
    let point = named(&NAMES);
    let pair = named(&LATITUDES).zip(named(&LONGITUDES));
    let used: Vec<&String> = match (point, pair) {
        (Some((name, _)), _) => vec![name],
        (None, Some(((lat, _), (lng, _)))) => vec![lat, lng],
        (None, None) => Vec::new(),
    };
    ignored.extend(
        members.keys().filter(|name| is_place(name) && !used.contains(name)).map(|name| shorten(name)),
    );
    match (point, pair) {
        (Some((name, member)), _) => {
            let attribute = shape::attribute(name, member).ok();
            let pair = attribute.as_ref().and_then(|a| read(&a.value, a.kind == Some("geo:point")));
            let was = attribute
                .map_or_else(|| shown(member), |a| shown(a.value.get("coordinates").unwrap_or(&a.value)));
            placed(name, &was, pair, corrections)
        }
        (None, Some(((lat_name, lat), (lng_name, lng)))) => {
            let (lat, lng) =
                (shape::attribute(lat_name, lat).ok()?.value, shape::attribute(lng_name, lng).ok()?.value);
            let figures = degrees(&lat).zip(degrees(&lng));
            let pair = figures.map(|figures| Pair { figures, order: Order::LatLng, usual: false });
            placed(
                &format!("{lat_name}, {lng_name}"),
                &format!("{}, {}", shown(&lat), shown(&lng)),
                pair,
                corrections,
            )
        }
        (None, None) => None,
    }
}

/// Puts two figures in their order, and says what was done.
fn placed(
    field: &str,
    was: &str,
    pair: Option<Pair>,
    corrections: &mut Vec<Correction>,
) -> Option<(f64, f64)> {
    let mut dropped = |why| {
        corrections.push(Code::LocationDropped.of(field, was, "", why));
        None
    };
    let Some(Pair { figures: (a, b), order, usual }) = pair else {
        return dropped(("无法读作一个点，位置未采用", "cannot be read as one point; the place was dropped"));
    };
    if a == 0.0 && b == 0.0 {
        return dropped(("坐标 0, 0 是占位值，位置未采用", "0, 0 stands for \"no place\"; dropped"));
    }
    let (may_lng_lat, may_lat_lng) = (fits(a, b), fits(b, a));
    let swapped = match (order, may_lng_lat, may_lat_lng) {
        (_, false, false) => {
            return dropped(("坐标超出范围，位置未采用", "the coordinates are out of range; dropped"));
        }
        (Order::LngLat, true, _) | (Order::LatLng, _, true) => false,
        (Order::LngLat, ..) | (Order::LatLng, ..) => true,
        (Order::Unknown, true, true) => {
            return dropped((
                "文本坐标的先后无法确定，位置未采用",
                "which of the two figures is the longitude is unknown; dropped",
            ));
        }
        (Order::Unknown, _, latitude_first) => latitude_first,
    };
    let longitude_first = match order {
        Order::LngLat => !swapped,
        Order::LatLng => swapped,
        Order::Unknown => !swapped,
    };
    let place = if longitude_first { (a, b) } else { (b, a) };
    let became = format!("[{},{}]", place.0, place.1);
    if !usual {
        let why = ("坐标写法已统一为 [经度,纬度]", "the coordinates were rewritten as [longitude,latitude]");
        corrections.push(Code::CoordinatesForm.of(field, was, &became, why));
    }
    if swapped {
        let why =
            ("经纬度先后颠倒，已调换", "longitude and latitude were the wrong way round and were swapped");
        corrections.push(Code::CoordinatesSwapped.of(field, was, &became, why));
    }
    Some(place)
}

/// Whether two figures can be a longitude and a latitude.
fn fits(lng: f64, lat: f64) -> bool {
    lng.abs() <= 180.0 && lat.abs() <= 90.0
}

/// The pair in a value of any form.
fn read(value: &Value, latitude_first: bool) -> Option<Pair> {
    match value {
        Value::Object(object) => {
            if let Some(coordinates) = object.get("coordinates") {
                let kind = object.get("type").and_then(Value::as_str);
                if kind.is_some_and(|kind| !kind.eq_ignore_ascii_case("point")) {
                    return None;
                }
                return match coordinates {
                    Value::Array(_) => {
                        let pair = read(coordinates, false)?;
                        let numbers = coordinates.as_array().is_some_and(|c| c.iter().all(Value::is_number));
                        Some(Pair { usual: numbers && kind == Some("Point"), ..pair })
                    }
                    other => read(other, false),
                };
            }
            let of = |keys: &[&str]| {
                object
                    .iter()
                    .find(|(name, _)| keys.contains(&names::key(name).as_str()))
                    .and_then(|(_, v)| degrees(v))
            };
            let figures = (of(&LATITUDES)?, of(&LONGITUDES)?);
            Some(Pair { figures, order: Order::LatLng, usual: false })
        }
        Value::Array(list) => match list.as_slice() {
            [a, b] | [a, b, _] => {
                Some(Pair { figures: (degrees(a)?, degrees(b)?), order: Order::LngLat, usual: false })
            }
            _ => None,
        },
        Value::String(text) => text_pair(text, latitude_first),
        _ => None,
    }
}

/// Two figures in a text: `23.1, 113.2`, `POINT(113.2 23.1)`, `[113.2;23.1]`. `geo:point` of NGSI v2 has the latitude first.
fn text_pair(text: &str, latitude_first: bool) -> Option<Pair> {
    if text.len() > super::TEXT_BYTES_MAX {
        return None;
    }
    let plain: String = text.trim().chars().map(super::number::plain).collect::<String>().to_uppercase();
    let (order, bare) = match plain.strip_prefix("POINT") {
        Some(rest) => (Order::LngLat, rest),
        None if latitude_first => (Order::LatLng, plain.as_str()),
        None => (Order::Unknown, plain.as_str()),
    };
    let parts: Vec<&str> =
        bare.split([',', ';', ' ', '(', ')', '[', ']', '、']).filter(|part| !part.is_empty()).collect();
    let [a, b] = parts.as_slice() else { return None };
    let figure = |text: &str| text.parse::<f64>().ok().filter(|v| v.is_finite());
    Some(Pair { figures: (figure(a)?, figure(b)?), order, usual: false })
}

/// Degrees as a number or as text.
fn degrees(value: &Value) -> Option<f64> {
    match value {
        Value::Number(n) => n.as_f64().filter(|v| v.is_finite()),
        Value::String(text) => super::number::read(text)
            .ok()
            .filter(|n| !n.below && n.unit.as_deref().is_none_or(|u| u == "°"))
            .map(|n| n.value),
        _ => None,
    }
}
