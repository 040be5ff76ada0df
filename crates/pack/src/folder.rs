//! Reads a folder into memory under limits, once, so that checking needs no disk and hits no surprise later.

use std::fs;
use std::path::Path;

use crate::code;
use crate::finding::{Findings, Place};

/// Most files in one pack or district.
pub(crate) const FILES_MAX: usize = 2_000;
/// Largest YAML or Markdown file.
pub(crate) const TEXT_BYTES_MAX: u64 = 1 << 20;
/// Largest CSV, NDJSON or GeoJSON file.
pub(crate) const DATA_BYTES_MAX: u64 = 64 << 20;

/// A file that was read.
#[derive(Debug, Clone)]
pub(crate) struct File {
    /// Path below the folder, with `/`: `types/street.yaml`.
    pub(crate) path: String,
    /// Path as shown in findings.
    pub(crate) shown: String,
    /// Content.
    pub(crate) text: String,
}

impl File {
    /// The first folder of the path, when there is one.
    pub(crate) fn shelf(&self) -> Option<&str> {
        self.path.split_once('/').map(|(shelf, _)| shelf)
    }

    /// The file name without folders.
    pub(crate) fn name(&self) -> &str {
        self.path.rsplit('/').next().unwrap_or(&self.path)
    }

    /// The file name without folders and last extension.
    pub(crate) fn stem(&self) -> &str {
        self.name().rsplit_once('.').map_or(self.name(), |(stem, _)| stem)
    }

    /// The last extension.
    pub(crate) fn extension(&self) -> &str {
        self.name().rsplit_once('.').map_or("", |(_, extension)| extension)
    }
}

/// Reads all files below `dir`, sorted by path; hidden files are left out, links and deep folders refused.
pub(crate) fn read(dir: &Path, findings: &mut Findings) -> Vec<File> {
    let shown = dir.to_string_lossy().replace('\\', "/");
    let mut files = Vec::new();
    let mut open = vec![(dir.to_path_buf(), String::new(), 0)];
    while let Some((folder, below, depth)) = open.pop() {
        let entries = match fs::read_dir(&folder) {
            Ok(entries) => entries,
            Err(error) => {
                findings.push(
                    code::IO,
                    &format!("{shown}{below}"),
                    Place::START,
                    error.to_string().to_lowercase(),
                );
                continue;
            }
        };
        for entry in entries.flatten() {
            let name = entry.file_name().to_string_lossy().into_owned();
            if name.starts_with('.') {
                continue;
            }
            let path = format!("{below}/{name}");
            let here = format!("{shown}{path}");
            let Ok(kind) = entry.file_type() else { continue };
            if kind.is_symlink() {
                findings.push(code::IO, &here, Place::START, "links are not followed");
            } else if kind.is_dir() && depth < 2 {
                open.push((entry.path(), path, depth + 1));
            } else if kind.is_dir() {
                findings.push(code::UNKNOWN_FILE, &here, Place::START, "folders are at most two deep");
            } else if files.len() >= FILES_MAX {
                findings.push(code::TOO_MANY, &here, Place::START, format!("more than {FILES_MAX} files"));
                return files;
            } else if let Some(text) = read_file(&entry.path(), &here, findings) {
                files.push(File { path: path[1..].to_owned(), shown: here, text });
            }
        }
    }
    files.sort_by(|a, b| a.path.cmp(&b.path));
    files
}

fn read_file(path: &Path, shown: &str, findings: &mut Findings) -> Option<String> {
    let data = path.extension().is_some_and(|e| e == "csv" || e == "ndjson" || e == "geojson");
    let most = if data { DATA_BYTES_MAX } else { TEXT_BYTES_MAX };
    let size = fs::metadata(path).map_or(0, |m| m.len());
    if size > most {
        findings.push(code::TOO_LARGE, shown, Place::START, format!("{size} bytes, at most {most} are read"));
        return None;
    }
    match fs::read(path) {
        Err(error) => {
            findings.push(code::IO, shown, Place::START, error.to_string().to_lowercase());
            None
        }
        Ok(bytes) => match String::from_utf8(bytes) {
            Ok(text) => Some(text.strip_prefix('\u{feff}').map_or_else(|| text.clone(), str::to_owned)),
            Err(error) => {
                let good = error.utf8_error().valid_up_to();
                let line = error.as_bytes()[..good].iter().filter(|b| **b == b'\n').count() + 1;
                findings.push(code::NOT_UTF8, shown, Place::new(line, 1), "the file is not UTF-8");
                None
            }
        },
    }
}
