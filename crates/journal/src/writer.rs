//! Opening a journal for writing, and appending to it.
//!
//! [`Journal::open`] takes the lock, repairs a torn tail, and gives an [`Appender`] (one owner, its own thread) and a
//! [`Reader`] (any number of clones). An append is one frame, one write, one sync; when it returns, the records
//! are durable. There is never more than one append under way, which recovery relies on.
//!
//! Invariants: behind the last frame the segment is all zeros; after a failed write or sync nothing is written
//! any more until the journal is opened again, because what the disk holds is not known.

use std::hash::{BuildHasher, RandomState};
use std::path::{Path, PathBuf};
use std::sync::Arc;

use nacre_model::{Seq, TenantId};

use crate::disk::{Disk, DiskFile, DiskLock};
use crate::error::JournalError;
use crate::frame::{self, FramePlace};
use crate::inspect::{Newest, inspect};
use crate::prepare::{Preparer, discard, write_zeros};
use crate::reader::Reader;
use crate::segment::{SEGMENT_BYTES_MAX, SEGMENT_HEADER_BYTES, SegmentHeader};
use crate::table::{Index, Segment, Table};
use crate::walk::Ending;

/// Name of the lock file.
pub const LOCK_NAME: &str = "journal.lock";

/// How a journal is kept.
#[derive(Debug, Clone)]
pub struct Options {
    /// Length of a segment file; a frame that needs more gets a segment of its own. 4 KiB to 1 GiB.
    pub segment_bytes: u64,
    /// Longest frame, which is what one append may take.
    pub frame_bytes_max: u64,
    /// How much of the newest segments is checked at open; at least one segment always is.
    pub verify_on_open_bytes: u64,
    /// Make the next segment in a thread of its own. Off for a simulation.
    pub prepare_in_background: bool,
    /// A number that nobody outside can guess: with it, stored bytes that look like a frame are told from one.
    pub salt: u64,
}

impl Default for Options {
    fn default() -> Options {
        Options {
            segment_bytes: 64 << 20,
            frame_bytes_max: 32 << 20,
            verify_on_open_bytes: 256 << 20,
            prepare_in_background: true,
            // The standard library's seeds come from the operating system.
            salt: RandomState::new().hash_one(0u8),
        }
    }
}

impl Options {
    fn check(&self) -> Result<(), JournalError> {
        let refuse = |option| Err(JournalError::Options { option });
        if !(4096..=SEGMENT_BYTES_MAX).contains(&self.segment_bytes)
            || !self.segment_bytes.is_multiple_of(4096)
        {
            return refuse("segment_bytes");
        }
        if !(4096..=SEGMENT_BYTES_MAX / 2).contains(&self.frame_bytes_max) {
            return refuse("frame_bytes_max");
        }
        Ok(())
    }

    /// The salt of the segment that begins with this record (finaliser of splitmix64).
    fn salt_of(&self, first: Seq) -> u64 {
        let mut bits = self.salt.wrapping_add(first.0.wrapping_mul(0x9E37_79B9_7F4A_7C15));
        bits = (bits ^ (bits >> 30)).wrapping_mul(0xBF58_476D_1CE4_E5B9);
        bits = (bits ^ (bits >> 27)).wrapping_mul(0x94D0_49BB_1331_11EB);
        bits ^ (bits >> 31)
    }
}

/// The rest of a write that was never acknowledged, removed at open.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct TornTail {
    /// The segment file.
    pub file: PathBuf,
    /// Where it began.
    pub offset: u64,
    /// Bytes up to its last byte that was not zero.
    pub bytes: u64,
}

/// What opening found and did.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Recovery {
    /// The last record; 0 if there is none.
    pub last: Seq,
    /// Number of segments.
    pub segments: usize,
    /// Bytes of frames whose checksums were verified.
    pub verified_bytes: u64,
    /// What was cut off, if anything was.
    pub torn: Option<TornTail>,
}

/// The records of an append, which are durable now.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Durable {
    /// Sequence number of the first one.
    pub first: Seq,
    /// Sequence number of the last one.
    pub last: Seq,
}

/// An open journal.
#[derive(Debug)]
pub struct Journal {
    appender: Appender,
    reader: Reader,
}

/// The one writer of a journal.
#[derive(Debug)]
pub struct Appender {
    table: Arc<Table>,
    options: Options,
    segment: Arc<Segment>,
    file: Arc<dyn DiskFile>,
    offset: u64,
    next: Seq,
    checksum: u32,
    buffer: Vec<u8>,
    preparer: Preparer,
    stopped: Option<String>,
    _lock: Box<dyn DiskLock>,
}

impl Journal {
    /// Opens or creates the journal of a tenant in a directory of its own.
    ///
    /// `known_durable` is the last record that somebody has seen as acknowledged (views, checkpoints): a journal
    /// that ends before it has lost data, and is refused.
    pub fn open(
        disk: Arc<dyn Disk>,
        dir: &Path,
        options: Options,
        tenant: &TenantId,
        known_durable: Option<Seq>,
    ) -> Result<(Journal, Recovery), JournalError> {
        options.check()?;
        disk.create_dir_all(dir).map_err(JournalError::io("create", dir))?;
        if let Some(parent) = dir.parent().filter(|parent| !parent.as_os_str().is_empty()) {
            disk.sync_dir(parent).map_err(JournalError::io("sync", parent))?;
        }
        let lock_path = dir.join(LOCK_NAME);
        let lock = disk.lock(&lock_path).map_err(JournalError::io("lock", &lock_path))?;
        let lock = lock.ok_or_else(|| JournalError::Locked { dir: dir.to_owned() })?;

        let inspected = inspect(&*disk, dir, Some(tenant), options.verify_on_open_bytes)?;
        let last = inspected.as_ref().map_or(Seq::ZERO, |inspected| inspected.newest.walk.last);
        if let Some(known_durable) = known_durable.filter(|known| *known > last) {
            return Err(JournalError::Short { found: last, known_durable });
        }
        // Only from here on anything is changed.
        discard(&*disk, dir)?;
        let mut preparer = Preparer::default();
        let (segments, recovery, file, offset, checksum) = match inspected {
            Some(inspected) => {
                let (file, torn) = repair(&*disk, &inspected.newest, options.frame_bytes_max)?;
                // Its name may not be durable yet if the writer before was killed when it had just begun it.
                disk.sync_dir(dir).map_err(JournalError::io("sync", dir))?;
                let segments = inspected.segments;
                let verified_bytes = inspected.verified_bytes;
                let recovery = Recovery { last, segments: segments.len(), verified_bytes, torn };
                (segments, recovery, file, inspected.newest.walk.end, inspected.newest.walk.checksum)
            }
            None => {
                let header = new_header(&options, tenant, Seq(1), 0, options.segment_bytes);
                let (segment, file) = begin_segment(&*disk, dir, &mut preparer, header)?;
                let recovery = Recovery { last, segments: 1, verified_bytes: 0, torn: None };
                (vec![segment], recovery, file, SEGMENT_HEADER_BYTES as u64, 0)
            }
        };
        let Some(segment) = segments.last().cloned() else {
            return Err(JournalError::NotFound { dir: dir.to_owned() });
        };
        let table = Arc::new(Table::new(disk, dir, tenant.clone(), segments, last));
        let reader = Reader::new(table.clone());
        let next = last.next();
        let (buffer, stopped) = (Vec::new(), None);
        let appender = Appender {
            table,
            options,
            segment,
            file,
            offset,
            next,
            checksum,
            buffer,
            preparer,
            stopped,
            _lock: lock,
        };
        Ok((Journal { appender, reader }, recovery))
    }

    /// Appends; see [`Appender::append`].
    pub fn append<R: AsRef<[u8]>>(&mut self, records: &[R]) -> Result<Durable, JournalError> {
        self.appender.append(records)
    }

    /// A reader.
    pub fn reader(&self) -> Reader {
        self.reader.clone()
    }

    /// The two halves, for threads of their own.
    pub fn split(self) -> (Appender, Reader) {
        (self.appender, self.reader)
    }
}

impl Appender {
    /// Appends records as one frame and returns when they are durable. All or none of them are, and after an
    /// error it is none, except that after a failed write or sync a restart may find them whole.
    pub fn append<R: AsRef<[u8]>>(&mut self, records: &[R]) -> Result<Durable, JournalError> {
        if let Some(cause) = &self.stopped {
            return Err(JournalError::Stopped { cause: cause.clone() });
        }
        if records.is_empty() {
            return Err(JournalError::Empty);
        }
        let bytes = frame::frame_bytes(frame::body_bytes(records));
        let bytes_max = self.options.frame_bytes_max;
        if bytes > bytes_max || u32::try_from(records.len()).is_err() {
            return Err(JournalError::FrameTooLarge { bytes, bytes_max });
        }
        if self.offset + bytes > self.segment.header.segment_bytes {
            self.rotate(bytes)?;
        }
        let salt = self.segment.header.salt;
        let place = FramePlace { first: self.next, previous: self.checksum, salt, offset: self.offset };
        let checksum = frame::encode(&mut self.buffer, place, records);
        debug_assert_eq!(self.buffer.len() as u64, bytes);
        let path = &self.segment.path;
        let written = self.file.write_at(&self.buffer, self.offset).map_err(JournalError::io("write", path));
        let synced = written.and_then(|()| self.file.sync_data().map_err(JournalError::io("sync", path)));
        synced.map_err(|error| self.stop(&error))?;

        let durable = Durable { first: self.next, last: Seq(self.next.0 + records.len() as u64 - 1) };
        self.segment.appended(durable.first, durable.last.next(), bytes);
        self.next = durable.last.next();
        self.offset += bytes;
        self.checksum = checksum;
        self.table.set_durable(durable.last);
        // The next segment is begun when this one is half full: small journals need no second file.
        if self.options.prepare_in_background && self.offset > self.segment.header.segment_bytes / 2 {
            self.preparer.begin(&self.table.disk, &self.table.dir, self.options.segment_bytes);
        }
        Ok(durable)
    }

    /// The last durable record.
    pub fn durable(&self) -> Seq {
        self.table.durable()
    }

    /// A reader.
    pub fn reader(&self) -> Reader {
        Reader::new(self.table.clone())
    }

    /// Why nothing is written any more, if so.
    pub fn stopped(&self) -> Option<&str> {
        self.stopped.as_deref()
    }

    fn stop(&mut self, error: &JournalError) -> JournalError {
        let source = std::error::Error::source(error).map(|source| format!(": {source}")).unwrap_or_default();
        let cause = format!("{error}{source}");
        self.stopped = Some(cause.clone());
        JournalError::Stopped { cause }
    }

    fn rotate(&mut self, frame_bytes: u64) -> Result<(), JournalError> {
        let needed = (SEGMENT_HEADER_BYTES as u64 + frame_bytes).next_multiple_of(4096);
        let bytes = self.options.segment_bytes.max(needed);
        let header = new_header(&self.options, &self.table.tenant, self.next, self.checksum, bytes);
        match begin_segment(&*self.table.disk, &self.table.dir, &mut self.preparer, header) {
            Ok((segment, file)) => {
                self.table.push(segment.clone());
                (self.segment, self.file, self.offset) = (segment, file, SEGMENT_HEADER_BYTES as u64);
                Ok(())
            }
            // No segment was begun, the one before is as it was.
            Err(JournalError::Full) => Err(JournalError::Full),
            Err(error) => Err(self.stop(&error)),
        }
    }
}

fn new_header(
    options: &Options,
    tenant: &TenantId,
    first: Seq,
    previous: u32,
    segment_bytes: u64,
) -> SegmentHeader {
    let salt = options.salt_of(first);
    SegmentHeader { tenant: tenant.clone(), first, previous, salt, segment_bytes }
}

/// Begins a segment. Its name appears only when its zeros and its header are durable.
fn begin_segment(
    disk: &dyn Disk,
    dir: &Path,
    preparer: &mut Preparer,
    mut header: SegmentHeader,
) -> Result<(Arc<Segment>, Arc<dyn DiskFile>), JournalError> {
    let full = |error: JournalError| if error.is_no_space() { JournalError::Full } else { error };
    let prepared = preparer.take(disk, dir, header.segment_bytes).map_err(full)?;
    header.segment_bytes = prepared.bytes;
    let path = dir.join(SegmentHeader::file_name(header.first));
    prepared.file.write_at(&header.to_bytes(), 0).map_err(JournalError::io("write", &prepared.path))?;
    prepared.file.sync_data().map_err(JournalError::io("sync", &prepared.path))?;
    disk.rename(&prepared.path, &path).map_err(JournalError::io("rename", &prepared.path))?;
    disk.sync_dir(dir).map_err(JournalError::io("sync", dir))?;
    let index = Index::new(header.first);
    Ok((Arc::new(Segment::new(path, header, index)), prepared.file))
}

/// Makes the newest segment ready to be appended to.
fn repair(
    disk: &dyn Disk,
    newest: &Newest,
    frame_bytes_max: u64,
) -> Result<(Arc<dyn DiskFile>, Option<TornTail>), JournalError> {
    let Newest { segment, image, walk, file_bytes } = newest;
    let path = &segment.path;
    let file = disk.open(path, true).map_err(JournalError::io("open", path))?;
    let torn = (walk.ending == Ending::Torn).then(|| {
        let behind = image.get(walk.end as usize..).unwrap_or_default();
        let bytes = behind.iter().rposition(|byte| *byte != 0).map_or(0, |last| last as u64 + 1);
        TornTail { file: path.clone(), offset: walk.end, bytes }
    });
    // Zeros are written even where zeros are read: after a failed sync the disk may hold what the page cache does not
    // show. That is at most one frame, and it begins here. Its header goes last, so that a tear looks like one also
    // when this is interrupted at any byte.
    let (start, full) = (walk.end, segment.header.segment_bytes);
    let behind_header = full.min(start + frame::HEADER_BYTES as u64);
    let frame_end = full.min(start + frame_bytes_max.max(Options::default().frame_bytes_max));
    write_zeros(&*file, path, behind_header, frame_end)?;
    write_zeros(&*file, path, start, behind_header)?;
    write_zeros(&*file, path, frame_end.max(*file_bytes), full)?;
    // The other way round, the page cache may show a frame that the disk does not have, and a further sync would
    // not write it. It can only be the last one; so it is written again before anybody relies on it.
    if let Some(start) = walk.last_frame {
        let frame = image.get(start as usize..walk.end as usize).unwrap_or_default();
        file.write_at(frame, start).map_err(JournalError::io("write", path))?;
    }
    file.sync_data().map_err(JournalError::io("sync", path))?;
    Ok((file, torn))
}
