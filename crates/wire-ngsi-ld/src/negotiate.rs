//! What a request asks for and in which form, from the texts of its headers (CIM 009 §6.3.3 to §6.3.6).

use serde_json::Value as Json;

use crate::errors::{ErrorKind, NgsiError};

/// The relation by which a Link header names an `@context` (JSON-LD 1.1 §6.2).
pub const CONTEXT_RELATION: &str = "http://www.w3.org/ns/json-ld#context";

/// What an answer is written in.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
#[allow(missing_docs)]
pub enum Media {
    Json,
    LdJson,
    GeoJson,
}

impl Media {
    /// In the order in which they are preferred at equal weight.
    const ALL: [Media; 3] = [Media::Json, Media::LdJson, Media::GeoJson];

    /// The media type.
    pub fn name(self) -> &'static str {
        match self {
            Media::Json => "application/json",
            Media::LdJson => "application/ld+json",
            Media::GeoJson => "application/geo+json",
        }
    }
}

/// Chooses the form of the answer. `geo`: whether GeoJSON can be had. At equal weight JSON comes before JSON-LD
/// before GeoJSON, whatever their order in the header; weights overrule; no header means JSON.
pub fn accept(header: Option<&str>, geo: bool) -> Result<Media, NgsiError> {
    let Some(header) = header.map(str::trim).filter(|h| !h.is_empty()) else { return Ok(Media::Json) };
    let offered = &Media::ALL[..if geo { 3 } else { 2 }];
    let mut best: Option<(u16, Media)> = None;
    for media in offered {
        let weight = weight(header, *media);
        if weight > best.map_or(0, |(w, _)| w) {
            best = Some((weight, *media));
        }
    }
    best.map(|(_, media)| media).ok_or_else(|| {
        let names: Vec<&str> = offered.iter().map(|m| m.name()).collect();
        let detail = format!("`Accept: {header}` cannot be met; to be had: {}", names.join(", "));
        NgsiError::new(ErrorKind::NotAcceptable, detail)
    })
}

/// The weight of a media type in thousandths: that of the most specific range that covers it (RFC 9110 §12.5.1).
fn weight(header: &str, media: Media) -> u16 {
    let mut found: Option<(u8, u16)> = None;
    for part in split(header, ',') {
        let mut pieces = split(part, ';').into_iter().map(str::trim);
        let range = pieces.next().unwrap_or_default().to_ascii_lowercase();
        let specific = match range.as_str() {
            "*/*" => 0,
            "application/*" => 1,
            name if name == media.name() => 2,
            _ => continue,
        };
        let q = pieces.find_map(|p| p.strip_prefix("q=").or(p.strip_prefix("Q=")));
        let q = q.map_or(1.0, |q| q.trim().parse::<f32>().unwrap_or(0.0)).clamp(0.0, 1.0);
        let weight = (q * 1000.0) as u16;
        if found.is_none_or(|(s, w)| (specific, weight) > (s, w)) {
            found = Some((specific, weight));
        }
    }
    found.map_or(0, |(_, weight)| weight)
}

/// What a body is written in.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
#[allow(missing_docs)]
pub enum BodyMedia {
    Json,
    LdJson,
}

/// Reads Content-Type; `patch`: whether a merge patch is fine, which is then read as JSON.
pub fn content_type(header: Option<&str>, patch: bool) -> Result<BodyMedia, NgsiError> {
    let full = header.unwrap_or_default();
    match full.split(';').next().unwrap_or_default().trim().to_ascii_lowercase().as_str() {
        "application/json" => Ok(BodyMedia::Json),
        "application/merge-patch+json" if patch => Ok(BodyMedia::Json),
        "application/ld+json" => Ok(BodyMedia::LdJson),
        _ => {
            let detail = format!("`Content-Type: {full}`; needed: application/json or application/ld+json");
            Err(NgsiError::new(ErrorKind::UnsupportedMediaType, detail))
        }
    }
}

/// Where the context of a request comes from.
#[derive(Debug, Clone, PartialEq)]
pub enum ContextFrom {
    /// Nobody named one.
    Default,
    /// The Link header.
    Link(String),
    /// The body.
    Body(Json),
}

/// §6.3.5: JSON takes its context from the Link header, JSON-LD from the body, a request without body (`media` is
/// none) from the Link header. `links` are the values of all Link headers, `own` is the `@context` of the body.
pub fn context_from<'a>(
    media: Option<BodyMedia>,
    links: impl IntoIterator<Item = &'a str>,
    own: Option<Json>,
) -> Result<ContextFrom, NgsiError> {
    let link = context_link(links)?;
    match (media, own, link) {
        (Some(BodyMedia::LdJson), _, Some(_)) => Err(NgsiError::bad(
            "application/ld+json carries its @context in the body; the Link header must not name another",
        )),
        (Some(BodyMedia::LdJson), None, None) => {
            Err(NgsiError::bad("application/ld+json needs an `@context` in the body").at("/@context"))
        }
        (Some(BodyMedia::LdJson), Some(value), None) => Ok(ContextFrom::Body(value)),
        (_, Some(_), _) => Err(NgsiError::bad(
            "an `@context` in application/json; send it as application/ld+json, or name it in a Link header",
        )
        .at("/@context")),
        (_, None, Some(url)) => Ok(ContextFrom::Link(url)),
        (_, None, None) => Ok(ContextFrom::Default),
    }
}

/// The URL of the one `@context` that Link headers name.
pub fn context_link<'a>(links: impl IntoIterator<Item = &'a str>) -> Result<Option<String>, NgsiError> {
    let mut found: Option<String> = None;
    for link in links.into_iter().flat_map(|value| split(value, ',')) {
        let Some((url, parameters)) = parse_link(link)? else { continue };
        let is_context = parameters.iter().any(|(name, value)| {
            name.eq_ignore_ascii_case("rel") && value.split_ascii_whitespace().any(|r| r == CONTEXT_RELATION)
        });
        if is_context && found.replace(url).is_some() {
            return Err(NgsiError::bad("more than one Link names an @context; there can be one").at("Link"));
        }
    }
    Ok(found)
}

type Link = (String, Vec<(String, String)>);

/// Reads one link (RFC 8288 §3); none when there is nothing.
fn parse_link(text: &str) -> Result<Option<Link>, NgsiError> {
    let text = text.trim();
    if text.is_empty() {
        return Ok(None);
    }
    let wrong = || NgsiError::bad(format!("`{text}` is no link; needed: <url>; rel=\"…\"")).at("Link");
    let (url, rest) = text.strip_prefix('<').and_then(|t| t.split_once('>')).ok_or_else(wrong)?;
    let parameters = split(rest, ';')
        .into_iter()
        .filter_map(|p| p.trim().split_once('='))
        .map(|(name, value)| (name.trim().to_owned(), value.trim().trim_matches('"').to_owned()))
        .collect();
    Ok(Some((url.trim().to_owned(), parameters)))
}

/// Parts of a header value; separators inside `<…>` and quotes do not separate.
fn split(text: &str, separator: char) -> Vec<&str> {
    let (mut parts, mut start, mut inside, mut quoted, mut escaped) = (Vec::new(), 0, false, false, false);
    for (i, c) in text.char_indices() {
        match c {
            _ if escaped => escaped = false,
            '\\' if quoted => escaped = true,
            '"' if !inside => quoted = !quoted,
            '<' if !quoted => inside = true,
            '>' if !quoted => inside = false,
            c if c == separator && !inside && !quoted => {
                parts.push(&text[start..i]);
                start = i + c.len_utf8();
            }
            _ => {}
        }
    }
    parts.push(&text[start..]);
    parts
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;
    use serde_json::json;

    #[test]
    fn accept_prefers_json_unless_weights_say_otherwise() {
        for (header, expected) in [
            (None, Media::Json),
            (Some(""), Media::Json),
            (Some("*/*"), Media::Json),
            (Some("application/*"), Media::Json),
            (Some("application/ld+json"), Media::LdJson),
            (Some("application/geo+json, application/ld+json, application/json"), Media::Json),
            (Some("application/geo+json, application/ld+json"), Media::LdJson),
            (Some("application/json;q=0.5, application/ld+json;q=0.8"), Media::LdJson),
            (Some("application/json;q=0, */*"), Media::LdJson),
            (Some("Application/LD+JSON;profile=\"a,b\"; q=0.9, text/html"), Media::LdJson),
            (Some("application/geo+json"), Media::GeoJson),
        ] {
            assert_eq!(accept(header, true), Ok(expected), "{header:?}");
        }
        for header in ["text/html", "application/xml, text/*", "application/json;q=0", "application/geo+json"]
        {
            let error = accept(Some(header), false).expect_err("406");
            assert_eq!(error.status(), 406);
            assert!(error.detail.contains("application/ld+json"));
        }
    }

    #[test]
    fn content_types() {
        assert_eq!(content_type(Some("application/json; charset=utf-8"), false), Ok(BodyMedia::Json));
        assert_eq!(content_type(Some("application/LD+JSON"), false), Ok(BodyMedia::LdJson));
        assert_eq!(content_type(Some("application/merge-patch+json"), true), Ok(BodyMedia::Json));
        for (header, patch) in [
            (None, true),
            (Some("text/plain"), true),
            (Some("application/merge-patch+json"), false),
            (Some("json"), false),
        ] {
            assert_eq!(content_type(header, patch).expect_err("415").status(), 415, "{header:?}");
        }
    }

    const LINK: &str =
        "<https://a.org/c,d>; rel=\"http://www.w3.org/ns/json-ld#context\"; type=\"application/ld+json\"";

    #[test]
    fn context_comes_from_one_place() {
        let none: [&str; 0] = [];
        let (json, ld) = (Some(BodyMedia::Json), Some(BodyMedia::LdJson));
        let url = ContextFrom::Link("https://a.org/c,d".into());
        assert_eq!(context_from(None, none, None), Ok(ContextFrom::Default));
        assert_eq!(context_from(None, [LINK], None), Ok(url.clone()));
        assert_eq!(context_from(json, ["</n>; rel=\"next\"", LINK], None), Ok(url));
        assert_eq!(context_from(json, none, None), Ok(ContextFrom::Default));
        assert_eq!(context_from(ld, none, Some(json!({}))), Ok(ContextFrom::Body(json!({}))));
        for (media, links, own, says) in [
            (json, vec![], Some(json!("https://a.org")), "application/json"),
            (ld, vec![], None, "needs an `@context`"),
            (ld, vec![LINK], Some(json!({})), "must not name another"),
            (json, vec![LINK, LINK], None, "more than one"),
            (None, vec!["https://a.org/c; rel=x"], None, "no link"),
        ] {
            let error = context_from(media, links, own).expect_err("refused");
            assert!(error.status() == 400 && error.detail.contains(says), "{error}");
        }
    }

    proptest! {
        #[test]
        fn no_header_makes_it_panic(text in "\\PC{0,60}") {
            let _ = accept(Some(&text), true);
            let _ = content_type(Some(&text), true);
            let _ = context_link([text.as_str()]);
        }
    }
}
