//! Making the next segment file before it is needed: created under another name, filled with zeros, synced.
//!
//! Zeros are written, not only allocated: a sync of a write into written blocks changes no metadata of the file
//! system, which makes it two to four times faster; and recovery relies on the zeros. They are synced
//! in pieces, so that the writer's own syncs do not wait behind all of them.

use std::path::{Path, PathBuf};
use std::sync::Arc;
use std::thread::JoinHandle;

use crate::disk::{Disk, DiskFile};
use crate::error::JournalError;

/// Name of a segment file that is not in use yet.
pub(crate) const PREPARED_NAME: &str = "next.prepared";
const PIECE_BYTES: usize = 4 << 20;

/// A file full of durable zeros.
#[derive(Debug)]
pub(crate) struct Prepared {
    pub(crate) file: Arc<dyn DiskFile>,
    pub(crate) path: PathBuf,
    pub(crate) bytes: u64,
}

/// Writes zeros over a part of a file and syncs them.
pub(crate) fn write_zeros(file: &dyn DiskFile, path: &Path, from: u64, to: u64) -> Result<(), JournalError> {
    let zeros = vec![0; PIECE_BYTES.min(to.saturating_sub(from) as usize)];
    let mut at = from;
    while at < to {
        let bytes = zeros.len().min((to - at) as usize);
        file.write_at(&zeros[..bytes], at).map_err(JournalError::io("fill", path))?;
        file.sync_data().map_err(JournalError::io("sync", path))?;
        at += bytes as u64;
    }
    Ok(())
}

/// Makes a file of zeros; removes it again if that fails.
pub(crate) fn prepare(disk: &dyn Disk, dir: &Path, bytes: u64) -> Result<Prepared, JournalError> {
    let path = dir.join(PREPARED_NAME);
    discard(disk, dir)?;
    let file = disk.create(&path).map_err(JournalError::io("create", &path))?;
    match write_zeros(&*file, &path, 0, bytes) {
        Ok(()) => Ok(Prepared { file, path, bytes }),
        Err(error) => {
            drop(file);
            // The first error is the one to tell; what is left of the file is discarded at the next attempt.
            let _ = disk.remove(&path);
            Err(error)
        }
    }
}

/// Removes a prepared file that nobody uses.
pub(crate) fn discard(disk: &dyn Disk, dir: &Path) -> Result<(), JournalError> {
    let path = dir.join(PREPARED_NAME);
    match disk.remove(&path) {
        Err(error) if error.kind() != std::io::ErrorKind::NotFound => {
            Err(JournalError::io("remove", &path)(error))
        }
        _ => Ok(()),
    }
}

/// The next segment: not begun, or being made by a thread.
#[derive(Debug, Default)]
pub(crate) struct Preparer {
    thread: Option<JoinHandle<Result<Prepared, JournalError>>>,
}

impl Preparer {
    /// Begins in the background, unless it has begun.
    pub(crate) fn begin(&mut self, disk: &Arc<dyn Disk>, dir: &Path, bytes: u64) {
        if self.thread.is_none() {
            let (disk, dir) = (disk.clone(), dir.to_owned());
            let name = "journal-prepare".to_owned();
            // Without a thread the writer makes the file itself when it needs it.
            self.thread =
                std::thread::Builder::new().name(name).spawn(move || prepare(&*disk, &dir, bytes)).ok();
        }
    }

    /// The prepared file if it has at least this many bytes, else a new one.
    pub(crate) fn take(&mut self, disk: &dyn Disk, dir: &Path, bytes: u64) -> Result<Prepared, JournalError> {
        match self.wait() {
            Some(Ok(prepared)) if prepared.bytes >= bytes => Ok(prepared),
            // Room may have come since the thread failed.
            _ => prepare(disk, dir, bytes),
        }
    }

    fn wait(&mut self) -> Option<Result<Prepared, JournalError>> {
        self.thread.take()?.join().ok()
    }
}

impl Drop for Preparer {
    fn drop(&mut self) {
        // Who opens the journal next must not meet this thread.
        self.wait();
    }
}
