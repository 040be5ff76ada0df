//! Alerts for others: OASIS Common Alerting Protocol 1.2, and a feed that lists them.

use axum::extract::{Path, State};
use axum::http::header;
use axum::response::{IntoResponse, Response};
use nacre_alerts::atom::{Entry, Feed, feed as written};
use nacre_alerts::cap::{
    Area, CapAlert, Category, Certainty, Circle, MessageType, Reference, Scope, Status, Text, Urgency,
};
use nacre_alerts::{CapSeverity, Issuer, identifier};
use nacre_devices::names::local;
use nacre_model::Instant;
use nacre_operations::{Alert, AlertState};

use super::list::find;
use super::severity::level;
use crate::cases::shown::Names;
use crate::plan::store::{blocking, internal};
use crate::problem::Problem;
use crate::state::App;

/// Most alerts of a feed.
const FEED_MAX: usize = 200;
/// Minutes the district is ahead of UTC.
const OFFSET: i32 = 480;
/// A message is worth a day.
const EXPIRES_MS: i64 = 86_400_000;

/// What a category of rules is in CAP, and what the event is called.
fn event(category: &str) -> (Category, &'static str, &'static str) {
    match category {
        "water" => (Category::Env, "水环境告警", "Water environment"),
        "device" => (Category::Infra, "设备告警", "Device"),
        "safety" => (Category::Safety, "安全告警", "Safety"),
        "weather" => (Category::Met, "气象告警", "Weather"),
        "fire" => (Category::Fire, "火情告警", "Fire"),
        _ => (Category::Other, "城市运行告警", "City operation"),
    }
}

/// Which of the messages of a second it is: alerts of one second are told apart by what they are about.
fn serial(alert: &Alert) -> u8 {
    alert.id.as_str().bytes().fold(0u8, |n, b| (n.wrapping_mul(7).wrapping_add(b)) % 10)
}

fn message(app: &App, alert: &Alert, names: &mut Names<'_>) -> Result<CapAlert, Problem> {
    let level = level(app, &alert.scheme, &alert.severity);
    let division = app.settings().district_code.clone().unwrap_or_else(|| "000000".into());
    let issuer = Issuer {
        division: division.clone(),
        organisation: "000".into(),
        unit: "000".into(),
        extension: "00".into(),
    };
    let number = |at: Instant| identifier(&issuer, at, OFFSET, serial(alert)).map_err(internal);
    let sender = format!("{division}@{}", app.settings().log_origin);
    let (category, zh, en) = event(&alert.category);
    let (message_type, sent) = match (alert.state, alert.cleared_at) {
        (AlertState::Cleared, Some(at)) => (MessageType::Cancel, at),
        _ if alert.count > 1 => (MessageType::Update, alert.last_at),
        _ => (MessageType::Alert, alert.first_at),
    };
    let earlier =
        Reference { sender: sender.clone(), identifier: number(alert.first_at)?, sent: alert.first_at };
    let about = alert.about.as_ref().map(|a| names.about(a.as_str()).name);
    let place = about.clone().unwrap_or_else(|| app.settings().district.0.clone());
    let text = |event: &str, level: &str, joint: &str, sender: &str| Text {
        event: event.to_owned(),
        headline: format!("{level}{joint}{}", alert.title),
        description: format!("{} ({place})", alert.title),
        instruction: String::new(),
        sender_name: sender.to_owned(),
    };
    let district = &app.settings().district;
    Ok(CapAlert {
        identifier: number(sent)?,
        sender,
        sent,
        offset_minutes: OFFSET,
        simulated: alert.simulated,
        status: Status::Actual,
        references: if message_type == MessageType::Alert { Vec::new() } else { vec![earlier] },
        message_type,
        scope: Scope::Public,
        category,
        event_codes: vec![("rule".into(), alert.rule.clone().unwrap_or_default())],
        urgency: if alert.state == AlertState::Cleared { Urgency::Past } else { Urgency::Immediate },
        severity: match level.rank {
            1 => CapSeverity::Extreme,
            2 => CapSeverity::Severe,
            3 => CapSeverity::Moderate,
            4 | 5 => CapSeverity::Minor,
            _ => CapSeverity::Unknown,
        },
        certainty: Certainty::Observed,
        effective: Some(alert.first_at),
        expires: Some(sent.plus_ms(EXPIRES_MS)),
        web: None,
        zh: text(zh, &level.title.zh, "：", &district.0),
        en: Some(text(en, &level.title.en, ": ", &district.1)),
        areas: vec![Area {
            description_zh: place.clone(),
            description_en: place.clone(),
            polygons: Vec::new(),
            circles: alert.location.map(|middle| Circle { middle, radius_km: 0.1 }).into_iter().collect(),
            geocodes: vec![("GB/T 2260".into(), division)],
        }],
    })
}

fn xml(text: String, kind: &'static str) -> Response {
    ([(header::CONTENT_TYPE, kind)], text).into_response()
}

/// One alert as CAP 1.2.
pub async fn alert(State(app): State<App>, Path(file): Path<String>) -> Result<Response, Problem> {
    blocking(move || {
        let alert = find(&app, file.trim_end_matches(".xml"))?;
        let text = message(&app, &alert, &mut Names::new(&app))?.to_xml().map_err(|problems| {
            internal(problems.iter().map(ToString::to_string).collect::<Vec<_>>().join("; "))
        })?;
        Ok(xml(text, "application/cap+xml; charset=utf-8"))
    })
    .await
}

/// The latest alerts as an Atom feed.
pub async fn feed(State(app): State<App>) -> Result<Response, Problem> {
    blocking(move || {
        let mut all: Vec<_> = app.operations().alerts()?.into_values().collect();
        all.sort_by_key(|a| std::cmp::Reverse((a.last_at, a.id.clone())));
        let mut names = Names::new(&app);
        let base = &app.settings().public_url;
        let messages = all.iter().take(FEED_MAX).map(|a| {
            Ok((message(&app, a, &mut names)?, format!("{base}/cap/alerts/{}.xml", local(a.id.as_str()))))
        });
        let messages: Vec<(CapAlert, String)> = messages.collect::<Result<_, Problem>>()?;
        let entries: Vec<Entry<'_>> = messages.iter().map(|(alert, url)| Entry { alert, url }).collect();
        let about = Feed {
            id: format!("urn:nacre:cap:{}", app.settings().log_origin),
            title: format!("{} 告警", app.settings().district.0),
            author: app.settings().district.0.clone(),
            url: format!("{base}/cap/feed.xml"),
            offset_minutes: OFFSET,
        };
        let text = written(&about, &entries, app.tenant(None)?.now());
        Ok(xml(text, "application/atom+xml; charset=utf-8"))
    })
    .await
}
