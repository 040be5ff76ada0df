//! The web console: the files of `console/dist`, built into the binary, so that one file is the whole product.
//!
//! `console/` is built by npm before cargo builds this crate (`make build` does both). Without a built console the crate
//! holds none, and [`page`] answers a page that says what to do.

struct Raw {
    name: &'static str,
    bytes: &'static [u8],
    gzip: &'static [u8],
}

include!(concat!(env!("OUT_DIR"), "/assets.rs"));

/// A file of the console.
#[derive(Debug, Clone, Copy)]
pub struct Asset {
    /// As it is.
    pub bytes: &'static [u8],
    /// Compressed, where that is smaller.
    pub gzip: Option<&'static [u8]>,
    /// Media type.
    pub media_type: &'static str,
    /// Its name holds a digest of its content: it never changes.
    pub immutable: bool,
}

/// What is served where the console was not built.
const MISSING: &str = "<!doctype html><html lang=\"zh-CN\"><meta charset=\"utf-8\"><title>数智海珠</title>\
<p>这个程序没有带控制台：先运行 <code>make build</code>。接口照常可用：<a href=\"/api/openapi.json\">OpenAPI</a>。</p>\
<p lang=\"en\">This binary holds no console: run <code>make build</code>. The interfaces work: <a href=\"/api/openapi.json\">OpenAPI</a>.</p></html>";

/// The file with a path below `/`.
pub fn asset(path: &str) -> Option<Asset> {
    let found = ASSETS.binary_search_by(|raw| raw.name.cmp(path)).ok()?;
    let raw = &ASSETS[found];
    Some(Asset {
        bytes: raw.bytes,
        gzip: (raw.gzip.len() < raw.bytes.len()).then_some(raw.gzip),
        media_type: media_type(path),
        immutable: path.starts_with("assets/"),
    })
}

/// The page of every address of the console.
pub fn page() -> Asset {
    asset("index.html").unwrap_or(Asset {
        bytes: MISSING.as_bytes(),
        gzip: None,
        media_type: "text/html; charset=utf-8",
        immutable: false,
    })
}

/// Whether the console was built in.
pub fn is_built() -> bool {
    asset("index.html").is_some()
}

fn media_type(path: &str) -> &'static str {
    match path.rsplit('.').next().unwrap_or_default() {
        "html" => "text/html; charset=utf-8",
        "js" | "mjs" => "text/javascript; charset=utf-8",
        "css" => "text/css; charset=utf-8",
        "json" | "map" => "application/json",
        "svg" => "image/svg+xml",
        "png" => "image/png",
        "ico" => "image/x-icon",
        "woff2" => "font/woff2",
        "txt" => "text/plain; charset=utf-8",
        _ => "application/octet-stream",
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_address_has_a_page_even_without_a_built_console() {
        assert!(page().media_type.starts_with("text/html"));
        assert_eq!(asset("no/such/file").map(|a| a.bytes.len()), None);
        assert!(ASSETS.is_sorted_by_key(|raw| raw.name), "asset() looks by halves");
    }
}
