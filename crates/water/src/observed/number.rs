//! Text to a number: decimal commas, groups of thousands, full-width figures, `<` and the `L` of Chinese reports, units behind.

/// A number as it was read, with what stood beside it.
#[derive(Debug, Clone, PartialEq)]
pub(super) struct Number {
    /// The figure.
    pub value: f64,
    /// Whether the true value is below it.
    pub below: bool,
    /// What followed the figure.
    pub unit: Option<String>,
}

/// Why a text is not a number.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum NotNumber {
    /// Nothing stands there, or a word for "no reading".
    Empty,
    /// Below detection, but the limit is not said.
    NotDetected,
    /// Above what could be measured.
    Above,
    /// `1,234`: either of two numbers.
    Ambiguous,
    /// Anything else.
    Unreadable,
}

/// A character in its usual form: full-width ones, subscripts, the signs for minus and micro.
pub(super) fn plain(c: char) -> char {
    match c {
        '\u{ff01}'..='\u{ff5e}' => char::from_u32(u32::from(c) - 0xfee0).unwrap_or(c),
        '\u{2080}'..='\u{2089}' => char::from_u32(u32::from(c) - 0x2080 + 0x30).unwrap_or(c),
        '\u{2212}' | '\u{2010}'..='\u{2013}' => '-',
        '\u{3000}' | '\u{a0}' | '\u{202f}' | '\t' => ' ',
        '。' => '.',
        'µ' | 'μ' => 'u',
        _ => c,
    }
}

/// Reads a number with what stands around it.
pub(super) fn read(text: &str) -> Result<Number, NotNumber> {
    if text.len() > super::TEXT_BYTES_MAX {
        return Err(NotNumber::Unreadable);
    }
    let text: String = text.chars().map(plain).collect();
    let text = text.trim();
    match text.to_lowercase().as_str() {
        "" | "-" | "--" | "---" | "/" | "null" | "none" | "na" | "n/a" | "nan" | "缺测" | "无" => {
            return Err(NotNumber::Empty);
        }
        "nd" | "n.d." | "n.d" | "bdl" | "<dl" | "<lod" | "<mdl" | "<loq" | "未检出" | "低于检出限" => {
            return Err(NotNumber::NotDetected);
        }
        _ => {}
    }
    if [">", "≥", "&gt;", "大于", "高于"].iter().any(|sign| text.starts_with(sign)) {
        return Err(NotNumber::Above);
    }
    let signs = ["<=", "<", "≤", "&lt;", "小于", "低于"];
    let marked = signs.iter().find_map(|sign| text.strip_prefix(sign));
    let (figure, rest) = split(marked.unwrap_or(text).trim_start());
    let value: f64 = usual(figure)?.parse().map_err(|_| NotNumber::Unreadable)?;
    if !value.is_finite() {
        return Err(NotNumber::Unreadable);
    }
    // A figure with `L` behind is the limit of detection in Chinese monitoring reports (HJ/T 91); it is not litres.
    let (lower, rest) = match rest.strip_prefix(['L', 'l']) {
        Some(after) if after.is_empty() || after.starts_with(' ') => (true, after),
        _ => (false, rest),
    };
    let rest = rest.trim().trim_start_matches(['(', '[']).trim_end_matches([')', ']']);
    if rest.starts_with(|c: char| c.is_ascii_digit() || matches!(c, '+' | '-' | '~' | '.' | ',')) {
        return Err(NotNumber::Unreadable);
    }
    let unit = (!rest.is_empty()).then(|| rest.to_owned());
    Ok(Number { value, below: marked.is_some() || lower, unit })
}

/// Splits the figure from what follows it.
fn split(text: &str) -> (&str, &str) {
    let bytes = text.as_bytes();
    let digit = |at: usize| bytes.get(at).is_some_and(u8::is_ascii_digit);
    let mut end = usize::from(matches!(bytes.first(), Some(b'+' | b'-')));
    while digit(end) || matches!(bytes.get(end), Some(b'.' | b',')) {
        end += 1;
    }
    if matches!(bytes.get(end), Some(b'e' | b'E')) {
        let signed = end + 1 + usize::from(matches!(bytes.get(end + 1), Some(b'+' | b'-')));
        if digit(signed) {
            end = signed;
            while digit(end) {
                end += 1;
            }
        }
    }
    // All bytes passed are ASCII, so this is a boundary of characters.
    text.split_at(end)
}

/// A figure with the point as its decimal sign and without groups.
fn usual(figure: &str) -> Result<String, NotNumber> {
    let (mantissa, exponent) = match figure.find(['e', 'E']) {
        Some(at) => figure.split_at(at),
        None => (figure, ""),
    };
    let points = mantissa.matches('.').count();
    let commas = mantissa.matches(',').count();
    let grouped = |whole: &str, sign: char| {
        let mut groups = whole.trim_start_matches(['+', '-']).split(sign);
        let first = groups.next().is_some_and(|g| (1..=3).contains(&g.len()));
        first && groups.all(|g| g.len() == 3)
    };
    let with = |whole: &str, sign: char, fraction: &str| {
        let whole: String = whole.chars().filter(|c| *c != sign).collect();
        Ok(format!("{whole}.{fraction}{exponent}"))
    };
    match (points, commas) {
        (0 | 1, 0) => Ok(format!("{mantissa}{exponent}")),
        (0, 1) => {
            let (whole, fraction) = mantissa.split_once(',').unwrap_or((mantissa, ""));
            let leading = whole.trim_start_matches(['+', '-']);
            if fraction.len() == 3 && (1..=3).contains(&leading.len()) && !leading.starts_with('0') {
                return Err(NotNumber::Ambiguous);
            }
            Ok(format!("{whole}.{fraction}{exponent}"))
        }
        (0, _) if grouped(mantissa, ',') => with(mantissa, ',', "0"),
        (1, _) | (_, 1) => {
            let (decimal, group) =
                if mantissa.rfind('.') > mantissa.rfind(',') { ('.', ',') } else { (',', '.') };
            let (whole, fraction) = mantissa.rsplit_once(decimal).unwrap_or((mantissa, ""));
            if fraction.contains(group) || whole.contains(decimal) || !grouped(whole, group) {
                return Err(NotNumber::Unreadable);
            }
            with(whole, group, fraction)
        }
        _ => Err(NotNumber::Unreadable),
    }
}
