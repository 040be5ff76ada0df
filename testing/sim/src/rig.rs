//! The simulated disk on a power switch: it can be cut at a numbered operation, and writers can be held at one.
//!
//! [`SimDisk`] decides what survives a cut; the rig decides when it comes. While the power is off nothing works.

use std::fmt;
use std::io;
use std::path::Path;
use std::sync::Arc;
use std::time::Duration;

use nacre_journal::disk::{Disk, DiskFile, DiskLock};
use nacre_journal::sim::SimDisk;
use parking_lot::{Condvar, Mutex};

/// How long anything may take that should happen at once; longer is a deadlock.
const PATIENCE: Duration = Duration::from_secs(20);

/// See the module. Clones share it.
#[derive(Clone)]
pub struct Rig(Arc<Inner>);

struct Inner {
    sim: SimDisk,
    switch: Mutex<Switch>,
    moved: Condvar,
}

#[derive(Default)]
struct Switch {
    off: bool,
    /// Operations until the power is cut, and whether the last one is still done.
    cut: Option<(u32, bool)>,
    hold: bool,
    held: bool,
    operations: u64,
}

impl fmt::Debug for Rig {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("Rig")
    }
}

fn off() -> io::Error {
    io::Error::other("the power is off")
}

impl Rig {
    /// An empty disk.
    pub fn new(seed: u64) -> Rig {
        Rig(Arc::new(Inner { sim: SimDisk::new(seed), switch: Mutex::default(), moved: Condvar::new() }))
    }

    /// The disk behind.
    pub fn sim(&self) -> &SimDisk {
        &self.0.sim
    }

    /// Cuts the power at the operation after `after` further ones; that one is still done if `done`.
    pub fn cut_in(&self, after: u32, done: bool) {
        self.0.switch.lock().cut = Some((after, done));
    }

    /// Cuts the power now, unless it is off.
    pub fn cut(&self) {
        let mut switch = self.0.switch.lock();
        if !switch.off {
            self.0.sim.crash();
        }
        (switch.off, switch.cut) = (true, None);
    }

    /// Whether the power is off.
    pub fn is_off(&self) -> bool {
        self.0.switch.lock().off
    }

    /// Power on.
    pub fn power_on(&self) {
        self.0.switch.lock().off = false;
    }

    /// Nothing more happens by itself.
    pub fn disarm(&self) {
        self.0.switch.lock().cut = None;
    }

    /// Operations so far.
    pub fn operations(&self) -> u64 {
        self.0.switch.lock().operations
    }

    /// Holds whoever wants to change something.
    pub fn hold(&self) {
        self.0.switch.lock().hold = true;
    }

    /// Waits until somebody is held. False: nobody came.
    #[must_use]
    pub fn wait_held(&self) -> bool {
        let mut switch = self.0.switch.lock();
        !self.0.moved.wait_while_for(&mut switch, |s| !s.held, PATIENCE).timed_out()
    }

    /// Lets them go on.
    pub fn release(&self) {
        let mut switch = self.0.switch.lock();
        (switch.hold, switch.held) = (false, false);
        self.0.moved.notify_all();
    }

    /// One operation that changes something.
    fn act<T>(&self, run: impl FnOnce() -> io::Result<T>) -> io::Result<T> {
        let mut switch = self.0.switch.lock();
        while switch.hold {
            switch.held = true;
            self.0.moved.notify_all();
            self.0.moved.wait(&mut switch);
        }
        if switch.off {
            return Err(off());
        }
        switch.operations += 1;
        match &mut switch.cut {
            Some((0, done)) => {
                if *done {
                    // It happens, and nobody hears of it.
                    drop(run());
                }
                self.0.sim.crash();
                (switch.off, switch.cut) = (true, None);
                Err(off())
            }
            Some((left, _)) => {
                *left -= 1;
                run()
            }
            None => run(),
        }
    }

    fn look<T>(&self, run: impl FnOnce() -> io::Result<T>) -> io::Result<T> {
        if self.is_off() { Err(off()) } else { run() }
    }

    fn file(&self, file: Arc<dyn DiskFile>) -> Arc<dyn DiskFile> {
        Arc::new(RigFile { rig: self.clone(), file })
    }
}

#[derive(Debug)]
struct RigFile {
    rig: Rig,
    file: Arc<dyn DiskFile>,
}

impl Disk for Rig {
    fn open(&self, path: &Path, write: bool) -> io::Result<Arc<dyn DiskFile>> {
        self.look(|| self.0.sim.open(path, write)).map(|f| self.file(f))
    }

    fn create(&self, path: &Path) -> io::Result<Arc<dyn DiskFile>> {
        self.act(|| self.0.sim.create(path)).map(|f| self.file(f))
    }

    fn list(&self, dir: &Path) -> io::Result<Vec<String>> {
        self.look(|| self.0.sim.list(dir))
    }

    fn create_dir_all(&self, dir: &Path) -> io::Result<()> {
        self.act(|| self.0.sim.create_dir_all(dir))
    }

    fn remove(&self, path: &Path) -> io::Result<()> {
        self.act(|| self.0.sim.remove(path))
    }

    fn rename(&self, from: &Path, to: &Path) -> io::Result<()> {
        self.act(|| self.0.sim.rename(from, to))
    }

    fn sync_dir(&self, dir: &Path) -> io::Result<()> {
        self.act(|| self.0.sim.sync_dir(dir))
    }

    fn lock(&self, path: &Path) -> io::Result<Option<Box<dyn DiskLock>>> {
        self.look(|| self.0.sim.lock(path))
    }
}

impl DiskFile for RigFile {
    fn read_at(&self, buffer: &mut [u8], offset: u64) -> io::Result<usize> {
        self.rig.look(|| self.file.read_at(buffer, offset))
    }

    fn write_at(&self, bytes: &[u8], offset: u64) -> io::Result<()> {
        self.rig.act(|| self.file.write_at(bytes, offset))
    }

    fn sync_data(&self) -> io::Result<()> {
        self.rig.act(|| self.file.sync_data())
    }

    fn len(&self) -> io::Result<u64> {
        self.rig.look(|| self.file.len())
    }
}
