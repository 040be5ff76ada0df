//! Looking after a data directory with the binary: backup, restore, verify, damage, rebuild, refusals.

#![allow(clippy::unwrap_used, reason = "a test stops at the first surprise")]

mod support;

use std::fs;

use serde_json::Value;
use support::{Site, flip, id, mark, nacre, position, segment};

/// A stopped data directory `data` with ten records, all signed.
fn ten_records() -> Site {
    let site = Site::new();
    let served = site.serve("data");
    served.create(1..=10);
    assert_eq!(served.newest(), 10);
    served.stop();
    site
}

fn verified(data: &str) -> Value {
    serde_json::from_str(nacre(&["verify", data, "--json"]).done().trim()).unwrap()
}

#[test]
fn a_backup_taken_while_serving_is_sound_and_can_be_restored_to_any_record() {
    let site = Site::new();
    let served = site.serve("data");
    served.create(1..=10);
    let backup =
        nacre(&["backup", "--data", &site.text("data"), "--to", &site.text("backup"), "--json"]).done();
    let line: Value = serde_json::from_str(backup.trim()).unwrap();
    assert_eq!((line["tenant"].as_str(), line["last"].as_u64()), (Some("default"), Some(10)));
    served.create(11..=15);
    served.signed(15);
    let early = nacre(&["backup", "--data", &site.text("data"), "--to", &site.text("early"), "--upto", "12"]);
    assert_eq!(early.done(), "default 12\n");
    served.stop();

    assert_eq!(verified(&site.text("data"))["records"], 15);
    assert_eq!(verified(&site.text("backup"))["records"], 10);
    assert_eq!(verified(&site.text("early"))["records"], 12);
    assert!(!site.path("backup/tenants/default/log").exists(), "verify changes nothing");
    let text = nacre(&["verify", &site.text("data")]).done();
    assert!(text.starts_with("verified tenant default: 15 records, "), "{text}");

    let restore = |to: &str, upto: Option<&str>| {
        let (from, to) = (site.text("backup"), site.text(to));
        let mut args = vec!["restore", "--from", &from, "--data", &to];
        args.extend(upto.iter().flat_map(|u| ["--upto", u]));
        nacre(&args)
    };
    assert_eq!(restore("whole", None).done(), "default 10\n");
    assert_eq!(restore("seven", Some("7")).done(), "default 7\n");
    restore("seven", None).ended(2, &["not empty", "nothing was restored"]);
    assert_eq!(verified(&site.text("whole"))["records"], 10);
    assert_eq!(verified(&site.text("seven"))["records"], 7);

    let served = site.serve("seven");
    assert!(served.exists(7) && !served.exists(8));
    served.create(8..=8);
    assert_eq!(served.newest(), 8);
    served.stop();
    assert_eq!(verified(&site.text("seven"))["records"], 8);
}

#[test]
fn a_backup_is_refused_where_something_is() {
    let site = ten_records();
    let args = ["backup", "--data", &site.text("data"), "--to", &site.text("data")];
    nacre(&args).ended(2, &["not empty", "nothing was copied"]);
    nacre(&["verify", &site.text("nothing")]).ended(2, &["holds no data of Nacre"]);
    nacre(&["backup", "--data", &site.text("nothing"), "--to", &site.text("b")]).ended(2, &["holds no data"]);
    nacre(&["restore", "--from", &site.text("nothing"), "--data", &site.text("b")])
        .ended(2, &["holds no backup"]);
}

#[test]
fn one_changed_byte_is_found_and_its_record_named() {
    let site = ten_records();
    let checkpoints = verified(&site.text("data"))["checkpoints"].as_u64().unwrap();
    assert!(checkpoints > 0);
    // Every record's content, in the journal.
    for n in 1..=10 {
        let data = site.copy("data", &format!("journal-{n}"));
        let file = segment(&data);
        flip(&file, position(&file, mark(n).as_bytes()));
        let said =
            nacre(&["verify", data.to_str().unwrap()]).ended(3, &[&format!("record {n} does not fit")]);
        assert_eq!(said.matches("does not fit").count(), 1, "{said}");
    }
    // Every leaf, in the tiles of the log.
    for n in 1..=10 {
        let data = site.copy("data", &format!("tile-{n}"));
        flip(&data.join("tenants/default/log/level-0"), (n - 1) * 32 + n);
        let said = format!("record {n} does not fit: its leaf is not the one in the log");
        nacre(&["verify", data.to_str().unwrap()]).ended(3, &[&said]);
    }
    // Any byte of what was written: headers, lengths, checksums, salts, names.
    let file = segment(&site.path("data"));
    let end = position(&file, mark(10).as_bytes()) + mark(10).len();
    let data = site.copy("data", "anywhere");
    let file = segment(&data);
    for offset in (0..end).step_by(37) {
        flip(&file, offset);
        nacre(&["verify", data.to_str().unwrap()]).ended(3, &[]);
        flip(&file, offset);
    }
    assert_eq!(verified(data.to_str().unwrap())["records"], 10);
    // A checkpoint.
    let data = site.copy("data", "checkpoint");
    let file = data.join("tenants/default/checkpoints/latest");
    flip(&file, position(&file, b"\n10\n") + 5);
    nacre(&["verify", data.to_str().unwrap()]).ended(3, &["checkpoint", "latest"]);
    // Another key.
    let other = ten_records();
    let key = other.text("data/keys/log.pub");
    nacre(&["verify", &site.text("data"), "--key", &key]).ended(3, &["checkpoint"]);
    nacre(&["verify", &site.text("data"), "--key", "rubbish"]).ended(2, &["is no key"]);
}

#[test]
fn a_changed_tile_above_the_leaves_is_found() {
    let site = Site::new();
    let served = site.serve("data");
    let lamps: Vec<Value> = (1..=300).map(|n| serde_json::json!({"id": id(n), "type": "Lamp"})).collect();
    let created = served.ask("POST", "/ngsi-ld/v1/entityOperations/create", Some(&lamps.into()));
    assert_eq!(created.unwrap().0, 201);
    served.stop();
    assert_eq!(verified(&site.text("data"))["records"], 300);
    flip(&site.path("data/tenants/default/log/level-1"), 7);
    nacre(&["verify", &site.text("data")]).ended(3, &["record 256 does not fit: its tile of level 1"]);
}

#[test]
fn a_changed_bundle_does_not_verify() {
    let site = Site::new();
    let served = site.serve("data");
    served.create(1..=10);
    served.signed(10);
    let bundle = served.get("/api/bundle?after=2&limit=3");
    let key = served.get("/log/key");
    served.stop();
    let file = site.path("bundle.json");
    fs::write(&file, &bundle).unwrap();
    let verify = || nacre(&["verify", file.to_str().unwrap(), "--key", key.trim()]);
    let said = verify().done();
    assert!(said.contains("3 records"), "{said}");
    nacre(&["verify", file.to_str().unwrap()]).ended(0, &["the key is the bundle's own"]);
    let parsed: Value = serde_json::from_str(&bundle).unwrap();
    for (i, seq) in [(0, 3), (1, 4), (2, 5)] {
        let mut changed = parsed.clone();
        let bytes = changed["records"][i]["bytes"].as_str().unwrap().to_owned();
        let middle = bytes.len() / 2;
        let letter = if &bytes[middle..=middle] == "A" { "B" } else { "A" };
        changed["records"][i]["bytes"] =
            format!("{}{letter}{}", &bytes[..middle], &bytes[middle + 1..]).into();
        fs::write(&file, changed.to_string()).unwrap();
        verify().ended(3, &[&format!("record {seq} does not fit")]);
        let mut changed = parsed.clone();
        let hash = changed["records"][i]["proof"][0].as_str().unwrap().to_owned();
        let digit = if hash.starts_with('0') { "1" } else { "0" };
        changed["records"][i]["proof"][0] = format!("{digit}{}", &hash[1..]).into();
        fs::write(&file, changed.to_string()).unwrap();
        verify().ended(3, &[&format!("record {seq} does not fit")]);
    }
    let mut changed = parsed.clone();
    changed["checkpoint"] = changed["checkpoint"].as_str().unwrap().replacen("\n10\n", "\n11\n", 1).into();
    fs::write(&file, changed.to_string()).unwrap();
    verify().ended(3, &["the bundle's checkpoint"]);
    fs::write(&file, "{}").unwrap();
    verify().ended(3, &["is no bundle"]);
}

#[test]
fn a_torn_tail_is_removed_at_the_next_start() {
    let site = ten_records();
    let data = site.path("data");
    // The last write is half there and nobody has heard of it: no views, no tiles, no checkpoint know it.
    for derived in ["views", "log", "checkpoints"] {
        fs::remove_dir_all(data.join("tenants/default").join(derived)).unwrap();
    }
    let file = segment(&data);
    let mut content = fs::read(&file).unwrap();
    let from = position(&file, mark(10).as_bytes());
    content[from..].fill(0);
    fs::write(&file, content).unwrap();
    nacre(&["doctor", "--data", &site.text("data")]).ended(0, &["journal_torn_tail", "sound"]);
    assert_eq!(verified(&site.text("data"))["records"], 9);
    let served = site.serve("data");
    assert!(served.exists(9) && !served.exists(10));
    served.create(11..=12);
    assert_eq!(served.newest(), 11);
    served.stop();
    assert_eq!(verified(&site.text("data"))["records"], 11);
    let said = nacre(&["doctor", "--data", &site.text("data")]).done();
    assert!(!said.contains("torn"), "{said}");
}

#[test]
fn a_journal_that_lost_acknowledged_records_is_refused() {
    let site = ten_records();
    let file = segment(&site.path("data"));
    let mut content = fs::read(&file).unwrap();
    let from = position(&file, mark(10).as_bytes());
    content[from..].fill(0);
    fs::write(&file, &content).unwrap();
    let data = site.text("data");
    let serve = ["serve", "--no-district", "--data", &data, "--listen", "127.0.0.1:0"];
    nacre(&serve).ended(1, &["nacre doctor", "9", "10"]);
    assert_eq!(fs::read(&file).unwrap(), content, "a refusal changes nothing");
    nacre(&["doctor", "--data", &data]).ended(3, &["journal_short", "10 records"]);
    nacre(&["verify", &data]).ended(3, &["record 10 does not fit", "signs 10 records, the journal has 9"]);
}

#[test]
fn damage_in_the_middle_is_refused_and_the_doctor_names_it() {
    let site = ten_records();
    let data = site.text("data");
    let file = segment(&site.path("data"));
    let offset = position(&file, mark(5).as_bytes());
    flip(&file, offset);
    let content = fs::read(&file).unwrap();
    let serve = ["serve", "--no-district", "--data", &data, "--listen", "127.0.0.1:0"];
    nacre(&serve).ended(1, &["nacre doctor", ".seg"]);
    assert_eq!(fs::read(&file).unwrap(), content, "a refusal changes nothing");
    let name = file.file_name().unwrap().to_str().unwrap();
    nacre(&["doctor", "--data", &data]).ended(3, &["journal_damaged", name, "records 5 to 5", "restore"]);
    let said = nacre(&["doctor", "--data", &data, "--json"]);
    assert_eq!(said.code, Some(3), "{said:?}");
    let finding: Value = serde_json::from_str(said.out.lines().next().unwrap()).unwrap();
    assert_eq!(finding["code"], "journal_damaged");
    assert_eq!((finding["first"].as_u64(), finding["last"].as_u64()), (Some(5), Some(5)));
    let found = finding["offset"].as_u64().unwrap() as usize;
    assert!(found <= offset && offset < found + 1024, "{found} for {offset}");
    assert!(finding["file"].as_str().unwrap().ends_with(name));
}

#[test]
fn rebuilt_views_give_the_same_answers() {
    let site = Site::new();
    let served = site.serve("data");
    served.create(1..=10);
    let path = format!("/ngsi-ld/v1/entities/{}", id(4));
    assert_eq!(served.ask("DELETE", &path, None).unwrap().0, 204);
    let all = "/ngsi-ld/v1/entities?type=Lamp&limit=100&options=sysAttrs";
    let past = format!("/ngsi-ld/v1/temporal/entities/{}", id(3));
    let answers = |served: &support::Served| {
        [all, &past, "/api/records?limit=100", "/ngsi-ld/v1/types"].map(|path| served.get(path))
    };
    let before = answers(&served);
    let data = site.text("data");
    let rebuild = || nacre(&["rebuild", "--no-district", "--data", &data]);
    rebuild().ended(2, &["is being served", "stop the server first"]);
    assert_eq!(answers(&served), before);
    served.stop();
    // Even when a tile is wrong: the journal is the truth.
    flip(&site.path("data/tenants/default/log/level-0"), 5);
    nacre(&["verify", &data]).ended(3, &["record 1 does not fit"]);
    let said = rebuild().done();
    assert!(said.starts_with("default 11 "), "{said}");
    assert_eq!(verified(&data)["records"], 11);
    let served = site.serve("data");
    assert_eq!(answers(&served), before);
    served.stop();
}

#[test]
fn what_cannot_be_served_is_refused_clearly() {
    let site = Site::new();
    let data = site.text("data");
    for address in ["0.0.0.0:0", "[::]:0", "192.0.2.1:8080"] {
        let args = ["serve", "--no-district", "--data", &data, "--listen", address];
        nacre(&args).ended(2, &["refusing to listen", "loopback"]);
    }
    assert!(!site.path("data").exists(), "nothing was made");
    nacre(&["serve", "--no-district", "--data", &data, "--listen", "here"]).ended(2, &["listen", "here"]);
    nacre(&["serve", "--open=false", "--data", &data]).ended(2, &["open"]);
    nacre(&["serve", "--nonsense"]).ended(2, &["--nonsense"]);
    let served = site.serve("data");
    let again = ["serve", "--no-district", "--data", &data, "--listen", "127.0.0.1:0"];
    nacre(&again).ended(1, &["another process"]);
    let taken = served.address.to_string();
    let args = ["serve", "--no-district", "--data", &site.text("other"), "--listen", &taken];
    nacre(&args).ended(1, &[&taken]);
    served.create(1..=1);
    served.stop();
}
