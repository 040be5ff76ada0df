//! IRIs with their well-known beginnings shortened to one byte.
//!
//! Reading keeps a small cache a thread, so that the name of an attribute that stands in a million entities is one
//! shared text in memory and costs no allocation.

use std::cell::RefCell;

use nacre_model::Iri;

use super::CodecError;
use super::read::Reader;
use super::write::Writer;

/// Beginnings in order of their code, which is their place plus one; code 0 is a full IRI. The list may grow at
/// its end and never change otherwise: it is part of format 1. No entry is a beginning of an earlier one.
const PREFIXES: [&str; 4] = [
    "https://uri.etsi.org/ngsi-ld/default-context/",
    "https://uri.etsi.org/ngsi-ld/",
    "urn:ngsi-ld:",
    "https://smartdatamodels.org/",
];

/// Writes an IRI.
pub fn write(w: &mut Writer, iri: &str) {
    for (i, prefix) in PREFIXES.iter().enumerate() {
        if let Some(rest) = iri.strip_prefix(prefix) {
            w.u8(i as u8 + 1);
            w.text(rest);
            return;
        }
    }
    w.u8(0);
    w.text(iri);
}

const SLOTS: usize = 2048;

thread_local! {
    static CACHE: RefCell<Vec<Option<(u8, Iri)>>> = RefCell::new(vec![None; SLOTS]);
}

/// Reads an IRI that is worth no place in the cache, such as an entity's id.
pub fn read_uncached(r: &mut Reader<'_>) -> Result<String, CodecError> {
    let code = r.u8()?;
    let rest = r.text()?;
    Ok(format!("{}{rest}", prefix_of(r, code)?))
}

fn prefix_of(r: &Reader<'_>, code: u8) -> Result<&'static str, CodecError> {
    match code {
        0 => Ok(""),
        n => PREFIXES.get(usize::from(n) - 1).copied().ok_or_else(|| r.malformed("an unknown IRI prefix")),
    }
}

/// Reads an IRI.
pub fn read(r: &mut Reader<'_>) -> Result<Iri, CodecError> {
    let code = r.u8()?;
    let rest = r.text()?;
    let prefix = prefix_of(r, code)?;
    let slot = (crc32c::crc32c(rest.as_bytes()) as usize).wrapping_add(usize::from(code)) % SLOTS;
    CACHE.with_borrow_mut(|cache| {
        if let Some((c, iri)) = &cache[slot]
            && *c == code
            && iri.as_str().len() == prefix.len() + rest.len()
            && iri.as_str().ends_with(rest)
        {
            return Ok(iri.clone());
        }
        let iri =
            if prefix.is_empty() { Iri::trusted(rest) } else { Iri::trusted(&format!("{prefix}{rest}")) };
        cache[slot] = Some((code, iri.clone()));
        Ok(iri)
    })
}
