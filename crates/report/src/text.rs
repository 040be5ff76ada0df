//! Text as it may go into an output: no control characters, no characters that turn the reading direction around
//! (they make a line read otherwise than it is stored), no characters that XML forbids.

/// The text with everything invisible removed; line feeds and tabs become blanks.
pub fn clean(text: &str) -> String {
    text.chars().filter_map(kept).collect()
}

/// The lines of a text, each cleaned.
pub fn lines(text: &str) -> Vec<String> {
    text.split('\n').map(clean).collect()
}

/// What becomes of a character: itself, a blank or nothing.
fn kept(c: char) -> Option<char> {
    match c {
        '\n' | '\r' | '\t' | '\u{2028}' | '\u{2029}' => Some(' '),
        c if c.is_control() => None,
        // Soft hyphen, zero-width characters, directions, invisible operators, variation selectors, byte order mark.
        '\u{ad}' | '\u{61c}' | '\u{200b}'..='\u{200f}' | '\u{202a}'..='\u{202e}' => None,
        '\u{2060}'..='\u{206f}' | '\u{fe00}'..='\u{fe0f}' | '\u{feff}' | '\u{fff9}'..='\u{fffb}' => None,
        '\u{e0000}'..='\u{e0fff}' => None,
        c if u32::from(c) & 0xfffe == 0xfffe || ('\u{fdd0}'..='\u{fdef}').contains(&c) => None,
        c => Some(c),
    }
}

/// Characters that stand for themselves nowhere in HTML and XML, escaped; fit for text and quoted attributes.
pub fn escape(text: &str) -> String {
    let mut out = String::with_capacity(text.len());
    for c in text.chars().filter_map(kept) {
        match c {
            '&' => out.push_str("&amp;"),
            '<' => out.push_str("&lt;"),
            '>' => out.push_str("&gt;"),
            '"' => out.push_str("&quot;"),
            '\'' => out.push_str("&#39;"),
            c => out.push(c),
        }
    }
    out
}

/// How wide a text is, in thousandths of the type size; ideographs and full-width signs count as 1000.
pub fn width(text: &str) -> u32 {
    text.chars().map(|c| if u32::from(c) < 0x2000 { 560 } else { 1000 }).fold(0, u32::saturating_add)
}

/// The text cut to a width, with an ellipsis where something was cut.
pub fn fit(text: &str, width_max: u32) -> String {
    if width(text) <= width_max {
        return text.to_owned();
    }
    let mut out = String::new();
    let mut used = 1000;
    for c in text.chars() {
        used += if u32::from(c) < 0x2000 { 560 } else { 1000 };
        if used > width_max {
            break;
        }
        out.push(c);
    }
    out.push('…');
    out
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_cannot_be_seen_is_removed() {
        assert_eq!(clean("a\u{0}b\nc\u{202e}d\u{feff}\u{fffe}"), "ab cd");
    }

    #[test]
    fn a_long_text_is_cut_to_its_width() {
        assert_eq!(fit("海珠区滨江街道", 4000), "海珠区…");
        assert!(width(&fit("海珠区滨江街道", 4000)) <= 4000);
    }

    #[test]
    fn markup_is_escaped() {
        assert_eq!(escape("<a href='\"&"), "&lt;a href=&#39;&quot;&amp;");
    }
}
