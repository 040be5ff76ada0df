//! A webhook: the notice as JSON, signed after Standard Webhooks when a secret is set.

use std::time::Duration;

use base64::Engine;
use base64::engine::general_purpose::STANDARD;
use bytes::Bytes;
use nacre_alerts::channels::{Channel, ChannelError, Notice, Sending, webhook};
use nacre_outbound::header::{CONTENT_TYPE, HeaderMap, HeaderName, HeaderValue};
use nacre_outbound::{Outbound, OutboundError};
use ring::hmac;

/// One message takes at most so long.
pub const TIMEOUT: Duration = Duration::from_secs(10);

/// See the module.
pub struct Webhook {
    outbound: Outbound,
    key: Option<hmac::Key>,
}

impl Webhook {
    /// Signs with a secret, where there is one.
    pub fn new(outbound: Outbound, secret: Option<&str>) -> Webhook {
        Webhook { outbound, key: secret.map(|s| hmac::Key::new(hmac::HMAC_SHA256, s.as_bytes())) }
    }

    /// `webhook-id`, `webhook-timestamp`, and `webhook-signature` over both and the body.
    fn headers(&self, id: &str, body: &str, at: u64) -> HeaderMap {
        let mut headers =
            HeaderMap::from_iter([(CONTENT_TYPE, HeaderValue::from_static("application/json"))]);
        let mut put = |name: &'static str, value: String| {
            if let Ok(value) = HeaderValue::from_str(&value) {
                headers.insert(HeaderName::from_static(name), value);
            }
        };
        put("webhook-id", id.to_owned());
        put("webhook-timestamp", at.to_string());
        if let Some(key) = &self.key {
            let tag = hmac::sign(key, format!("{id}.{at}.{body}").as_bytes());
            put("webhook-signature", format!("v1,{}", STANDARD.encode(tag)));
        }
        headers
    }
}

impl Channel for Webhook {
    fn name(&self) -> &str {
        "webhook"
    }

    fn send<'a>(&'a self, notice: &'a Notice) -> Sending<'a> {
        Box::pin(async move {
            let now = std::time::SystemTime::now().duration_since(std::time::UNIX_EPOCH);
            let body = webhook(notice);
            let headers = self.headers(&notice.id, &body, now.map_or(0, |d| d.as_secs()));
            for url in &notice.to {
                posted("webhook", &self.outbound, url, headers.clone(), body.clone()).await?;
            }
            Ok(())
        })
    }
}

/// Posts, and says what became of it; the URL may hold a key and is not repeated.
pub(crate) async fn posted(
    channel: &str,
    outbound: &Outbound,
    url: &str,
    headers: HeaderMap,
    body: String,
) -> Result<Bytes, ChannelError> {
    let failed = |code, detail: String, again| ChannelError { channel: channel.into(), code, detail, again };
    match outbound.post(url, headers, Bytes::from(body), TIMEOUT).await {
        Ok(answer) if (200..300).contains(&answer.status) => Ok(answer.body),
        Ok(answer) => {
            let again = answer.status == 408 || answer.status == 429 || answer.status >= 500;
            Err(failed("channel_status", format!("status {}", answer.status), again))
        }
        Err(OutboundError::Refused { why, .. }) => Err(failed("channel_address", why, false)),
        Err(OutboundError::NoAnswer { why, .. }) => Err(failed("channel_no_answer", why, true)),
        Err(OutboundError::TooLong { limit, .. }) => {
            Err(failed("channel_answer", format!("the answer is longer than {limit} bytes"), false))
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_receiver_with_the_secret_can_check_who_sent_it() {
        let outbound = Outbound::new(nacre_outbound::Policy::default()).expect("client");
        let headers = Webhook::new(outbound, Some("secret")).headers("n-1", "{}", 1_700_000_000);
        let signature = headers["webhook-signature"].to_str().expect("text");
        let tag = STANDARD.decode(signature.strip_prefix("v1,").expect("version 1")).expect("base64");
        let key = hmac::Key::new(hmac::HMAC_SHA256, b"secret");
        assert!(hmac::verify(&key, b"n-1.1700000000.{}", &tag).is_ok());
        assert!(hmac::verify(&key, b"n-1.1700000000.{ }", &tag).is_err());
    }
}
