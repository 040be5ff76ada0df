//! Durations as people write them: `90s`, `5m`, `2h`, `1d`, `1w`, or several together, `1h30m`.

/// Longest duration, milliseconds: ten years, longer than any rule has use for.
pub const DURATION_MS_MAX: i64 = 3_660 * 86_400_000;

/// Reads a duration in milliseconds; none when the text is not one, is zero, or is longer than [`DURATION_MS_MAX`].
pub fn parse(text: &str) -> Option<i64> {
    let mut total: i64 = 0;
    let mut rest = text.trim();
    if rest.is_empty() || rest.len() > 40 {
        return None;
    }
    while !rest.is_empty() {
        let digits = rest.bytes().take_while(u8::is_ascii_digit).count();
        let amount: i64 = rest.get(..digits)?.parse().ok()?;
        rest = rest.get(digits..)?;
        let letters = rest.bytes().take_while(u8::is_ascii_alphabetic).count();
        let unit = match rest.get(..letters)? {
            "ms" => 1,
            "s" => 1_000,
            "m" => 60_000,
            "h" => 3_600_000,
            "d" => 86_400_000,
            "w" => 7 * 86_400_000,
            _ => return None,
        };
        rest = rest.get(letters..)?;
        total = total.checked_add(amount.checked_mul(unit)?)?;
    }
    (1..=DURATION_MS_MAX).contains(&total).then_some(total)
}

/// A duration in words, Chinese and English: `5 分钟`, `5 minutes`.
pub fn words(ms: i64) -> (String, String) {
    let units = [
        (7 * 86_400_000, "周", "week"),
        (86_400_000, "天", "day"),
        (3_600_000, "小时", "hour"),
        (60_000, "分钟", "minute"),
        (1_000, "秒", "second"),
        (1, "毫秒", "millisecond"),
    ];
    let (size, zh, en) =
        units.into_iter().find(|(size, ..)| ms % size == 0).unwrap_or((1, "毫秒", "millisecond"));
    let n = ms / size;
    (format!("{n} {zh}"), format!("{n} {en}{}", if n == 1 { "" } else { "s" }))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn durations_are_read_and_nonsense_is_not() {
        for (text, ms) in [
            ("90s", 90_000),
            ("5m", 300_000),
            ("2h", 7_200_000),
            ("1d", 86_400_000),
            ("1w", 604_800_000),
            ("1h30m", 5_400_000),
        ] {
            assert_eq!(parse(text), Some(ms), "{text}");
        }
        for bad in
            ["", "5", "m", "-5m", "0s", "5 m", "5x", "99999w", "99999999999999999999s", "五分钟", "1.5h"]
        {
            assert_eq!(parse(bad), None, "{bad}");
        }
    }

    #[test]
    fn words_use_the_largest_whole_unit() {
        assert_eq!(words(300_000), ("5 分钟".to_string(), "5 minutes".to_string()));
        assert_eq!(words(86_400_000).1, "1 day");
        assert_eq!(words(90_000).0, "90 秒");
    }
}
