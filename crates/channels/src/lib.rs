//! Notices go out of the house: to mailboxes, webhooks and WeCom.
//!
//! Reading order: [`address`] (where) → [`contacts`] (who is reached there) → [`outbox`] (what still has to be sent, and
//! when) → [`messenger`] (follows the notices of a tenant and sends them) → [`delivered`] (what became of each, recorded)
//! → [`mail`], [`webhook`], [`wecom`] (the ways). A further way implements [`nacre_alerts::Channel`].
//!
//! Invariants: a notice that was recorded is sent at least once, to each address at its own pace; what became of it is
//! recorded on the notice; an address never stands in a log; what is simulated goes only to who asked for it.

pub mod address;
pub mod contacts;
pub mod delivered;
pub mod mail;
pub mod messenger;
pub mod outbox;
pub mod webhook;
pub mod wecom;

use std::sync::Arc;

use nacre_alerts::Channel;
use nacre_outbound::Outbound;

pub use address::{Address, Way};
pub use delivered::{Delivery, deliveries};
pub use messenger::{Messenger, Ways};

/// What the operator sets up.
#[derive(Clone, Default)]
pub struct Setup {
    /// `smtps://user:password@host`.
    pub smtp: Option<String>,
    /// Who sends mail.
    pub mail_from: Option<String>,
    /// Signs webhooks.
    pub webhook_secret: Option<String>,
    /// `https://CORPID:SECRET@qyapi.weixin.qq.com/AGENTID`.
    pub wecom: Option<String>,
}

impl std::fmt::Debug for Setup {
    /// Says what is set, not to what: the values hold passwords.
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        let set = [
            ("smtp", &self.smtp),
            ("mail_from", &self.mail_from),
            ("webhook_secret", &self.webhook_secret),
            ("wecom", &self.wecom),
        ];
        f.debug_list().entries(set.iter().filter(|(_, v)| v.is_some()).map(|(name, _)| name)).finish()
    }
}

/// The ways out as they were set up; the error says which setting is wrong.
pub fn ways(setup: &Setup, outbound: &Outbound) -> Result<Ways, String> {
    let mail: Result<Arc<dyn Channel>, String> = match (&setup.smtp, &setup.mail_from) {
        (Some(url), Some(from)) => {
            Ok(Arc::new(mail::Mail::new(url, from).map_err(|e| format!("smtp: {e}"))?) as Arc<dyn Channel>)
        }
        (Some(_), None) => return Err("mail_from is missing: such as `数智海珠 <nacre@example.org>`".into()),
        _ => Err("smtp".into()),
    };
    let wecom: Result<Arc<dyn Channel>, String> = match &setup.wecom {
        Some(url) => {
            let application = wecom::Application::new(outbound.clone(), url);
            Ok(Arc::new(application.map_err(|e| format!("wecom: {e}"))?) as Arc<dyn Channel>)
        }
        None => Err("wecom".into()),
    };
    let webhook = webhook::Webhook::new(outbound.clone(), setup.webhook_secret.as_deref());
    let robot: Arc<dyn Channel> = Arc::new(wecom::Robot::new(outbound.clone()));
    Ok(Ways::from([
        (Way::Mail, mail),
        (Way::Webhook, Ok(Arc::new(webhook) as Arc<dyn Channel>)),
        (Way::WecomRobot, Ok(robot)),
        (Way::Wecom, wecom),
    ]))
}
