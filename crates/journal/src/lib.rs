//! Record codec, segment files, group commit, recovery, backup.

pub mod codec;
