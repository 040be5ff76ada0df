//! Bytes of a text file become text. Chinese spreadsheets write GB18030 (GBK) or UTF-8, and say which only sometimes.

use chardetng::{EncodingDetector, Iso2022JpDetection, Utf8Detection};
use encoding_rs::{Encoding, GB18030, GBK, UTF_8};

use crate::cli::output::say;

/// The text: as the byte order mark says, or the name given, or what the bytes look like.
pub fn text(bytes: Vec<u8>, name: Option<&str>) -> Result<String, String> {
    let marked = Encoding::for_bom(&bytes);
    if let Some(name) = name {
        let wanted = Encoding::for_label(name.as_bytes()).ok_or_else(|| {
            format!("there is no encoding `{name}`; known: utf-8, gb18030, utf-16le, big5 and the other WHATWG names")
        })?;
        if let Some((found, _)) = marked.filter(|(found, _)| *found != wanted) {
            return Err(format!("the file begins with the mark of {}, not {}", found.name(), wanted.name()));
        }
        // GB18030 holds all of GBK.
        return decoded(&bytes, if wanted == GBK { GB18030 } else { wanted });
    }
    if let Some((encoding, _)) = marked {
        return decoded(&bytes, encoding);
    }
    let bytes = match String::from_utf8(bytes) {
        Ok(text) => return Ok(text),
        Err(e) => e.into_bytes(),
    };
    let mut detector = EncodingDetector::new(Iso2022JpDetection::Deny);
    detector.feed(&bytes, true);
    let guess = detector.guess(Some(b"cn"), Utf8Detection::Deny);
    let text = decoded(&bytes, GB18030).map_err(|_| {
        let place = std::str::from_utf8(&bytes).map_or_else(|e| e.valid_up_to(), str::len);
        let line = bytes[..place].iter().filter(|b| **b == b'\n').count() + 1;
        format!(
            "neither UTF-8 (line {line}) nor GB18030; it looks like {}: save it as UTF-8, or name its encoding with \
             --encoding",
            guess.name()
        )
    })?;
    if guess != GBK && guess != GB18030 {
        let name = guess.name();
        say(format_args!("read as GB18030, though it looks like {name}; if names are wrong, use --encoding"));
    }
    Ok(text)
}

fn decoded(bytes: &[u8], encoding: &'static Encoding) -> Result<String, String> {
    let (text, _, malformed) = encoding.decode(bytes);
    if !malformed {
        return Ok(text.into_owned());
    }
    let hint = if encoding == UTF_8 { "; perhaps --encoding gb18030" } else { "" };
    // The first character that could not be read stands as U+FFFD.
    let line = text.split('\u{fffd}').next().unwrap_or_default().matches('\n').count() + 1;
    Err(format!("line {line} is not {}{hint}", encoding.name()))
}
