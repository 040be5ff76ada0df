//! Takes `console/dist` into the crate, each file as it is and compressed. Without it the crate says so in its one page.

use std::fmt::Write as _;
use std::io::Write as _;
use std::path::{Path, PathBuf};

fn files(dir: &Path, found: &mut Vec<PathBuf>) {
    println!("cargo::rerun-if-changed={}", dir.display());
    let Ok(entries) = std::fs::read_dir(dir) else { return };
    for path in entries.flatten().map(|e| e.path()) {
        if path.is_dir() {
            files(&path, found);
        } else {
            found.push(path);
        }
    }
}

fn main() -> Result<(), Box<dyn std::error::Error>> {
    let root = PathBuf::from(std::env::var("CARGO_MANIFEST_DIR")?).join("../../console/dist");
    let out = PathBuf::from(std::env::var("OUT_DIR")?);
    println!("cargo::rerun-if-changed=build.rs");
    println!("cargo::rerun-if-changed={}", root.display());
    let mut all = Vec::new();
    files(&root, &mut all);
    all.sort();
    let mut table = String::from("static ASSETS: &[Raw] = &[\n");
    for (i, path) in all.iter().enumerate() {
        let name = path.strip_prefix(&root)?.to_string_lossy().replace('\\', "/");
        if name.starts_with('.') || name.contains("/.") {
            continue;
        }
        let bytes = std::fs::read(path)?;
        let mut encoder = flate2::write::GzEncoder::new(Vec::new(), flate2::Compression::best());
        encoder.write_all(&bytes)?;
        let packed = out.join(format!("{i}.gz"));
        std::fs::write(&packed, encoder.finish()?)?;
        writeln!(
            table,
            "    Raw {{ name: {name:?}, bytes: include_bytes!({path:?}), gzip: include_bytes!({packed:?}) }},"
        )?;
    }
    table.push_str("];\n");
    std::fs::write(out.join("assets.rs"), table)?;
    Ok(())
}
