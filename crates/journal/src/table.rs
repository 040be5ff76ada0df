//! The segments of a journal as readers and writer share them, and the sparse index of each.
//!
//! The index of a segment has a mark for about every 16 KiB: the first record and the offset of a frame. It grows
//! as the writer appends, and where it was not built by that it is built from the headers alone, once.
//! Files are opened when needed; the last few dozen stay open.
//!
//! Invariants: segments are in order, each begins where the one before ends; marks are in order; what an
//! index covers is whole frames.

use std::collections::VecDeque;
use std::path::{Path, PathBuf};
use std::sync::atomic::{AtomicU64, Ordering};
use std::sync::{Arc, Mutex, MutexGuard, PoisonError, RwLock, Weak};

use nacre_model::{Seq, TenantId};

use crate::disk::{Disk, DiskFile};
use crate::error::{Damage, JournalError, Place};
use crate::frame::{FrameHeader, HEADER_BYTES};
use crate::segment::{SEGMENT_HEADER_BYTES, SegmentHeader};

const MARK_BYTES: u64 = 16 * 1024;
const WINDOW_BYTES: usize = 64 * 1024;
const OPEN_FILES_MAX: usize = 32;

fn lock<T>(mutex: &Mutex<T>) -> MutexGuard<'_, T> {
    mutex.lock().unwrap_or_else(PoisonError::into_inner)
}

/// What readers and writer share.
#[derive(Debug)]
pub(crate) struct Table {
    pub(crate) disk: Arc<dyn Disk>,
    pub(crate) dir: PathBuf,
    pub(crate) tenant: TenantId,
    durable: AtomicU64,
    segments: RwLock<Vec<Arc<Segment>>>,
    open_files: Mutex<VecDeque<Arc<dyn DiskFile>>>,
}

/// One segment.
#[derive(Debug)]
pub(crate) struct Segment {
    pub(crate) path: PathBuf,
    pub(crate) header: SegmentHeader,
    file: Mutex<Option<Weak<dyn DiskFile>>>,
    index: Mutex<Index>,
}

/// Where frames begin.
#[derive(Debug, Clone)]
pub(crate) struct Index {
    marks: Vec<(Seq, u64)>,
    /// First record that is not covered yet.
    next: Seq,
    /// Offset behind the last covered frame.
    end: u64,
}

impl Index {
    pub(crate) fn new(first: Seq) -> Index {
        Index { marks: Vec::new(), next: first, end: SEGMENT_HEADER_BYTES as u64 }
    }

    /// Takes note of the frame behind the last covered one.
    pub(crate) fn push(&mut self, header: &FrameHeader) {
        self.push_frame(header.first, header.last().next(), header.frame_bytes());
    }

    fn push_frame(&mut self, first: Seq, next: Seq, frame_bytes: u64) {
        debug_assert_eq!(first, self.next);
        if self.marks.last().is_none_or(|(_, offset)| self.end - offset >= MARK_BYTES) {
            self.marks.push((first, self.end));
        }
        self.next = next;
        self.end += frame_bytes;
    }

    fn mark(&self, seq: Seq) -> Option<(Seq, u64)> {
        let behind = self.marks.partition_point(|(first, _)| *first <= seq);
        behind.checked_sub(1).and_then(|mark| self.marks.get(mark)).copied()
    }
}

impl Segment {
    pub(crate) fn new(path: PathBuf, header: SegmentHeader, index: Index) -> Segment {
        Segment { path, header, file: Mutex::new(None), index: Mutex::new(index) }
    }

    pub(crate) fn place(&self, offset: u64, seq: Seq) -> Place {
        Place { file: self.path.clone(), offset, seq }
    }

    pub(crate) fn damaged(&self, offset: u64, seq: Seq, what: Damage) -> JournalError {
        JournalError::Damaged { place: self.place(offset, seq), what }
    }

    pub(crate) fn read(
        &self,
        file: &dyn DiskFile,
        offset: u64,
        bytes: usize,
    ) -> Result<Vec<u8>, JournalError> {
        let mut buffer = vec![0; bytes];
        // What the file lacks reads as zeros.
        file.read_at(&mut buffer, offset).map_err(JournalError::io("read", &self.path))?;
        Ok(buffer)
    }

    /// The whole segment; what the file lacks reads as zeros.
    pub(crate) fn image(&self, file: &dyn DiskFile) -> Result<Vec<u8>, JournalError> {
        self.read(file, 0, self.header.segment_bytes as usize)
    }

    /// The writer has appended a frame.
    pub(crate) fn appended(&self, first: Seq, next: Seq, frame_bytes: u64) {
        lock(&self.index).push_frame(first, next, frame_bytes);
    }

    /// A frame at or before the one with this record, not far from it: its first record and its offset.
    pub(crate) fn seek(&self, file: &dyn DiskFile, seq: Seq) -> Result<(Seq, u64), JournalError> {
        let mut index = lock(&self.index);
        if index.next <= seq {
            self.extend(&mut index, file, seq)?;
        }
        index.mark(seq).ok_or_else(|| self.damaged(SEGMENT_HEADER_BYTES as u64, seq, Damage::SegmentCutShort))
    }

    /// Walks the headers until the index covers the record.
    fn extend(&self, index: &mut Index, file: &dyn DiskFile, seq: Seq) -> Result<(), JournalError> {
        let (mut window, mut window_at) = (Vec::new(), 0);
        while index.next <= seq {
            let window_end = window_at + window.len() as u64;
            if index.end < window_at || index.end + HEADER_BYTES as u64 > window_end {
                window = self.read(file, index.end, WINDOW_BYTES)?;
                window_at = index.end;
            }
            let bytes = window.get((index.end - window_at) as usize..).unwrap_or_default();
            match FrameHeader::parse(bytes, self.header.salt) {
                Some(header) if header.first == index.next => index.push(&header),
                Some(_) => return Err(JournalError::Chain { place: self.place(index.end, index.next) }),
                None => return Err(self.damaged(index.end, index.next, Damage::FrameHeader)),
            }
        }
        Ok(())
    }
}

impl Table {
    pub(crate) fn new(
        disk: Arc<dyn Disk>,
        dir: &Path,
        tenant: TenantId,
        segments: Vec<Arc<Segment>>,
        last: Seq,
    ) -> Table {
        Table {
            disk,
            dir: dir.to_owned(),
            tenant,
            durable: AtomicU64::new(last.0),
            segments: RwLock::new(segments),
            open_files: Mutex::default(),
        }
    }

    pub(crate) fn durable(&self) -> Seq {
        Seq(self.durable.load(Ordering::Acquire))
    }

    /// Publishes; the release pairs with the acquire above, so that who sees the number sees the bytes.
    pub(crate) fn set_durable(&self, seq: Seq) {
        debug_assert!(seq >= self.durable());
        self.durable.store(seq.0, Ordering::Release);
    }

    pub(crate) fn segments(&self) -> Vec<Arc<Segment>> {
        self.segments.read().unwrap_or_else(PoisonError::into_inner).clone()
    }

    pub(crate) fn push(&self, segment: Arc<Segment>) {
        self.segments.write().unwrap_or_else(PoisonError::into_inner).push(segment);
    }

    /// The segment with this record, if the record is not before the first.
    pub(crate) fn segment_of(&self, seq: Seq) -> Option<Arc<Segment>> {
        let segments = self.segments.read().unwrap_or_else(PoisonError::into_inner);
        let behind = segments.partition_point(|segment| segment.header.first <= seq);
        behind.checked_sub(1).and_then(|at| segments.get(at)).cloned()
    }

    /// The open file of a segment.
    pub(crate) fn file(&self, segment: &Segment) -> Result<Arc<dyn DiskFile>, JournalError> {
        let mut slot = lock(&segment.file);
        if let Some(file) = slot.as_ref().and_then(Weak::upgrade) {
            return Ok(file);
        }
        let file = self.disk.open(&segment.path, false).map_err(JournalError::io("open", &segment.path))?;
        *slot = Some(Arc::downgrade(&file));
        let mut open_files = lock(&self.open_files);
        if open_files.len() == OPEN_FILES_MAX {
            open_files.pop_front();
        }
        open_files.push_back(file.clone());
        Ok(file)
    }
}
