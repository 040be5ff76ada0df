//! What every file has to be like.

use nacre_tidy::{File, files, none};

/// Longest file a person writes; a longer one holds more than one idea.
const LINES_MAX: usize = 800;

fn is_data(file: &File) -> bool {
    // What a tool writes is data too: types from the description of the interfaces, lists of packages.
    file.is_one_of(&[".lock", ".snap", ".csv", ".ndjson", ".geojson", ".svg", ".d.ts", "package-lock.json"])
}

#[test]
fn every_rust_file_begins_with_what_it_is_for() {
    let rust = files().into_iter().filter(|f| f.path.ends_with(".rs"));
    let offenders: Vec<String> = rust.filter(|f| !f.text.starts_with("//!")).map(|f| f.path).collect();
    none("does not begin with a `//!` header:", &offenders);
}

#[test]
fn no_file_is_longer_than_one_idea() {
    let written = files().into_iter().filter(|f| !is_data(f));
    let long = written.map(|f| (f.text.lines().count(), f.path)).filter(|(lines, _)| *lines > LINES_MAX);
    let offenders: Vec<String> = long.map(|(lines, path)| format!("{path}: {lines} lines")).collect();
    none("more than 800 lines:", &offenders);
}

#[test]
fn nothing_depends_on_the_machine_it_was_written_on() {
    // In pieces, so that this file passes.
    let hosts = [
        concat!("arti", "factory"),
        concat!("index.cra", "tes.io"),
        concat!("static.cra", "tes.io"),
        concat!("registry.np", "mjs.org"),
        concat!("registry.np", "mmirror.com"),
        concat!("files.python", "hosted.org"),
        concat!("py", "pi.org/simple"),
        concat!("proxy.go", "lang.org"),
    ];
    let folders =
        [concat!("/wo", "rk/"), concat!("/ro", "ot/"), concat!("/ho", "me/"), concat!("/Us", "ers/")];
    let mut offenders = Vec::new();
    for file in files() {
        for (number, line) in file.text.lines().enumerate() {
            let place = || format!("{}:{}", file.path, number + 1);
            offenders.extend(hosts.iter().filter(|h| line.contains(*h)).map(|h| format!("{}: {h}", place())));
            let absolute = |folder: &&&str| {
                line.match_indices(**folder).any(|(at, _)| {
                    let before = line[..at].chars().next_back();
                    before.is_none_or(|c| !c.is_alphanumeric() && !"._-/}~".contains(c))
                })
            };
            offenders.extend(folders.iter().filter(absolute).map(|f| format!("{}: {f}", place())));
        }
    }
    none("a registry's host or an absolute path of somebody's machine:", &offenders);
}

#[test]
fn text_is_clean() {
    let mut offenders = Vec::new();
    for file in files().into_iter().filter(|f| !is_data(f) && !f.text.is_empty() && f.path != "LICENSE") {
        if !file.text.ends_with('\n') {
            offenders.push(format!("{}: no newline at the end", file.path));
        }
        for (number, line) in file.text.lines().enumerate() {
            let code = file.is_one_of(&[".rs", ".toml", ".sh", ".yaml"]);
            if line.contains('\r') || code && (line.ends_with(' ') || line.contains('\t')) {
                offenders.push(format!(
                    "{}:{}: trailing blank, tab or carriage return",
                    file.path,
                    number + 1
                ));
            }
            if ["<<<<<<< ", ">>>>>>> "].iter().any(|m| line.starts_with(m)) {
                offenders.push(format!("{}:{}: an unfinished merge", file.path, number + 1));
            }
        }
    }
    none("unclean text:", &offenders);
}
