//! Instants as people of the district write them: `2026-11-23T09:30:00+08:00`.

use nacre_model::Instant;

/// How far China is ahead of UTC, minutes.
pub const CHINA_MINUTES: i32 = 480;

/// `YYYY-MM-DDThh:mm:ss±hh:mm`, the only form CAP 1.2 §3.2 allows: no fraction, never `Z`.
pub fn date_time(at: Instant, offset_minutes: i32) -> String {
    let local = local(at, offset_minutes);
    let sign = if offset_minutes < 0 { '-' } else { '+' };
    let minutes = offset_minutes.unsigned_abs();
    format!("{}{sign}{:02}:{:02}", local.get(..19).unwrap_or_default(), minutes / 60, minutes % 60)
}

/// `YYYYMMDDhhmmss`.
pub fn digits(at: Instant, offset_minutes: i32) -> String {
    local(at, offset_minutes).chars().filter(char::is_ascii_digit).take(14).collect()
}

/// `YYYY-MM-DD hh:mm`.
pub fn minutes(at: Instant, offset_minutes: i32) -> String {
    local(at, offset_minutes).get(..16).unwrap_or_default().replace('T', " ")
}

fn local(at: Instant, offset_minutes: i32) -> String {
    at.plus_ms(i64::from(offset_minutes) * 60_000).to_string()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn times_are_those_of_the_district() {
        let at = Instant::parse("2026-11-22T17:30:00.999Z").expect("a date-time");
        assert_eq!(date_time(at, CHINA_MINUTES), "2026-11-23T01:30:00+08:00");
        assert_eq!(date_time(at, -210), "2026-11-22T14:00:00-03:30");
        assert_eq!(digits(at, CHINA_MINUTES), "20261123013000");
        assert_eq!(minutes(at, CHINA_MINUTES), "2026-11-23 01:30");
    }
}
