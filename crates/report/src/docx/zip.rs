//! A ZIP archive as Office files need it: deflated members, no times, no extras, so that the same members give the same
//! bytes. After APPNOTE 6.3, sections 4.3.7 (local header), 4.3.12 (central directory) and 4.3.16 (end).

use std::io::Write;

use flate2::Compression;
use flate2::write::DeflateEncoder;

use crate::error::ReportError;

/// 1980-01-01, the first day the format knows.
const DAY: u16 = 0x0021;
/// Names are UTF-8 (bit 11).
const FLAGS: u16 = 0x0800;
/// Version 2.0 reads deflated members.
const VERSION: u16 = 20;

/// An archive being written.
#[derive(Default)]
pub(super) struct Archive {
    bytes: Vec<u8>,
    directory: Vec<u8>,
    members: u16,
}

impl Archive {
    /// Adds a member.
    pub fn add(&mut self, name: &str, content: &[u8]) -> Result<(), ReportError> {
        let fail = |message: &str| ReportError::Pack { message: format!("`{name}`: {message}") };
        let mut crc = flate2::Crc::new();
        crc.update(content);
        let mut encoder = DeflateEncoder::new(Vec::new(), Compression::default());
        encoder.write_all(content).map_err(|e| fail(&e.to_string()))?;
        let packed = encoder.finish().map_err(|e| fail(&e.to_string()))?;
        let size = |len: usize| u32::try_from(len).map_err(|_| fail("too large"));
        let at = size(self.bytes.len())?;
        let name_bytes = u16::try_from(name.len()).map_err(|_| fail("name too long"))?;
        let mut head = Vec::with_capacity(30);
        for half in [VERSION, FLAGS, 8, 0, DAY] {
            head.extend(half.to_le_bytes());
        }
        for word in [crc.sum(), size(packed.len())?, size(content.len())?] {
            head.extend(word.to_le_bytes());
        }
        head.extend(name_bytes.to_le_bytes());
        head.extend([0, 0]);
        self.bytes.extend(b"PK\x03\x04");
        self.bytes.extend(&head);
        self.bytes.extend(name.as_bytes());
        self.bytes.extend(packed);
        self.directory.extend(b"PK\x01\x02");
        self.directory.extend(VERSION.to_le_bytes());
        self.directory.extend(&head);
        // No comment, disk 0, no attributes.
        self.directory.extend([0; 10]);
        self.directory.extend(at.to_le_bytes());
        self.directory.extend(name.as_bytes());
        self.members = self.members.checked_add(1).ok_or_else(|| fail("too many members"))?;
        Ok(())
    }

    /// The bytes of the archive.
    pub fn finish(mut self) -> Result<Vec<u8>, ReportError> {
        let fail = |_| ReportError::Pack { message: "the archive is too large".to_owned() };
        let at = u32::try_from(self.bytes.len()).map_err(fail)?;
        let length = u32::try_from(self.directory.len()).map_err(fail)?;
        self.bytes.append(&mut self.directory);
        self.bytes.extend(b"PK\x05\x06\0\0\0\0");
        self.bytes.extend(self.members.to_le_bytes());
        self.bytes.extend(self.members.to_le_bytes());
        self.bytes.extend(length.to_le_bytes());
        self.bytes.extend(at.to_le_bytes());
        self.bytes.extend([0, 0]);
        Ok(self.bytes)
    }
}
