//! Importing files with the binary into a server of its own.

#![allow(clippy::unwrap_used, reason = "a test stops at the first surprise")]

mod support;

use std::fmt::Write as _;
use std::fs;
use std::io::{Read, Write};
use std::net::{Ipv4Addr, TcpListener, TcpStream};

use serde_json::Value;
use support::{Outcome, Served, Site, nacre};

const PACKS: &str = concat!(env!("CARGO_MANIFEST_DIR"), "/../../packs");
const DISTRICT: &str = concat!(env!("CARGO_MANIFEST_DIR"), "/../../districts/haizhu/data");

fn import(address: &str, file: &str, more: &[&str]) -> Outcome {
    nacre(&[&["import", file, "--server", address, "--packs", PACKS], more].concat())
}

fn address(served: &Served) -> String {
    served.address.to_string()
}

fn count(served: &Served, type_name: &str) -> usize {
    let server = address(served);
    nacre(&["query", "--type", type_name, "--count", "--server", &server]).done().trim().parse().unwrap()
}

/// The newest record's number: how much was ever written.
fn records(served: &Served) -> u64 {
    let metrics = served.get("/metrics");
    let line = metrics.lines().find(|l| l.starts_with("nacre_durable_seq")).unwrap_or(&metrics);
    line.rsplit(' ').next().unwrap().parse::<f64>().unwrap() as u64
}

/// A table of lamps; those whose number is in `bad` have no number as their power.
fn lamps(site: &Site, name: &str, count: usize, bad: &[usize]) -> String {
    let mut text = String::from("\u{feff}编号,功率(瓦)\r\n");
    for n in 1..=count {
        let power = if bad.contains(&n) { "很大".to_owned() } else { n.to_string() };
        write!(text, "L-{n},{power}\r\n").unwrap();
    }
    fs::write(site.path(name), text).unwrap();
    site.text(name)
}

#[test]
fn the_tables_of_the_district_can_be_imported_as_they_are() {
    let site = Site::new();
    let served = site.serve("data");
    for (file, type_name) in [
        ("street", "Street"),
        ("community", "Community"),
        ("landmark", "Landmark"),
        ("plan-figure", "PlanFigure"),
    ] {
        let path = format!("{DISTRICT}/{file}.csv");
        let said = import(&address(&served), &path, &["--type", type_name]).done();
        let rows = count(&served, type_name);
        assert_eq!(said, format!("{rows} rows: {rows} created, 0 updated or unchanged, 0 refused\n"));
    }
    assert_eq!((count(&served, "Street"), count(&served, "Community")), (18, 267));
    let one = nacre(&["query", "urn:ngsi-ld:Landmark:canton-tower", "--server", &address(&served)]).done();
    let tower: Value = serde_json::from_str(&one).unwrap();
    assert_eq!(tower["location"]["coordinates"], serde_json::json!([113.31914, 23.10899]));
}

#[test]
fn a_preview_sends_nothing_and_its_output_is_a_mapping() {
    let site = Site::new();
    let file = lamps(&site, "lamps.csv", 7, &[3]);
    // No server is asked.
    let preview = import("127.0.0.1:1", &file, &["--type", "Lamp", "--sample", "--preview"]);
    fs::write(site.path("map.yaml"), &preview.out).unwrap();
    let said =
        preview.ended(3, &["lamps.csv:4: 功率(瓦): `很大` is no number", "6 of 7 rows can be sent", "L-1"]);
    assert_eq!(said.matches("# line ").count(), 5, "{said}");
    assert!(
        said.contains(r#""power":"#)
            || said.contains(r#""功率":{"type":"Property","value":1,"unitCode":"WTT"}"#)
    );
    let served = site.serve("data");
    let mapped = import(&address(&served), &file, &["--map", &site.text("map.yaml"), "--skip-refused"]);
    mapped.ended(3, &["7 rows: 6 created, 0 updated or unchanged, 1 refused"]);
    assert_eq!(count(&served, "Lamp"), 6);
}

#[test]
fn one_refused_row_means_that_nothing_is_sent_unless_asked() {
    let site = Site::new();
    let served = site.serve("data");
    let file = lamps(&site, "lamps.csv", 1200, &[7, 1000]);
    let report = site.text("refused.csv");
    let all = import(&address(&served), &file, &["--type", "Lamp", "--report", &report, "--json"]);
    let summary: Value = serde_json::from_str(all.out.trim()).unwrap();
    all.ended(3, &["nothing was sent", "--skip-refused", "lamps.csv:8:", "lamps.csv:1001:"]);
    assert_eq!((&summary["sent"], &summary["refusedRows"]), (&Value::Bool(false), &Value::from(2)));
    assert_eq!(summary["refused"][1]["line"], 1001);
    assert_eq!(count(&served, "Lamp"), 0);
    let report = fs::read_to_string(report).unwrap();
    assert!(report.starts_with("\u{feff}file,line,column,code,reason\n"), "{report}");
    assert!(report.lines().nth(2).unwrap().contains(",1001,功率(瓦),number,`很大` is no number"), "{report}");

    let args = ["--type", "Lamp", "--skip-refused"];
    import(&address(&served), &file, &args).ended(3, &["1200 rows: 1198 created", "2 refused"]);
    assert_eq!((count(&served, "Lamp"), records(&served)), (1198, 1198));
    // The same once more: the server has it all, and writes nothing.
    import(&address(&served), &file, &args).ended(3, &["0 created, 1198 updated or unchanged"]);
    assert_eq!(records(&served), 1198);
}

#[test]
fn a_file_imported_again_brings_back_what_was_changed_only_when_asked() {
    let site = Site::new();
    let served = site.serve("data");
    let file = lamps(&site, "lamps.csv", 3, &[]);
    import(&address(&served), &file, &["--type", "Lamp"]).done();
    let (status, _) = served.ask("DELETE", "/ngsi-ld/v1/entities/urn:ngsi-ld:Lamp:L-2", None).unwrap();
    assert_eq!(status, 204);
    import(&address(&served), &file, &["--type", "Lamp"]).done();
    assert_eq!(count(&served, "Lamp"), 2);
    let again = import(&address(&served), &file, &["--type", "Lamp", "--again"]).done();
    assert!(again.contains("1 created, 2 updated"), "{again}");
    assert_eq!(count(&served, "Lamp"), 3);
}

/// Passes requests on to a server, and breaks off after so many.
fn relay(to: std::net::SocketAddr, requests: usize) -> String {
    let listener = TcpListener::bind((Ipv4Addr::LOCALHOST, 0)).unwrap();
    let here = listener.local_addr().unwrap().to_string();
    std::thread::spawn(move || {
        let (mut client, _) = listener.accept().unwrap();
        drop(listener);
        let mut server = TcpStream::connect(to).unwrap();
        for _ in 0..requests {
            let head = read_head(&mut client);
            server.write_all(head.as_bytes()).unwrap();
            pass(&head, &mut client, &mut server);
            let head = read_head(&mut server);
            client.write_all(head.as_bytes()).unwrap();
            pass(&head, &mut server, &mut client);
        }
        // One more reaches the server, and its answer nobody.
        let head = read_head(&mut client);
        server.write_all(head.as_bytes()).unwrap();
        pass(&head, &mut client, &mut server);
        read_head(&mut server);
    });
    here
}

fn read_head(from: &mut TcpStream) -> String {
    let mut head = Vec::new();
    let mut byte = [0];
    while !head.ends_with(b"\r\n\r\n") {
        from.read_exact(&mut byte).unwrap();
        head.push(byte[0]);
    }
    String::from_utf8(head).unwrap()
}

fn pass(head: &str, from: &mut TcpStream, to: &mut TcpStream) {
    let lower = head.to_lowercase();
    let length = lower
        .lines()
        .find_map(|l| l.strip_prefix("content-length:"))
        .map_or(0, |l| l.trim().parse().unwrap());
    let mut body = vec![0; length];
    from.read_exact(&mut body).unwrap();
    to.write_all(&body).unwrap();
}

#[test]
fn an_interrupted_import_goes_on_without_doubling_anything() {
    let site = Site::new();
    let served = site.serve("data");
    let file = lamps(&site, "lamps.csv", 2200, &[]);
    let broken = import(&relay(served.address, 2), &file, &["--type", "Lamp"]);
    broken.ended(1, &["1000 entities are in", "run the same command again"]);
    assert_eq!(count(&served, "Lamp"), 1500, "the third batch arrived, its answer did not");
    let done = import(&address(&served), &file, &["--type", "Lamp"]).done();
    assert_eq!(done, "2200 rows: 700 created, 1500 updated or unchanged, 0 refused\n");
    assert_eq!((count(&served, "Lamp"), records(&served)), (2200, 2200));
}

#[test]
fn what_the_server_refuses_is_told_with_its_line() {
    let site = Site::new();
    let served = site.serve("data");
    let file = lamps(&site, "lamps.csv", 3, &[]);
    nacre(&["import", &file, "--type", "Lamp", "--server", "127.0.0.1:1"])
        .ended(1, &["nacre serve", "again"]);
    nacre(&["import", &file, "--type", "Lamp", "--server", "https://there"]).ended(2, &["plain HTTP"]);
    let wrong = import(&address(&served), &file, &["--type", "Lamp", "--tenant", "No Such Name"]);
    wrong.ended(1, &["the server answered 400"]);
    nacre(&["import", &site.text("none.csv"), "--type", "Lamp"]).ended(1, &["none.csv"]);
    import(&address(&served), &file, &[]).ended(2, &["--type is needed"]);
}

#[test]
fn other_kinds_of_files() {
    let site = Site::new();
    let served = site.serve("data");
    let (table, _, _) = encoding_rs::GB18030.encode("编号,名称,观测时间\n1,灯,2026-11-23 09:30\n");
    fs::write(site.path("gb.csv"), table).unwrap();
    import(&address(&served), &site.text("gb.csv"), &["--type", "Lamp", "--sample"]).done();
    let collection = r#"{"type":"FeatureCollection","features":[{"type":"Feature","id":"2","properties":{"名称":"灯"},"geometry":{"type":"Point","coordinates":[116.41024449916938,39.91640428150164]}}]}"#;
    fs::write(site.path("l.geojson"), collection).unwrap();
    import(&address(&served), &site.text("l.geojson"), &["--type", "Lamp", "--datum", "gcj02"]).done();
    let lines = "{\"id\":\"urn:ngsi-ld:Lamp:3\",\"type\":\"Lamp\",\"名称\":\"灯\"}\n";
    fs::write(site.path("l.ndjson"), lines).unwrap();
    import(&address(&served), &site.text("l.ndjson"), &[]).done();
    let mut book = rust_xlsxwriter::Workbook::new();
    let sheet = book.add_worksheet();
    sheet.write(0, 0, "编号").and_then(|s| s.write(0, 1, "名称")).unwrap();
    sheet.write(1, 0, 4).and_then(|s| s.write(1, 1, "灯")).unwrap();
    book.save(site.path("l.xlsx")).unwrap();
    import(&address(&served), &site.text("l.xlsx"), &["--type", "Lamp"]).done();

    let all =
        nacre(&["query", "--type", "Lamp", "--format", "concise", "--server", &address(&served)]).done();
    let all: Vec<Value> = all.lines().map(|l| serde_json::from_str(l).unwrap()).collect();
    assert_eq!(all.len(), 4);
    for (lamp, n) in all.iter().zip(1..) {
        assert_eq!(lamp["id"], format!("urn:ngsi-ld:Lamp:{n}"));
        assert!(lamp["名称"] == "灯" || lamp["名称"]["value"] == "灯", "{lamp}");
    }
    assert_eq!(all[0]["名称"]["observedAt"], "2026-11-23T01:30:00Z");
    assert_eq!(all[0]["sample"], true);
    assert!(all[1].to_string().contains("[116.404,39.915]"), "{}", all[1]);
}

#[test]
fn files_beyond_the_limits_are_refused_before_anything_is_done() {
    let site = Site::new();
    let refused = |name: &str, said: &str| {
        nacre(&["import", &site.text(name), "--type", "Lamp", "--server", "127.0.0.1:1"]).ended(2, &[said]);
    };
    fs::File::create(site.path("large.csv")).unwrap().set_len(201 << 20).unwrap();
    refused("large.csv", "at most 200 MiB are taken: split the file");
    let names: Vec<String> = (0..501).map(|n| format!("c{n}")).collect();
    fs::write(site.path("wide.csv"), names.join(",")).unwrap();
    refused("wide.csv", "501 columns, at most 500");
    fs::write(site.path("long.csv"), format!("id\n{}", "1\n".repeat(1_000_001))).unwrap();
    refused("long.csv", "more than 1000000 rows: split the file");
}
