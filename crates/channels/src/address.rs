//! Where somebody can be reached, as a URI: `mailto:`, `https:` (a webhook), `wecom+https:` (a group robot), `wecom:` (a user).

use std::fmt;

use serde_json::json;
use sha2::{Digest, Sha256};
use url::Url;

/// Longest address, bytes.
pub const BYTES_MAX: usize = 1_000;
/// The host of WeCom; a group robot there needs no scheme of its own.
const WECOM_HOST: &str = "qyapi.weixin.qq.com";

/// Which way leads to an address.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Way {
    /// E-mail over SMTP.
    Mail,
    /// JSON to a URL.
    Webhook,
    /// A group robot of WeCom.
    WecomRobot,
    /// A user of WeCom, through an application.
    Wecom,
}

impl Way {
    /// All.
    pub const ALL: [Way; 4] = [Way::Mail, Way::Webhook, Way::WecomRobot, Way::Wecom];

    /// The name in JSON.
    pub fn name(self) -> &'static str {
        match self {
            Way::Mail => "mail",
            Way::Webhook => "webhook",
            Way::WecomRobot => "wecom-robot",
            Way::Wecom => "wecom",
        }
    }
}

/// An address that was checked. It does not print itself: it may be personal, or hold a key.
#[derive(Clone, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Address {
    way: Way,
    /// In the words of the way: a mail address, a URL, a user id.
    target: String,
}

impl Address {
    /// Reads an address; the error says what an address looks like.
    pub fn parse(uri: &str) -> Result<Address, String> {
        let uri = uri.trim();
        let wrong = |why: &str| {
            format!(
                "{why}；可以是 mailto:邮箱、https:// 地址、wecom:成员编号，或企业微信群机器人地址 wecom+https://… / \
                 an address is mailto:…, https://…, wecom:USERID or wecom+https://…"
            )
        };
        if uri.len() > BYTES_MAX || uri.chars().any(|c| c.is_control() || c.is_whitespace()) {
            return Err(wrong("地址过长，或含空白"));
        }
        let found = |way: Way, target: &str| Ok(Address { way, target: target.to_owned() });
        if let Some(mailbox) = uri.strip_prefix("mailto:") {
            return match mailbox.parse::<lettre::Address>() {
                Ok(_) => found(Way::Mail, mailbox),
                Err(_) => Err(wrong("不是邮箱")),
            };
        }
        if let Some(url) = uri.strip_prefix("wecom+") {
            return match web(url) {
                true => found(Way::WecomRobot, url),
                false => Err(wrong("不是群机器人的地址")),
            };
        }
        if let Some(user) = uri.strip_prefix("wecom:") {
            // What WeCom takes as a user id; `@all` would tell the whole house.
            let plain = |c: char| c.is_ascii_alphanumeric() || matches!(c, '_' | '-' | '.' | '@');
            return match (1..=64).contains(&user.len()) && user.chars().all(plain) && !user.starts_with('@') {
                true => found(Way::Wecom, user),
                false => Err(wrong("不是企业微信成员编号")),
            };
        }
        if web(uri) {
            let robot = Url::parse(uri).is_ok_and(|u| u.host_str() == Some(WECOM_HOST));
            return found(if robot { Way::WecomRobot } else { Way::Webhook }, uri);
        }
        Err(wrong("看不懂的地址"))
    }

    /// The way that leads there.
    pub fn way(&self) -> Way {
        self.way
    }

    /// In the words of the way.
    pub fn target(&self) -> &str {
        &self.target
    }

    /// Names the address without saying it.
    pub fn key(&self) -> String {
        let digest = Sha256::digest(format!("{} {}", self.way.name(), self.target));
        hex::encode(&digest[..8])
    }

    /// As others may see it.
    pub fn masked(&self) -> String {
        match self.way {
            Way::Mail => match self.target.split_once('@') {
                Some((name, host)) => {
                    let first: String = name.chars().take(1).collect();
                    format!("{first}***@{host}")
                }
                None => "***".into(),
            },
            Way::Wecom => format!("{}***", self.target.chars().take(1).collect::<String>()),
            Way::Webhook | Way::WecomRobot => match Url::parse(&self.target) {
                Ok(url) => {
                    let port = url.port().map_or(String::new(), |p| format!(":{p}"));
                    format!("{}://{}{port}/…", url.scheme(), url.host_str().unwrap_or("…"))
                }
                Err(_) => "***".into(),
            },
        }
    }
}

impl fmt::Debug for Address {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&json!({ "way": self.way.name(), "to": self.masked() }).to_string())
    }
}

fn web(url: &str) -> bool {
    Url::parse(url).is_ok_and(|u| {
        matches!(u.scheme(), "http" | "https")
            && u.has_host()
            && u.username().is_empty()
            && u.password().is_none()
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_address_says_by_which_way_it_is_reached() {
        for (uri, way) in [
            ("mailto:zhiban@example.org", Way::Mail),
            ("https://example.org/hook?key=1", Way::Webhook),
            ("wecom+http://127.0.0.1:9/send?key=1", Way::WecomRobot),
            ("https://qyapi.weixin.qq.com/cgi-bin/webhook/send?key=1", Way::WecomRobot),
            ("wecom:zhiban01", Way::Wecom),
        ] {
            assert_eq!(Address::parse(uri).expect(uri).way(), way, "{uri}");
        }
    }

    #[test]
    fn what_is_no_address_is_refused_with_what_one_looks_like() {
        for uri in [
            "",
            "zhiban",
            "mailto:",
            "mailto:a b@example.org",
            "mailto:a@example.org\r\nBcc: b@example.org",
            "ftp://example.org/",
            "https://user:secret@example.org/",
            "wecom:@all",
            "wecom:a|b",
            "tel:12345",
        ] {
            let why = Address::parse(uri).expect_err(uri);
            assert!(why.contains("mailto:"), "{why}");
        }
    }

    #[test]
    fn an_address_does_not_say_itself() {
        let hook = Address::parse("https://example.org:8443/hook/s3cret?key=s3cret").expect("parses");
        assert_eq!(hook.masked(), "https://example.org:8443/…");
        let mail = Address::parse("mailto:zhiban@example.org").expect("parses");
        assert_eq!(mail.masked(), "z***@example.org");
        assert!(!format!("{hook:?}{mail:?}").contains("s3cret"));
    }
}
