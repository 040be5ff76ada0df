//! A list of warning messages as an Atom feed (RFC 4287), each entry leading to its CAP document.

use nacre_model::Instant;

use crate::cap::{CapAlert, NAMESPACE, Status};
use crate::escape::xml;
use crate::local_time::date_time;

/// Most entries of a feed; readers page by time, not by size.
pub const ENTRIES_MAX: usize = 200;

/// A feed.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Feed {
    /// An address that never changes.
    pub id: String,
    /// Its title.
    pub title: String,
    /// Who issues.
    pub author: String,
    /// Where it is found.
    pub url: String,
    /// How far district time is ahead of UTC, minutes.
    pub offset_minutes: i32,
}

/// A message of a feed.
#[derive(Debug, Clone, Copy)]
pub struct Entry<'a> {
    /// The message.
    pub alert: &'a CapAlert,
    /// Where its CAP document is found, for good: it is the id of the entry too.
    pub url: &'a str,
}

/// The feed as XML, newest first, at most [`ENTRIES_MAX`]. `now` is its time when it has no entry.
pub fn feed(feed: &Feed, entries: &[Entry<'_>], now: Instant) -> String {
    let mut entries: Vec<&Entry<'_>> = entries.iter().collect();
    entries.sort_by(|a, b| {
        b.alert.sent.cmp(&a.alert.sent).then_with(|| a.alert.identifier.cmp(&b.alert.identifier))
    });
    entries.truncate(ENTRIES_MAX);
    let updated = date_time(entries.first().map_or(now, |e| e.alert.sent), feed.offset_minutes);
    let mut out = format!(
        "<?xml version=\"1.0\" encoding=\"UTF-8\"?>\n<feed xmlns=\"http://www.w3.org/2005/Atom\" xml:lang=\"zh-CN\">\n\
         <id>{}</id>\n<title>{}</title>\n<updated>{updated}</updated>\n<author><name>{}</name></author>\n\
         <link rel=\"self\" type=\"application/atom+xml\" href=\"{}\"/>\n",
        xml(&feed.id),
        xml(&feed.title),
        xml(&feed.author),
        xml(&feed.url),
    );
    for entry in entries {
        out.push_str(&one(entry, feed.offset_minutes));
    }
    out.push_str("</feed>\n");
    out
}

fn one(Entry { alert, url }: &Entry<'_>, offset_minutes: i32) -> String {
    let mark = match alert.status() {
        Status::Actual => "",
        Status::Exercise => "【演练】",
        Status::Test => "【测试】",
    };
    format!(
        "<entry>\n<id>{url}</id>\n<title>{mark}{title}</title>\n<updated>{sent}</updated>\n\
         <published>{sent}</published>\n<link rel=\"alternate\" type=\"application/cap+xml\" href=\"{url}\"/>\n\
         <category term=\"{category}\"/>\n<category term=\"{kind}\" scheme=\"{NAMESPACE}#msgType\"/>\n\
         <category term=\"{status}\" scheme=\"{NAMESPACE}#status\"/>\n<summary>{summary}</summary>\n</entry>\n",
        title = xml(&alert.zh.headline),
        sent = date_time(alert.sent, offset_minutes),
        url = xml(url),
        category = alert.category.word(),
        kind = alert.message_type.word(),
        status = alert.status().word(),
        summary = xml(&alert.zh.description),
    )
}
