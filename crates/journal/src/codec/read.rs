//! Reading primitives with limits.

use super::CodecError;

/// Values nest no deeper than this.
pub const DEPTH_MAX: u32 = 128;

/// A cursor over encoded bytes.
#[derive(Debug, Clone)]
pub struct Reader<'a> {
    bytes: &'a [u8],
    at: usize,
    depth: u32,
}

impl<'a> Reader<'a> {
    /// Begins at the first byte.
    pub fn new(bytes: &'a [u8]) -> Reader<'a> {
        Reader { bytes, at: 0, depth: 0 }
    }

    /// How many bytes were read.
    pub fn at(&self) -> usize {
        self.at
    }

    /// Whether all was read.
    pub fn is_empty(&self) -> bool {
        self.at == self.bytes.len()
    }

    /// An error at this place.
    pub fn malformed(&self, what: &'static str) -> CodecError {
        CodecError::Malformed { at: self.at, what }
    }

    /// Fails unless all was read.
    pub fn finish(&self) -> Result<(), CodecError> {
        if self.is_empty() { Ok(()) } else { Err(self.malformed("more bytes than expected")) }
    }

    /// Bytes of a known length.
    pub fn raw(&mut self, length: usize) -> Result<&'a [u8], CodecError> {
        let end = self.at.checked_add(length).filter(|end| *end <= self.bytes.len());
        let Some(end) = end else { return Err(CodecError::Truncated { at: self.bytes.len() }) };
        let out = &self.bytes[self.at..end];
        self.at = end;
        Ok(out)
    }

    /// Bytes of a length known at compile time.
    pub fn array<const N: usize>(&mut self) -> Result<[u8; N], CodecError> {
        let mut out = [0; N];
        out.copy_from_slice(self.raw(N)?);
        Ok(out)
    }

    /// One byte.
    pub fn u8(&mut self) -> Result<u8, CodecError> {
        let byte = *self.bytes.get(self.at).ok_or(CodecError::Truncated { at: self.at })?;
        self.at += 1;
        Ok(byte)
    }

    /// See [`super::write::Writer::varint`].
    pub fn varint(&mut self) -> Result<u64, CodecError> {
        let (mut n, mut shift) = (0u64, 0u32);
        loop {
            let byte = self.u8()?;
            if shift == 63 && byte > 1 {
                return Err(self.malformed("a number over 64 bits"));
            }
            n |= u64::from(byte & 0x7f) << shift;
            if byte & 0x80 == 0 {
                return Ok(n);
            }
            shift += 7;
            if shift > 63 {
                return Err(self.malformed("a number over 64 bits"));
            }
        }
    }

    /// See [`super::write::Writer::signed`].
    pub fn signed(&mut self) -> Result<i64, CodecError> {
        let n = self.varint()?;
        Ok(((n >> 1) as i64) ^ -((n & 1) as i64))
    }

    /// See [`super::write::Writer::float`].
    pub fn float(&mut self) -> Result<f64, CodecError> {
        Ok(f64::from_bits(u64::from_le_bytes(self.array()?)))
    }

    /// A count of items of which each takes at least one byte, so that a lying count cannot make us allocate.
    pub fn count(&mut self) -> Result<usize, CodecError> {
        let n = self.varint()?;
        if n > (self.bytes.len() - self.at) as u64 {
            return Err(self.malformed("a count larger than the bytes that follow"));
        }
        Ok(n as usize)
    }

    /// A length and the bytes.
    pub fn blob(&mut self) -> Result<&'a [u8], CodecError> {
        let length = self.count()?;
        self.raw(length)
    }

    /// A length and UTF-8.
    pub fn text(&mut self) -> Result<&'a str, CodecError> {
        let bytes = self.blob()?;
        std::str::from_utf8(bytes).map_err(|_| self.malformed("a text that is not UTF-8"))
    }

    /// A flag and the content.
    pub fn option<T>(
        &mut self,
        read: impl FnOnce(&mut Reader<'a>) -> Result<T, CodecError>,
    ) -> Result<Option<T>, CodecError> {
        match self.u8()? {
            0 => Ok(None),
            1 => read(self).map(Some),
            _ => Err(self.malformed("a flag that is neither 0 nor 1")),
        }
    }

    /// A count and the items.
    pub fn list<T>(
        &mut self,
        mut read: impl FnMut(&mut Reader<'a>) -> Result<T, CodecError>,
    ) -> Result<Vec<T>, CodecError> {
        let n = self.count()?;
        let mut items = Vec::with_capacity(n.min(1024));
        for _ in 0..n {
            items.push(read(self)?);
        }
        Ok(items)
    }

    /// Reads something nested, with the depth counted.
    pub fn nested<T>(
        &mut self,
        read: impl FnOnce(&mut Reader<'a>) -> Result<T, CodecError>,
    ) -> Result<T, CodecError> {
        if self.depth == DEPTH_MAX {
            return Err(self.malformed("nested too deep"));
        }
        self.depth += 1;
        let out = read(self);
        self.depth -= 1;
        out
    }
}
