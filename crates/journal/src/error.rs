//! What can go wrong with a journal, each with a stable code that an operator can look up.
//!
//! Damage and tear are never mixed: a tear is repaired at open and reported, damage is an error and nothing on
//! the disk is touched. Every error about stored bytes names the file, the offset and the sequence number.

use std::io;
use std::path::{Path, PathBuf};

use nacre_model::{Seq, TenantId};
use thiserror::Error;

/// A place in a journal.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Place {
    /// The segment file.
    pub file: PathBuf,
    /// Byte offset of the frame (or header) in it.
    pub offset: u64,
    /// Sequence number of the first record that should be there.
    pub seq: Seq,
}

impl std::fmt::Display for Place {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(f, "`{}` at byte {} (record {})", self.file.display(), self.offset, self.seq)
    }
}

/// What is wrong with stored bytes.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum Damage {
    /// The header of the segment does not check out.
    SegmentHeader,
    /// The header of a frame does not check out, though there is data behind it.
    FrameHeader,
    /// A frame is whole but its checksum is wrong.
    FrameBody,
    /// A frame does not check out, and later frames exist: it cannot be the one that was being written.
    BeforeLaterFrames,
    /// The data of a segment ends before the next segment begins.
    SegmentCutShort,
    /// The file is longer than its header says.
    FileTooLong,
}

impl std::fmt::Display for Damage {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str(match self {
            Damage::SegmentHeader => "the segment's header does not check out",
            Damage::FrameHeader => "the header of a frame does not check out",
            Damage::FrameBody => "the checksum of a frame is wrong",
            Damage::BeforeLaterFrames => "a frame before other frames does not check out",
            Damage::SegmentCutShort => "the segment ends before the next one begins",
            Damage::FileTooLong => "the file is longer than its header says",
        })
    }
}

/// Why the journal refuses.
#[derive(Debug, Error)]
#[non_exhaustive]
pub enum JournalError {
    /// Another process has the journal open.
    #[error("the journal in `{dir}` is in use by another process")]
    Locked {
        /// The journal's directory.
        dir: PathBuf,
    },
    /// An earlier write or sync failed; what is on the disk since then is not known.
    #[error("the journal has stopped after a failed write: {cause}")]
    Stopped {
        /// The first failure.
        cause: String,
    },
    /// There is no room for the next segment. Nothing was written; trying again later is safe.
    #[error("the disk is full: no room for the next journal segment")]
    Full,
    /// An append without records.
    #[error("an append needs at least one record")]
    Empty,
    /// One append is larger than the limit. Nothing was written.
    #[error("a group of records needs {bytes} bytes, more than the {bytes_max} allowed")]
    FrameTooLarge {
        /// Bytes of the frame.
        bytes: u64,
        /// Bytes allowed.
        bytes_max: u64,
    },
    /// Options that make no sense.
    #[error("the option `{option}` is out of range")]
    Options {
        /// Which one.
        option: &'static str,
    },
    /// Stored bytes are damaged.
    #[error("the journal is damaged: {what}, {place}")]
    Damaged {
        /// Where.
        place: Place,
        /// What.
        what: Damage,
    },
    /// A frame is valid but does not continue the one before it.
    #[error("the journal's chain is broken: {place} does not continue what is before it")]
    Chain {
        /// Where.
        place: Place,
    },
    /// A segment file is not there.
    #[error("a segment is missing: record {expected} should come next, but {place} does")]
    SegmentMissing {
        /// The record that should come next.
        expected: Seq,
        /// What comes instead.
        place: Place,
    },
    /// The segment belongs to another tenant.
    #[error("`{file}` belongs to tenant `{found}`, not `{expected}`")]
    Tenant {
        /// The segment file.
        file: PathBuf,
        /// Tenant found.
        found: String,
        /// Tenant expected.
        expected: TenantId,
    },
    /// The segment was written by a newer program.
    #[error(
        "`{file}` has journal format {version}, this program reads up to {}",
        crate::segment::FORMAT_VERSION
    )]
    Version {
        /// The segment file.
        file: PathBuf,
        /// Version found.
        version: u32,
    },
    /// The journal ends before a record that somebody has seen as durable.
    #[error("the journal ends with record {found}, but record {known_durable} was already acknowledged")]
    Short {
        /// Last record found.
        found: Seq,
        /// Last record known to have been durable.
        known_durable: Seq,
    },
    /// A sequence number that the journal does not have.
    #[error("the journal has no record {seq}; its last one is {last}")]
    NoSuchSeq {
        /// Asked for.
        seq: Seq,
        /// The last record there is.
        last: Seq,
    },
    /// There is no journal in the directory.
    #[error("there is no journal in `{dir}`")]
    NotFound {
        /// The directory.
        dir: PathBuf,
    },
    /// The target of a backup or restore has files in it.
    #[error("`{dir}` is not empty; nothing is ever overwritten")]
    NotEmpty {
        /// The directory.
        dir: PathBuf,
    },
    /// The manifest of a backup is malformed or does not fit its files.
    #[error("the backup in `{dir}` does not check out: {why}")]
    Manifest {
        /// The backup's directory.
        dir: PathBuf,
        /// What is wrong.
        why: String,
    },
    /// The operating system refused.
    #[error("cannot {action} `{path}`")]
    Io {
        /// What was tried.
        action: &'static str,
        /// On which file.
        path: PathBuf,
        /// The answer.
        #[source]
        source: io::Error,
    },
}

impl JournalError {
    /// The stable code of this error.
    pub fn code(&self) -> &'static str {
        match self {
            JournalError::Locked { .. } => "journal_locked",
            JournalError::Stopped { .. } => "journal_stopped",
            JournalError::Full => "journal_full",
            JournalError::Empty => "journal_empty_append",
            JournalError::FrameTooLarge { .. } => "journal_frame_too_large",
            JournalError::Options { .. } => "journal_options",
            JournalError::Damaged { .. } => "journal_damaged",
            JournalError::Chain { .. } => "journal_chain",
            JournalError::SegmentMissing { .. } => "journal_segment_missing",
            JournalError::Tenant { .. } => "journal_tenant",
            JournalError::Version { .. } => "journal_version",
            JournalError::Short { .. } => "journal_short",
            JournalError::NoSuchSeq { .. } => "journal_no_such_seq",
            JournalError::NotFound { .. } => "journal_not_found",
            JournalError::NotEmpty { .. } => "journal_target_not_empty",
            JournalError::Manifest { .. } => "journal_manifest",
            JournalError::Io { .. } => "journal_io",
        }
    }

    /// True when there is no room for more; trying again later is safe.
    pub fn is_full(&self) -> bool {
        matches!(self, JournalError::Full)
    }

    /// True when one append asked for more than the limit.
    pub fn is_too_large(&self) -> bool {
        matches!(self, JournalError::FrameTooLarge { .. })
    }

    pub(crate) fn io(action: &'static str, path: &Path) -> impl FnOnce(io::Error) -> JournalError {
        let path = path.to_owned();
        move |source| JournalError::Io { action, path, source }
    }

    /// True when the disk had no room.
    pub(crate) fn is_no_space(&self) -> bool {
        let full = |kind| matches!(kind, io::ErrorKind::StorageFull | io::ErrorKind::QuotaExceeded);
        matches!(self, JournalError::Io { source, .. } if full(source.kind()))
    }
}
