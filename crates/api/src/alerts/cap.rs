//! Alerts for others: OASIS Common Alerting Protocol 1.2, and a feed that lists them.
//!
//! What simulated data raised is an `Exercise`. The identifier follows GB/T 35965.1-2018: division, industry, department,
//! extension, local time, serial.

use axum::extract::{Path, State};
use axum::http::header;
use axum::response::{IntoResponse, Response};
use nacre_devices::names::local;
use nacre_model::Instant;
use nacre_operations::{Alert, AlertState};

use super::list::{find, level};
use crate::cases::shown::Names;
use crate::plan::store::blocking;
use crate::problem::Problem;
use crate::state::App;

/// Most alerts of a feed.
const FEED_MAX: usize = 200;

fn escaped(text: &str) -> String {
    let mut out = String::with_capacity(text.len());
    for c in text.chars() {
        match c {
            '&' => out.push_str("&amp;"),
            '<' => out.push_str("&lt;"),
            '>' => out.push_str("&gt;"),
            '"' => out.push_str("&quot;"),
            c if c.is_control() && !matches!(c, '\n' | '\t') => {}
            c => out.push(c),
        }
    }
    out
}

/// `2026-11-23T09:00:00+08:00`: CAP takes no fractions and no `Z`.
fn time(at: Instant) -> String {
    format!("{}+08:00", &at.plus_ms(8 * 3_600_000).to_string()[..19])
}

/// 31 characters: division 6, industry 3, department 3, extension 2, `_`, local time 14, `_`, serial 1.
pub fn identifier(division: &str, at: Instant, serial: u64) -> String {
    let local = at.plus_ms(8 * 3_600_000).to_string();
    let digits: String = local.chars().filter(char::is_ascii_digit).take(14).collect();
    format!("{division:0>6.6}00000000_{digits}_{}", serial % 10)
}

fn event(category: &str) -> (&'static str, &'static str, &'static str) {
    match category {
        "water" => ("Env", "水环境告警", "Water environment"),
        "device" => ("Infra", "设备告警", "Device"),
        "safety" => ("Safety", "安全告警", "Safety"),
        "weather" => ("Met", "气象告警", "Weather"),
        "fire" => ("Fire", "火情告警", "Fire"),
        _ => ("Other", "城市运行告警", "City operation"),
    }
}

fn cap(app: &App, alert: &Alert, names: &mut Names<'_>) -> String {
    let level = level(app, &alert.scheme, &alert.severity);
    let division = app.settings().district_code.clone().unwrap_or_else(|| "000000".into());
    let sender = format!("{division}@{}", app.settings().log_origin);
    let (category, zh, en) = event(&alert.category);
    let severity = match level.rank {
        1 => "Extreme",
        2 => "Severe",
        3 => "Moderate",
        _ => "Minor",
    };
    let first = identifier(&division, alert.first_at, alert.first_at.0.unsigned_abs() / 100);
    let (kind, sent, own, references) = match (alert.state, alert.cleared_at) {
        (AlertState::Cleared, Some(at)) => ("Cancel", at, identifier(&division, at, 9), true),
        _ if alert.count > 1 => ("Update", alert.last_at, identifier(&division, alert.last_at, alert.count), true),
        _ => ("Alert", alert.first_at, first.clone(), false),
    };
    let references = match references {
        true => format!("\n  <references>{},{},{}</references>", escaped(&sender), first, time(alert.first_at)),
        false => String::new(),
    };
    let status = if alert.simulated { "Exercise" } else { "Actual" };
    let note = match alert.simulated {
        true => "\n  <note>由模拟数据触发。 / Raised by simulated data.</note>",
        false => "",
    };
    let about = alert.about.as_ref().map(|a| names.about(a.as_str()).name);
    let area = about.clone().unwrap_or_else(|| app.settings().district.0.clone());
    let circle = alert.location.map(|p| format!("\n      <circle>{:.6},{:.6} 0.1</circle>", p.latitude, p.longitude));
    let expires = time(alert.last_at.plus_ms(24 * 3_600_000));
    let info = |language: &str, event: &str, headline: String, level: &str| {
        format!(
            "\n  <info>\n    <language>{language}</language>\n    <category>{category}</category>\n    <event>{event}</event>\n    \
             <responseType>{}</responseType>\n    <urgency>{}</urgency>\n    <severity>{severity}</severity>\n    <certainty>Observed</certainty>\n    \
             <effective>{}</effective>\n    <expires>{expires}</expires>\n    <senderName>{}</senderName>\n    <headline>{}</headline>\n    \
             <description>{}</description>\n    <parameter>\n      <valueName>severityScheme</valueName>\n      <value>{}</value>\n    </parameter>\n    \
             <parameter>\n      <valueName>level</valueName>\n      <value>{}</value>\n    </parameter>\n    <area>\n      <areaDesc>{}</areaDesc>{}\n      \
             <geocode>\n        <valueName>GB/T 2260</valueName>\n        <value>{}</value>\n      </geocode>\n    </area>\n  </info>",
            if alert.state == AlertState::Cleared { "AllClear" } else { "Assess" },
            if alert.state == AlertState::Cleared { "Past" } else { "Immediate" },
            time(alert.first_at),
            escaped(&app.settings().district.0),
            escaped(&headline),
            escaped(&format!("{}（{}）", alert.title, about.as_deref().unwrap_or("—"))),
            escaped(&alert.scheme),
            escaped(level),
            escaped(&area),
            circle.as_deref().unwrap_or_default(),
            escaped(&division),
        )
    };
    format!(
        "<?xml version=\"1.0\" encoding=\"UTF-8\"?>\n<alert xmlns=\"urn:oasis:names:tc:emergency:cap:1.2\">\n  <identifier>{own}</identifier>\n  \
         <sender>{}</sender>\n  <sent>{}</sent>\n  <status>{status}</status>\n  <msgType>{kind}</msgType>\n  <scope>Public</scope>{note}{references}{}{}\n</alert>\n",
        escaped(&sender),
        time(sent),
        info("zh-CN", zh, format!("{}：{}", level.title.zh, alert.title), &level.title.zh),
        info("en-GB", en, format!("{}: {}", level.title.en, alert.title), &level.title.en),
    )
}

fn xml(text: String, kind: &'static str) -> Response {
    ([(header::CONTENT_TYPE, kind)], text).into_response()
}

/// One alert as CAP 1.2.
pub async fn alert(State(app): State<App>, Path(file): Path<String>) -> Result<Response, Problem> {
    blocking(move || {
        let alert = find(&app, file.trim_end_matches(".xml"))?;
        Ok(xml(cap(&app, &alert, &mut Names::new(&app)), "application/cap+xml; charset=utf-8"))
    })
    .await
}

/// The latest alerts as an Atom feed.
pub async fn feed(State(app): State<App>) -> Result<Response, Problem> {
    blocking(move || {
        let mut all: Vec<_> = app.operations().alerts()?.into_values().collect();
        all.sort_by_key(|a| std::cmp::Reverse((a.last_at, a.id.clone())));
        let updated = all.first().map_or_else(|| app.tenant(None).map(|t| t.now()), |a| Ok(a.last_at))?;
        let name = escaped(&app.settings().district.0);
        let entries: String = all
            .iter()
            .take(FEED_MAX)
            .map(|a| {
                let id = escaped(local(a.id.as_str()));
                format!(
                    "\n  <entry>\n    <id>{}</id>\n    <title>{}</title>\n    <updated>{}</updated>\n    <author><name>{name}</name></author>\n    \
                     <link rel=\"alternate\" type=\"application/cap+xml\" href=\"/cap/alerts/{id}.xml\"/>\n  </entry>",
                    escaped(a.id.as_str()),
                    escaped(&a.title),
                    time(a.last_at),
                )
            })
            .collect();
        let text = format!(
            "<?xml version=\"1.0\" encoding=\"UTF-8\"?>\n<feed xmlns=\"http://www.w3.org/2005/Atom\">\n  <id>urn:nacre:cap:{}</id>\n  \
             <title>{name} 告警</title>\n  <updated>{}</updated>\n  <link rel=\"self\" href=\"/cap/feed.xml\"/>{entries}\n</feed>\n",
            escaped(&app.settings().log_origin),
            time(updated),
        );
        Ok(xml(text, "application/atom+xml; charset=utf-8"))
    })
    .await
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_identifier_has_the_31_characters_of_the_standard() {
        let at = Instant::parse("2026-11-23T09:00:00+08:00").expect("an instant");
        let id = identifier("440105", at, 17);
        assert_eq!(id, "44010500000000_20261123090000_7");
        assert_eq!(id.len(), 31);
    }
}
