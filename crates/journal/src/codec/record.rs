//! Records: a header that stays, and sections whose content can go.
//!
//! ```text
//! format u8 | header length, header | section count u8 | sections
//! header  = seq, at, tenant, actor, command, cause, idempotency
//! section = kind u8 | subject 16 | commitment 32 | body length, body
//! body    = clear: salt 16, changes · sealed: nonce 12, ciphertext · erased: nothing
//! ```
//!
//! The leaf of the log is made from the header and, for each section, subject and commitment: never from the kind
//! or the body. So a body can be erased, or the key that seals it destroyed, and every proof stays valid; and since
//! the commitment is salted, what is left says nothing about what was there.
//!
//! Invariants: commitment = SHA-256(0x02 ‖ body as first written); a record has at least one section; the order of
//! sections is the order of the changes' subjects as first met.

use nacre_ledger::Hash;
use nacre_model::{Actor, Instant, Record, Seq, TenantId};
use sha2::{Digest, Sha256};

use super::read::Reader;
use super::write::Writer;
use super::{CodecError, FORMAT, change};

const CLEAR: u8 = 0;
const SEALED: u8 = 1;
const ERASED: u8 = 2;

const HASH_PREFIX_COMMITMENT: u8 = 2;
const SALT_BYTES: usize = 16;

/// The key a sealed section needs; all zero in a clear one.
pub type SubjectKeyId = [u8; 16];

/// A record as bytes, with the leaf entry that stands for it in the log.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Encoded {
    /// For the journal.
    pub bytes: Vec<u8>,
    /// For the log: hashed with the leaf prefix it is the leaf.
    pub entry: Vec<u8>,
}

/// Encodes a record with all its changes in one clear section.
pub fn encode(record: &Record) -> Encoded {
    let mut body = Writer::with_capacity(256);
    body.raw(&record.salt);
    change::write_all(&mut body, record.changes.iter());
    encode_sections(
        record,
        &[Section { kind: Kind::Clear, subject: [0; 16], body: &body.bytes, commitment: None }],
    )
}

/// Which of the three a section is.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Kind {
    /// Everyone who has the journal can read it.
    Clear,
    /// Readable with the data subject's key.
    Sealed,
    /// The content is gone; the commitment stays.
    Erased,
}

/// A section as it lies in the bytes.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Section<'a> {
    /// Clear, sealed or erased.
    pub kind: Kind,
    /// Whose key seals it.
    pub subject: SubjectKeyId,
    /// Salt and changes, or nonce and ciphertext, or nothing.
    pub body: &'a [u8],
    /// What the leaf commits to; computed from the body where `None`.
    pub commitment: Option<[u8; 32]>,
}

/// Commitment to a body.
pub fn commitment(body: &[u8]) -> [u8; 32] {
    let mut hash = Sha256::new();
    hash.update([HASH_PREFIX_COMMITMENT]);
    hash.update(body);
    hash.finalize().into()
}

/// Encodes a record's header with these sections; the record's own changes and salt are not looked at.
pub fn encode_sections(record: &Record, sections: &[Section<'_>]) -> Encoded {
    let mut header = Writer::with_capacity(96);
    header.varint(record.seq.0);
    header.signed(record.at.0);
    header.text(record.tenant.as_str());
    header.text(record.actor.as_str());
    header.text(&record.command);
    header.varint(record.cause.map_or(0, |seq| seq.0));
    header.option(record.idempotency.as_ref(), |w, (key, digest)| {
        w.text(key);
        w.raw(&digest.to_le_bytes());
    });
    let bodies: usize = sections.iter().map(|s| s.body.len() + 64).sum();
    let mut bytes = Writer::with_capacity(header.bytes.len() + bodies + 16);
    let mut entry = Writer::with_capacity(header.bytes.len() + 48 * sections.len() + 8);
    for w in [&mut bytes, &mut entry] {
        w.u8(FORMAT);
        w.blob(&header.bytes);
        w.u8(sections.len() as u8);
    }
    for s in sections {
        let commitment = s.commitment.unwrap_or_else(|| commitment(s.body));
        bytes.u8(match s.kind {
            Kind::Clear => CLEAR,
            Kind::Sealed => SEALED,
            Kind::Erased => ERASED,
        });
        for w in [&mut bytes, &mut entry] {
            w.raw(&s.subject);
            w.raw(&commitment);
        }
        bytes.blob(s.body);
    }
    Encoded { bytes: bytes.bytes, entry: entry.bytes }
}

/// The parts of a record's bytes, before anything in the bodies is looked at.
#[derive(Debug, Clone)]
pub struct Parts<'a> {
    /// The header, with no changes and a salt of zeros.
    pub record: Record,
    header: &'a [u8],
    /// The sections in order.
    pub sections: Vec<Section<'a>>,
}

impl Parts<'_> {
    /// The leaf entry these bytes stand for.
    pub fn entry(&self) -> Vec<u8> {
        let mut w = Writer::with_capacity(self.header.len() + 48 * self.sections.len() + 8);
        w.u8(FORMAT);
        w.blob(self.header);
        w.u8(self.sections.len() as u8);
        for s in &self.sections {
            w.raw(&s.subject);
            w.raw(&s.commitment.unwrap_or_default());
        }
        w.bytes
    }

    /// The leaf hash.
    pub fn leaf(&self) -> Hash {
        nacre_ledger::leaf_hash(&self.entry())
    }

    /// Whether each body that is there is the one the leaf commits to.
    pub fn bodies_match(&self) -> bool {
        self.sections.iter().all(|s| s.kind == Kind::Erased || s.commitment == Some(commitment(s.body)))
    }
}

/// Takes a record's bytes apart.
pub fn parts(bytes: &[u8]) -> Result<Parts<'_>, CodecError> {
    let mut r = Reader::new(bytes);
    match r.u8()? {
        FORMAT => {}
        newer => return Err(CodecError::NewerFormat(newer)),
    }
    let header = r.blob()?;
    let record = read_header(header)?;
    let count = r.u8()?;
    let mut sections = Vec::with_capacity(usize::from(count));
    for _ in 0..count {
        let kind = match r.u8()? {
            CLEAR => Kind::Clear,
            SEALED => Kind::Sealed,
            ERASED => Kind::Erased,
            _ => return Err(r.malformed("an unknown kind of section")),
        };
        let (subject, commitment) = (r.array()?, r.array()?);
        let section = Section { kind, subject, body: r.blob()?, commitment: Some(commitment) };
        // The kind is not part of the leaf, so it must follow from the rest.
        let fits = match kind {
            Kind::Clear => subject == [0; 16],
            Kind::Sealed => subject != [0; 16],
            Kind::Erased => section.body.is_empty(),
        };
        if !fits {
            return Err(r.malformed("a section whose kind does not fit its subject or body"));
        }
        sections.push(section);
    }
    r.finish()?;
    Ok(Parts { record, header, sections })
}

fn read_header(bytes: &[u8]) -> Result<Record, CodecError> {
    let mut r = Reader::new(bytes);
    let record = Record {
        seq: Seq(r.varint()?),
        at: Instant(r.signed()?),
        tenant: {
            let text = r.text()?;
            TenantId::new(text).map_err(|_| r.malformed("a tenant"))?
        },
        actor: Actor::new(r.text()?),
        command: r.text()?.into(),
        cause: match r.varint()? {
            0 => None,
            seq => Some(Seq(seq)),
        },
        idempotency: r.option(|r| Ok((r.text()?.into(), u64::from_le_bytes(r.array()?))))?,
        salt: [0; SALT_BYTES],
        changes: Vec::new(),
    };
    r.finish()?;
    Ok(record)
}

/// Decodes a record with every change that can be read: sealed and erased sections contribute none.
pub fn decode(bytes: &[u8]) -> Result<Record, CodecError> {
    let Parts { mut record, sections, .. } = parts(bytes)?;
    for section in sections.iter().filter(|s| s.kind == Kind::Clear) {
        let mut r = Reader::new(section.body);
        record.salt = r.array()?;
        record.changes.extend(change::read_all(&mut r)?);
        r.finish()?;
    }
    Ok(record)
}

#[cfg(test)]
mod tests {
    use super::*;
    use nacre_model::{Attribute, Change, EntityId, Iri, Scope, Value};

    fn record() -> Record {
        let entity = EntityId::new("urn:ngsi-ld:Lamp:1").expect("valid");
        let name = Iri::trusted("https://uri.etsi.org/ngsi-ld/default-context/lit");
        let mut attribute =
            Attribute::property(Value::Map(vec![("a".into(), 1.into()), ("b".into(), Value::Null)]));
        attribute.attributes.push((name.clone(), vec![Attribute::property(0.5)]));
        Record {
            seq: Seq(7),
            at: Instant(1_700_000_000_000),
            tenant: TenantId::default_tenant(),
            actor: Actor::new("tester"),
            command: "entity.create".into(),
            cause: Some(Seq(3)),
            idempotency: Some(("key".into(), 42)),
            salt: [9; 16],
            changes: vec![
                Change::CreateEntity {
                    entity: entity.clone(),
                    types: vec![Iri::trusted("https://example.org/Lamp")],
                    scopes: vec![Scope::new("/海珠区").expect("valid")],
                    expires_at: None,
                },
                Change::SetAttribute { entity, name, attribute },
            ],
        }
    }

    #[test]
    fn a_record_comes_back_as_it_was() {
        let encoded = encode(&record());
        assert_eq!(decode(&encoded.bytes).expect("decodes"), record());
        let parts = parts(&encoded.bytes).expect("parts");
        assert!(parts.bodies_match());
        assert_eq!(parts.entry(), encoded.entry);
    }

    #[test]
    fn the_leaf_survives_the_erasure_of_a_body() {
        let encoded = encode(&record());
        let whole = parts(&encoded.bytes).expect("parts");
        let mut section = whole.sections[0];
        (section.kind, section.body) = (Kind::Erased, &[]);
        let erased = encode_sections(&record(), &[section]);
        let erased = parts(&erased.bytes).expect("parts");
        assert_eq!(erased.leaf(), whole.leaf());
        assert!(erased.bodies_match());
    }

    #[test]
    fn any_changed_byte_is_noticed() {
        let encoded = encode(&record());
        let leaf = parts(&encoded.bytes).expect("parts").leaf();
        for at in 0..encoded.bytes.len() {
            let mut bytes = encoded.bytes.clone();
            bytes[at] ^= 0x10;
            if let Ok(parts) = parts(&bytes) {
                assert!(parts.leaf() != leaf || !parts.bodies_match(), "byte {at}");
            }
        }
    }

    #[test]
    fn cut_bytes_are_an_error_and_no_panic() {
        let encoded = encode(&record());
        for length in 0..encoded.bytes.len() {
            assert!(decode(&encoded.bytes[..length]).is_err());
        }
    }
}
