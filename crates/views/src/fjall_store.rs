//! The store on disk: fjall 3, one keyspace a space.
//!
//! Settings follow `docs/decisions/0003-views.md`: few keyspaces, one compaction thread on two cores, no fsync on
//! write (the journal is the durable copy), no key-value separation and no `clear` (both broke reopening upstream).

use std::path::Path;

use fjall::{Database, Keyspace, KeyspaceCreateOptions, PersistMode, Readable};

use crate::store::{Batch, Pairs, Snapshot, Space, Store, ViewError};

/// How much memory and threads the engine may use.
#[derive(Debug, Clone)]
pub struct FjallOptions {
    /// Block cache, bytes.
    pub cache_bytes: u64,
    /// A memtable is written out at this size, bytes.
    pub memtable_bytes: u64,
    /// Compaction threads.
    pub threads: usize,
}

impl Default for FjallOptions {
    fn default() -> FjallOptions {
        FjallOptions { cache_bytes: 256 << 20, memtable_bytes: 32 << 20, threads: 1 }
    }
}

/// See the module.
pub struct FjallStore {
    db: Database,
    keyspaces: [Keyspace; 5],
}

fn engine(error: fjall::Error) -> ViewError {
    ViewError::Engine(error.to_string())
}

impl FjallStore {
    /// Opens or makes the store in `dir`.
    pub fn open(dir: &Path, options: &FjallOptions) -> Result<FjallStore, ViewError> {
        clear_unfinished(dir)?;
        let db = Database::builder(dir)
            .cache_size(options.cache_bytes)
            .worker_threads(options.threads)
            .max_journaling_size(256 << 20)
            .open()
            .map_err(engine)?;
        let open = |space: Space| {
            let options = options.clone();
            db.keyspace(space.name(), move || {
                KeyspaceCreateOptions::default()
                    .max_memtable_size(options.memtable_bytes)
                    .manual_journal_persist(true)
            })
            .map_err(engine)
        };
        let [a, b, c, d, e] = Space::ALL.map(open);
        Ok(FjallStore { keyspaces: [a?, b?, c?, d?, e?], db })
    }
}

/// A process that was killed while the store was being made leaves a folder that the engine can neither open nor make. Nothing
/// is written before all keyspaces are there, so with fewer of them nothing is lost.
fn clear_unfinished(dir: &Path) -> Result<(), ViewError> {
    let failed = |e: std::io::Error| ViewError::Engine(format!("{}: {e}", dir.display()));
    let begun = ["lock", "0.jnl", "version", "keyspaces"].iter().any(|name| dir.join(name).exists());
    if !begun {
        return Ok(());
    }
    // The engine keeps one more for itself.
    let wanted = Space::ALL.len() + 1;
    let keyspaces = std::fs::read_dir(dir.join("keyspaces")).map(Iterator::count).unwrap_or(0);
    if keyspaces < wanted {
        std::fs::remove_dir_all(dir).map_err(failed)?;
    }
    Ok(())
}

impl Store for FjallStore {
    fn get(&self, space: Space, key: &[u8]) -> Result<Option<Vec<u8>>, ViewError> {
        self.keyspaces[space as usize].get(key).map(|v| v.map(|v| v.to_vec())).map_err(engine)
    }

    fn snapshot(&self) -> Box<dyn Snapshot> {
        Box::new(FjallSnapshot { snapshot: self.db.snapshot(), keyspaces: self.keyspaces.clone() })
    }

    fn write(&self, batch: Batch) -> Result<(), ViewError> {
        let mut out = self.db.batch();
        for (space, key, value) in batch.writes {
            let keyspace = &self.keyspaces[space as usize];
            match value {
                Some(value) => out.insert(keyspace, key, value),
                None => out.remove(keyspace, key),
            }
        }
        out.commit().map_err(engine)
    }

    fn sync(&self) -> Result<(), ViewError> {
        self.db.persist(PersistMode::SyncData).map_err(engine)
    }

    fn disk_bytes(&self) -> u64 {
        self.db.disk_space().unwrap_or(0)
    }
}

struct FjallSnapshot {
    snapshot: fjall::Snapshot,
    keyspaces: [Keyspace; 5],
}

fn pair(guard: fjall::Guard) -> Result<(Vec<u8>, Vec<u8>), ViewError> {
    guard.into_inner().map(|(k, v)| (k.to_vec(), v.to_vec())).map_err(engine)
}

impl Snapshot for FjallSnapshot {
    fn get(&self, space: Space, key: &[u8]) -> Result<Option<Vec<u8>>, ViewError> {
        self.snapshot.get(&self.keyspaces[space as usize], key).map(|v| v.map(|v| v.to_vec())).map_err(engine)
    }

    fn scan<'a>(&'a self, space: Space, from: &[u8], to: &[u8]) -> Pairs<'a> {
        if from >= to {
            return Box::new(std::iter::empty());
        }
        Box::new(self.snapshot.range(&self.keyspaces[space as usize], from.to_vec()..to.to_vec()).map(pair))
    }

    fn scan_back<'a>(&'a self, space: Space, from: &[u8], to: &[u8]) -> Pairs<'a> {
        if from >= to {
            return Box::new(std::iter::empty());
        }
        Box::new(
            self.snapshot.range(&self.keyspaces[space as usize], from.to_vec()..to.to_vec()).rev().map(pair),
        )
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_store_whose_making_was_cut_off_is_made_again_and_a_whole_one_is_kept() {
        let root = tempfile::tempdir().expect("a folder");
        for (n, files) in
            [&["lock"][..], &["lock", "0.jnl"], &["lock", "0.jnl", "version"]].into_iter().enumerate()
        {
            let dir = root.path().join(n.to_string());
            std::fs::create_dir_all(dir.join("keyspaces")).expect("made");
            for file in files {
                std::fs::write(dir.join(file), b"").expect("written");
            }
            let store = FjallStore::open(&dir, &FjallOptions::default()).expect("opens");
            let mut batch = Batch::default();
            batch.put(Space::Cursors, b"k".to_vec(), b"v".to_vec());
            store.write(batch).expect("written");
            store.sync().expect("synced");
            drop(store);
            let store = FjallStore::open(&dir, &FjallOptions::default()).expect("opens again");
            assert_eq!(store.get(Space::Cursors, b"k").expect("read"), Some(b"v".to_vec()));
        }
    }
}
