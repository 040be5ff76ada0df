//! DateTime of CIM 009 §4.6.3: UTC with `Z`, all components, up to six decimals; in requests also a comma.
//!
//! The model keeps milliseconds, so finer decimals are cut.

use nacre_model::Instant;

use crate::errors::NgsiError;
use crate::json::shorten;

/// Reads a DateTime; none when the text is not one.
pub fn parse(text: &str) -> Option<Instant> {
    let b = text.as_bytes();
    let digits =
        |range: std::ops::Range<usize>| b.get(range).is_some_and(|d| d.iter().all(u8::is_ascii_digit));
    let formed = b.len() >= 20
        && [4, 7].iter().all(|i| b[*i] == b'-')
        && [13, 16].iter().all(|i| b[*i] == b':')
        && (b[10], b[b.len() - 1]) == (b'T', b'Z')
        && [0..4, 5..7, 8..10, 11..13, 14..16, 17..19].into_iter().all(digits);
    if !formed {
        return None;
    }
    let fraction = &b[19..b.len() - 1];
    let fraction_ok = match fraction {
        [] => true,
        [b'.' | b',', rest @ ..] => (1..=6).contains(&rest.len()) && rest.iter().all(u8::is_ascii_digit),
        _ => false,
    };
    if !fraction_ok {
        return None;
    }
    let number =
        |range: std::ops::Range<usize>| b[range].iter().fold(0i64, |n, d| n * 10 + i64::from(d - b'0'));
    let (year, month, day) = (number(0..4), number(5..7), number(8..10));
    let (hour, minute, second) = (number(11..13), number(14..16), number(17..19));
    let month_days = [31, 28 + i64::from(is_leap(year)), 31, 30, 31, 30, 31, 31, 30, 31, 30, 31];
    // A leap second (`:60`) is read as the second after it, as POSIX time does.
    let in_range = (1..=12).contains(&month)
        && day >= 1
        && day <= month_days[usize::try_from(month - 1).ok()?]
        && hour <= 23
        && minute <= 59
        && second <= 60;
    if !in_range {
        return None;
    }
    let ms = fraction.iter().skip(1).chain(b"000").take(3).fold(0i64, |n, d| n * 10 + i64::from(d - b'0'));
    let seconds = days_from_epoch(year, month, day) * 86_400 + hour * 3_600 + minute * 60 + second;
    Some(Instant(seconds * 1_000 + ms)).filter(|at| *at <= Instant::MAX)
}

/// Reads a DateTime given as `what`, with an error that says how one looks.
pub fn expect(text: &str, what: &str) -> Result<Instant, NgsiError> {
    parse(text).ok_or_else(|| {
        NgsiError::bad(format!(
            "`{}` is no DateTime for {what}: UTC with a trailing `Z` is needed, such as `2026-11-23T01:30:00Z`",
            shorten(text)
        ))
    })
}

fn is_leap(year: i64) -> bool {
    (year % 4 == 0 && year % 100 != 0) || year % 400 == 0
}

/// Days since 1970-01-01 in the proleptic Gregorian calendar.
fn days_from_epoch(year: i64, month: i64, day: i64) -> i64 {
    let y = if month <= 2 { year - 1 } else { year };
    let era = y.div_euclid(400);
    let year_of_era = y.rem_euclid(400);
    let day_of_year = (153 * ((month + 9) % 12) + 2) / 5 + day - 1;
    let day_of_era = year_of_era * 365 + year_of_era / 4 - year_of_era / 100 + day_of_year;
    era * 146_097 + day_of_era - 719_468
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    #[test]
    fn only_utc_with_all_components() {
        for good in [
            "2020-08-01T12:03:00Z",
            "2020-08-01T12:03:00.1Z",
            "2020-08-01T12:03:00,123456Z",
            "2016-12-31T23:59:60Z",
        ] {
            assert!(parse(good).is_some(), "{good}");
        }
        for bad in [
            "",
            "2020-08-01",
            "2020-08-01T12:03:00",
            "2020-08-01T12:03Z",
            "2020-08-01T12:03:00+02:00",
            "2020-08-01T12:03:00.Z",
            "2020-08-01T12:03:00.1234567Z",
            "2020-02-30T00:00:00Z",
            "2020-13-01T00:00:00Z",
            "2020-08-01T24:00:00Z",
            "2020-08-01 12:03:00Z",
            "２020-08-01T12:03:00Z",
        ] {
            assert_eq!(parse(bad), None, "{bad}");
        }
    }

    proptest! {
        #[test]
        fn agrees_with_the_model(ms in Instant::MIN.0..=Instant::MAX.0) {
            let at = Instant(ms);
            prop_assert_eq!(parse(&at.to_string()), Some(at));
        }

        #[test]
        fn no_text_makes_it_panic(text in "\\PC{0,40}") {
            parse(&text);
        }
    }
}
