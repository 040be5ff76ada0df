//! JSON written straight into bytes: no tree of values stands between an entity and its answer.

use nacre_model::{Geometry, Instant, Position, Value};

/// Writes a string with its quotes, escaped as RFC 8259 §7 demands and no more.
pub(crate) fn string(out: &mut Vec<u8>, text: &str) {
    out.push(b'"');
    let bytes = text.as_bytes();
    let mut start = 0;
    for (i, byte) in bytes.iter().enumerate() {
        let escape: &[u8] = match byte {
            b'"' => b"\\\"",
            b'\\' => b"\\\\",
            b'\n' => b"\\n",
            b'\r' => b"\\r",
            b'\t' => b"\\t",
            0..0x20 => b"",
            _ => continue,
        };
        out.extend_from_slice(&bytes[start..i]);
        start = i + 1;
        if escape.is_empty() {
            out.extend_from_slice(b"\\u00");
            out.extend_from_slice(&[hex(byte >> 4), hex(byte & 15)]);
        } else {
            out.extend_from_slice(escape);
        }
    }
    out.extend_from_slice(&bytes[start..]);
    out.push(b'"');
}

fn hex(nibble: u8) -> u8 {
    if nibble < 10 { b'0' + nibble } else { b'a' + nibble - 10 }
}

/// Writes a name known to need no escape, with its colon.
pub(crate) fn name(out: &mut Vec<u8>, name: &str) {
    out.push(b'"');
    out.extend_from_slice(name.as_bytes());
    out.extend_from_slice(b"\":");
}

/// Writes any name, with its colon.
pub(crate) fn any_name(out: &mut Vec<u8>, name: &str) {
    string(out, name);
    out.push(b':');
}

/// Writes a whole number.
pub(crate) fn int(out: &mut Vec<u8>, n: i64) {
    let mut digits = [0_u8; 20];
    let mut at = digits.len();
    let mut rest = n.unsigned_abs();
    loop {
        at -= 1;
        digits[at] = b'0' + (rest % 10) as u8;
        rest /= 10;
        if rest == 0 {
            break;
        }
    }
    if n < 0 {
        out.push(b'-');
    }
    out.extend_from_slice(&digits[at..]);
}

/// Writes the shortest decimal that reads back as the same number. What is not finite has no JSON and becomes null.
pub(crate) fn float(out: &mut Vec<u8>, n: f64) {
    if serde_json::to_writer(&mut *out, &n).is_err() {
        out.extend_from_slice(b"null");
    }
}

/// Writes a coordinate: as [`float`], whole ones without fraction.
fn coordinate(out: &mut Vec<u8>, n: f64) {
    if n.fract() == 0.0 && n.abs() < 1e15 {
        int(out, n as i64);
    } else {
        float(out, n);
    }
}

/// Writes an instant in quotes: UTC, with three digits of a second or, where these are nought, none: what a client
/// wrote as `…:00Z` comes back so.
pub(crate) fn instant(out: &mut Vec<u8>, at: Instant) {
    const DAY_MS: i64 = 86_400_000;
    let at = at.clamp(Instant::MIN, Instant::MAX);
    let (days, in_day) = (at.0.div_euclid(DAY_MS), at.0.rem_euclid(DAY_MS));
    let (year, month, day) = civil(days);
    let (seconds, ms) = (in_day / 1000, in_day % 1000);
    let two = |n: i64| [b'0' + (n / 10) as u8, b'0' + (n % 10) as u8];
    out.push(b'"');
    out.extend_from_slice(&two(year / 100));
    out.extend_from_slice(&two(year % 100));
    for (before, n) in
        [(b'-', month), (b'-', day), (b'T', seconds / 3600), (b':', seconds / 60 % 60), (b':', seconds % 60)]
    {
        out.push(before);
        out.extend_from_slice(&two(n));
    }
    if ms != 0 {
        out.extend_from_slice(&[b'.', b'0' + (ms / 100) as u8]);
        out.extend_from_slice(&two(ms % 100));
    }
    out.extend_from_slice(b"Z\"");
}

/// Year, month and day of a day counted from 1970-01-01 (the proleptic Gregorian calendar, from March to March, so
/// that the leap day comes last).
fn civil(days: i64) -> (i64, i64, i64) {
    let days = days + 719_468;
    let era = days.div_euclid(146_097);
    let of_era = days.rem_euclid(146_097);
    let year_of_era = (of_era - of_era / 1460 + of_era / 36_524 - of_era / 146_096) / 365;
    let of_year = of_era - (365 * year_of_era + year_of_era / 4 - year_of_era / 100);
    let shifted = (5 * of_year + 2) / 153;
    let day = of_year - (153 * shifted + 2) / 5 + 1;
    let month = if shifted < 10 { shifted + 3 } else { shifted - 9 };
    (year_of_era + era * 400 + i64::from(month <= 2), month, day)
}

/// Writes items in brackets.
pub(crate) fn array<T>(
    out: &mut Vec<u8>,
    items: impl IntoIterator<Item = T>,
    mut write: impl FnMut(&mut Vec<u8>, T),
) {
    out.push(b'[');
    for (i, item) in items.into_iter().enumerate() {
        if i > 0 {
            out.push(b',');
        }
        write(out, item);
    }
    out.push(b']');
}

/// Writes a value.
pub(crate) fn value(out: &mut Vec<u8>, v: &Value) {
    match v {
        Value::Null => out.extend_from_slice(b"null"),
        Value::Bool(true) => out.extend_from_slice(b"true"),
        Value::Bool(false) => out.extend_from_slice(b"false"),
        Value::Int(n) => int(out, *n),
        Value::Float(n) => float(out, *n),
        Value::Text(text) => string(out, text),
        Value::List(items) => array(out, items, value),
        Value::Map(members) => {
            out.push(b'{');
            for (i, (n, v)) in members.iter().enumerate() {
                if i > 0 {
                    out.push(b',');
                }
                any_name(out, n);
                value(out, v);
            }
            out.push(b'}');
        }
    }
}

/// Writes a geometry as GeoJSON.
pub(crate) fn geometry(out: &mut Vec<u8>, geometry_: &Geometry) {
    out.extend_from_slice(b"{\"type\":\"");
    out.extend_from_slice(geometry_.type_name().as_bytes());
    if let Geometry::Collection(all) = geometry_ {
        out.extend_from_slice(b"\",\"geometries\":");
        array(out, all, geometry);
    } else {
        out.extend_from_slice(b"\",\"coordinates\":");
        coordinates(out, geometry_);
    }
    out.push(b'}');
}

fn coordinates(out: &mut Vec<u8>, geometry: &Geometry) {
    let line = |out: &mut Vec<u8>, ps: &Vec<Position>| array(out, ps, position);
    match geometry {
        Geometry::Point(p) => position(out, p),
        Geometry::MultiPoint(ps) | Geometry::LineString(ps) => line(out, ps),
        Geometry::MultiLineString(lines) | Geometry::Polygon(lines) => array(out, lines, line),
        Geometry::MultiPolygon(polygons) => {
            array(out, polygons, |out, rings| array(out, rings, line));
        }
        Geometry::Collection(_) => out.extend_from_slice(b"null"),
    }
}

fn position(out: &mut Vec<u8>, p: &Position) {
    out.push(b'[');
    coordinate(out, p.longitude);
    out.push(b',');
    coordinate(out, p.latitude);
    if let Some(altitude) = p.altitude {
        out.push(b',');
        coordinate(out, altitude);
    }
    out.push(b']');
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    fn written(write: impl FnOnce(&mut Vec<u8>)) -> String {
        let mut out = Vec::new();
        write(&mut out);
        String::from_utf8(out).expect("UTF-8")
    }

    #[test]
    fn whole_numbers_have_no_fraction_and_floats_are_short() {
        assert_eq!(written(|o| value(o, &Value::Int(i64::MIN))), "-9223372036854775808");
        assert_eq!(written(|o| value(o, &Value::Float(0.1))), "0.1");
        assert_eq!(written(|o| float(o, f64::NAN)), "null");
        let point = Geometry::Point(Position { longitude: 113.0, latitude: -23.5, altitude: Some(4.0) });
        assert_eq!(written(|o| geometry(o, &point)), r#"{"type":"Point","coordinates":[113,-23.5,4]}"#);
    }

    #[test]
    fn geometries_nest_as_deep_as_their_type() {
        let at = |x: f64| Position { longitude: x, latitude: 0.5, altitude: None };
        let ring = vec![at(0.5), at(1.5), at(2.5), at(0.5)];
        let all = Geometry::Collection(vec![
            Geometry::MultiPoint(vec![at(1.0)]),
            Geometry::MultiPolygon(vec![vec![ring]]),
        ]);
        assert_eq!(
            written(|o| geometry(o, &all)),
            "{\"type\":\"GeometryCollection\",\"geometries\":[{\"type\":\"MultiPoint\",\"coordinates\":[[1,0.5]]},\
             {\"type\":\"MultiPolygon\",\"coordinates\":[[[[0.5,0.5],[1.5,0.5],[2.5,0.5],[0.5,0.5]]]]}]}"
        );
    }

    proptest! {
        #[test]
        fn strings_are_read_back_by_any_reader(text in any::<String>()) {
            let json = written(|o| string(o, &text));
            prop_assert_eq!(serde_json::from_str::<String>(&json).expect("JSON"), text);
        }

        #[test]
        fn integers_are_read_back(n in any::<i64>()) {
            prop_assert_eq!(written(|o| int(o, n)), n.to_string());
        }

        #[test]
        fn instants_are_written_as_the_model_shows_them(
            ms in prop_oneof![Instant::MIN.0..=Instant::MAX.0, (-50_000_000_i64..200_000_000).prop_map(|s| s * 1000)]
        ) {
            let shown = Instant(ms).to_string().replace(".000Z", "Z");
            prop_assert_eq!(written(|o| instant(o, Instant(ms))), format!("\"{shown}\""));
        }
    }
}
