//! Messages against the schema of OASIS, by `xmllint`.

use std::io::Write;
use std::process::{Command, Stdio};

use nacre_alerts::CapSeverity;
use nacre_alerts::atom::{Entry, Feed, feed};
use nacre_alerts::cap::{
    Area, CapAlert, Category, Certainty, Circle, MessageType, Reference, Scope, Status, Text, Urgency,
};
use nacre_alerts::identifier::{Issuer, identifier};
use nacre_model::{Geometry, Instant, Position};
use proptest::prelude::*;

fn at(text: &str) -> Instant {
    Instant::parse(text).expect("a date-time")
}

fn alert() -> CapAlert {
    let sent = at("2026-11-23T09:30:00+08:00");
    let issuer = Issuer {
        division: "440105".into(),
        organisation: "000".into(),
        unit: "001".into(),
        extension: "00".into(),
    };
    let p = |longitude, latitude| Position { longitude, latitude, altitude: None };
    let ring = vec![p(113.30, 23.10), p(113.32, 23.10), p(113.32, 23.12), p(113.30, 23.10)];
    CapAlert {
        identifier: identifier(&issuer, sent, 480, 1).expect("a number"),
        sender: "nacre@haizhu.example".into(),
        sent,
        offset_minutes: 480,
        simulated: false,
        status: Status::Actual,
        message_type: MessageType::Alert,
        scope: Scope::Public,
        references: Vec::new(),
        category: Category::Met,
        event_codes: vec![("示例码表".into(), "0000".into())],
        urgency: Urgency::Immediate,
        severity: CapSeverity::Severe,
        certainty: Certainty::Observed,
        effective: None,
        expires: Some(at("2026-11-23T21:30:00+08:00")),
        web: Some("https://nacre.example/alerts/1?a=1&b=2".into()),
        zh: Text {
            event: "暴雨".into(),
            headline: "暴雨橙色预警".into(),
            description: "3 小时内降雨量 > 50 mm & 持续".into(),
            instruction: "远离低洼处。".into(),
            sender_name: "示例".into(),
        },
        en: Some(Text { event: "Rainstorm".into(), headline: "Rainstorm orange".into(), ..Text::default() }),
        areas: vec![Area {
            description_zh: "江海街道".into(),
            description_en: "Jianghai".into(),
            polygons: vec![Geometry::Polygon(vec![ring])],
            circles: vec![Circle { middle: p(113.31, 23.11), radius_km: 1.5 }],
            geocodes: vec![("统计用区划代码".into(), "440105013".into())],
        }],
    }
}

/// Runs `xmllint` on a text; its words when it does not like it.
fn lint(text: &str, schema: bool) -> Result<(), String> {
    let mut command = Command::new("xmllint");
    command.arg("--noout").arg("--nonet");
    if schema {
        command.arg("--schema").arg(concat!(env!("CARGO_MANIFEST_DIR"), "/tests/cap-1.2.xsd"));
    }
    let mut child = command
        .arg("-")
        .stdin(Stdio::piped())
        .stdout(Stdio::null())
        .stderr(Stdio::piped())
        .spawn()
        .unwrap_or_else(|e| panic!("`xmllint` is needed to check CAP messages (Debian: libxml2-utils): {e}"));
    child.stdin.take().expect("piped").write_all(text.as_bytes()).expect("xmllint reads");
    let output = child.wait_with_output().expect("xmllint ends");
    if output.status.success() { Ok(()) } else { Err(String::from_utf8_lossy(&output.stderr).into_owned()) }
}

fn valid(alert: &CapAlert) -> String {
    let text = alert.to_xml().unwrap_or_else(|p| panic!("{p:?}"));
    lint(&text, true).unwrap_or_else(|e| panic!("{e}\n{text}"));
    text
}

#[test]
fn the_schema_finds_what_is_wrong() {
    let text = alert().to_xml().expect("sound").replace("<status>Actual", "<status>Real");
    assert!(lint(&text, true).is_err());
}

#[test]
fn a_message_is_valid_and_says_when_in_district_time() {
    let text = valid(&alert());
    for piece in [
        "<identifier>44010500000100_20261123093000_1</identifier>",
        "<sent>2026-11-23T09:30:00+08:00</sent>",
        "<polygon>23.1,113.3 23.1,113.32 23.12,113.32 23.1,113.3</polygon>",
        "<circle>23.11,113.31 1.5</circle>",
        "<language>zh-CN</language>",
        "<language>en</language>",
        "50 mm &amp; 持续",
        "<value>440105013</value>",
    ] {
        assert!(text.contains(piece), "{piece} is not in\n{text}");
    }
}

#[test]
fn updates_cancellations_and_narrow_scopes_are_valid() {
    let first = alert();
    let reference =
        Reference { sender: first.sender.clone(), identifier: first.identifier.clone(), sent: first.sent };
    for (message_type, scope) in [
        (MessageType::Update, Scope::Restricted("仅限区内值班人员".into())),
        (MessageType::Cancel, Scope::Private(vec!["duty@example".into(), "street office".into()])),
    ] {
        let next = CapAlert { message_type, scope, references: vec![reference.clone()], ..alert() };
        let text = valid(&next);
        assert!(text.contains("<references>nacre@haizhu.example,44010500000100_20261123093000_1,2026-11-23T09:30:00+08:00</references>"));
    }
}

#[test]
fn what_is_simulated_can_never_be_actual() {
    let text = valid(&CapAlert { simulated: true, ..alert() });
    assert!(text.contains("<status>Exercise</status>") && !text.contains("Actual"));
    assert!(text.contains("<headline>【演练】暴雨橙色预警</headline>"));
    assert!(text.contains("<headline>[EXERCISE] Rainstorm orange</headline>"));
    assert!(text.contains("<note>演练"));
}

#[test]
fn all_that_is_wrong_is_said_at_once() {
    let wrong = CapAlert {
        identifier: "a b".into(),
        message_type: MessageType::Cancel,
        scope: Scope::Private(Vec::new()),
        expires: Some(at("2026-11-23T09:00:00+08:00")),
        areas: Vec::new(),
        ..alert()
    };
    let codes: Vec<&str> = wrong.to_xml().expect_err("wrong").iter().map(|p| p.code()).collect();
    assert_eq!(codes, ["cap_characters", "cap_ends", "cap_reference", "cap_scope", "cap_empty"]);
}

#[test]
fn a_feed_leads_to_the_documents_newest_first() {
    let (old, new) =
        (alert(), CapAlert { sent: at("2026-11-23T10:00:00+08:00"), simulated: true, ..alert() });
    let about = Feed {
        id: "https://nacre.example/feed".into(),
        title: "预警 <信息>".into(),
        author: "示例".into(),
        url: "https://nacre.example/feed?a=1&b=2".into(),
        offset_minutes: 480,
    };
    let url = "https://nacre.example/cap/1.xml?x=1&y=2";
    let text =
        feed(&about, &[Entry { alert: &old, url }, Entry { alert: &new, url }], at("2026-11-24T00:00:00Z"));
    lint(&text, false).unwrap_or_else(|e| panic!("{e}\n{text}"));
    assert!(text.contains("<updated>2026-11-23T10:00:00+08:00</updated>\n<author>"));
    assert_eq!(text.matches("【演练】").count(), 1);
    assert!(
        text.contains("type=\"application/cap+xml\" href=\"https://nacre.example/cap/1.xml?x=1&amp;y=2\"")
    );
    assert!(text.find("10:00:00").expect("new") < text.find("09:30:00").expect("old"));
    lint(&feed(&about, &[], at("2026-11-24T00:00:00Z")), false).expect("an empty feed is one too");
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(40))]

    #[test]
    fn no_text_breaks_a_message(headline in "\\PC{1,40}x", description in any::<String>(), code in any::<String>()) {
        let mut alert = alert();
        alert.zh.headline = headline;
        alert.zh.description = description;
        alert.areas[0].geocodes = vec![(code.clone(), code)];
        valid(&alert);
    }
}
