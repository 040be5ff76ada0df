//! Checkpoints (C2SP tlog-checkpoint): a tree head as the text of a signed note.
//!
//! Lines: origin (the log's name), size in decimal, root in base64, then optional extension lines, none empty.
//! One text a value: no leading zeros, no other base64 alphabet, no blank line.

use base64::Engine;
use base64::engine::general_purpose::STANDARD;
use thiserror::Error;

use crate::hash::Hash;
use crate::key::{SignerKey, VerifierKey};
use crate::note::{Note, NoteError};

/// A tree head: which log, how many entries, which root.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Checkpoint {
    /// The log's name, by convention a URL without scheme; the same as the name of its key.
    pub origin: String,
    /// Entries in the tree.
    pub size: u64,
    /// Root of the tree.
    pub root: Hash,
    /// Further lines; usually none.
    pub extensions: Vec<String>,
}

/// Why a text is no checkpoint, or none that is trusted.
#[derive(Debug, Clone, PartialEq, Eq, Error)]
pub enum CheckpointError {
    /// A line is missing or malformed.
    #[error("the checkpoint's {part} is missing or malformed")]
    Form {
        /// `origin`, `size`, `root` or `extension`.
        part: &'static str,
    },
    /// The checkpoint is of another log.
    #[error("the checkpoint is of the log `{found}`, not `{expected}`")]
    Origin {
        /// Origin found.
        found: String,
        /// Origin expected.
        expected: String,
    },
    /// The note around it is malformed or not signed by a known key.
    #[error(transparent)]
    Note(#[from] NoteError),
}

impl CheckpointError {
    /// The stable code of this error.
    pub fn code(&self) -> &'static str {
        match self {
            CheckpointError::Form { .. } => "checkpoint_form",
            CheckpointError::Origin { .. } => "checkpoint_origin",
            CheckpointError::Note(error) => error.code(),
        }
    }
}

impl Checkpoint {
    /// A checkpoint without extension lines.
    pub fn new(origin: impl Into<String>, size: u64, root: Hash) -> Checkpoint {
        Checkpoint { origin: origin.into(), size, root, extensions: Vec::new() }
    }

    /// The text that is signed.
    pub fn to_text(&self) -> String {
        let mut text = format!("{}\n{}\n{}\n", self.origin, self.size, STANDARD.encode(self.root.0));
        for line in &self.extensions {
            text.push_str(line);
            text.push('\n');
        }
        text
    }

    /// Parses the text of a note as a checkpoint.
    pub fn from_text(text: &str) -> Result<Checkpoint, CheckpointError> {
        let form = |part| CheckpointError::Form { part };
        let mut lines = text.strip_suffix('\n').ok_or(form("root"))?.split('\n');
        let origin = lines.next().filter(|line| !line.is_empty()).ok_or(form("origin"))?;
        let size = lines.next().and_then(parse_size).ok_or(form("size"))?;
        let root = lines.next().and_then(|line| STANDARD.decode(line).ok()).ok_or(form("root"))?;
        let root = Hash::from_slice(&root).map_err(|_| form("root"))?;
        let extensions: Vec<String> = lines.map(str::to_owned).collect();
        if extensions.iter().any(String::is_empty) {
            return Err(form("extension"));
        }
        Ok(Checkpoint { origin: origin.into(), size, root, extensions })
    }

    /// Signs the checkpoint: a note with one signature.
    pub fn sign(&self, key: &SignerKey) -> Result<Note, CheckpointError> {
        let text = self.to_text();
        // What an origin or extension line with a newline in it would print must not be signed.
        if Checkpoint::from_text(&text).as_ref() != Ok(self) {
            return Err(CheckpointError::Form { part: "origin" });
        }
        let mut note = Note::new(text)?;
        note.sign(key)?;
        Ok(note)
    }

    /// Opens a signed checkpoint of the log `origin`; one of the keys must have signed it.
    pub fn open(
        bytes: &[u8],
        origin: &str,
        keys: &[VerifierKey],
    ) -> Result<(Checkpoint, Note), CheckpointError> {
        let note = Note::parse(bytes)?;
        note.verify(keys)?;
        let checkpoint = Checkpoint::from_text(note.text())?;
        if checkpoint.origin != origin {
            return Err(CheckpointError::Origin { found: checkpoint.origin, expected: origin.into() });
        }
        Ok((checkpoint, note))
    }
}

fn parse_size(line: &str) -> Option<u64> {
    let plain = line.bytes().all(|b| b.is_ascii_digit()) && (line == "0" || !line.starts_with('0'));
    if plain { line.parse().ok() } else { None }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::hash::leaf_hash;

    #[test]
    fn sign_and_open() {
        let key = SignerKey::from_seed("nacre.example/haizhu", &[9; 32]).unwrap();
        let mut checkpoint = Checkpoint::new(key.name(), 17, leaf_hash(b"x"));
        checkpoint.extensions.push("seconds 5".into());
        let signed = checkpoint.sign(&key).unwrap().to_string();
        let keys = [key.verifier()];
        let (opened, note) = Checkpoint::open(signed.as_bytes(), key.name(), &keys).unwrap();
        assert_eq!(opened, checkpoint);
        assert_eq!(note.to_string(), signed);
        let other = Checkpoint::open(signed.as_bytes(), "another", &keys).unwrap_err();
        assert_eq!(other.code(), "checkpoint_origin");
        let changed = signed.replace("\n17\n", "\n18\n");
        let error = Checkpoint::open(changed.as_bytes(), key.name(), &keys).unwrap_err();
        assert_eq!(error.code(), "note_invalid");
    }

    #[test]
    fn only_one_text_a_value() {
        let good = Checkpoint::new("o", 10, Hash::default()).to_text();
        assert!(Checkpoint::from_text(&good).is_ok());
        let root = good.lines().nth(2).unwrap();
        let rows = [
            String::new(),
            format!("\n10\n{root}\n"),
            format!("o\n010\n{root}\n"),
            format!("o\n+10\n{root}\n"),
            format!("o\n\n{root}\n"),
            format!("o\n18446744073709551616\n{root}\n"),
            "o\n10\nAAAA\n".into(),
            format!("o\n10\n{root}"),
            format!("o\n10\n{root}\n\n"),
        ];
        for text in rows {
            assert_eq!(Checkpoint::from_text(&text).unwrap_err().code(), "checkpoint_form", "{text:?}");
        }
        let split = Checkpoint::new("a\nb", 1, Hash::default());
        let key = SignerKey::from_seed("a", &[9; 32]).unwrap();
        assert!(split.sign(&key).is_err());
    }
}
