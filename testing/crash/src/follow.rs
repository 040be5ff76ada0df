//! Whoever follows the event stream: resumes behind the last event it got, and gets each of the rest once, in order.

use std::net::SocketAddr;

use crate::http::Http;
use crate::{Checked, ensure};

/// One event: the record and the entity it is about.
pub type Event = (u64, String);

/// Reads events behind `after` until `enough` says so or the connection is lost.
pub fn read(address: SocketAddr, after: u64, enough: impl Fn(&[Event]) -> bool) -> Checked<Vec<Event>> {
    let mut events: Vec<Event> = Vec::new();
    let Ok(mut http) = Http::connect(address) else { return Ok(events) };
    let Ok(status) = http.stream(&format!("/api/events?after={after}")) else { return Ok(events) };
    ensure!(status == 200, "the event stream answers {status}");
    let mut bytes = Vec::new();
    let mut last = after;
    while !enough(&events) {
        if !http.chunk(&mut bytes).unwrap_or(false) {
            break;
        }
        // A chunk may end within an event.
        while let Some(end) = bytes.windows(2).position(|two| two == b"\n\n") {
            let text = String::from_utf8_lossy(&bytes[..end]).into_owned();
            bytes.drain(..end + 2);
            let Some(event) = event(&text)? else { continue };
            ensure!(event.0 > last, "event {} comes after {last}", event.0);
            last = event.0;
            events.push(event);
        }
    }
    Ok(events)
}

/// An event of the stream; comments that keep the connection alive are none.
fn event(text: &str) -> Checked<Option<Event>> {
    let field = |name: &str| text.lines().find_map(|l| l.strip_prefix(name)).map(str::trim);
    let (Some(id), Some(data)) = (field("id:"), field("data:")) else { return Ok(None) };
    let json: serde_json::Value = serde_json::from_str(data).map_err(|e| format!("{e}: {text}"))?;
    let seq = json["seq"].as_u64().filter(|seq| seq.to_string() == id);
    let entity = json["entity"].as_str().map(str::to_owned);
    seq.zip(entity).map(Some).ok_or_else(|| format!("an event that is none: {text}"))
}
