//! A deterministic disk in memory that fails as disks do: crashes that keep, lose or tear what was not synced
//! (in sectors of 512 bytes, in any order), failing writes and syncs, a full disk, flipped bits.
//!
//! Synced bytes and names survive a crash; of everything else each sector, length and name change survives or not,
//! as the seed decides. A failed sync drops what it was to write but shows it to readers until the crash, as
//! page caches do.

use std::collections::{BTreeMap, BTreeSet};
use std::io;
use std::path::{Path, PathBuf};
use std::sync::{Arc, Mutex, MutexGuard};

use crate::disk::{Disk, DiskFile, DiskLock};
use crate::frame::SECTOR_BYTES;

/// The simulated disk. Clones share it.
#[derive(Debug, Clone, Default)]
pub struct SimDisk {
    state: Arc<Mutex<State>>,
}

#[derive(Debug, Default)]
struct State {
    random: u64,
    /// Grows with each crash; handles from before it are dead.
    life: u64,
    nodes: Vec<Node>,
    names: BTreeMap<PathBuf, usize>,
    durable_names: BTreeMap<PathBuf, usize>,
    dirs: BTreeSet<PathBuf>,
    locks: BTreeSet<PathBuf>,
    bytes_left: Option<u64>,
    fail_sync_in: Option<u32>,
    fail_write_in: Option<u32>,
    short_write: bool,
}

/// A file: what programs see, and what the disk has.
#[derive(Debug, Default, Clone)]
struct Node {
    seen: Vec<u8>,
    durable: Vec<u8>,
    /// Sectors written since the last sync.
    dirty: BTreeSet<usize>,
}

#[derive(Debug)]
struct SimFile {
    disk: SimDisk,
    node: usize,
    life: u64,
    writable: bool,
}

#[derive(Debug)]
struct SimLock {
    disk: SimDisk,
    path: PathBuf,
    life: u64,
}

impl DiskLock for SimLock {}

impl Drop for SimLock {
    fn drop(&mut self) {
        let mut state = self.disk.state();
        if state.life == self.life {
            state.locks.remove(&self.path);
        }
    }
}

impl State {
    /// xorshift64*: the whole world follows from the seed.
    fn random(&mut self, below: u64) -> u64 {
        self.random ^= self.random >> 12;
        self.random ^= self.random << 25;
        self.random ^= self.random >> 27;
        (self.random.wrapping_mul(0x2545_F491_4F6C_DD1D) >> 11) % below.max(1)
    }

    fn countdown(counter: &mut Option<u32>) -> bool {
        match counter {
            Some(0) => {
                *counter = None;
                true
            }
            Some(left) => {
                *left -= 1;
                false
            }
            None => false,
        }
    }
}

impl SimDisk {
    /// An empty disk whose accidents follow from the seed.
    pub fn new(seed: u64) -> SimDisk {
        let disk = SimDisk::default();
        // Any bits but zero will do for the generator.
        disk.state().random = seed.wrapping_mul(0x9E37_79B9_7F4A_7C15) | 1;
        disk
    }

    fn state(&self) -> MutexGuard<'_, State> {
        self.state.lock().unwrap_or_else(std::sync::PoisonError::into_inner)
    }

    /// Cuts the power: open files and locks are gone, what was not synced survives in part.
    pub fn crash(&self) {
        let mut state = self.state();
        state.life += 1;
        state.locks.clear();
        (state.fail_sync_in, state.fail_write_in, state.short_write) = (None, None, false);
        let mut nodes = std::mem::take(&mut state.nodes);
        for node in &mut nodes {
            // Everything, nothing, or each sector by itself.
            let mood = state.random(4);
            if mood != 0 && node.seen.len() > node.durable.len() {
                let bytes = node.seen.len();
                node.durable.resize(bytes, 0);
            }
            for sector in std::mem::take(&mut node.dirty) {
                let keep = mood == 1 || (mood > 1 && state.random(2) == 0);
                let from = sector * SECTOR_BYTES;
                let to = (from + SECTOR_BYTES).min(node.seen.len()).min(node.durable.len());
                if keep && from < to {
                    node.durable[from..to].copy_from_slice(&node.seen[from..to]);
                }
            }
            node.seen = node.durable.clone();
        }
        state.nodes = nodes;
        if state.random(2) == 0 {
            state.names = state.durable_names.clone();
        }
        state.durable_names = state.names.clone();
    }

    /// Lets the sync after `after` further ones fail.
    pub fn fail_sync(&self, after: u32) {
        self.state().fail_sync_in = Some(after);
    }

    /// Lets the write after `after` further ones fail, with a part of it written if `short`.
    pub fn fail_write(&self, after: u32, short: bool) {
        let mut state = self.state();
        (state.fail_write_in, state.short_write) = (Some(after), short);
    }

    /// Lets files grow by this many bytes more; none = without limit.
    pub fn set_bytes_left(&self, bytes: Option<u64>) {
        self.state().bytes_left = bytes;
    }

    /// Flips one bit of a file, on the disk and for readers.
    pub fn flip(&self, path: &Path, offset: u64, bit: u8) {
        self.edit(path, |bytes| {
            if let Some(byte) = bytes.get_mut(offset as usize) {
                *byte ^= 1 << (bit % 8);
            }
        });
    }

    /// Changes a file behind everybody's back.
    pub fn edit(&self, path: &Path, edit: impl Fn(&mut Vec<u8>)) {
        let mut state = self.state();
        if let Some(node) = state.names.get(path).copied() {
            edit(&mut state.nodes[node].seen);
            edit(&mut state.nodes[node].durable);
        }
    }

    /// What a program would read now.
    pub fn contents(&self, path: &Path) -> Option<Vec<u8>> {
        let state = self.state();
        state.names.get(path).map(|node| state.nodes[*node].seen.clone())
    }

    fn handle(&self, state: &State, node: usize, writable: bool) -> Arc<dyn DiskFile> {
        Arc::new(SimFile { disk: self.clone(), node, life: state.life, writable })
    }
}

fn not_found() -> io::Error {
    io::ErrorKind::NotFound.into()
}

impl Disk for SimDisk {
    fn open(&self, path: &Path, write: bool) -> io::Result<Arc<dyn DiskFile>> {
        let state = self.state();
        let node = *state.names.get(path).ok_or_else(not_found)?;
        Ok(self.handle(&state, node, write))
    }

    fn create(&self, path: &Path) -> io::Result<Arc<dyn DiskFile>> {
        let mut state = self.state();
        if state.names.contains_key(path) {
            return Err(io::ErrorKind::AlreadyExists.into());
        }
        let node = state.nodes.len();
        state.nodes.push(Node::default());
        state.names.insert(path.to_owned(), node);
        Ok(self.handle(&state, node, true))
    }

    fn list(&self, dir: &Path) -> io::Result<Vec<String>> {
        let state = self.state();
        if !state.dirs.contains(dir) {
            return Err(not_found());
        }
        let inside = state.names.keys().filter(|path| path.parent() == Some(dir));
        Ok(inside.filter_map(|path| path.file_name()?.to_str().map(str::to_owned)).collect())
    }

    fn create_dir_all(&self, dir: &Path) -> io::Result<()> {
        self.state().dirs.insert(dir.to_owned());
        Ok(())
    }

    fn remove(&self, path: &Path) -> io::Result<()> {
        self.state().names.remove(path).map(drop).ok_or_else(not_found)
    }

    fn rename(&self, from: &Path, to: &Path) -> io::Result<()> {
        let mut state = self.state();
        let node = state.names.remove(from).ok_or_else(not_found)?;
        state.names.insert(to.to_owned(), node);
        Ok(())
    }

    fn sync_dir(&self, _: &Path) -> io::Result<()> {
        let mut state = self.state();
        if State::countdown(&mut state.fail_sync_in) {
            return Err(io::Error::other("injected sync error"));
        }
        state.durable_names = state.names.clone();
        Ok(())
    }

    fn lock(&self, path: &Path) -> io::Result<Option<Box<dyn DiskLock>>> {
        let mut state = self.state();
        if !state.locks.insert(path.to_owned()) {
            return Ok(None);
        }
        Ok(Some(Box::new(SimLock { disk: self.clone(), path: path.to_owned(), life: state.life })))
    }
}

impl SimFile {
    fn state(&self) -> io::Result<MutexGuard<'_, State>> {
        let state = self.disk.state();
        if state.life == self.life { Ok(state) } else { Err(io::Error::other("the power is off")) }
    }
}

impl DiskFile for SimFile {
    fn read_at(&self, buffer: &mut [u8], offset: u64) -> io::Result<usize> {
        let state = self.state()?;
        let seen = &state.nodes[self.node].seen;
        let rest = seen.get(offset as usize..).unwrap_or_default();
        let bytes = rest.len().min(buffer.len());
        buffer[..bytes].copy_from_slice(&rest[..bytes]);
        Ok(bytes)
    }

    fn write_at(&self, bytes: &[u8], offset: u64) -> io::Result<()> {
        let mut state = self.state()?;
        if !self.writable {
            return Err(io::ErrorKind::PermissionDenied.into());
        }
        let mut bytes = bytes;
        let fails = State::countdown(&mut state.fail_write_in);
        if fails {
            let keep = if state.short_write { state.random(bytes.len() as u64) as usize } else { 0 };
            bytes = &bytes[..keep];
        }
        let offset = offset as usize;
        let end = offset + bytes.len();
        let grows = end.saturating_sub(state.nodes[self.node].seen.len()) as u64;
        if let Some(left) = state.bytes_left {
            if grows > left {
                return Err(io::ErrorKind::StorageFull.into());
            }
            state.bytes_left = Some(left - grows);
        }
        let node = &mut state.nodes[self.node];
        if node.seen.len() < end {
            node.seen.resize(end, 0);
        }
        node.seen[offset..end].copy_from_slice(bytes);
        if !bytes.is_empty() {
            node.dirty.extend(offset / SECTOR_BYTES..=(end - 1) / SECTOR_BYTES);
        }
        if fails { Err(io::Error::other("injected write error")) } else { Ok(()) }
    }

    fn sync_data(&self) -> io::Result<()> {
        let mut state = self.state()?;
        let fails = State::countdown(&mut state.fail_sync_in);
        let node = &mut state.nodes[self.node];
        let dirty = std::mem::take(&mut node.dirty);
        if fails {
            // The page cache forgets what it could not write: no later sync will bring it to the disk.
            return Err(io::Error::other("injected sync error"));
        }
        node.durable.resize(node.seen.len(), 0);
        for sector in dirty {
            let from = sector * SECTOR_BYTES;
            let to = (from + SECTOR_BYTES).min(node.seen.len());
            node.durable[from..to].copy_from_slice(&node.seen[from..to]);
        }
        Ok(())
    }

    fn len(&self) -> io::Result<u64> {
        Ok(self.state()?.nodes[self.node].seen.len() as u64)
    }
}
