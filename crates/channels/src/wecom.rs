//! WeCom (企业微信): a group robot, and an application that writes to users.

use std::time::{Duration, Instant};

use nacre_alerts::channels::{Channel, ChannelError, Notice, Sending, wecom_application, wecom_markdown};
use nacre_outbound::Outbound;
use nacre_outbound::header::{CONTENT_TYPE, HeaderMap, HeaderValue};
use parking_lot::Mutex;
use serde::Deserialize;
use url::Url;

use crate::webhook::posted;

/// A token that WeCom calls invalid or expired.
const TOKEN_ERRORS: [i64; 3] = [40014, 41001, 42001];
/// Called too often, or WeCom is busy: these help themselves.
const BUSY_ERRORS: [i64; 3] = [-1, 45009, 45033];

/// What WeCom answers.
#[derive(Debug, Default, Deserialize)]
#[serde(default)]
struct Said {
    errcode: i64,
    errmsg: String,
    invaliduser: String,
    access_token: String,
    expires_in: u64,
}

fn json() -> HeaderMap {
    HeaderMap::from_iter([(CONTENT_TYPE, HeaderValue::from_static("application/json"))])
}

fn failed(channel: &str, code: &'static str, detail: String, again: bool) -> ChannelError {
    ChannelError { channel: channel.into(), code, detail: detail.chars().take(300).collect(), again }
}

fn said(channel: &str, body: &[u8]) -> Result<Said, ChannelError> {
    let said: Said = serde_json::from_slice(body)
        .map_err(|_| failed(channel, "channel_answer", "the answer is not JSON".into(), true))?;
    match said.errcode {
        0 => Ok(said),
        code => {
            let again = BUSY_ERRORS.contains(&code) || TOKEN_ERRORS.contains(&code);
            Err(failed(channel, "wecom_refused", format!("errcode {code}: {}", said.errmsg), again))
        }
    }
}

/// A group robot: whoever has the URL may write to the group.
pub struct Robot {
    outbound: Outbound,
}

impl Robot {
    /// Through the one way out.
    pub fn new(outbound: Outbound) -> Robot {
        Robot { outbound }
    }
}

impl Channel for Robot {
    fn name(&self) -> &str {
        "wecom-robot"
    }

    fn send<'a>(&'a self, notice: &'a Notice) -> Sending<'a> {
        Box::pin(async move {
            for url in &notice.to {
                let body = posted(self.name(), &self.outbound, url, json(), wecom_markdown(notice)).await?;
                said(self.name(), &body)?;
            }
            Ok(())
        })
    }
}

/// An application of a company.
pub struct Application {
    outbound: Outbound,
    base: Url,
    corp: String,
    secret: String,
    agent: u64,
    token: Mutex<Option<(String, Instant)>>,
}

impl Application {
    /// Of `https://CORPID:SECRET@qyapi.weixin.qq.com/AGENTID`.
    pub fn new(outbound: Outbound, url: &str) -> Result<Application, String> {
        let needed = || "needed: https://CORPID:SECRET@qyapi.weixin.qq.com/AGENTID".to_string();
        let mut base = Url::parse(url).map_err(|_| needed())?;
        let agent = base.path().trim_matches('/').parse().map_err(|_| needed())?;
        let corp = base.username().to_owned();
        let secret = base.password().unwrap_or_default().to_owned();
        if corp.is_empty() || secret.is_empty() || !matches!(base.scheme(), "http" | "https") {
            return Err(needed());
        }
        base.set_path("/");
        base.set_query(None);
        base.set_username("").and_then(|()| base.set_password(None)).map_err(|()| needed())?;
        Ok(Application { outbound, base, corp, secret, agent, token: Mutex::default() })
    }

    fn url(&self, path: &str, query: &[(&str, &str)]) -> String {
        let mut url = self.base.clone();
        url.set_path(path);
        url.query_pairs_mut().extend_pairs(query);
        url.into()
    }

    /// The token at hand, or a new one.
    async fn token(&self) -> Result<String, ChannelError> {
        if let Some((token, until)) = &*self.token.lock()
            && *until > Instant::now()
        {
            return Ok(token.clone());
        }
        let url = self.url("/cgi-bin/gettoken", &[("corpid", &self.corp), ("corpsecret", &self.secret)]);
        let answer = self.outbound.get(&url, "application/json", 16 << 10).await;
        // The URL holds the secret: what went wrong is said without it.
        let answer = answer.map_err(|_| {
            failed(self.name(), "channel_no_answer", "no token: WeCom did not answer".into(), true)
        })?;
        let said = said(self.name(), &answer.body)?;
        if said.access_token.is_empty() {
            return Err(failed(self.name(), "channel_answer", "no token in the answer".into(), true));
        }
        // A minute early, so that none runs out on its way.
        let until = Instant::now() + Duration::from_secs(said.expires_in.clamp(120, 7_200) - 60);
        *self.token.lock() = Some((said.access_token.clone(), until));
        Ok(said.access_token)
    }
}

impl Channel for Application {
    fn name(&self) -> &str {
        "wecom"
    }

    fn send<'a>(&'a self, notice: &'a Notice) -> Sending<'a> {
        Box::pin(async move {
            let token = self.token().await?;
            let url = self.url("/cgi-bin/message/send", &[("access_token", &token)]);
            let message = wecom_application(notice, self.agent);
            let body = posted(self.name(), &self.outbound, &url, json(), message).await?;
            match said(self.name(), &body) {
                Ok(said) if !said.invaliduser.is_empty() => {
                    Err(failed(self.name(), "wecom_user", "WeCom knows no such user".into(), false))
                }
                Ok(_) => Ok(()),
                Err(error) => {
                    // A stale token is forgotten; the next try asks for another.
                    if error.again {
                        *self.token.lock() = None;
                    }
                    Err(error)
                }
            }
        })
    }
}
