//! The hashes of the log's tiles as flat files: level 0 the leaves, level k the roots of full tiles of level k-1,
//! 32 bytes each, at the offset their index gives.
//!
//! The files follow from the journal. `synced` says how many leaves were on the disk at the last fsync; opening
//! begins there, and the caller appends the rest again from the journal. In memory for scenarios and simulation.

use std::fs::{File, OpenOptions};
use std::io;
use std::os::unix::fs::FileExt;
use std::path::{Path, PathBuf};
use std::sync::Arc;

use nacre_ledger::{Frontier, Hash, TileStore, leaf_hash};
use parking_lot::RwLock;

use crate::store::ViewError;

const HASH_BYTES: u64 = 32;

fn failed(error: io::Error) -> ViewError {
    ViewError::Engine(format!("log tiles: {error}"))
}

/// Shared access to the hashes.
#[derive(Clone)]
pub struct TileReader {
    levels: Arc<RwLock<Vec<Arc<Level>>>>,
}

enum Level {
    File(File),
    Memory(RwLock<Vec<Hash>>),
}

impl Level {
    fn write(&self, start: u64, hashes: &[Hash]) -> io::Result<()> {
        match self {
            Level::File(file) => {
                let bytes: Vec<u8> = hashes.iter().flat_map(|h| h.0).collect();
                file.write_all_at(&bytes, start * HASH_BYTES)
            }
            Level::Memory(all) => {
                let mut all = all.write();
                all.truncate(start as usize);
                all.extend_from_slice(hashes);
                Ok(())
            }
        }
    }

    fn read(&self, start: u64, count: usize) -> io::Result<Vec<Hash>> {
        match self {
            Level::File(file) => {
                let mut bytes = vec![0; count * HASH_BYTES as usize];
                file.read_exact_at(&mut bytes, start * HASH_BYTES)?;
                Ok(bytes.as_chunks::<32>().0.iter().map(|c| Hash(*c)).collect())
            }
            Level::Memory(all) => {
                let all = all.read();
                let range = start as usize..start as usize + count;
                all.get(range).map(<[Hash]>::to_vec).ok_or_else(|| io::ErrorKind::UnexpectedEof.into())
            }
        }
    }
}

impl TileStore for TileReader {
    type Error = ViewError;

    fn read(&self, level: u8, start: u64, count: usize) -> Result<Vec<Hash>, ViewError> {
        if count == 0 {
            return Ok(Vec::new());
        }
        let level = self.levels.read().get(usize::from(level)).cloned();
        let level = level
            .ok_or_else(|| ViewError::Damaged { space: "log tiles", why: "a level is missing".into() })?;
        level.read(start, count).map_err(failed)
    }
}

/// The one writer of a tenant's tiles.
pub struct LogTiles {
    dir: Option<PathBuf>,
    reader: TileReader,
    frontier: Frontier,
    /// How many hashes each level holds.
    lengths: Vec<u64>,
}

impl LogTiles {
    /// Tiles in memory.
    pub fn in_memory() -> LogTiles {
        let reader = TileReader { levels: Arc::default() };
        LogTiles { dir: None, reader, frontier: Frontier::new(), lengths: Vec::new() }
    }

    /// Opens the files of `dir`, as far as they were synced and not beyond `size_max` leaves.
    pub fn open(dir: &Path, size_max: u64) -> Result<LogTiles, ViewError> {
        std::fs::create_dir_all(dir).map_err(failed)?;
        let synced = std::fs::read(dir.join("synced")).ok();
        let synced = synced.and_then(|b| b.first_chunk::<8>().map(|b| u64::from_le_bytes(*b))).unwrap_or(0);
        let reader = TileReader { levels: Arc::default() };
        let mut tiles =
            LogTiles { dir: Some(dir.to_owned()), reader, frontier: Frontier::new(), lengths: Vec::new() };
        let mut size = synced.min(size_max);
        let mut count = size;
        while count > 0 {
            let level = tiles.level(tiles.lengths.len())?;
            if let Level::File(file) = &*level
                && file.metadata().map_err(failed)?.len() < count * HASH_BYTES
            {
                // Shorter than what was said to be on the disk: make all of it anew.
                size = 0;
                break;
            }
            tiles.lengths.push(count);
            count /= 256;
        }
        if size == 0 {
            tiles.lengths.clear();
            return Ok(tiles);
        }
        tiles.frontier = Frontier::from_tiles(&tiles.reader, size)?;
        Ok(tiles)
    }

    /// How many leaves.
    pub fn size(&self) -> u64 {
        self.frontier.size()
    }

    /// The root over all leaves.
    pub fn root(&self) -> Hash {
        self.frontier.root()
    }

    /// Shared access.
    pub fn reader(&self) -> TileReader {
        self.reader.clone()
    }

    /// Appends the leaves of log entries.
    pub fn append<'a>(&mut self, entries: impl IntoIterator<Item = &'a [u8]>) -> Result<(), ViewError> {
        let appends = self.frontier.append_all(entries.into_iter().map(leaf_hash));
        let mut by_level: Vec<Vec<Hash>> = Vec::new();
        for (level, hash) in appends {
            let level = usize::from(level);
            if by_level.len() <= level {
                by_level.resize(level + 1, Vec::new());
            }
            by_level[level].push(hash);
        }
        for (i, hashes) in by_level.iter().enumerate().filter(|(_, h)| !h.is_empty()) {
            let level = self.level(i)?;
            if self.lengths.len() <= i {
                self.lengths.resize(i + 1, 0);
            }
            level.write(self.lengths[i], hashes).map_err(failed)?;
            self.lengths[i] += hashes.len() as u64;
        }
        Ok(())
    }

    /// Makes the leaves so far survive a power cut.
    pub fn sync(&self) -> Result<(), ViewError> {
        let Some(dir) = &self.dir else { return Ok(()) };
        for level in self.reader.levels.read().iter() {
            if let Level::File(file) = &**level {
                file.sync_data().map_err(failed)?;
            }
        }
        let new = dir.join("synced.new");
        let file = File::create(&new).map_err(failed)?;
        file.write_all_at(&self.size().to_le_bytes(), 0).map_err(failed)?;
        file.sync_data().map_err(failed)?;
        std::fs::rename(&new, dir.join("synced")).map_err(failed)
    }

    fn level(&self, i: usize) -> Result<Arc<Level>, ViewError> {
        let mut levels = self.reader.levels.write();
        while levels.len() <= i {
            let level = match &self.dir {
                None => Level::Memory(RwLock::default()),
                Some(dir) => {
                    let path = dir.join(format!("level-{}", levels.len()));
                    let file = OpenOptions::new()
                        .read(true)
                        .write(true)
                        .create(true)
                        .truncate(false)
                        .open(path)
                        .map_err(failed)?;
                    Level::File(file)
                }
            };
            levels.push(Arc::new(level));
        }
        Ok(levels[i].clone())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn reopening_continues_where_the_last_sync_was() {
        let dir = tempfile::tempdir().expect("dir");
        let entries: Vec<Vec<u8>> = (0..1000u32).map(|i| i.to_le_bytes().to_vec()).collect();
        let refs = |range: std::ops::Range<usize>| entries[range].iter().map(Vec::as_slice);
        let mut tiles = LogTiles::open(dir.path(), u64::MAX).expect("opens");
        tiles.append(refs(0..700)).expect("appends");
        tiles.sync().expect("syncs");
        tiles.append(refs(700..1000)).expect("appends");
        let root = tiles.root();
        drop(tiles);
        let mut again = LogTiles::open(dir.path(), u64::MAX).expect("opens");
        assert_eq!(again.size(), 700);
        again.append(refs(700..1000)).expect("appends");
        assert_eq!(again.root(), root);
        let mut memory = LogTiles::in_memory();
        memory.append(refs(0..1000)).expect("appends");
        assert_eq!(memory.root(), root);
    }
}
