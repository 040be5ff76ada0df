//! `nacre pack new`: a pack from `_template`.

use std::fs;
use std::io;
use std::path::{Path, PathBuf};

use thiserror::Error;

use crate::compile::{is_kebab, pascal};
use crate::finding::Findings;
use crate::folder;

/// Why no pack was made.
#[derive(Debug, Error)]
pub enum ScaffoldError {
    /// The name breaks the rules.
    #[error("`{0}` is no pack name: lower-case letters, digits and single hyphens, a letter first")]
    Name(String),
    /// The folder exists.
    #[error("`{0}` exists already")]
    Exists(PathBuf),
    /// There is no template.
    #[error("`{0}` holds no template")]
    NoTemplate(PathBuf),
    /// A file could not be written.
    #[error("`{path}` could not be written: {error}")]
    Write {
        /// The file.
        path: PathBuf,
        /// Why.
        error: io::Error,
    },
}

/// Makes a new pack from `<root>/_template`; gives the files written. The type of the template, `ExampleThing` in
/// `example-thing.*`, becomes a type named after the pack.
pub fn scaffold(root: &Path, name: &str) -> Result<Vec<PathBuf>, ScaffoldError> {
    if !is_kebab(name) || name.len() > 60 || name == "schema" {
        return Err(ScaffoldError::Name(name.to_owned()));
    }
    let target = root.join(name);
    if target.exists() {
        return Err(ScaffoldError::Exists(target));
    }
    let template = root.join("_template");
    let files =
        if template.is_dir() { folder::read(&template, &mut Findings::default()) } else { Vec::new() };
    if files.is_empty() {
        return Err(ScaffoldError::NoTemplate(template));
    }
    let renamed = |text: &str| {
        text.replace("example-thing", name).replace("ExampleThing", &pascal(name)).replace("_template", name)
    };
    let mut written = Vec::new();
    for file in files {
        let path = target.join(renamed(&file.path));
        let write = || {
            path.parent().map_or(Ok(()), fs::create_dir_all)?;
            fs::write(&path, renamed(&file.text))
        };
        write().map_err(|error| ScaffoldError::Write { path: path.clone(), error })?;
        written.push(path);
    }
    Ok(written)
}
