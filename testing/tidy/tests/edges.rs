//! Which crate may use which. A change of this table is a change of the architecture: change ARCHITECTURE.md with it.

use std::collections::{BTreeMap, BTreeSet};
use std::process::Command;

use nacre_tidy::{none, root};
use serde_json::Value;

/// Each crate with the crates of ours it may use; an arrow not written here fails. Lowest first.
const EDGES: &[(&str, &[&str])] = &[
    ("model", &[]),
    ("ledger", &[]),
    ("journal", &["model", "ledger"]),
    ("views", &["model", "ledger", "journal"]),
    ("kernel", &["model", "ledger", "journal", "views"]),
    ("access", &["model", "kernel"]),
    ("indicators", &[]),
    ("calendar", &["model"]),
    ("water", &[]),
    ("rules", &["model"]),
    ("cases", &["model", "kernel", "calendar"]),
    ("devices", &["model", "kernel"]),
    ("alerts", &["model"]),
    ("mqtt", &[]),
    ("pack", &["model", "indicators", "calendar", "water", "rules", "cases", "devices"]),
    ("operations", &["model", "views", "kernel", "calendar", "rules", "cases", "devices", "pack"]),
    ("outbound", &[]),
    ("channels", &["model", "views", "kernel", "cases", "alerts", "outbound"]),
    ("console", &[]),
    ("report", &[]),
    ("wire-ngsi-ld", &["model", "views", "kernel"]),
    (
        "api",
        &[
            "model",
            "ledger",
            "journal",
            "views",
            "kernel",
            "access",
            "indicators",
            "calendar",
            "water",
            "rules",
            "cases",
            "devices",
            "alerts",
            "pack",
            "operations",
            "outbound",
            "channels",
            "console",
            "report",
            "wire-ngsi-ld",
        ],
    ),
    (
        "server",
        &[
            "model",
            "ledger",
            "views",
            "kernel",
            "access",
            "mqtt",
            "pack",
            "operations",
            "outbound",
            "channels",
            "wire-ngsi-ld",
            "api",
        ],
    ),
    (
        "nacre",
        &[
            "model",
            "ledger",
            "journal",
            "views",
            "kernel",
            "access",
            "indicators",
            "cases",
            "pack",
            "operations",
            "wire-ngsi-ld",
            "api",
            "server",
        ],
    ),
];

/// Outside crates that only these of ours may use, so that an engine, a format or a protocol stays behind one door.
const DOORS: &[(&str, &[&str])] = &[
    ("fjall", &["views"]),
    ("crc32c", &["journal"]),
    ("ed25519-dalek", &["ledger"]),
    ("axum", &["api", "server"]),
    ("tower-http", &["api"]),
    ("utoipa", &["api", "indicators"]),
    ("reqwest", &["outbound"]),
    ("lettre", &["channels"]),
    ("saphyr-parser", &["pack"]),
    ("jsonschema", &["pack"]),
    ("geo", &["kernel"]),
    ("clap", &["server", "nacre"]),
    ("mqtt-proto", &["mqtt"]),
    ("rumqttc", &["mqtt", "nacre"]),
    ("cel", &["indicators", "rules"]),
    ("image", &["api"]),
    (
        "serde_json",
        &[
            "indicators",
            "rules",
            "cases",
            "devices",
            "water",
            "operations",
            "channels",
            "report",
            "pack",
            "wire-ngsi-ld",
            "api",
            "server",
            "nacre",
        ],
    ),
];

/// A package of the workspace, with its folder.
struct Package {
    name: String,
    folder: String,
    description: Option<String>,
    uses: BTreeSet<String>,
    tests_use: BTreeSet<String>,
}

impl Package {
    fn short(&self) -> &str {
        self.name.strip_prefix("nacre-").unwrap_or(&self.name)
    }

    /// Benchmarks and test programs stand above everything.
    fn is_tool(&self) -> bool {
        !self.folder.starts_with("crates/")
    }
}

fn packages() -> Vec<Package> {
    let root = root();
    let output = Command::new(env!("CARGO"))
        .args(["metadata", "--format-version", "1", "--no-deps", "--offline", "--manifest-path"])
        .arg(root.join("Cargo.toml"))
        .output()
        .expect("cargo metadata runs");
    assert!(output.status.success(), "{}", String::from_utf8_lossy(&output.stderr));
    let metadata: Value = serde_json::from_slice(&output.stdout).expect("JSON");
    let packages = metadata["packages"].as_array().expect("packages");
    packages.iter().map(|p| package(p, &root)).collect()
}

fn package(json: &Value, root: &std::path::Path) -> Package {
    let text = |key: &str| json[key].as_str().unwrap_or_default().to_owned();
    let manifest = text("manifest_path");
    let folder = std::path::Path::new(&manifest).parent().and_then(|p| p.strip_prefix(root).ok());
    let uses = |tests: bool| {
        let all = json["dependencies"].as_array().into_iter().flatten();
        let of_kind = all.filter(|d| (d["kind"].as_str() == Some("dev")) == tests);
        of_kind.filter_map(|d| d["name"].as_str()).map(str::to_owned).collect()
    };
    Package {
        name: text("name"),
        folder: folder.expect("a folder of the repository").to_string_lossy().into_owned(),
        description: json["description"].as_str().map(str::to_owned),
        uses: uses(false),
        tests_use: uses(true),
    }
}

#[test]
fn crates_use_only_what_the_architecture_allows() {
    let allowed: BTreeMap<_, _> = EDGES.iter().copied().collect();
    let packages = packages();
    let ours: BTreeSet<&str> = packages.iter().map(|p| p.name.as_str()).collect();
    let tools: BTreeSet<&str> = packages.iter().filter(|p| p.is_tool()).map(|p| p.name.as_str()).collect();
    let mut offenders = Vec::new();
    for package in packages.iter().filter(|p| !p.is_tool()) {
        let Some(allowed) = allowed.get(package.short()) else {
            offenders.push(format!("{} is not in the table", package.name));
            continue;
        };
        for used in package.uses.union(&package.tests_use).filter(|u| ours.contains(u.as_str())) {
            let short = used.strip_prefix("nacre-").unwrap_or(used);
            if tools.contains(used.as_str()) || !allowed.contains(&short) {
                offenders.push(format!("{} → {used}", package.name));
            }
        }
    }
    none("an edge that ARCHITECTURE.md does not have:", &offenders);
}

#[test]
fn the_table_itself_points_only_downwards() {
    let rank: BTreeMap<_, _> = EDGES.iter().enumerate().map(|(i, (name, _))| (*name, i)).collect();
    let mut offenders = Vec::new();
    for (name, uses) in EDGES {
        let upwards = uses.iter().filter(|u| rank.get(*u).is_none_or(|r| *r >= rank[name]));
        offenders.extend(upwards.map(|u| format!("{name} → {u}")));
    }
    none("upwards, or to a crate that is not in the table:", &offenders);
}

#[test]
fn the_architecture_page_shows_the_same_table() {
    let page = std::fs::read_to_string(root().join("ARCHITECTURE.md")).expect("ARCHITECTURE.md");
    let mut offenders = Vec::new();
    for (name, uses) in EDGES {
        let Some(row) = page.lines().find(|l| l.starts_with(&format!("| `{name}` |"))) else {
            offenders.push(format!("no row for `{name}`"));
            continue;
        };
        // | crate | owns | uses | must not |
        let cell = row.split('|').nth(3).unwrap_or_default().replace(['`', ','], " ");
        let shown: BTreeSet<&str> = cell.split_whitespace().filter(|w| *w != "–").collect();
        if shown != uses.iter().copied().collect() {
            offenders.push(format!("`{name}` uses {uses:?}, the page says {shown:?}"));
        }
    }
    none("the table of crates in ARCHITECTURE.md differs:", &offenders);
}

#[test]
fn engines_formats_and_protocols_stay_behind_one_door() {
    let packages = packages();
    let mut offenders = Vec::new();
    for package in packages.iter().filter(|p| !p.is_tool()) {
        for (outside, doors) in DOORS {
            if package.uses.contains(*outside) && !doors.contains(&package.short()) {
                offenders.push(format!("{} uses {outside}; only {doors:?} may", package.name));
            }
        }
    }
    none("an outside crate in a place of ours that may not know it:", &offenders);
}

#[test]
fn every_crate_describes_itself_and_takes_the_lints_of_the_workspace() {
    let mut offenders = Vec::new();
    for package in packages() {
        if package.description.as_deref().is_none_or(|d| d.trim().is_empty()) {
            offenders.push(format!("{} has no description", package.name));
        }
        let manifest = std::fs::read_to_string(root().join(&package.folder).join("Cargo.toml"));
        if !manifest.expect("manifest").contains("[lints]\nworkspace = true") {
            offenders.push(format!("{} does not have `[lints] workspace = true`", package.name));
        }
    }
    none("manifests:", &offenders);
}
