//! What is sent and to whom, from JSON (CIM 009 §5.2.14, §5.2.15, §5.2.22).

use nacre_model::id::is_uri;
use serde_json::Value as Json;

use super::fields::{attribute, boolean, is_null, items, object, positive, text};
use super::{Accept, Endpoint, Join, NotificationParams};
use crate::context::Context;
use crate::entity_out::{Format, Projection};
use crate::errors::NgsiError;

pub(super) fn notification(json: &Json, context: &Context) -> Result<NotificationParams, NgsiError> {
    const AT: &str = "/notification";
    let members = object(json, AT)?;
    let given = |name: &str| members.get(name).filter(|v| !is_null(v)).map(|v| (v, format!("{AT}/{name}")));
    let Some((json, at)) = given("endpoint") else {
        return Err(NgsiError::bad("a notification needs an `endpoint`").at(format!("{AT}/endpoint")));
    };
    let endpoint = endpoint(json, &at)?;
    let format = match given("format") {
        None => None,
        Some((value, at)) => {
            let word = text(value, &at)?;
            let format = Format::parse(word).ok_or_else(|| {
                let what =
                    format!("`{word}` is no format: normalized, concise, simplified and keyValues are");
                NgsiError::bad(what).at(at)
            })?;
            Some((format, word.to_owned()))
        }
    };
    let join = match given("join") {
        None => None,
        Some((value, at)) => Some(match text(value, &at)? {
            "@none" => Join::None,
            "flat" => Join::Flat,
            "inline" => Join::Inline,
            _ => return Err(NgsiError::bad("`join` must be `flat`, `inline` or `@none`").at(at)),
        }),
    };
    let join_level = match given("joinLevel") {
        None => None,
        Some((value, at)) => {
            let level = value.as_u64().and_then(|n| u32::try_from(n).ok()).filter(|n| *n > 0);
            Some(level.ok_or_else(|| NgsiError::bad("a whole number from 1 on is expected").at(at))?)
        }
    };
    let projection = |name: &str| -> Result<Option<Projection>, NgsiError> {
        let Some((value, at)) = given(name) else { return Ok(None) };
        let names = items(value, &at, |v, at| text(v, at).map(str::to_owned))?;
        Projection::of_names(names.iter().map(String::as_str), context).map(Some).map_err(|e| e.at(at))
    };
    let flag = |name: &str| given(name).map(|(v, at)| boolean(v, &at)).transpose();
    let attributes =
        given("attributes").map(|(v, at)| items(v, &at, |v, at| attribute(v, at, context))).transpose()?;
    let params = NotificationParams {
        attributes: attributes.unwrap_or_default(),
        pick: projection("pick")?,
        omit: projection("omit")?,
        format,
        join,
        join_level,
        show_changes: flag("showChanges")?,
        sys_attrs: flag("sysAttrs")?,
        endpoint,
    };
    check_notification(&params)?;
    Ok(params)
}

fn check_notification(params: &NotificationParams) -> Result<(), NgsiError> {
    let bad = |what: &str, name: &str| Err(NgsiError::bad(what).at(format!("/notification/{name}")));
    if params.show_changes == Some(true) && params.format() == Format::Simplified {
        return bad("`showChanges` cannot go with the simplified format", "showChanges");
    }
    if !params.attributes.is_empty() && (params.pick.is_some() || params.omit.is_some()) {
        return bad("`attributes` excludes `pick` and `omit`", "attributes");
    }
    if let (Some(pick), Some(omit)) = (&params.pick, &params.omit)
        && pick.overlaps(omit)
    {
        return bad("a member cannot be both in `pick` and in `omit`", "omit");
    }
    let depth = [&params.pick, &params.omit].into_iter().flatten().map(Projection::depth).max().unwrap_or(0);
    let levels = match params.join {
        Some(Join::Flat | Join::Inline) => params.join_level.unwrap_or(1),
        _ => 0,
    };
    if depth > levels {
        return bad("the projection goes deeper than `join` and `joinLevel` do", "joinLevel");
    }
    Ok(())
}

fn endpoint(json: &Json, at: &str) -> Result<Endpoint, NgsiError> {
    let members = object(json, at)?;
    let given = |name: &str| members.get(name).filter(|v| !is_null(v)).map(|v| (v, format!("{at}/{name}")));
    let Some((address, uri_at)) = given("uri") else {
        return Err(NgsiError::bad("an endpoint needs a `uri`").at(format!("{at}/uri")));
    };
    let address = text(address, &uri_at)?;
    let scheme = address.split_once("://").map(|(s, _)| s.to_ascii_lowercase());
    if !is_uri(address) || !matches!(scheme.as_deref(), Some("http" | "https" | "mqtt" | "mqtts")) {
        return Err(NgsiError::bad("a URI of http, https, mqtt or mqtts is expected").at(uri_at));
    }
    let accept = match given("accept") {
        None => None,
        Some((value, at)) => {
            let name = text(value, &at)?;
            let found = Accept::ALL.iter().find(|(_, n)| *n == name).map(|(a, _)| *a);
            Some(found.ok_or_else(|| {
                let what = "application/json, application/ld+json or application/geo+json is expected";
                NgsiError::bad(what).at(at)
            })?)
        }
    };
    let list = |name: &str| match given(name) {
        // An array of none is taken: the table does not forbid it here.
        Some((Json::Array(all), _)) if all.is_empty() => Ok(Vec::new()),
        Some((value, at)) => items(value, &at, pair),
        None => Ok(Vec::new()),
    };
    let number = |name: &str| given(name).map(|(v, at)| positive(v, &at)).transpose();
    Ok(Endpoint {
        uri: address.to_owned(),
        accept,
        receiver_info: list("receiverInfo")?,
        notifier_info: list("notifierInfo")?,
        timeout_ms: number("timeout")?,
        cooldown_ms: number("cooldown")?,
    })
}

/// A pair whose key can be a header name and whose value a header value (RFC 9110 §5.5, §5.6.2): nothing a client
/// states may begin another header.
fn pair(json: &Json, at: &str) -> Result<(String, String), NgsiError> {
    let members = object(json, at)?;
    let member = |name: &str| match members.get(name) {
        Some(value) => text(value, &format!("{at}/{name}")),
        None => Err(NgsiError::bad(format!("`{name}` is missing")).at(format!("{at}/{name}"))),
    };
    let (key, value) = (member("key")?, member("value")?);
    let token = |b: u8| b.is_ascii_alphanumeric() || b"!#$%&'*+-.^_`|~".contains(&b);
    if key.is_empty() || !key.bytes().all(token) {
        return Err(NgsiError::bad(format!("`{key}` cannot be the name of a header")).at(format!("{at}/key")));
    }
    if value.chars().any(char::is_control) {
        return Err(NgsiError::bad("a header value holds no control characters").at(format!("{at}/value")));
    }
    Ok((key.to_owned(), value.to_owned()))
}
