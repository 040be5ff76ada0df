//! Escaping for XML, HTML and JSON. Small enough to be read whole, which for what stands between a text from outside
//! and a reader's browser is worth more than a library.

/// A text inside an element or an attribute of XML 1.0 or HTML. Characters that XML may not hold become U+FFFD.
pub fn xml(text: &str) -> String {
    let mut out = String::with_capacity(text.len() + 16);
    for c in text.chars() {
        match c {
            '&' => out.push_str("&amp;"),
            '<' => out.push_str("&lt;"),
            '>' => out.push_str("&gt;"),
            '"' => out.push_str("&quot;"),
            '\'' => out.push_str("&#39;"),
            // XML 1.0 §2.2; a bare carriage return would be read as a line feed.
            '\r' => out.push_str("&#13;"),
            '\t' | '\n' => out.push(c),
            c if c < ' ' || matches!(c, '\u{fffe}' | '\u{ffff}') => out.push('\u{fffd}'),
            c => out.push(c),
        }
    }
    out
}

/// A text as a JSON string, quotes included.
pub fn json(text: &str) -> String {
    let mut out = String::with_capacity(text.len() + 2);
    out.push('"');
    for c in text.chars() {
        match c {
            '"' => out.push_str("\\\""),
            '\\' => out.push_str("\\\\"),
            '\n' => out.push_str("\\n"),
            '\r' => out.push_str("\\r"),
            '\t' => out.push_str("\\t"),
            // Line separators are allowed in JSON and end a line in JavaScript.
            c if c < ' ' || matches!(c, '\u{2028}' | '\u{2029}') => {
                out.push_str(&format!("\\u{:04x}", u32::from(c)));
            }
            c => out.push(c),
        }
    }
    out.push('"');
    out
}

/// The beginning of a text, at most so many bytes, cut between characters and marked with `…`.
pub fn shorten(text: &str, bytes_max: usize) -> String {
    const MARK: &str = "…";
    if text.len() <= bytes_max {
        return text.to_string();
    }
    let mut end = bytes_max.saturating_sub(MARK.len());
    while !text.is_char_boundary(end) {
        end -= 1;
    }
    format!("{}{MARK}", &text[..end])
}

/// A text in one line.
pub fn one_line(text: &str) -> String {
    text.split(|c: char| c.is_control() || matches!(c, '\u{2028}' | '\u{2029}'))
        .map(str::trim)
        .filter(|part| !part.is_empty())
        .collect::<Vec<_>>()
        .join(" ")
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    #[test]
    fn markup_is_text() {
        assert_eq!(xml("<b a='x'>&\u{1}</b>"), "&lt;b a=&#39;x&#39;&gt;&amp;\u{fffd}&lt;/b&gt;");
        assert_eq!(shorten("石榴岗河", 9), "石榴…");
        assert_eq!(one_line("a\r\nBcc: x\n"), "a Bcc: x");
    }

    proptest! {
        #[test]
        fn a_json_string_reads_back(text in any::<String>()) {
            prop_assert_eq!(serde_json::from_str::<String>(&json(&text)).expect("JSON"), text);
        }
    }
}
