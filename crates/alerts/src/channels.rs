//! What every way to reach people has in common, and the forms in which a notice is written.
//!
//! A good channel sends once, within its own time limit, and says honestly whether it may be tried again. Sending is
//! done elsewhere; the forms here are pure.

use std::future::Future;
use std::pin::Pin;

use thiserror::Error;

use crate::escape::{json, one_line, shorten, xml};

/// Longest text of a WeCom group robot, bytes.
pub const WECOM_TEXT_BYTES_MAX: usize = 2_048;
/// Longest markdown of a WeCom group robot, bytes.
pub const WECOM_MARKDOWN_BYTES_MAX: usize = 4_096;
/// Longest subject, bytes.
pub const SUBJECT_BYTES_MAX: usize = 200;

/// Something to tell somebody.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Notice {
    /// Its id: a receiver that sees one twice knows it is one.
    pub id: String,
    /// Addresses in the words of the channel.
    pub to: Vec<String>,
    /// What, in one line.
    pub subject: String,
    /// What, in more words.
    pub text: String,
    /// A page about it.
    pub link: Option<String>,
    /// The level as people call it, such as `一级（红色）`.
    pub severity: Option<String>,
    /// It did not happen; every form begins with that.
    pub simulated: bool,
}

impl Notice {
    /// The subject in one line with what must be seen first.
    pub fn headline(&self) -> String {
        let mark = if self.simulated { "【演练】" } else { "" };
        let severity = self.severity.as_deref().map_or(String::new(), |s| format!("[{}] ", one_line(s)));
        shorten(&format!("{mark}{severity}{}", one_line(&self.subject)), SUBJECT_BYTES_MAX)
    }

    /// The link, if it is one that may be followed.
    pub fn followed(&self) -> Option<&str> {
        let sound = |l: &&str| {
            (l.starts_with("https://") || l.starts_with("http://"))
                && !l.contains(|c: char| c.is_whitespace() || c.is_control() || matches!(c, '<' | '>' | '"'))
        };
        self.link.as_deref().filter(sound)
    }
}

/// Why a notice was not sent.
#[derive(Debug, Clone, PartialEq, Eq, Error)]
#[error("{channel}：{detail} / {channel}: {detail}")]
pub struct ChannelError {
    /// Name of the channel.
    pub channel: String,
    /// A stable code, such as `channel_timeout`.
    pub code: &'static str,
    /// In words; no passwords, no whole bodies.
    pub detail: String,
    /// Whether trying again may help.
    pub again: bool,
}

/// The sending, to be waited for.
pub type Sending<'a> = Pin<Box<dyn Future<Output = Result<(), ChannelError>> + Send + 'a>>;

/// A way to reach people.
pub trait Channel: Send + Sync {
    /// Its name, as on-call lists write it.
    fn name(&self) -> &str;
    /// Sends a notice to all it names.
    fn send<'a>(&'a self, notice: &'a Notice) -> Sending<'a>;
}

/// An e-mail.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Email {
    /// Subject, one line.
    pub subject: String,
    /// Plain text.
    pub text: String,
    /// The same as HTML; nothing in it is loaded from elsewhere.
    pub html: String,
}

/// The notice as an e-mail.
pub fn email(notice: &Notice) -> Email {
    let subject = notice.headline();
    let mut text = format!("{subject}\n\n{}\n", notice.text.trim());
    if let Some(link) = notice.followed() {
        text.push_str(&format!("\n{link}\n"));
    }
    let paragraphs: String = notice
        .text
        .trim()
        .lines()
        .filter(|l| !l.trim().is_empty())
        .map(|l| format!("<p>{}</p>\n", xml(l.trim())))
        .collect();
    let link = notice.followed().map_or(String::new(), |l| {
        let l = xml(l);
        format!("<p><a href=\"{l}\" rel=\"noreferrer\">{l}</a></p>\n")
    });
    let html = format!(
        "<!doctype html>\n<html lang=\"zh-CN\"><head><meta charset=\"utf-8\"><title>{title}</title></head>\n\
         <body>\n<h1>{title}</h1>\n{paragraphs}{link}</body></html>\n",
        title = xml(&subject),
    );
    Email { subject, text, html }
}

/// The notice as JSON for a webhook.
pub fn webhook(notice: &Notice) -> String {
    let maybe = |text: Option<&str>| text.map_or("null".to_string(), json);
    let to = notice.to.iter().map(|t| json(t)).collect::<Vec<_>>().join(",");
    format!(
        "{{\"id\":{},\"to\":[{to}],\"subject\":{},\"text\":{},\"link\":{},\"severity\":{},\"simulated\":{}}}",
        json(&notice.id),
        json(&notice.headline()),
        json(&notice.text),
        maybe(notice.followed()),
        maybe(notice.severity.as_deref()),
        notice.simulated,
    )
}

/// The notice as a text of a WeCom group robot; `to` are user ids to be mentioned.
pub fn wecom_text(notice: &Notice) -> String {
    let mut content = format!("{}\n{}", notice.headline(), notice.text.trim());
    if let Some(link) = notice.followed() {
        content =
            format!("{}\n{link}", shorten(&content, WECOM_TEXT_BYTES_MAX.saturating_sub(link.len() + 1)));
    }
    let content = json(&shorten(&content, WECOM_TEXT_BYTES_MAX));
    let mentioned = notice.to.iter().map(|t| json(t)).collect::<Vec<_>>().join(",");
    format!("{{\"msgtype\":\"text\",\"text\":{{\"content\":{content},\"mentioned_list\":[{mentioned}]}}}}")
}

/// The notice as markdown of a WeCom group robot.
pub fn wecom_markdown(notice: &Notice) -> String {
    let content = json(&markdown(notice));
    format!("{{\"msgtype\":\"markdown\",\"markdown\":{{\"content\":{content}}}}}")
}

/// The notice as a markdown message of a WeCom application to the users `to`.
pub fn wecom_application(notice: &Notice, agent: u64) -> String {
    let to: Vec<String> = notice.to.iter().map(|t| one_line(t).replace('|', "")).collect();
    format!(
        "{{\"touser\":{},\"msgtype\":\"markdown\",\"agentid\":{agent},\"markdown\":{{\"content\":{}}}}}",
        json(&to.join("|")),
        json(&markdown(notice)),
    )
}

fn markdown(notice: &Notice) -> String {
    let link = notice.followed().map_or(String::new(), |l| {
        // Brackets would end the address early.
        format!("\n[查看详情]({})", l.replace('(', "%28").replace(')', "%29"))
    });
    let text: Vec<String> = notice.text.trim().lines().map(|l| format!("> {}", unmarked(l.trim()))).collect();
    let body = format!("### {}\n{}", unmarked(&notice.headline()), text.join("\n"));
    format!("{}{link}", shorten(&body, WECOM_MARKDOWN_BYTES_MAX.saturating_sub(link.len())))
}

/// A text without what markdown would take for a link, an image, a heading or colour.
fn unmarked(text: &str) -> String {
    text.chars()
        .map(|c| match c {
            '[' => '［',
            ']' => '］',
            '<' => '＜',
            '>' => '＞',
            '`' => '＇',
            '*' => '＊',
            '#' => '＃',
            c => c,
        })
        .collect()
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    fn notice() -> Notice {
        Notice {
            id: "n-1".into(),
            to: vec!["wang".into(), "li|@all".into()],
            subject: "石榴岗河\r\n水位<超警>".into(),
            text: "水位 2.5 m\n[点我](http://evil)".into(),
            link: Some("https://nacre.example/alerts/1".into()),
            severity: Some("一级（红色）".into()),
            simulated: true,
        }
    }

    #[test]
    fn an_exercise_is_called_one_in_every_form() {
        let notice = notice();
        let mail = email(&notice);
        assert_eq!(mail.subject, "【演练】[一级（红色）] 石榴岗河 水位<超警>");
        for form in
            [&mail.text, &mail.html, &webhook(&notice), &wecom_text(&notice), &wecom_markdown(&notice)]
        {
            assert!(form.contains("【演练】"), "{form}");
        }
    }

    #[test]
    fn nothing_of_a_notice_becomes_markup() {
        let mut notice = notice();
        assert!(email(&notice).html.contains("水位&lt;超警&gt;"));
        assert!(wecom_markdown(&notice).contains("［点我］"));
        assert!(wecom_application(&notice, 7).contains("\"touser\":\"wang|li@all\""));
        notice.link = Some("javascript:alert(1)".into());
        assert!(!email(&notice).html.contains("javascript"));
    }

    proptest! {
        #[test]
        fn all_forms_are_json_within_their_limits(
            subject in any::<String>(), text in "\\PC{0,3000}", link in proptest::option::of("https://x/[a-z()]{0,50}"),
        ) {
            let notice = Notice { subject, text, link, ..notice() };
            for form in [webhook(&notice), wecom_text(&notice), wecom_markdown(&notice), wecom_application(&notice, 1)] {
                let read: serde_json::Value = serde_json::from_str(&form).expect("JSON");
                let bytes = |p: &str| read.pointer(p).and_then(|v| v.as_str()).map_or(0, str::len);
                prop_assert!(bytes("/text/content") <= WECOM_TEXT_BYTES_MAX);
                prop_assert!(bytes("/markdown/content") <= WECOM_MARKDOWN_BYTES_MAX);
            }
            prop_assert!(notice.headline().len() <= SUBJECT_BYTES_MAX);
            prop_assert!(!notice.headline().contains(['\r', '\n']));
        }
    }
}
