//! Rules of the repository, kept as tests: see `tests/`. Here is what they share: where the repository is and what it
//! consists of.
//!
//! A good rule here: one test, a name that reads as the rule, all offenders in one message, and the reason beside it.

use std::path::{Path, PathBuf};
use std::process::Command;

/// The repository's root.
pub fn root() -> PathBuf {
    let here = Path::new(env!("CARGO_MANIFEST_DIR"));
    here.ancestors().nth(2).expect("testing/tidy lies two levels down").to_owned()
}

/// A file of the repository.
pub struct File {
    /// Path from the root, with `/`.
    pub path: String,
    /// What it holds; empty for a file that is no text.
    pub text: String,
}

impl File {
    /// Whether the path ends with one of these.
    pub fn is_one_of(&self, endings: &[&str]) -> bool {
        endings.iter().any(|e| self.path.ends_with(e))
    }
}

/// All files under version control; in a copy without version control, all but what is built.
pub fn files() -> Vec<File> {
    let root = root();
    let listed = Command::new("git").arg("-C").arg(&root).args(["ls-files", "-z"]).output();
    let mut paths: Vec<String> = match listed {
        Ok(output) if output.status.success() => {
            let names = String::from_utf8(output.stdout).expect("file names are UTF-8");
            names.split('\0').filter(|n| !n.is_empty()).map(str::to_owned).collect()
        }
        _ => walk(&root),
    };
    paths.sort();
    paths.dedup();
    let read = |path: String| {
        // Deleted in the work tree but not yet in version control.
        let bytes = std::fs::read(root.join(&path)).ok()?;
        let text =
            if bytes.contains(&0) { String::new() } else { String::from_utf8(bytes).unwrap_or_default() };
        Some(File { path, text })
    };
    paths.into_iter().filter_map(read).collect()
}

fn walk(root: &Path) -> Vec<String> {
    let mut found = Vec::new();
    let mut folders = vec![root.to_owned()];
    while let Some(folder) = folders.pop() {
        for entry in std::fs::read_dir(&folder).expect("readable folder").flatten() {
            let path = entry.path();
            let name = entry.file_name();
            let built = ["target", "data", "node_modules", ".git"].iter().any(|b| name == *b);
            if path.is_dir() && (!built || path.starts_with(root.join("districts"))) {
                folders.push(path);
            } else if path.is_file() {
                let relative = path.strip_prefix(root).expect("below the root");
                found.push(relative.to_string_lossy().replace('\\', "/"));
            }
        }
    }
    found
}

/// Fails with all offenders, if there are any.
///
/// # Panics
///
/// When `offenders` is not empty.
pub fn none(rule: &str, offenders: &[String]) {
    assert!(offenders.is_empty(), "{rule}\n  {}", offenders.join("\n  "));
}
