//! Tiles: how the tree is stored and served (C2SP tlog-tiles).
//!
//! A tile holds up to 256 hashes of one tile level. Level 0 holds the leaf hashes; a hash of level k is the root
//! of a full tile of level k-1. So each level is one flat, append-only array, and the hash with index i lies
//! at byte 32·i of its file ([`TileStore`]). Only what is complete is stored: the nodes inside a tile are
//! recomputed (at most 127 hashes).
//!
//! Paths: `tile/<L>/<N>[.p/<W>]` and `tile/entries/<N>[.p/<W>]`, N in groups of three digits, all but the last
//! with a leading `x` (`x001/x234/067`), W from 1 to 255 for a partial tile. One path a tile: leading zeros, empty
//! groups, signs and widths of 0 or 256 are refused.

use std::fmt;

use thiserror::Error;

use crate::hash::{Hash, node_hash};

/// Hashes in a full tile.
pub const TILE_WIDTH: u64 = 256;
/// Levels of the tree that one tile level spans.
pub const TILE_HEIGHT: u8 = 8;
/// Highest tile level that a path may name (C2SP tlog-tiles).
pub const TILE_LEVEL_MAX: u8 = 63;

/// What a tile holds.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum TileKind {
    /// Hashes of a tile level.
    Hashes {
        /// The tile level; 0 = leaf hashes.
        level: u8,
    },
    /// The entries themselves (an entry bundle).
    Entries,
}

/// One tile.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Tile {
    /// What it holds.
    pub kind: TileKind,
    /// Which one, counted from 0.
    pub index: u64,
    /// Hashes or entries in it, 1 to 256; less than 256 means a partial tile.
    pub width: u16,
}

/// Why a text is no tile path.
#[derive(Debug, Clone, PartialEq, Eq, Error)]
pub enum TileError {
    /// The path is not of the form `tile/<L>/<N>[.p/<W>]`.
    #[error("the path is no tile path such as `tile/0/x001/234` or `tile/entries/000.p/17`")]
    Path,
    /// Level, index or width is out of range or has more than one spelling.
    #[error("the {part} of the tile path is not a number in range without leading zeros")]
    Number {
        /// `level`, `index` or `width`.
        part: &'static str,
    },
}

impl TileError {
    /// The stable code of this error.
    pub fn code(&self) -> &'static str {
        match self {
            TileError::Path => "tile_path",
            TileError::Number { .. } => "tile_number",
        }
    }
}

impl Tile {
    /// The tile with this place in a tree of `size` entries, at its full width there; none if it does not exist.
    pub fn at(kind: TileKind, index: u64, size: u64) -> Option<Tile> {
        let start = index.checked_mul(TILE_WIDTH)?;
        let width = hashes_at(kind, size).checked_sub(start)?.min(TILE_WIDTH) as u16;
        (width > 0).then_some(Tile { kind, index, width })
    }

    /// Index of its first hash (or entry) in the flat array of its level.
    pub fn start(&self) -> u64 {
        self.index * TILE_WIDTH
    }

    /// True when a tree of `size` entries has this tile at this width.
    pub fn exists_at(&self, size: u64) -> bool {
        Tile::at(self.kind, self.index, size).is_some_and(|most| self.width <= most.width)
    }

    /// Parses a path; the opposite of `to_string`.
    pub fn parse(path: &str) -> Result<Tile, TileError> {
        let rest = path.strip_prefix("tile/").ok_or(TileError::Path)?;
        let (kind, rest) = rest.split_once('/').ok_or(TileError::Path)?;
        let kind = match kind {
            "entries" => TileKind::Entries,
            level => TileKind::Hashes { level: number(level, "level", u64::from(TILE_LEVEL_MAX))? as u8 },
        };
        let (index, width) = match rest.split_once(".p/") {
            Some((index, width)) => (index, number(width, "width", TILE_WIDTH - 1)? as u16),
            None => (rest, TILE_WIDTH as u16),
        };
        if width == 0 {
            return Err(TileError::Number { part: "width" });
        }
        Ok(Tile { kind, index: parse_index(index)?, width })
    }
}

impl fmt::Display for Tile {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self.kind {
            TileKind::Hashes { level } => write!(f, "tile/{level}/")?,
            TileKind::Entries => f.write_str("tile/entries/")?,
        }
        let digits = format!("{:03}", self.index);
        let digits = format!("{digits:0>width$}", width = digits.len().div_ceil(3) * 3);
        let groups = digits.len() / 3;
        for (n, group) in digits.as_bytes().chunks_exact(3).enumerate() {
            let last = n + 1 == groups;
            let (before, after) = if last { ("", "") } else { ("x", "/") };
            write!(f, "{before}{}{after}", String::from_utf8_lossy(group))?;
        }
        if u64::from(self.width) < TILE_WIDTH {
            write!(f, ".p/{}", self.width)?;
        }
        Ok(())
    }
}

fn number(text: &str, part: &'static str, max: u64) -> Result<u64, TileError> {
    let bad = TileError::Number { part };
    let plain = text.bytes().all(|b| b.is_ascii_digit()) && (text == "0" || !text.starts_with('0'));
    let value = if plain { text.parse::<u64>().ok() } else { None };
    value.filter(|value| *value <= max).ok_or(bad)
}

fn parse_index(text: &str) -> Result<u64, TileError> {
    let bad = TileError::Number { part: "index" };
    let groups = text.split('/').count();
    let mut digits = String::new();
    for (n, group) in text.split('/').enumerate() {
        let last = n + 1 == groups;
        let group = if last { group } else { group.strip_prefix('x').ok_or(TileError::Path)? };
        let first_is_zero = n == 0 && !last && group == "000";
        if group.len() != 3 || !group.bytes().all(|b| b.is_ascii_digit()) || first_is_zero {
            return Err(bad);
        }
        digits.push_str(group);
    }
    // The limit keeps `start()` from overflowing.
    digits.parse().ok().filter(|index| *index < u64::MAX / TILE_WIDTH).ok_or(bad)
}

/// Number of hashes a tile level (or of entries) has in a tree of `size` entries.
pub fn hashes_at(kind: TileKind, size: u64) -> u64 {
    match kind {
        TileKind::Entries => size,
        TileKind::Hashes { level } => {
            size.checked_shr(u32::from(level) * u32::from(TILE_HEIGHT)).unwrap_or(0)
        }
    }
}

/// The partial tiles of a tree of `size` entries: at most one a level, and the one of the entries.
pub fn partial_tiles(size: u64) -> Vec<Tile> {
    let kinds = (0..8).map(|level| TileKind::Hashes { level }).chain([TileKind::Entries]);
    kinds.filter_map(|kind| Tile::at(kind, hashes_at(kind, size) / TILE_WIDTH, size)).collect()
}

/// The tiles of hashes and entries that a server publishes when the tree grows from `old_size` to `new_size`.
pub fn new_tiles(old_size: u64, new_size: u64) -> Vec<Tile> {
    let mut tiles = Vec::new();
    for kind in (0..8).map(|level| TileKind::Hashes { level }).chain([TileKind::Entries]) {
        let (old, new) = (hashes_at(kind, old_size), hashes_at(kind, new_size));
        if new > old {
            let indexes = old / TILE_WIDTH..=(new - 1) / TILE_WIDTH;
            tiles.extend(indexes.filter_map(|index| Tile::at(kind, index, new_size)));
        }
    }
    tiles
}

/// Reader of the flat arrays of hashes, one a tile level.
pub trait TileStore {
    /// Why a read can fail; a missing hash is an error too.
    type Error;

    /// Reads `count` hashes of a tile level, from index `start` on. Never fewer.
    fn read(&self, level: u8, start: u64, count: usize) -> Result<Vec<Hash>, Self::Error>;

    /// Root of the perfect subtree of 2^`level` entries with this index, recomputed inside its tile.
    fn perfect(&self, level: u8, index: u64) -> Result<Hash, Self::Error> {
        let within = level % TILE_HEIGHT;
        let mut hashes = self.read(level / TILE_HEIGHT, index << within, 1 << within)?;
        while hashes.len() > 1 {
            hashes = hashes.chunks_exact(2).map(|pair| node_hash(&pair[0], &pair[1])).collect();
        }
        Ok(hashes.first().copied().unwrap_or_default())
    }
}

impl<S: TileStore + ?Sized> TileStore for &S {
    type Error = S::Error;

    fn read(&self, level: u8, start: u64, count: usize) -> Result<Vec<Hash>, S::Error> {
        (**self).read(level, start, count)
    }
}

/// Tiles in memory, for tests and small trees.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct MemoryTiles {
    levels: Vec<Vec<Hash>>,
}

/// A read beyond what is stored.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Error)]
#[error("tile level {level} has no hash at index {index}")]
pub struct MissingHash {
    /// The tile level.
    pub level: u8,
    /// First index asked for.
    pub index: u64,
}

impl MemoryTiles {
    /// No tiles.
    pub fn new() -> MemoryTiles {
        MemoryTiles::default()
    }

    /// Appends one hash to a tile level.
    pub fn append(&mut self, level: u8, hash: Hash) {
        let level = usize::from(level);
        if self.levels.len() <= level {
            self.levels.resize_with(level + 1, Vec::new);
        }
        self.levels[level].push(hash);
    }

    /// Appends what [`crate::Frontier::append_all`] yielded.
    pub fn extend(&mut self, appends: impl IntoIterator<Item = (u8, Hash)>) {
        appends.into_iter().for_each(|(level, hash)| self.append(level, hash));
    }
}

impl TileStore for MemoryTiles {
    type Error = MissingHash;

    fn read(&self, level: u8, start: u64, count: usize) -> Result<Vec<Hash>, MissingHash> {
        let missing = MissingHash { level, index: start };
        let first = usize::try_from(start).map_err(|_| missing)?;
        let hashes = self.levels.get(usize::from(level)).ok_or(missing)?;
        let end = first.checked_add(count).ok_or(missing)?;
        hashes.get(first..end).map(<[Hash]>::to_vec).ok_or(missing)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn paths_both_ways() {
        let hashes = |level, index, width| Tile { kind: TileKind::Hashes { level }, index, width };
        let rows = [
            (hashes(0, 0, 256), "tile/0/000"),
            (hashes(1, 1_234_067, 256), "tile/1/x001/x234/067"),
            (hashes(0, 1000, 17), "tile/0/x001/000.p/17"),
            (Tile { kind: TileKind::Entries, index: 999, width: 255 }, "tile/entries/999.p/255"),
        ];
        for (tile, path) in rows {
            assert_eq!(tile.to_string(), path);
            assert_eq!(Tile::parse(path), Ok(tile));
        }
    }

    #[test]
    fn other_spellings_are_refused() {
        let rows = [
            "",
            "tile",
            "tile/0",
            "tile/0/",
            "tile/0/0",
            "tile/00/000",
            "tile/64/000",
            "tile/-1/000",
            "tile/0/x000/001",
            "tile/0/001/234",
            "tile/0/x001/x234",
            "tile/0/000.p/0",
            "tile/0/000.p/256",
            "tile/0/000.p/01",
            "tile/0/000.p/",
            "tile/0/000/",
            "/tile/0/000",
            "tile/0/+00",
            "tile/data/000",
            "tile/0/000.p/1.p/1",
            "tile/0/x999/x999/x999/x999/x999/x999/999",
        ];
        for path in rows {
            assert!(Tile::parse(path).is_err(), "{path}");
        }
    }

    #[test]
    fn tiles_that_exist() {
        let level = |level| TileKind::Hashes { level };
        assert_eq!(Tile::at(level(0), 0, 0), None);
        assert_eq!(Tile::at(level(0), 1, 300).map(|tile| tile.width), Some(44));
        assert_eq!(Tile::at(level(1), 0, 300).map(|tile| tile.width), Some(1));
        assert_eq!(Tile::at(level(0), 1, 256), None);
        assert_eq!(Tile::at(level(63), 0, u64::MAX), None);
        let partial: Vec<String> = partial_tiles(300).iter().map(Tile::to_string).collect();
        assert_eq!(partial, ["tile/0/001.p/44", "tile/1/000.p/1", "tile/entries/001.p/44"]);
        let new: Vec<String> = new_tiles(255, 257).iter().map(Tile::to_string).collect();
        let expected =
            ["tile/0/000", "tile/0/001.p/1", "tile/1/000.p/1", "tile/entries/000", "tile/entries/001.p/1"];
        assert_eq!(new, expected);
        assert!(new_tiles(7, 7).is_empty());
    }
}
