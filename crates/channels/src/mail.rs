//! E-mail over SMTP.

use std::time::Duration;

use lettre::message::header::ContentType;
use lettre::message::{Mailbox, MultiPart, SinglePart};
use lettre::{AsyncSmtpTransport, AsyncTransport, Message, Tokio1Executor};
use nacre_alerts::channels::{Channel, ChannelError, Notice, Sending, email};

/// One message takes at most so long.
const TIMEOUT: Duration = Duration::from_secs(15);

/// See the module.
pub struct Mail {
    transport: AsyncSmtpTransport<Tokio1Executor>,
    from: Mailbox,
}

impl Mail {
    /// Through `smtp://host:25`, `smtp://user:password@host:587?tls=required` or `smtps://user:password@host`.
    pub fn new(url: &str, from: &str) -> Result<Mail, String> {
        // The URL may hold a password: it is not repeated.
        let transport = AsyncSmtpTransport::<Tokio1Executor>::from_url(url)
            .map_err(|e| format!("not an SMTP URL such as smtps://user:password@host: {e}"))?
            .timeout(Some(TIMEOUT))
            .build();
        let from: Mailbox = from.parse().map_err(|e| format!("`{from}` cannot send mail: {e}"))?;
        Ok(Mail { transport, from })
    }

    fn message(&self, notice: &Notice) -> Result<Message, String> {
        let mail = email(notice);
        let domain = self.from.email.domain();
        let mut message = Message::builder()
            .from(self.from.clone())
            .subject(mail.subject)
            // The same notice is the same message, however often it has to be sent.
            .message_id(Some(format!("<{}@{domain}>", notice.id.replace(['<', '>', ' '], "-"))));
        for to in &notice.to {
            message = message.to(to.parse().map_err(|e| format!("{e}"))?);
        }
        let part = |kind, body: String| SinglePart::builder().header(kind).body(body);
        message
            .multipart(
                MultiPart::alternative()
                    .singlepart(part(ContentType::TEXT_PLAIN, mail.text))
                    .singlepart(part(ContentType::TEXT_HTML, mail.html)),
            )
            .map_err(|e| e.to_string())
    }
}

impl Channel for Mail {
    fn name(&self) -> &str {
        "mail"
    }

    fn send<'a>(&'a self, notice: &'a Notice) -> Sending<'a> {
        Box::pin(async move {
            let failed = |code, detail: String, again| ChannelError {
                channel: "mail".into(),
                code,
                detail: detail.chars().take(300).collect(),
                again,
            };
            let message = self.message(notice).map_err(|e| failed("mail_invalid", e, false))?;
            match self.transport.send(message).await {
                Ok(_) => Ok(()),
                Err(e) if e.is_permanent() => Err(failed("mail_refused", e.to_string(), false)),
                Err(e) if e.is_timeout() => Err(failed("channel_timeout", e.to_string(), true)),
                Err(e) => Err(failed("mail_unsent", e.to_string(), true)),
            }
        })
    }
}
