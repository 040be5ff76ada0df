//! Reading durable records: by number, or one after the other.
//!
//! A [`Reader`] is cheap to clone and needs no lock against the writer: it reads only frames whose last record is
//! durable, which never change again. Reading in order checks the checksum of every frame and the chain between
//! them; a read by number checks that of the record.

use std::path::Path;
use std::sync::Arc;

use bytes::Bytes;
use nacre_model::{Seq, TenantId};

use crate::disk::{Disk, DiskFile};
use crate::error::{Damage, JournalError};
use crate::frame::{self, FrameHeader, HEADER_BYTES};
use crate::inspect::inspect;
use crate::segment::SEGMENT_HEADER_BYTES;
use crate::table::{Segment, Table};

const CHUNK_BYTES: usize = 256 * 1024;
const POINT_CHUNK_BYTES: usize = 20 * 1024;

/// Reads a journal, next to its writer or without one.
#[derive(Debug, Clone)]
pub struct Reader {
    table: Arc<Table>,
}

impl Reader {
    pub(crate) fn new(table: Arc<Table>) -> Reader {
        Reader { table }
    }

    /// Opens a directory for reading only; nothing is changed or locked. What a torn tail holds is not shown.
    /// Beside a running writer this sees what was there at this moment.
    pub fn open(disk: Arc<dyn Disk>, dir: &Path, tenant: Option<&TenantId>) -> Result<Reader, JournalError> {
        let not_found = || JournalError::NotFound { dir: dir.to_owned() };
        let inspected = inspect(&*disk, dir, tenant, 0)?.ok_or_else(not_found)?;
        let tenant = inspected.newest.segment.header.tenant.clone();
        let last = inspected.newest.walk.last;
        Ok(Reader::new(Arc::new(Table::new(disk, dir, tenant, inspected.segments, last))))
    }

    /// The last durable record; 0 if there is none.
    pub fn durable(&self) -> Seq {
        self.table.durable()
    }

    /// Whose journal this is.
    pub fn tenant(&self) -> &TenantId {
        &self.table.tenant
    }

    pub(crate) fn table(&self) -> &Table {
        &self.table
    }

    /// The records from this one on, in order, up to the last durable one. At the end `next` gives `None`, and
    /// goes on when more has become durable. After an error it stays where it is: asked again, it tries again.
    pub fn iter(&self, from: Seq) -> Records {
        Records {
            table: self.table.clone(),
            next: from.max(Seq(1)),
            cursor: None,
            body: Bytes::new(),
            body_at: 0,
            body_seq: Seq::ZERO,
        }
    }

    /// One record; none if it is not durable (yet).
    pub fn get(&self, seq: Seq) -> Result<Option<Bytes>, JournalError> {
        if seq == Seq::ZERO || seq > self.durable() {
            return Ok(None);
        }
        let Some(segment) = self.table.segment_of(seq) else { return Ok(None) };
        let file = self.table.file(&segment)?;
        let (mut first, mut offset) = segment.seek(&*file, seq)?;
        let mut chunk = Chunk::read(&segment, &*file, offset, POINT_CHUNK_BYTES)?;
        loop {
            let header = chunk.header(&segment, &*file, offset, first)?;
            if header.last() >= seq {
                let bytes = header.frame_bytes();
                let body = chunk.frame(&segment, &*file, offset, bytes)?;
                let body = body.slice(HEADER_BYTES..HEADER_BYTES + header.body_bytes as usize);
                let record = frame::Records::new(&body).nth((seq.0 - header.first.0) as usize);
                let record = record.filter(frame::RawRecord::checks_out);
                let record = record.ok_or_else(|| segment.damaged(offset, seq, Damage::FrameBody))?;
                return Ok(Some(body.slice(record.start..record.start + record.bytes.len())));
            }
            first = header.last().next();
            offset += header.frame_bytes();
        }
    }
}

/// A piece of a segment in memory.
#[derive(Debug)]
struct Chunk {
    at: u64,
    bytes: Bytes,
}

impl Chunk {
    fn read(segment: &Segment, file: &dyn DiskFile, at: u64, bytes: usize) -> Result<Chunk, JournalError> {
        let bytes = bytes.min(segment.header.segment_bytes.saturating_sub(at) as usize);
        Ok(Chunk { at, bytes: segment.read(file, at, bytes)?.into() })
    }

    fn part(&self, offset: u64, bytes: u64) -> Option<Bytes> {
        let from = usize::try_from(offset.checked_sub(self.at)?).ok()?;
        let to = from.checked_add(usize::try_from(bytes).ok()?)?;
        (to <= self.bytes.len()).then(|| self.bytes.slice(from..to))
    }

    /// The header of the frame that must begin here with this record.
    fn header(
        &mut self,
        segment: &Segment,
        file: &dyn DiskFile,
        offset: u64,
        first: Seq,
    ) -> Result<FrameHeader, JournalError> {
        let header = self.frame(segment, file, offset, HEADER_BYTES as u64)?;
        let header = FrameHeader::parse(&header, segment.header.salt);
        let header = header.ok_or_else(|| segment.damaged(offset, first, Damage::FrameHeader))?;
        if header.first == first {
            Ok(header)
        } else {
            Err(JournalError::Chain { place: segment.place(offset, first) })
        }
    }

    /// These bytes, read anew if they are not in the chunk.
    fn frame(
        &mut self,
        segment: &Segment,
        file: &dyn DiskFile,
        offset: u64,
        bytes: u64,
    ) -> Result<Bytes, JournalError> {
        if self.part(offset, bytes).is_none() {
            *self = Chunk::read(segment, file, offset, self.bytes.len().max(bytes as usize))?;
        }
        self.part(offset, bytes).ok_or_else(|| segment.damaged(offset, Seq::ZERO, Damage::SegmentCutShort))
    }
}

/// Where an iteration stands in a segment.
#[derive(Debug)]
struct Cursor {
    segment: Arc<Segment>,
    file: Arc<dyn DiskFile>,
    /// The frame that begins at `offset` must begin with this record.
    first: Seq,
    offset: u64,
    /// Checksum of the frame before, where known.
    checksum: Option<u32>,
    chunk: Chunk,
    /// What was durable when the chunk was read: behind that, it may hold half a write.
    chunk_durable: Seq,
}

/// Iterator over records in order.
#[derive(Debug)]
pub struct Records {
    table: Arc<Table>,
    next: Seq,
    cursor: Option<Cursor>,
    body: Bytes,
    body_at: usize,
    body_seq: Seq,
}

impl Records {
    /// The next record that will come.
    pub fn position(&self) -> Seq {
        self.next
    }

    fn open_cursor(&self, durable: Seq, checksum: Option<u32>) -> Result<Cursor, JournalError> {
        let (seq, table) = (self.next, &self.table);
        let segment =
            table.segment_of(seq).ok_or_else(|| JournalError::NoSuchSeq { seq, last: table.durable() })?;
        let file = table.file(&segment)?;
        let at_start = segment.header.first == seq;
        let (first, offset) =
            if at_start { (seq, SEGMENT_HEADER_BYTES as u64) } else { segment.seek(&*file, seq)? };
        let checksum = if at_start {
            if checksum.is_some_and(|checksum| checksum != segment.header.previous) {
                return Err(JournalError::Chain { place: segment.place(0, seq) });
            }
            Some(segment.header.previous)
        } else {
            None
        };
        let chunk = Chunk::read(&segment, &*file, offset, CHUNK_BYTES)?;
        Ok(Cursor { segment, file, first, offset, checksum, chunk, chunk_durable: durable })
    }

    /// Loads the frame with the record `next`.
    fn load(&mut self, durable: Seq) -> Result<(), JournalError> {
        // The segment that ends here is left when the next one begins here.
        let at_border = |cursor: &Cursor| {
            let segment = self.table.segment_of(self.next);
            cursor.first == self.next
                && segment.is_some_and(|s| s.header.first != cursor.segment.header.first)
        };
        let mut cursor = match self.cursor.take() {
            None => self.open_cursor(durable, None)?,
            Some(cursor) if at_border(&cursor) => self.open_cursor(durable, cursor.checksum)?,
            Some(cursor) => cursor,
        };
        loop {
            if cursor.first > cursor.chunk_durable {
                cursor.chunk = Chunk::read(&cursor.segment, &*cursor.file, cursor.offset, CHUNK_BYTES)?;
                cursor.chunk_durable = durable;
            }
            let Cursor { segment, file, chunk, offset, first, checksum, .. } = &mut cursor;
            let header = chunk.header(segment, &**file, *offset, *first)?;
            if checksum.is_some_and(|checksum| checksum != header.previous) {
                return Err(JournalError::Chain { place: segment.place(*offset, *first) });
            }
            let bytes = header.frame_bytes();
            let wanted = header.last() >= self.next;
            if wanted {
                let frame = chunk.frame(segment, &**file, *offset, bytes)?;
                if !header.checks_out(&frame) {
                    return Err(segment.damaged(*offset, *first, Damage::FrameBody));
                }
                self.body = frame.slice(HEADER_BYTES..HEADER_BYTES + header.body_bytes as usize);
                (self.body_at, self.body_seq) = (0, header.first);
            }
            cursor.offset += bytes;
            cursor.first = header.last().next();
            cursor.checksum = Some(header.checksum);
            if wanted {
                self.cursor = Some(cursor);
                return Ok(());
            }
        }
    }

    fn take_from_body(&mut self) -> Option<(Seq, Bytes)> {
        loop {
            let record = frame::Records::new(self.body.get(self.body_at..)?).next()?;
            let start = self.body_at + record.start;
            let end = start + record.bytes.len();
            let seq = self.body_seq;
            self.body_at = end;
            self.body_seq = seq.next();
            if seq == self.next {
                self.next = seq.next();
                return Some((seq, self.body.slice(start..end)));
            }
        }
    }
}

impl Iterator for Records {
    type Item = Result<(Seq, Bytes), JournalError>;

    fn next(&mut self) -> Option<Self::Item> {
        if let Some(found) = self.take_from_body() {
            return Some(Ok(found));
        }
        let durable = self.table.durable();
        if self.next > durable {
            return None;
        }
        match self.load(durable) {
            Ok(()) => self.take_from_body().map(Ok),
            Err(error) => Some(Err(error)),
        }
    }
}
