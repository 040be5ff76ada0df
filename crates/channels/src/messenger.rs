//! Follows the notices of a tenant and sends them: at least once, and no oftener than a crash makes it.

use std::collections::BTreeMap;
use std::sync::Arc;
use std::time::Duration;

use nacre_alerts::channels::{Channel, ChannelError, Notice};
use nacre_cases::case::{attribute, iri, local};
use nacre_kernel::query::AsOf;
use nacre_kernel::{Act, Command, Principal, Refusal, Submission, Tenant};
use nacre_model::{Change, Content, Entity, EntityId, Instant, Seq, Value};
use nacre_views::Applied;
use parking_lot::{Mutex, RwLock};
use tokio::sync::Notify;
use tokio::task::JoinSet;

use crate::address::{Address, Way};
use crate::contacts::{CONTACT, Contacts, Gravity, Reader, SHIFT};
use crate::delivered::{Delivered, Delivery, deliveries};
use crate::outbox::{Batch, Fate, LETTERS_MAX, Letter, Outbox, Went};

/// How far notices were taken up.
const CURSOR: &str = "channels";
/// Between two writes of the cursor.
const KEEP_MS: i64 = 500;
/// Records read at once.
const COMMITS: usize = 512;
/// Looked after at least so often.
const IDLE: Duration = Duration::from_millis(500);
/// After a failure of our own.
const PAUSE: Duration = Duration::from_secs(2);

/// The ways out that are set up; a way that is not says what is missing.
pub type Ways = BTreeMap<Way, Result<Arc<dyn Channel>, String>>;

/// How a way does, since the start.
#[derive(Debug, Clone, Default)]
#[allow(missing_docs)]
pub struct Tally {
    pub sent: u64,
    pub failed: u64,
    pub last_sent: Option<Instant>,
    pub last_error: Option<(Instant, String)>,
}

/// A way, as pages show it.
#[derive(Debug, Clone)]
pub struct WayStatus {
    /// Which.
    pub way: Way,
    /// What is missing, where it is not set up.
    pub missing: Option<String>,
    /// Letters that wait or are on their way.
    pub waiting: usize,
    /// How it does.
    pub tally: Tally,
}

/// See the module.
#[derive(Clone)]
pub struct Messenger(Arc<Inner>);

struct Inner {
    tenant: Tenant,
    ways: Ways,
    /// Where pages are, for links: no slash at the end.
    base: String,
    contacts: RwLock<Contacts>,
    outbox: Mutex<Outbox>,
    tallies: Mutex<BTreeMap<Way, Tally>>,
    position: Mutex<Option<Seq>>,
    /// The cursor as it was written last, and when.
    written: Mutex<Option<(Seq, Instant)>>,
    wake: Notify,
}

fn who() -> Principal {
    Principal::system("channels")
}

/// The page about something, from the root.
pub fn page(urn: &str) -> String {
    match urn.split(':').nth(2) {
        Some("Case") => format!("/cases/{}", local(urn)),
        Some("Alert") => format!("/alerts/{}", local(urn)),
        _ => format!("/entity/{urn}"),
    }
}

/// What a notice entity says.
struct Told {
    reader: Reader,
    gravity: Gravity,
    simulated: bool,
    subject: String,
    text: String,
    about: Option<String>,
}

impl Told {
    fn read(entity: &Entity) -> Option<Told> {
        let text = |short: &str| match attribute(entity, short)? {
            Content::Property(Value::Text(t)) => Some(t.to_string()),
            _ => None,
        };
        let object = |short: &str| attribute(entity, short)?.objects().first().map(|o| o.as_str().to_owned());
        Some(Told {
            reader: Reader {
                roles: text("toRole")?.split('|').map(str::to_owned).collect(),
                organisation: object("toOrganisation").map(|o| local(&o).to_owned()),
                person: text("toPerson"),
            },
            gravity: text("noticeSeverity").and_then(|g| Gravity::parse(&g)).unwrap_or(Gravity::Info),
            simulated: attribute(entity, "simulated") == Some(&Content::Property(Value::Bool(true))),
            subject: text("name")?,
            text: text("noticeText").unwrap_or_default(),
            about: object("about"),
        })
    }
}

impl Messenger {
    /// For a tenant; `base` is where its pages are.
    pub fn new(tenant: Tenant, ways: Ways, base: &str) -> Messenger {
        Messenger(Arc::new(Inner {
            tenant,
            ways,
            base: base.to_owned(),
            contacts: RwLock::default(),
            outbox: Mutex::default(),
            tallies: Mutex::default(),
            position: Mutex::default(),
            written: Mutex::default(),
            wake: Notify::new(),
        }))
    }

    /// Every way, and how it does.
    pub fn status(&self) -> Vec<WayStatus> {
        let (outbox, tallies) = (self.0.outbox.lock(), self.0.tallies.lock());
        let of = |way: Way| WayStatus {
            way,
            missing: match self.0.ways.get(&way) {
                Some(Ok(_)) => None,
                Some(Err(why)) => Some(why.clone()),
                None => Some("not set up".into()),
            },
            waiting: outbox.waiting(way),
            tally: tallies.get(&way).cloned().unwrap_or_default(),
        };
        Way::ALL.map(of).to_vec()
    }

    /// The contacts as they are recorded now.
    pub fn contacts(&self) -> Result<Contacts, Refusal> {
        Contacts::load(&self.0.tenant, &who())
    }

    /// Sends a test to an address, now.
    pub async fn probe(&self, address: &Address) -> Result<(), ChannelError> {
        let now = self.0.tenant.now();
        let notice = Notice {
            id: format!("test-{}", now.0),
            to: vec![address.target().to_owned()],
            subject: "数智海珠：这是一条测试消息 / Nacre: this is a test".into(),
            text: "收到即表示通知渠道可用，无需处理。\nThe channel works; nothing needs to be done.".into(),
            link: Some(format!("{}/alerts/channels", self.0.base)),
            severity: None,
            simulated: false,
        };
        let sent = self.channel(address.way())?.send(&notice).await;
        self.tell(address.way(), &sent, 1, now);
        sent
    }

    /// Sends what failed of a notice once more: to how many addresses.
    pub fn again(&self, notice: &Entity) -> usize {
        let failed: Vec<String> = deliveries(notice)
            .into_iter()
            .filter(|d| d.state == Fate::Failed.name())
            .map(|d| d.key)
            .collect();
        let put = self.put(notice, Seq(notice.seq.0), |key| failed.contains(&key));
        self.0.wake.notify_one();
        put
    }

    /// Sends for ever.
    pub async fn run(self) {
        let mut recorded = self.0.tenant.feed().watch();
        let mut sending: JoinSet<(Batch, Result<(), ChannelError>)> = JoinSet::new();
        loop {
            let following = self.clone();
            match tokio::task::spawn_blocking(move || following.follow()).await {
                Ok(Ok(())) => {}
                Ok(Err(refusal)) => {
                    tracing::warn!(code = refusal.code(), "notices wait: {refusal}");
                    tokio::time::sleep(PAUSE).await;
                }
                Err(panicked) => {
                    tracing::error!("following notices panicked: {panicked}");
                    tokio::time::sleep(PAUSE).await;
                }
            }
            let now = self.0.tenant.now();
            for batch in self.0.outbox.lock().take(now) {
                let messenger = self.clone();
                sending.spawn(async move {
                    let sent = messenger.send(&batch).await;
                    (batch, sent)
                });
            }
            let due = self.0.outbox.lock().next_due().map_or(IDLE, |at| {
                let ms = (at.0.saturating_sub(self.0.tenant.now().0)).clamp(1, IDLE.as_millis() as i64);
                Duration::from_millis(ms.unsigned_abs())
            });
            tokio::select! {
                Some(done) = sending.join_next() => match done {
                    Ok((batch, sent)) => self.ended(batch, sent).await,
                    Err(panicked) => tracing::error!("sending panicked: {panicked}"),
                },
                changed = recorded.changed() => if changed.is_err() { return },
                () = self.0.wake.notified() => {}
                () = tokio::time::sleep(due) => {}
            }
        }
    }

    fn channel(&self, way: Way) -> Result<&dyn Channel, ChannelError> {
        let missing = |why: &str| ChannelError {
            channel: way.name().into(),
            code: "channel_missing",
            detail: why.to_owned(),
            again: true,
        };
        match self.0.ways.get(&way) {
            Some(Ok(channel)) => Ok(&**channel),
            Some(Err(why)) => Err(missing(why)),
            None => Err(missing("not set up")),
        }
    }

    /// Takes up notices to the newest record, as long as there is room for their letters.
    fn follow(&self) -> Result<(), Refusal> {
        let tenant = &self.0.tenant;
        let mut position = self.0.position.lock();
        let mut at = match *position {
            Some(at) => at,
            None => {
                *self.0.contacts.write() = Contacts::load(tenant, &who())?;
                // What was told before there were channels is not sent afterwards.
                let at = match tenant.cursor(CURSOR)? {
                    Some(at) => at,
                    None => tenant.status().applied,
                };
                tenant.set_cursors(&[(CURSOR.to_owned(), Some(at))])?;
                *self.0.written.lock() = Some((at, tenant.now()));
                at
            }
        };
        while self.0.outbox.lock().len() < LETTERS_MAX {
            let commits = tenant.commits_after(&who(), at, COMMITS)?;
            let Some(last) = commits.last() else { break };
            at = last.record.seq;
            self.taken(&commits)?;
            *position = Some(at);
        }
        *position = Some(at);
        // Up to here every notice is done with.
        let done = self.0.outbox.lock().oldest().map_or(at, |seq| Seq(seq.0 - 1).min(at));
        // Written now and then: a notice that is read again is sent to nobody who has it.
        let (mut written, now) = (self.0.written.lock(), tenant.now());
        if written.is_none_or(|(seq, since)| seq != done && (now.0 - since.0).abs() >= KEEP_MS) {
            tenant.set_cursors(&[(CURSOR.to_owned(), Some(done))])?;
            *written = Some((done, now));
        }
        Ok(())
    }

    fn taken(&self, commits: &[Arc<Applied>]) -> Result<(), Refusal> {
        let (notice, contacts) = (iri("Notice"), [iri(CONTACT), iri(SHIFT)]);
        let touches = |id: &EntityId| {
            let kind = id.as_str().split(':').nth(2);
            kind == Some(CONTACT) || kind == Some(SHIFT)
        };
        let changes =
            || commits.iter().flat_map(|c| c.record.changes.iter().map(|change| (c.record.seq, change)));
        let moved = changes().any(|(_, change)| match change {
            Change::CreateEntity { types, .. } => types.iter().any(|t| contacts.contains(t)),
            other => other.entity().is_some_and(touches),
        });
        if moved {
            *self.0.contacts.write() = Contacts::load(&self.0.tenant, &who())?;
        }
        for (seq, change) in changes() {
            let Change::CreateEntity { entity, types, .. } = change else { continue };
            if !types.contains(&notice) {
                continue;
            }
            if let Some(found) = self.0.tenant.entity(&who(), entity, AsOf::Now)? {
                let ended: Vec<String> =
                    deliveries(&found).into_iter().filter(Delivery::ended).map(|d| d.key).collect();
                self.put(&found, seq, |key| !ended.contains(&key));
            }
        }
        Ok(())
    }

    /// Puts letters for a notice into the outbox: how many.
    fn put(&self, notice: &Entity, seq: Seq, wanted: impl Fn(String) -> bool) -> usize {
        let Some(told) = Told::read(notice) else { return 0 };
        let now = self.0.tenant.now();
        let contacts = self.0.contacts.read();
        let to = contacts.addresses(&told.reader, told.gravity, told.simulated, now);
        let mut outbox = self.0.outbox.lock();
        let mut put = 0;
        for address in to.into_iter().filter(|a| wanted(a.key())) {
            outbox.put(address, Letter { notice: notice.id.clone(), seq, since: now, tries: 0 });
            put += 1;
        }
        put
    }

    async fn send(&self, batch: &Batch) -> Result<(), ChannelError> {
        let channel = self.channel(batch.address.way())?;
        let notice = self.message(batch);
        match notice {
            Some(notice) => channel.send(&notice).await,
            // All of them were deleted meanwhile.
            None => Ok(()),
        }
    }

    /// One notice as it is; several as a list.
    fn message(&self, batch: &Batch) -> Option<Notice> {
        let read = |letter: &Letter| {
            let entity = self.0.tenant.entity(&who(), &letter.notice, AsOf::Now).ok().flatten()?;
            Told::read(&entity)
        };
        let told: Vec<Told> = batch.letters.iter().filter_map(read).collect();
        let first = told.first()?;
        let to = vec![batch.address.target().to_owned()];
        let id = local(batch.letters.first()?.notice.as_str()).to_owned();
        // One real notice makes the message a real one.
        let simulated = told.iter().all(|t| t.simulated);
        let urgent = |t: &Told| (t.gravity == Gravity::Urgent).then(|| "紧急".to_owned());
        if told.len() == 1 {
            let link = first.about.as_ref().map(|urn| format!("{}{}", self.0.base, page(urn)));
            return Some(Notice {
                id,
                to,
                subject: first.subject.clone(),
                text: first.text.clone(),
                link,
                severity: urgent(first),
                simulated,
            });
        }
        let mark = |t: &Told| if t.simulated { "【模拟】" } else { "" };
        let lines: Vec<String> = told.iter().map(|t| format!("{}{}", mark(t), t.subject)).collect();
        Some(Notice {
            id,
            to,
            subject: format!("{} 条通知：{} 等 / {} notices", told.len(), first.subject, told.len()),
            text: lines.join("\n"),
            link: Some(format!("{}/work", self.0.base)),
            severity: told.iter().find_map(urgent),
            simulated,
        })
    }

    fn tell(&self, way: Way, sent: &Result<(), ChannelError>, count: u64, now: Instant) {
        let mut tallies = self.0.tallies.lock();
        let tally = tallies.entry(way).or_default();
        match sent {
            Ok(()) => (tally.sent, tally.last_sent) = (tally.sent + count, Some(now)),
            Err(why) => {
                tally.failed += 1;
                tally.last_error = Some((now, why.detail.clone()));
            }
        }
    }

    async fn ended(&self, batch: Batch, sent: Result<(), ChannelError>) {
        let now = self.0.tenant.now();
        let (way, address) = (batch.address.way(), &batch.address);
        self.tell(way, &sent, batch.letters.len() as u64, now);
        let went = match &sent {
            Ok(()) => Went::Sent,
            Err(why) if why.again => Went::Later,
            Err(_) => Went::Never,
        };
        let error = sent.as_ref().err();
        if let Some(error) = error {
            tracing::warn!(
                code = error.code,
                to = address.masked(),
                "a notice was not sent: {}",
                error.detail
            );
        }
        let fates = self.0.outbox.lock().done(address, went, now);
        // A letter that goes on waiting is recorded once, when it begins to.
        let told = fates.into_iter().filter(|(letter, fate)| *fate != Fate::Waiting || letter.tries == 1);
        let words = error.map(|e| format!("{}: {}", e.code, e.detail));
        let submissions: Vec<Submission> = told
            .map(|(letter, fate)| {
                let delivery = Delivery::of(address, fate, letter.tries, now, words.as_deref());
                let verb = Delivered { notice: letter.notice, delivery };
                Submission::new(who(), Command::Act(Act(Arc::new(verb))))
            })
            .collect();
        for answer in self.0.tenant.submit_batch(submissions).await {
            if let Err(refusal) = answer {
                tracing::warn!(code = refusal.code(), "what became of a notice was not recorded: {refusal}");
            }
        }
    }
}
