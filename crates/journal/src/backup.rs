//! Copying a journal while it is being written, and bringing a copy back.
//!
//! A backup is a directory of ordinary segment files (without the zeros at their ends) and `backup.manifest`, which
//! is written last: a directory without it is no backup. Every frame is checked while it is copied. A copy
//! ends after any chosen record: the frame that goes on behind it is made anew with the records before.
//!
//! Manifest, lines of words: `nacre-journal-backup 1`, `tenant <name>`, `last <seq>`, one `file <name> <bytes>
//! <sha-256>` a segment in order, `end`.
//!
//! Invariants: a directory that has files in it is never written to; a restore checks all hashes before it copies.

use std::path::Path;
use std::sync::Arc;

use nacre_ledger::Hash;
use nacre_model::{Seq, TenantId};
use sha2::{Digest, Sha256};

use crate::disk::Disk;
use crate::error::{Damage, JournalError};
use crate::frame::{self, FramePlace, HEADER_BYTES};
use crate::inspect::{check_clean, check_continues};
use crate::reader::Reader;
use crate::segment::{SEGMENT_HEADER_BYTES, SegmentHeader};
use crate::table::Segment;
use crate::walk::walk;

/// Name of the file that makes a directory a backup.
pub const MANIFEST_NAME: &str = "backup.manifest";
const MANIFEST_HEAD: &str = "nacre-journal-backup 1";
const MANIFEST_BYTES_MAX: u64 = 16 << 20;

/// What a backup holds.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Manifest {
    /// Whose journal it is.
    pub tenant: TenantId,
    /// Last record.
    pub last: Seq,
    /// The segment files, in order.
    pub files: Vec<ManifestFile>,
}

/// A file of a backup.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct ManifestFile {
    /// Name in the backup's directory.
    pub name: String,
    /// Length.
    pub bytes: u64,
    /// SHA-256 of the contents.
    pub sha256: Hash,
}

/// Copies a journal up to a record (default: the last durable one) into an empty or new directory.
pub fn backup(
    reader: &Reader,
    disk: &dyn Disk,
    target: &Path,
    upto: Option<Seq>,
) -> Result<Manifest, JournalError> {
    let manifest = copy(reader, disk, target, upto)?;
    write_new(disk, &target.join(MANIFEST_NAME), manifest.to_text().as_bytes())?;
    disk.sync_dir(target).map_err(JournalError::io("sync", target))?;
    Ok(manifest)
}

/// Checks a backup and makes a journal of it, up to a record (default: all), in an empty or new directory.
pub fn restore(
    disk: Arc<dyn Disk>,
    source: &Path,
    target: &Path,
    upto: Option<Seq>,
) -> Result<Manifest, JournalError> {
    let manifest = verify_backup(disk.clone(), source)?;
    let reader = Reader::open(disk.clone(), source, Some(&manifest.tenant))?;
    copy(&reader, &*disk, target, upto)
}

/// Checks that a backup is complete and as it was written.
pub fn verify_backup(disk: Arc<dyn Disk>, dir: &Path) -> Result<Manifest, JournalError> {
    let wrong = |why: String| JournalError::Manifest { dir: dir.to_owned(), why };
    let text = read_whole(&*disk, &dir.join(MANIFEST_NAME), MANIFEST_BYTES_MAX);
    let text = text.map_err(|error| wrong(format!("`{MANIFEST_NAME}` cannot be read ({error})")))?;
    let manifest = std::str::from_utf8(&text).ok().and_then(Manifest::from_text);
    let manifest = manifest.ok_or_else(|| wrong(format!("`{MANIFEST_NAME}` is malformed")))?;
    for file in &manifest.files {
        let contents = read_whole(&*disk, &dir.join(&file.name), file.bytes);
        let contents =
            contents.map_err(|error| wrong(format!("`{}` cannot be read ({error})", file.name)))?;
        if contents.len() as u64 != file.bytes || sha256(&contents) != file.sha256 {
            return Err(wrong(format!("`{}` is not as it was written", file.name)));
        }
    }
    let names = disk.list(dir).map_err(JournalError::io("list", dir))?;
    let segments = names.iter().filter(|name| SegmentHeader::parse_file_name(name).is_some()).count();
    if segments != manifest.files.len() {
        return Err(wrong("it has segment files that the manifest does not name".to_owned()));
    }
    let reader = Reader::open(disk, dir, Some(&manifest.tenant))?;
    if reader.durable() != manifest.last {
        return Err(wrong(format!("it ends with record {}, not {}", reader.durable(), manifest.last)));
    }
    Ok(manifest)
}

impl Manifest {
    fn to_text(&self) -> String {
        let mut text = format!("{MANIFEST_HEAD}\ntenant {}\nlast {}\n", self.tenant, self.last);
        for file in &self.files {
            text.push_str(&format!("file {} {} {}\n", file.name, file.bytes, file.sha256));
        }
        text.push_str("end\n");
        text
    }

    /// Parses a manifest strictly.
    pub fn from_text(text: &str) -> Option<Manifest> {
        let mut lines = text.strip_suffix("\nend\n")?.split('\n');
        lines.next().filter(|line| *line == MANIFEST_HEAD)?;
        let tenant = TenantId::new(lines.next()?.strip_prefix("tenant ")?).ok()?;
        let last = Seq(lines.next()?.strip_prefix("last ")?.parse().ok()?);
        let file = |line: &str| {
            let mut words = line.strip_prefix("file ")?.split(' ');
            let name = words.next().filter(|name| SegmentHeader::parse_file_name(name).is_some())?.to_owned();
            let bytes = words.next()?.parse().ok()?;
            let sha256 = Hash::from_hex(words.next()?).ok()?;
            words.next().is_none().then_some(ManifestFile { name, bytes, sha256 })
        };
        let files = lines.map(file).collect::<Option<Vec<ManifestFile>>>()?;
        let manifest = Manifest { tenant, last, files };
        // Numbers have one spelling: what would be printed otherwise was not written by us.
        (manifest.to_text() == text).then_some(manifest)
    }
}

fn copy(
    reader: &Reader,
    disk: &dyn Disk,
    target: &Path,
    upto: Option<Seq>,
) -> Result<Manifest, JournalError> {
    let (table, durable) = (reader.table(), reader.durable());
    let last = upto.unwrap_or(durable);
    if last > durable {
        return Err(JournalError::NoSuchSeq { seq: last, last: durable });
    }
    disk.create_dir_all(target).map_err(JournalError::io("create", target))?;
    if !disk.list(target).map_err(JournalError::io("list", target))?.is_empty() {
        return Err(JournalError::NotEmpty { dir: target.to_owned() });
    }
    let mut files = Vec::new();
    let segments = table.segments();
    for (n, segment) in segments.iter().enumerate() {
        // The first segment is copied even if no record of it is wanted: it says whose journal this is.
        if segment.header.first > last && n > 0 {
            break;
        }
        let name = SegmentHeader::file_name(segment.header.first);
        let contents = cut(reader, segment, segments.get(n + 1), last)?;
        write_new(disk, &target.join(&name), &contents)?;
        files.push(ManifestFile { name, bytes: contents.len() as u64, sha256: sha256(&contents) });
    }
    disk.sync_dir(target).map_err(JournalError::io("sync", target))?;
    if let Some(parent) = target.parent().filter(|parent| !parent.as_os_str().is_empty()) {
        disk.sync_dir(parent).map_err(JournalError::io("sync", parent))?;
    }
    Ok(Manifest { tenant: reader.tenant().clone(), last, files })
}

/// The bytes of a segment up to a record, which is durable.
fn cut(
    reader: &Reader,
    segment: &Segment,
    next: Option<&Arc<Segment>>,
    last: Seq,
) -> Result<Vec<u8>, JournalError> {
    let file = reader.table().file(segment)?;
    let mut image = segment.image(&*file)?;
    let mut end = SEGMENT_HEADER_BYTES;
    let mut whole = Seq(segment.header.first.0 - 1);
    let mut split = None;
    // Behind the last durable frame there may be half a write: how the walk ends matters only before that.
    let walked = walk(&image, &segment.header, |offset, header, frame| {
        whole = header.last();
        if header.last() <= last {
            end = offset as usize + frame.len();
        } else if header.first <= last {
            split = Some((offset as usize, *header));
        }
    });
    if let Some(next) = next.filter(|next| next.header.first <= last) {
        check_clean(&walked, segment)?;
        check_continues(&walked, false, segment, &next.header, &next.path)?;
    } else if whole < last {
        check_clean(&walked, segment)?;
        return Err(segment.damaged(walked.end, whole.next(), Damage::SegmentCutShort));
    }
    if let Some((offset, header)) = split {
        let body = image[offset + HEADER_BYTES..][..header.body_bytes as usize].to_vec();
        let count = (last.0 - header.first.0 + 1) as usize;
        let records: Vec<&[u8]> = frame::Records::new(&body).take(count).map(|record| record.bytes).collect();
        let (first, previous, salt) = (header.first, header.previous, header.salt);
        let mut again = Vec::new();
        frame::encode(&mut again, FramePlace { first, previous, salt, offset: offset as u64 }, &records);
        end = offset + again.len();
        image[offset..end].copy_from_slice(&again);
    }
    image.truncate(end);
    Ok(image)
}

fn write_new(disk: &dyn Disk, path: &Path, contents: &[u8]) -> Result<(), JournalError> {
    let full = |error: JournalError| if error.is_no_space() { JournalError::Full } else { error };
    let file = disk.create(path).map_err(JournalError::io("create", path))?;
    file.write_at(contents, 0).map_err(JournalError::io("write", path)).map_err(full)?;
    file.sync_data().map_err(JournalError::io("sync", path)).map_err(full)
}

fn read_whole(disk: &dyn Disk, path: &Path, bytes_max: u64) -> Result<Vec<u8>, std::io::Error> {
    let file = disk.open(path, false)?;
    let bytes = file.len()?;
    if bytes > bytes_max {
        return Err(std::io::Error::other("the file is too long"));
    }
    let mut contents = vec![0; bytes as usize];
    let got = file.read_at(&mut contents, 0)?;
    contents.truncate(got);
    Ok(contents)
}

fn sha256(bytes: &[u8]) -> Hash {
    Hash(Sha256::digest(bytes).into())
}
