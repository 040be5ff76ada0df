//! Pages: links lead somewhere, both languages are there, decisions are numbered, words are in the glossary.

use std::collections::BTreeSet;

use nacre_tidy::{File, files, none, root};

fn pages() -> Vec<File> {
    files().into_iter().filter(|f| f.path.ends_with(".md")).collect()
}

/// Lines outside of code blocks, with their numbers.
fn prose(text: &str) -> impl Iterator<Item = (usize, &str)> {
    let mut code = false;
    text.lines().enumerate().filter(move |(_, line)| {
        let fence = line.trim_start().starts_with("```");
        code ^= fence;
        !code && !fence
    })
}

/// The anchor that a heading gets.
fn anchor(heading: &str) -> String {
    let kept = heading.trim().chars().filter(|c| c.is_alphanumeric() || " -_".contains(*c));
    kept.flat_map(char::to_lowercase).map(|c| if c == ' ' { '-' } else { c }).collect()
}

/// Targets of inline links in a line.
fn targets(line: &str) -> Vec<&str> {
    let after = line.match_indices("](").map(|(at, _)| &line[at + 2..]);
    after.filter_map(|rest| rest.split_once(')').map(|(target, _)| target)).collect()
}

#[test]
fn links_lead_somewhere() {
    let root = root();
    let mut offenders = Vec::new();
    for page in pages() {
        let folder = std::path::Path::new(&page.path).parent().map(|p| root.join(p)).expect("a folder");
        for (number, line) in prose(&page.text) {
            for target in targets(line) {
                if target.contains("://") || target.starts_with("mailto:") {
                    continue;
                }
                let (file, wanted) = target.split_once('#').unwrap_or((target, ""));
                let path = if file.is_empty() { root.join(&page.path) } else { folder.join(file) };
                let place = format!("{}:{}: {target}", page.path, number + 1);
                if !path.exists() {
                    offenders.push(place);
                } else if !wanted.is_empty() && path.extension().is_some_and(|e| e == "md") {
                    let text = std::fs::read_to_string(&path).expect("page");
                    let headings = prose(&text).filter(|(_, l)| l.starts_with('#'));
                    let anchors: Vec<String> =
                        headings.map(|(_, l)| anchor(l.trim_start_matches('#'))).collect();
                    if !anchors.iter().any(|a| a == wanted) {
                        offenders.push(format!("{place} (there are {anchors:?})"));
                    }
                }
            }
        }
    }
    none("links that lead nowhere:", &offenders);
}

#[test]
fn guides_exist_in_both_languages() {
    let guides: BTreeSet<String> =
        pages().into_iter().map(|p| p.path).filter(|p| p.starts_with("docs/guide/")).collect();
    let mut offenders = Vec::new();
    for guide in &guides {
        let other = match (guide.strip_suffix(".zh.md"), guide.strip_suffix(".en.md")) {
            (Some(name), _) => format!("{name}.en.md"),
            (_, Some(name)) => format!("{name}.zh.md"),
            _ => "a name that ends with .zh.md or .en.md".to_owned(),
        };
        if !guides.contains(&other) {
            offenders.push(format!("{guide} needs {other}"));
        }
    }
    none("guides:", &offenders);
}

#[test]
fn decisions_are_numbered_and_have_the_three_parts() {
    let all = pages().into_iter().filter(|p| p.path.starts_with("docs/decisions/"));
    let mut offenders = Vec::new();
    for (number, page) in (1..).zip(all) {
        let name = page.path.trim_start_matches("docs/decisions/");
        if !name.starts_with(&format!("{number:04}-")) {
            offenders.push(format!("{name}: expected number {number:04}"));
        }
        for part in ["## Context", "## Decision", "## Consequences"] {
            if !page.text.contains(part) {
                offenders.push(format!("{name}: no `{part}`"));
            }
        }
    }
    none("decisions:", &offenders);
}

/// Words in backquotes in the first column of the glossary's tables.
fn glossary() -> BTreeSet<String> {
    let text = std::fs::read_to_string(root().join("docs/glossary.md")).expect("glossary");
    let rows = text.lines().filter(|l| l.starts_with('|'));
    let firsts = rows.filter_map(|l| l.split('|').nth(1));
    firsts.flat_map(|cell| cell.split('`').skip(1).step_by(2)).map(str::to_owned).collect()
}

/// `water-section` is the type `WaterSection`.
fn type_name(stem: &str) -> String {
    let capital = |word: &str| {
        let mut letters = word.chars();
        letters.next().map(|c| c.to_uppercase().chain(letters).collect::<String>()).unwrap_or_default()
    };
    stem.split('-').map(capital).collect()
}

#[test]
fn every_type_of_a_pack_is_in_the_glossary() {
    let words = glossary();
    let mut offenders = Vec::new();
    for file in files() {
        let parts: Vec<&str> = file.path.split('/').collect();
        if let ["packs", pack, "types", name] = parts[..]
            && pack != "_template"
            && let Some(stem) = name.strip_suffix(".yaml")
            && !words.contains(&type_name(stem))
        {
            offenders.push(format!("{}: `{}`", file.path, type_name(stem)));
        }
    }
    none("types without a row in docs/glossary.md:", &offenders);
}

#[test]
fn every_command_is_in_the_glossary() {
    let words = glossary();
    let source = std::fs::read_to_string(root().join("crates/kernel/src/command.rs")).expect("commands");
    let names =
        source.lines().filter_map(|l| l.trim().split_once("=> \"")).filter_map(|(_, r)| r.split_once('"'));
    let commands: BTreeSet<&str> = names.map(|(name, _)| name).filter(|n| n.contains('.')).collect();
    assert!(commands.len() > 10, "the names of commands have moved: {commands:?}");
    let missing = commands.into_iter().filter(|c| !words.contains(*c)).map(str::to_owned);
    none("commands without a row in docs/glossary.md:", &missing.collect::<Vec<_>>());
}

#[test]
fn every_refusal_and_journal_error_is_in_both_operating_guides() {
    let mut codes = BTreeSet::new();
    for (file, marker) in
        [("crates/kernel/src/refusal.rs", "Refusal::"), ("crates/journal/src/error.rs", "JournalError::")]
    {
        let source = std::fs::read_to_string(root().join(file)).expect(file);
        let arms = source.lines().map(str::trim).filter(|l| l.starts_with(marker));
        let found = arms.filter_map(|l| l.split_once("=> \"")).filter_map(|(_, r)| r.split_once('"'));
        let before = codes.len();
        codes.extend(found.map(|(code, _)| code.to_owned()));
        assert!(codes.len() > before, "the codes have moved out of {file}");
    }
    let mut offenders = Vec::new();
    for guide in ["docs/guide/operate.zh.md", "docs/guide/operate.en.md"] {
        let text = std::fs::read_to_string(root().join(guide)).expect(guide);
        let missing = codes.iter().filter(|c| !text.contains(&format!("`{c}`")));
        offenders.extend(missing.map(|c| format!("{guide}: `{c}`")));
    }
    none("errors an operator can meet and not look up:", &offenders);
}

#[test]
fn the_shelves_are_there() {
    let needed = [
        "README.md",
        "ARCHITECTURE.md",
        "STYLE.md",
        "SECURITY.md",
        "CHANGELOG.md",
        "LICENSE",
        "docs/glossary.md",
        "docs/formats/journal.md",
    ];
    let there: BTreeSet<String> = files().into_iter().map(|f| f.path).collect();
    let missing = needed.iter().filter(|n| !there.contains(**n)).map(ToString::to_string);
    none("missing:", &missing.collect::<Vec<_>>());
    let readme = std::fs::read_to_string(root().join("README.md")).expect("README.md");
    let unlinked =
        needed[1..].iter().filter(|n| !readme.contains(&format!("]({n})"))).map(ToString::to_string);
    none("not linked from README.md:", &unlinked.collect::<Vec<_>>());
}
