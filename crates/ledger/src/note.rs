//! Signed notes (C2SP signed-note): a text, a blank line, and one line a signature:
//! `— <name> <base64(key id ‖ signature)>`.
//!
//! Limits: 1 MB, 100 signatures. The text is UTF-8, ends with a newline and holds no control character but newlines.
//! All signatures are kept, also those of unknown keys (witnesses), and are printed again as they were; who
//! opens a note gets those that its keys have verified. A signature of a known key that does not verify makes
//! the whole note invalid (as the specification asks), so that a damaged note is never half accepted.

use base64::Engine;
use base64::engine::general_purpose::STANDARD;
use thiserror::Error;

use crate::key::{SignerKey, VerifierKey, is_key_name};

/// Longest note in bytes.
pub const NOTE_BYTES_MAX: usize = 1_000_000;
/// Most signatures on a note.
pub const SIGNATURES_MAX: usize = 100;

const LINE_START: &str = "\u{2014} ";

/// One signature line. It says who claims to have signed, not that it is true.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct NoteSignature {
    /// The key's name.
    pub name: String,
    /// The key's id.
    pub key_id: [u8; 4],
    /// The signature; its form depends on the key.
    pub signature: Vec<u8>,
}

/// A note: a text and its signatures.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Note {
    text: String,
    signatures: Vec<NoteSignature>,
}

/// Why bytes are no note, or none that is trusted.
#[derive(Debug, Clone, PartialEq, Eq, Error)]
pub enum NoteError {
    /// Longer than the limit.
    #[error("the note has {bytes} bytes, more than the {NOTE_BYTES_MAX} allowed")]
    TooLong {
        /// Length found.
        bytes: usize,
    },
    /// The text is not UTF-8, holds a control character or does not end with a newline.
    #[error("the text of the note is not UTF-8 lines without control characters")]
    Text,
    /// There is no blank line with signatures behind it.
    #[error("the note has no signatures")]
    Unsigned,
    /// A signature line is malformed.
    #[error("signature line {line} of the note is malformed")]
    Line {
        /// Which, counted from 1.
        line: usize,
    },
    /// More signatures than the limit.
    #[error("the note has more than {SIGNATURES_MAX} signatures")]
    TooMany,
    /// A signature of a known key does not verify.
    #[error("the signature of `{name}` does not fit the note")]
    Invalid {
        /// The key's name.
        name: String,
    },
    /// No signature is by a known key.
    #[error("no known key has signed the note")]
    Unverified,
}

impl NoteError {
    /// The stable code of this error.
    pub fn code(&self) -> &'static str {
        match self {
            NoteError::TooLong { .. } => "note_too_long",
            NoteError::Text => "note_text",
            NoteError::Unsigned => "note_unsigned",
            NoteError::Line { .. } => "note_line",
            NoteError::TooMany => "note_too_many",
            NoteError::Invalid { .. } => "note_invalid",
            NoteError::Unverified => "note_unverified",
        }
    }
}

impl Note {
    /// A note without signatures.
    pub fn new(text: impl Into<String>) -> Result<Note, NoteError> {
        let text = text.into();
        let control = |b: u8| b < 0x20 && b != b'\n';
        if text.len() > NOTE_BYTES_MAX {
            return Err(NoteError::TooLong { bytes: text.len() });
        }
        if !text.ends_with('\n') || text.bytes().any(control) {
            return Err(NoteError::Text);
        }
        Ok(Note { text, signatures: Vec::new() })
    }

    /// The text, with its last newline; this is what is signed.
    pub fn text(&self) -> &str {
        &self.text
    }

    /// All signatures, verified or not, in their order.
    pub fn signatures(&self) -> &[NoteSignature] {
        &self.signatures
    }

    /// Adds a signature of this key; one that the key made before is replaced.
    pub fn sign(&mut self, key: &SignerKey) -> Result<(), NoteError> {
        let signature = key.sign(self.text.as_bytes());
        self.add(NoteSignature { name: key.name().into(), key_id: key.id(), signature })
    }

    /// Adds a signature made elsewhere, for example by a witness. It is not verified here.
    pub fn add(&mut self, signature: NoteSignature) -> Result<(), NoteError> {
        self.signatures.retain(|old| (&old.name, old.key_id) != (&signature.name, signature.key_id));
        if self.signatures.len() == SIGNATURES_MAX {
            return Err(NoteError::TooMany);
        }
        if !is_key_name(&signature.name) || signature.signature.is_empty() {
            return Err(NoteError::Line { line: self.signatures.len() + 1 });
        }
        self.signatures.push(signature);
        Ok(())
    }

    /// Parses a signed note without trusting it; the opposite of `to_string`.
    pub fn parse(bytes: &[u8]) -> Result<Note, NoteError> {
        if bytes.len() > NOTE_BYTES_MAX {
            return Err(NoteError::TooLong { bytes: bytes.len() });
        }
        let all = std::str::from_utf8(bytes).map_err(|_| NoteError::Text)?;
        // The last blank line separates: the text may hold others.
        let (text, lines) = all.rsplit_once("\n\n").ok_or(NoteError::Unsigned)?;
        let mut note = Note::new(format!("{text}\n"))?;
        let lines = lines.strip_suffix('\n').ok_or(NoteError::Unsigned)?;
        for (n, line) in lines.split('\n').enumerate() {
            let malformed = || NoteError::Line { line: n + 1 };
            if n == SIGNATURES_MAX {
                return Err(NoteError::TooMany);
            }
            let (name, blob) =
                line.strip_prefix(LINE_START).and_then(|line| line.split_once(' ')).ok_or_else(malformed)?;
            let blob = STANDARD.decode(blob).map_err(|_| malformed())?;
            let (key_id, signature) = blob.split_first_chunk().ok_or_else(malformed)?;
            if !is_key_name(name) || signature.is_empty() {
                return Err(malformed());
            }
            let (name, key_id, signature) = (name.into(), *key_id, signature.to_vec());
            note.signatures.push(NoteSignature { name, key_id, signature });
        }
        Ok(note)
    }

    /// Verifies: every signature by one of these keys must fit, and there must be at least one. Returns the
    /// keys that signed; signatures of other keys are ignored.
    pub fn verify<'k>(&self, keys: &'k [VerifierKey]) -> Result<Vec<&'k VerifierKey>, NoteError> {
        let mut signed_by: Vec<&VerifierKey> = Vec::new();
        for signature in &self.signatures {
            let known = |key: &&VerifierKey| key.name() == signature.name && key.id() == signature.key_id;
            let Some(key) = keys.iter().find(known) else { continue };
            if !key.verifies(self.text.as_bytes(), &signature.signature) {
                return Err(NoteError::Invalid { name: signature.name.clone() });
            }
            if !signed_by.contains(&key) {
                signed_by.push(key);
            }
        }
        if signed_by.is_empty() { Err(NoteError::Unverified) } else { Ok(signed_by) }
    }
}

impl std::fmt::Display for Note {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        writeln!(f, "{}", self.text)?;
        for signature in &self.signatures {
            let blob = [&signature.key_id[..], &signature.signature].concat();
            writeln!(f, "{LINE_START}{} {}", signature.name, STANDARD.encode(blob))?;
        }
        Ok(())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    // The key pair and note of the examples of Go's golang.org/x/mod/sumdb/note package.
    const SIGNER: &str = "PRIVATE+KEY+PeterNeumann+c74f20a3+AYEKFALVFGyNhPJEMzD1QIDr+Y7hfZx09iUvxdXHKDFz";
    const VERIFIER: &str = "PeterNeumann+c74f20a3+ARpc2QcUPDhMQegwxbzhKqiBfsVkmqq/LDE4izWy10TW";
    const NOTE: &str = "If you think cryptography is the answer to your problem,\n\
        then you don't know what your problem is.\n\n\
        \u{2014} PeterNeumann x08go/ZJkuBS9UG/SffcvIAQxVBtiFupLLr8pAcElZInNIuGUgYN1FFYC2pZSNXgKvqfqdngotpRZb6KE6RyyBwJnAM=\n";

    #[test]
    fn the_vector_of_go_is_reproduced() {
        let signer = SignerKey::parse(SIGNER).unwrap();
        assert_eq!(signer.verifier().to_string(), VERIFIER);
        assert_eq!(signer.expose(), SIGNER);
        let mut note = Note::new(NOTE.split_once("\n\n").unwrap().0.to_owned() + "\n").unwrap();
        note.sign(&signer).unwrap();
        assert_eq!(note.to_string(), NOTE);
        let keys = [VerifierKey::parse(VERIFIER).unwrap()];
        assert_eq!(Note::parse(NOTE.as_bytes()).unwrap().verify(&keys).unwrap(), [&keys[0]]);
    }

    #[test]
    fn unknown_signatures_are_kept_and_ignored_but_a_wrong_known_one_spoils_the_note() {
        let keys = [VerifierKey::parse(VERIFIER).unwrap()];
        let witness = SignerKey::from_seed("witness.example", &[1; 32]).unwrap();
        let mut note = Note::parse(NOTE.as_bytes()).unwrap();
        note.sign(&witness).unwrap();
        note.sign(&witness).unwrap();
        assert_eq!(note.signatures().len(), 2);
        let again = Note::parse(note.to_string().as_bytes()).unwrap();
        assert_eq!(again, note);
        assert_eq!(again.verify(&keys).unwrap().len(), 1);
        let forged = NOTE.replace("answer", "sister");
        assert_eq!(Note::parse(forged.as_bytes()).unwrap().verify(&keys).unwrap_err().code(), "note_invalid");
        assert_eq!(note.verify(&[]), Err(NoteError::Unverified));
    }

    #[test]
    fn malformed_notes_are_refused() {
        let rows: [(&[u8], &str); 9] = [
            (b"", "note_unsigned"),
            (b"text\n", "note_unsigned"),
            (b"text\n\n", "note_unsigned"),
            (b"text\n\n\xe2\x80\x94 a AAAAAAA=", "note_unsigned"),
            (b"text\n\n- a AAAAAAA=\n", "note_line"),
            (b"text\n\n\xe2\x80\x94 a AAAAAA==\n", "note_line"),
            (b"text\n\n\xe2\x80\x94  AAAAAAA=\n", "note_line"),
            (b"te\txt\n\n\xe2\x80\x94 a AAAAAAA=\n", "note_text"),
            (b"\xff\n\n\xe2\x80\x94 a AAAAAAA=\n", "note_text"),
        ];
        for (bytes, code) in rows {
            assert_eq!(Note::parse(bytes).unwrap_err().code(), code, "{bytes:?}");
        }
    }
}
