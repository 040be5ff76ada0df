//! Warning messages after OASIS CAP 1.2: one `info` block in Chinese, one in English where there are English words.
//!
//! A message that is not real says so four times: `status`, `note`, and the beginning of both headlines. A simulated
//! alert can never be written as `Actual`.

use nacre_model::{Geometry, Instant, Position};
use thiserror::Error;

use crate::escape::xml;
use crate::local_time::date_time;

/// The namespace.
pub const NAMESPACE: &str = "urn:oasis:names:tc:emergency:cap:1.2";
/// Most areas of a message.
pub const AREAS_MAX: usize = 100;
/// Most messages one refers to.
pub const REFERENCES_MAX: usize = 100;

macro_rules! words {
    ($(#[$doc:meta])* $name:ident { $($word:ident),* $(,)? }) => {
        $(#[$doc])*
        #[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
        #[allow(missing_docs)]
        pub enum $name { $($word),* }

        impl $name {
            /// The word CAP uses.
            pub fn word(self) -> &'static str {
                match self { $($name::$word => stringify!($word)),* }
            }
        }
    };
}

words!(
    /// Whether it is meant.
    Status { Actual, Exercise, Test }
);
words!(
    /// What it is to earlier ones.
    MessageType { Alert, Update, Cancel }
);
words!(
    /// What it is about (CAP 1.2 §3.2.2).
    Category { Geo, Met, Safety, Security, Rescue, Fire, Health, Env, Transport, Infra, CBRNE, Other }
);
words!(
    /// How soon to act.
    Urgency { Immediate, Expected, Future, Past, Unknown }
);
words!(
    /// How grave (CAP 1.2 §3.2.2).
    CapSeverity { Extreme, Severe, Moderate, Minor, Unknown }
);
words!(
    /// How sure it is.
    Certainty { Observed, Likely, Possible, Unlikely, Unknown }
);

/// Whom it is for.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Scope {
    /// Everybody.
    Public,
    /// Those of whom the rule speaks.
    Restricted(String),
    /// Those who are named.
    Private(Vec<String>),
}

/// An earlier message.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Reference {
    /// Who sent it.
    pub sender: String,
    /// Its identifier.
    pub identifier: String,
    /// When it was sent.
    pub sent: Instant,
}

/// The words of a message in one language.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct Text {
    /// What happens, in a few words.
    pub event: String,
    /// The headline.
    pub headline: String,
    /// More.
    pub description: String,
    /// What to do.
    pub instruction: String,
    /// The sender's name for people.
    pub sender_name: String,
}

/// A circle.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Circle {
    /// Its middle.
    pub middle: Position,
    /// Its radius, kilometres.
    pub radius_km: f64,
}

/// Where.
#[derive(Debug, Clone, PartialEq, Default)]
pub struct Area {
    /// In words, Chinese.
    pub description_zh: String,
    /// In words, English; the Chinese ones stand in when empty.
    pub description_en: String,
    /// Polygons; holes are left out, since CAP has none.
    pub polygons: Vec<Geometry>,
    /// Circles.
    pub circles: Vec<Circle>,
    /// Codes: name of the code list, code.
    pub geocodes: Vec<(String, String)>,
}

/// A message.
#[derive(Debug, Clone, PartialEq)]
pub struct CapAlert {
    /// Its number; see [`crate::identifier()`].
    pub identifier: String,
    /// Who sends it: a name that is unique in the world, without blanks.
    pub sender: String,
    /// When.
    pub sent: Instant,
    /// How far district time is ahead of UTC, minutes.
    pub offset_minutes: i32,
    /// It did not happen: an exercise, whatever `status` says.
    pub simulated: bool,
    /// Whether it is meant.
    pub status: Status,
    /// What it is to earlier ones.
    pub message_type: MessageType,
    /// Whom it is for.
    pub scope: Scope,
    /// Earlier messages; an update or a cancellation needs one.
    pub references: Vec<Reference>,
    /// What it is about.
    pub category: Category,
    /// Codes of the event: name of the code list, code.
    pub event_codes: Vec<(String, String)>,
    /// How soon to act.
    pub urgency: Urgency,
    /// How grave.
    pub severity: CapSeverity,
    /// How sure.
    pub certainty: Certainty,
    /// From when; when sent, if none.
    pub effective: Option<Instant>,
    /// Until when.
    pub expires: Option<Instant>,
    /// A page about it.
    pub web: Option<String>,
    /// The words in Chinese.
    pub zh: Text,
    /// The words in English.
    pub en: Option<Text>,
    /// Where; at least one.
    pub areas: Vec<Area>,
}

/// Why a message cannot be written.
#[derive(Debug, Clone, PartialEq, Eq, Error)]
pub enum CapProblem {
    /// A member is empty.
    #[error("`{0}` 不能为空 / `{0}` must not be empty")]
    Empty(&'static str),
    /// A member holds what CAP does not allow there.
    #[error("`{0}` 不能含空格、逗号、`<`、`&` / `{0}` must not hold blanks, commas, `<` or `&`")]
    Characters(&'static str),
    /// It ends before it begins.
    #[error("`expires` 早于开始 / `expires` is before the beginning")]
    Ends,
    /// It does not say what it updates or cancels.
    #[error("更新或取消须引用原消息 / an update or a cancellation must refer to a message")]
    NoReference,
    /// It is for nobody.
    #[error("限定范围须写明规则或收件人 / a restricted or private message must say whom it is for")]
    Nobody,
    /// A shape is no polygon, or a circle has no size.
    #[error("第 {0} 个区域的形状不能用 / the shape of area {0} cannot be used")]
    Shape(usize),
    /// Too many of something.
    #[error("`{what}` 超过 {max} 个 / more than {max} `{what}`")]
    TooMany {
        /// Of what.
        what: &'static str,
        /// How many are allowed.
        max: usize,
    },
}

impl CapProblem {
    /// The stable code.
    pub fn code(&self) -> &'static str {
        match self {
            CapProblem::Empty(_) => "cap_empty",
            CapProblem::Characters(_) => "cap_characters",
            CapProblem::Ends => "cap_ends",
            CapProblem::NoReference => "cap_reference",
            CapProblem::Nobody => "cap_scope",
            CapProblem::Shape(_) => "cap_shape",
            CapProblem::TooMany { .. } => "cap_too_many",
        }
    }
}

impl CapAlert {
    /// The status it is sent with: what is simulated is an exercise at most.
    pub fn status(&self) -> Status {
        match self.status {
            Status::Actual if self.simulated => Status::Exercise,
            status => status,
        }
    }

    /// What is wrong with it; all of it.
    pub fn problems(&self) -> Vec<CapProblem> {
        let mut all = Vec::new();
        for (name, text) in [("identifier", &self.identifier), ("sender", &self.sender)] {
            if text.is_empty() {
                all.push(CapProblem::Empty(name));
            } else if !plain(text) {
                all.push(CapProblem::Characters(name));
            }
        }
        let event = std::iter::once(&self.zh).chain(&self.en).all(|t| !t.event.trim().is_empty());
        let headline = std::iter::once(&self.zh).chain(&self.en).all(|t| !t.headline.trim().is_empty());
        if !event {
            all.push(CapProblem::Empty("event"));
        }
        if !headline {
            all.push(CapProblem::Empty("headline"));
        }
        if self.expires.is_some_and(|end| end <= self.effective.unwrap_or(self.sent)) {
            all.push(CapProblem::Ends);
        }
        if self.message_type != MessageType::Alert && self.references.is_empty() {
            all.push(CapProblem::NoReference);
        }
        if self.references.len() > REFERENCES_MAX {
            all.push(CapProblem::TooMany { what: "references", max: REFERENCES_MAX });
        }
        if self.references.iter().any(|r| !plain(&r.sender) || !plain(&r.identifier)) {
            all.push(CapProblem::Characters("references"));
        }
        match &self.scope {
            Scope::Public => {}
            Scope::Restricted(rule) if !rule.trim().is_empty() => {}
            Scope::Private(to) if to.iter().any(|t| !t.trim().is_empty()) => {}
            _ => all.push(CapProblem::Nobody),
        }
        if self.areas.is_empty() {
            all.push(CapProblem::Empty("area"));
        }
        if self.areas.len() > AREAS_MAX {
            all.push(CapProblem::TooMany { what: "areas", max: AREAS_MAX });
        }
        for (at, area) in self.areas.iter().enumerate() {
            if area.description_zh.trim().is_empty() {
                all.push(CapProblem::Empty("areaDesc"));
            }
            let round = area.circles.iter().all(|c| c.radius_km.is_finite() && c.radius_km >= 0.0);
            if !round || area.polygons.iter().any(|g| rings(g).is_none()) {
                all.push(CapProblem::Shape(at + 1));
            }
        }
        all
    }

    /// The message as XML; or all that is wrong with it.
    pub fn to_xml(&self) -> Result<String, Vec<CapProblem>> {
        let problems = self.problems();
        if !problems.is_empty() {
            return Err(problems);
        }
        let mut out = Xml(String::from("<?xml version=\"1.0\" encoding=\"UTF-8\"?>\n"));
        out.0.push_str(&format!("<alert xmlns=\"{NAMESPACE}\">\n"));
        out.put("identifier", &self.identifier);
        out.put("sender", &self.sender);
        out.put("sent", &self.time(self.sent));
        out.put("status", self.status().word());
        out.put("msgType", self.message_type.word());
        match &self.scope {
            Scope::Public => out.put("scope", "Public"),
            Scope::Restricted(rule) => {
                out.put("scope", "Restricted");
                out.put("restriction", rule);
            }
            Scope::Private(to) => {
                out.put("scope", "Private");
                out.put("addresses", &addresses(to));
            }
        }
        match self.status() {
            Status::Actual => {}
            Status::Exercise => out.put("note", "演练，并非实际发生 / exercise, not a real event"),
            Status::Test => out.put("note", "测试，请忽略 / technical test, disregard"),
        }
        if !self.references.is_empty() {
            let one = |r: &Reference| format!("{},{},{}", r.sender, r.identifier, self.time(r.sent));
            out.put("references", &self.references.iter().map(one).collect::<Vec<_>>().join(" "));
        }
        self.info(&mut out, "zh-CN", &self.zh);
        if let Some(en) = &self.en {
            self.info(&mut out, "en", en);
        }
        out.0.push_str("</alert>\n");
        Ok(out.0)
    }

    fn time(&self, at: Instant) -> String {
        date_time(at, self.offset_minutes)
    }

    fn info(&self, out: &mut Xml, language: &str, text: &Text) {
        let chinese = language == "zh-CN";
        let mark = match (self.status(), chinese) {
            (Status::Actual, _) => "",
            (Status::Exercise, true) => "【演练】",
            (Status::Exercise, false) => "[EXERCISE] ",
            (Status::Test, true) => "【测试】",
            (Status::Test, false) => "[TEST] ",
        };
        out.0.push_str("<info>\n");
        out.put("language", language);
        out.put("category", self.category.word());
        out.put("event", &text.event);
        out.put("urgency", self.urgency.word());
        out.put("severity", self.severity.word());
        out.put("certainty", self.certainty.word());
        for (name, value) in &self.event_codes {
            out.named("eventCode", name, value);
        }
        out.put("effective", &self.time(self.effective.unwrap_or(self.sent)));
        if let Some(expires) = self.expires {
            out.put("expires", &self.time(expires));
        }
        out.some("senderName", &text.sender_name);
        out.put("headline", &format!("{mark}{}", text.headline));
        out.some("description", &text.description);
        out.some("instruction", &text.instruction);
        if let Some(web) =
            self.web.as_deref().filter(|w| w.starts_with("https://") || w.starts_with("http://"))
        {
            out.put("web", web);
        }
        for area in &self.areas {
            out.0.push_str("<area>\n");
            let english = !chinese && !area.description_en.trim().is_empty();
            out.put("areaDesc", if english { &area.description_en } else { &area.description_zh });
            for ring in area.polygons.iter().filter_map(rings).flatten() {
                // CAP 1.2 §3.2.4: latitude first, pairs split by blanks, the last equal to the first.
                let pair = |p: &Position| format!("{},{}", p.latitude, p.longitude);
                out.put("polygon", &ring.iter().map(pair).collect::<Vec<_>>().join(" "));
            }
            for Circle { middle, radius_km } in &area.circles {
                out.put("circle", &format!("{},{} {radius_km}", middle.latitude, middle.longitude));
            }
            for (name, value) in &area.geocodes {
                out.named("geocode", name, value);
            }
            out.0.push_str("</area>\n");
        }
        out.0.push_str("</info>\n");
    }
}

/// CAP 1.2 §3.2.1: identifiers and senders hold no blanks, commas, `<` or `&`.
fn plain(text: &str) -> bool {
    !text.is_empty()
        && !text.chars().any(|c| c.is_whitespace() || c.is_control() || matches!(c, ',' | '<' | '&'))
}

/// Recipients split by blanks; one that holds a blank stands in quotes.
fn addresses(to: &[String]) -> String {
    let one = |t: &String| {
        let t = t.trim().replace('"', "'");
        if t.contains(char::is_whitespace) { format!("\"{t}\"") } else { t }
    };
    to.iter().filter(|t| !t.trim().is_empty()).map(one).collect::<Vec<_>>().join(" ")
}

/// The outer rings; none when the shape encloses nothing.
fn rings(shape: &Geometry) -> Option<Vec<&Vec<Position>>> {
    shape.clone().checked().ok()?;
    match shape {
        Geometry::Polygon(rings) => Some(rings.first().into_iter().collect()),
        Geometry::MultiPolygon(all) => Some(all.iter().filter_map(|rings| rings.first()).collect()),
        _ => None,
    }
}

struct Xml(String);

impl Xml {
    fn put(&mut self, name: &str, text: &str) {
        self.0.push_str(&format!("<{name}>{}</{name}>\n", xml(text)));
    }

    fn some(&mut self, name: &str, text: &str) {
        if !text.trim().is_empty() {
            self.put(name, text);
        }
    }

    fn named(&mut self, element: &str, name: &str, value: &str) {
        let (name, value) = (xml(name), xml(value));
        self.0.push_str(&format!(
            "<{element}><valueName>{name}</valueName><value>{value}</value></{element}>\n"
        ));
    }
}
