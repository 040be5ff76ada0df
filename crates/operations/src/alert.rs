//! Alerts: raised, acknowledged, shelved, cleared. One alert is one entity; an alert that is over and comes back is a new one.

use nacre_cases::Who;
use nacre_cases::acts::{OpenCase, noted, opened};
use nacre_cases::case::{attribute, iri, local, urn};
use nacre_cases::decide::Notice;
use nacre_cases::duty::Holder;
use nacre_cases::value;
use nacre_kernel::commands::{Decision, State};
use nacre_kernel::{Fault, Refusal, Verb};
use nacre_model::{
    Attribute, Change, Content, DeleteReach, Entity, EntityId, Geometry, Instant, Iri, Position, Value,
};
use serde_json::json;

/// Type of an alert.
pub const ALERT: &str = "Alert";
/// An alert is shelved for a week at most.
pub const SHELVED_DAYS_MAX: i64 = 7;

/// Where an alert stands.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
#[allow(missing_docs)]
pub enum AlertState {
    Raised,
    Acknowledged,
    Shelved,
    Cleared,
}

impl AlertState {
    /// All, in the order shown.
    pub const ALL: [AlertState; 4] =
        [AlertState::Raised, AlertState::Acknowledged, AlertState::Shelved, AlertState::Cleared];

    /// The name in JSON.
    pub fn name(self) -> &'static str {
        match self {
            AlertState::Raised => "raised",
            AlertState::Acknowledged => "acknowledged",
            AlertState::Shelved => "shelved",
            AlertState::Cleared => "cleared",
        }
    }

    /// The state of a name.
    pub fn parse(name: &str) -> Option<AlertState> {
        AlertState::ALL.into_iter().find(|s| s.name() == name)
    }
}

/// An alert, as its entity says.
#[derive(Debug, Clone, PartialEq)]
#[allow(missing_docs)]
pub struct Alert {
    pub id: EntityId,
    pub title: String,
    pub state: AlertState,
    pub severity: String,
    pub scheme: String,
    pub category: String,
    pub rule: Option<String>,
    pub about: Option<Iri>,
    pub group: Option<String>,
    pub location: Option<Position>,
    pub count: u64,
    pub first_at: Instant,
    pub last_at: Instant,
    pub acknowledged_by: Option<String>,
    pub acknowledged_at: Option<Instant>,
    pub shelved_until: Option<Instant>,
    pub shelved_reason: Option<String>,
    pub cleared_at: Option<Instant>,
    pub escalation: u32,
    pub case: Option<Iri>,
    pub inputs: serde_json::Value,
    pub simulated: bool,
    /// The record that raised or repeated it last.
    pub cause: u64,
    pub step: serde_json::Value,
    /// The record of this state; zero in one that was just decided.
    pub seq: u64,
}

impl Alert {
    /// Whether an entity is an alert.
    pub fn is(entity: &Entity) -> bool {
        entity.types.first().is_some_and(|t| t.as_str().ends_with("/Alert"))
    }

    /// Reads an alert.
    pub fn read(entity: &Entity) -> Option<Alert> {
        let property = |short: &str| match attribute(entity, short)? {
            Content::Property(v) | Content::Json(v) => Some(v),
            _ => None,
        };
        let text = |short: &str| property(short)?.as_text().map(str::to_owned);
        let at = |short: &str| text(short).and_then(|t| Instant::parse(&t));
        let number = |short: &str| property(short).and_then(Value::as_number);
        let object = |short: &str| attribute(entity, short).and_then(|c| c.objects().first().cloned());
        Some(Alert {
            id: entity.id.clone(),
            title: text("name")?,
            state: AlertState::parse(&text("alertState")?)?,
            severity: text("severity")?,
            scheme: text("severityScheme")?,
            category: text("category").unwrap_or_default(),
            rule: text("rule"),
            about: object("about"),
            group: text("alertGroup"),
            location: match attribute(entity, "location") {
                Some(Content::Geo(Geometry::Point(p))) => Some(*p),
                _ => None,
            },
            count: number("count").unwrap_or(1.0) as u64,
            first_at: at("firstAt").unwrap_or(entity.created_at),
            last_at: at("lastAt").unwrap_or(entity.created_at),
            acknowledged_by: text("acknowledgedBy"),
            acknowledged_at: at("acknowledgedAt"),
            shelved_until: at("shelvedUntil"),
            shelved_reason: text("shelvedReason"),
            cleared_at: at("clearedAt"),
            escalation: number("escalation").unwrap_or(0.0) as u32,
            case: object("case"),
            inputs: property("inputs").map(value::json).unwrap_or_default(),
            simulated: property("simulated") == Some(&Value::Bool(true)),
            cause: number("cause").unwrap_or(0.0) as u64,
            step: property("step").map(value::json).unwrap_or_default(),
            seq: entity.seq.0,
        })
    }

    fn attributes(&self) -> Vec<(&'static str, Attribute)> {
        let own = |v: Value| Attribute::new(Content::Property(v));
        let text = |t: &str| own(Value::text(t));
        let json = |v: &serde_json::Value| Attribute::new(Content::Json(value::of(v)));
        let to = |urn: &Iri| {
            Attribute::new(Content::Relationship {
                objects: vec![urn.clone()],
                many: false,
                object_types: Vec::new(),
            })
        };
        let at = |t: Instant| own(Value::text(t.to_string()));
        let mut all = vec![
            ("name", text(&self.title)),
            ("alertState", text(self.state.name())),
            ("severity", text(&self.severity)),
            ("severityScheme", text(&self.scheme)),
            ("category", text(&self.category)),
            ("count", own(Value::Int(self.count as i64))),
            ("firstAt", at(self.first_at)),
            ("lastAt", at(self.last_at)),
            ("escalation", own(Value::Int(i64::from(self.escalation)))),
            ("cause", own(Value::Int(self.cause as i64))),
            ("inputs", json(&self.inputs)),
            ("step", json(&self.step)),
        ];
        let texts = [
            ("rule", &self.rule),
            ("alertGroup", &self.group),
            ("acknowledgedBy", &self.acknowledged_by),
            ("shelvedReason", &self.shelved_reason),
        ];
        all.extend(texts.into_iter().filter_map(|(n, t)| Some((n, text(t.as_deref()?)))));
        let times = [
            ("acknowledgedAt", self.acknowledged_at),
            ("shelvedUntil", self.shelved_until),
            ("clearedAt", self.cleared_at),
        ];
        all.extend(times.into_iter().filter_map(|(n, t)| Some((n, at(t?)))));
        let links = [("about", &self.about), ("case", &self.case)];
        all.extend(links.into_iter().filter_map(|(n, l)| Some((n, to(l.as_ref()?)))));
        if let Some(position) = self.location {
            all.push(("location", Attribute::new(Content::Geo(Geometry::Point(position)))));
        }
        if self.simulated {
            all.push(("simulated", own(Value::Bool(true))));
        }
        all
    }

    /// What has to change in its entity, or what makes it.
    pub fn changes(&self, before: Option<&Entity>) -> Vec<Change> {
        let mut changes = Vec::new();
        if before.is_none() {
            changes.push(Change::CreateEntity {
                entity: self.id.clone(),
                types: vec![iri(ALERT)],
                scopes: Vec::new(),
                expires_at: None,
            });
        }
        let wanted = self.attributes();
        let kept: Vec<Iri> = wanted.iter().map(|(n, _)| iri(n)).collect();
        for (name, attribute) in wanted {
            let name = iri(name);
            let stands = before.and_then(|e| e.instance(name.as_str(), None));
            if stands.map(|i| &i.attribute) != Some(&attribute) {
                changes.push(Change::SetAttribute { entity: self.id.clone(), name, attribute });
            }
        }
        let gone = before.into_iter().flat_map(|e| e.attributes.keys()).filter(|n| !kept.contains(n));
        changes.extend(gone.map(|name| Change::DeleteAttribute {
            entity: self.id.clone(),
            name: name.clone(),
            reach: DeleteReach::All,
        }));
        changes
    }

    /// When something happens by itself next.
    pub fn timer(&self, escalation: &[Escalation]) -> Option<Instant> {
        match self.state {
            AlertState::Shelved => self.shelved_until,
            AlertState::Raised => {
                let next = escalation.get(self.escalation as usize)?;
                Some(self.first_at.plus_ms(i64::from(next.minutes) * 60_000))
            }
            _ => None,
        }
    }

    /// What was done, for the timeline.
    pub fn say(&mut self, verb: &str, by: &str, at: Instant, note: Option<&str>) {
        self.step = json!({ "verb": verb, "by": by, "at": at.to_string(), "note": note });
    }
}

/// Who is told when nobody acknowledges.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Escalation {
    /// Minutes after it was raised.
    pub minutes: u32,
    /// Which role.
    pub role: String,
}

/// Somebody acts on an alert.
#[derive(Debug, Clone)]
pub struct ActOnAlert {
    /// Which.
    pub id: EntityId,
    /// `acknowledge`, `shelve`, `unshelve`, `clear`, `open-case`.
    pub verb: String,
    /// By whom.
    pub who: Who,
    /// In words.
    pub note: Option<String>,
    /// Until when it is shelved.
    pub until: Option<Instant>,
    /// A case that is opened for it.
    pub case: Option<OpenCase>,
}

/// Time passes for an alert.
#[derive(Debug, Clone)]
pub struct TickAlert {
    /// Which.
    pub id: EntityId,
    /// Who is told when.
    pub escalation: Vec<Escalation>,
    /// Who is on call for a role, as `role@organisation/person`, where somebody is.
    pub on_call: Vec<(String, Holder)>,
}

fn refused(code: &'static str, fault: Fault, detail: impl Into<String>) -> Refusal {
    Refusal::Act { code, fault, detail: detail.into() }
}

fn find(state: &dyn State, id: &EntityId) -> Result<(std::sync::Arc<Entity>, Alert), Refusal> {
    let missing =
        || refused("alert_unknown", Fault::Missing, format!("没有告警 {id}。 / There is no alert {id}."));
    let entity = state.entity(id)?.ok_or_else(missing)?;
    let alert = Alert::read(&entity).ok_or_else(missing)?;
    Ok((entity, alert))
}

/// Verbs that a state allows.
pub fn possible(state: AlertState) -> &'static [&'static str] {
    match state {
        AlertState::Raised => &["acknowledge", "shelve", "open-case", "clear"],
        AlertState::Acknowledged => &["open-case", "shelve", "clear"],
        AlertState::Shelved => &["unshelve", "clear"],
        AlertState::Cleared => &[],
    }
}

impl Verb for ActOnAlert {
    fn name(&self) -> &'static str {
        "alert.act"
    }

    fn entity(&self) -> Option<&EntityId> {
        Some(&self.id)
    }

    fn decide(&self, state: &dyn State, now: Instant) -> Result<Decision, Refusal> {
        let (entity, mut alert) = find(state, &self.id)?;
        if !possible(alert.state).contains(&self.verb.as_str()) {
            let detail = format!(
                "告警处于 {}，不能 {}；现在可以：{}。 / In state `{}` an alert allows: {}.",
                alert.state.name(),
                self.verb,
                possible(alert.state).join("、"),
                alert.state.name(),
                possible(alert.state).join(", ")
            );
            return Err(refused("alert_state", Fault::Conflict, detail));
        }
        let note = self.note.as_deref().map(str::trim).filter(|n| !n.is_empty());
        let needed = || {
            refused("alert_reason_missing", Fault::Invalid, "请说明理由（`note`）。 / Say why, in `note`.")
        };
        let mut changes = Vec::new();
        match self.verb.as_str() {
            "acknowledge" => {
                alert.state = AlertState::Acknowledged;
                alert.acknowledged_by = Some(self.who.actor.clone());
                alert.acknowledged_at = Some(now);
            }
            "shelve" => {
                let reason = note.ok_or_else(needed)?;
                let latest = now.plus_ms(SHELVED_DAYS_MAX * 86_400_000);
                let until = self.until.filter(|u| *u > now && *u <= latest).ok_or_else(|| {
                    let detail = "`until`：搁置到何时（7 天之内）。 / `until`: an instant within seven days.";
                    refused("alert_shelve_until", Fault::Invalid, detail)
                })?;
                alert.state = AlertState::Shelved;
                alert.shelved_until = Some(until);
                alert.shelved_reason = Some(reason.to_owned());
            }
            "unshelve" => unshelve(&mut alert),
            "clear" => {
                note.ok_or_else(needed)?;
                alert.state = AlertState::Cleared;
                alert.cleared_at = Some(now);
            }
            _ => {
                let Some(case) = &self.case else {
                    let detail = "`workflow`：请选择流程。 / `workflow`: say which workflow.";
                    return Err(refused("alert_form", Fault::Invalid, detail));
                };
                if alert.case.is_some() {
                    let detail = "已立案。 / A case was opened before.";
                    return Err(refused("alert_case_exists", Fault::Conflict, detail));
                }
                changes.extend(opened(state, case, now)?);
                alert.case = Some(Iri::trusted(case.id.as_str()));
                if alert.state == AlertState::Raised {
                    alert.state = AlertState::Acknowledged;
                    alert.acknowledged_by = Some(self.who.actor.clone());
                    alert.acknowledged_at = Some(now);
                }
            }
        }
        alert.say(&self.verb, &self.who.actor, now, note);
        let mut all = alert.changes(Some(&entity));
        all.extend(changes);
        Ok(Decision::done(all))
    }
}

fn unshelve(alert: &mut Alert) {
    (alert.shelved_until, alert.shelved_reason) = (None, None);
    alert.state = match alert.acknowledged_at {
        Some(_) => AlertState::Acknowledged,
        None => AlertState::Raised,
    };
}

impl Verb for TickAlert {
    fn name(&self) -> &'static str {
        "alert.tick"
    }

    fn entity(&self) -> Option<&EntityId> {
        Some(&self.id)
    }

    fn decide(&self, state: &dyn State, now: Instant) -> Result<Decision, Refusal> {
        let (entity, mut alert) = find(state, &self.id)?;
        if alert.timer(&self.escalation).is_none_or(|at| at > now) {
            return Ok(Decision::done(Vec::new()));
        }
        let mut changes = Vec::new();
        if alert.state == AlertState::Shelved {
            unshelve(&mut alert);
            alert.say("unshelved", "system:alerts", now, None);
        } else if let Some(next) = self.escalation.get(alert.escalation as usize) {
            let on_call = self.on_call.iter().find(|(role, _)| *role == next.role).map(|(_, h)| h.clone());
            let to =
                on_call.unwrap_or_else(|| Holder { roles: vec![next.role.clone()], ..Holder::default() });
            let notice = Notice {
                to,
                subject: format!("告警升级：{}", alert.title),
                text: format!("{} 分钟无人确认", next.minutes),
                severity: "urgent",
            };
            let id = urn("Notice", &format!("{}-e{}", local(alert.id.as_str()), alert.escalation));
            changes =
                noted(&id, &notice, &Iri::trusted(alert.id.as_str()), "system:alerts", alert.simulated, now);
            alert.escalation += 1;
            alert.say("escalated", "system:alerts", now, Some(&next.role));
        }
        let mut all = alert.changes(Some(&entity));
        all.extend(changes);
        Ok(Decision::done(all))
    }
}
