//! A rule fires: its alert, its case, what it sets and whom it tells are one record, caused by the record that woke it.

use nacre_cases::acts::{Office, OpenCase, noted, opened};
use nacre_cases::case::{attribute, iri, local, urn};
use nacre_cases::decide::{Notice, Opening};
use nacre_cases::duty::Holder;
use nacre_cases::workflow::StateKind;
use nacre_cases::{Case, Who, value};
use nacre_kernel::commands::{Decision, State};
use nacre_kernel::{Refusal, Verb};
use nacre_model::{Attribute, Change, Content, DocumentKey, Entity, EntityId, Geometry, Instant, Iri, Value};
use nacre_rules::{Effect, Firing, Kind};
use serde_json::json;

use crate::alert::{Alert, AlertState};

/// Type of a rule, as an entity: its history is what it did.
pub const RULE: &str = "Rule";

/// See the module.
#[derive(Debug, Clone)]
pub struct Fire {
    /// What the engine says.
    pub firing: Firing,
    /// The rule's entity.
    pub rule: EntityId,
    /// Id of a case, should one be opened.
    pub case: EntityId,
    /// Alerts of the rule about this that stand: its end clears them.
    pub standing: Vec<EntityId>,
    /// Rules of the house.
    pub office: Office,
}

/// The entity of a rule.
pub fn rule_entity(id: &str) -> Option<EntityId> {
    EntityId::new(&urn(RULE, id)).ok()
}

/// What names the alerts of a rule about one thing, or of one group.
fn key(firing: &Firing, group: Option<&str>) -> String {
    match group {
        Some(group) => format!("{}:{group}", firing.rule.id()),
        None => format!("{}:{}", firing.rule.id(), local(firing.about.as_str())),
    }
}

/// The alerts of one thing from one rule, numbered; the last of them stands or stood.
struct Episode {
    document: DocumentKey,
    number: i64,
    last: Option<(std::sync::Arc<Entity>, Alert)>,
}

fn standing(state: &dyn State, key: &str) -> Result<Episode, Refusal> {
    let document = DocumentKey::new("alert-episode", key);
    let number = match state.document(&document).as_deref() {
        Some(Value::Int(n)) => *n,
        _ => 0,
    };
    let found = match alert_id(key, number) {
        Some(id) if number > 0 => state.entity(&id)?,
        _ => None,
    };
    let last = found.and_then(|entity| Alert::read(&entity).map(|alert| (entity, alert)));
    Ok(Episode { document, number, last })
}

fn alert_id(key: &str, number: i64) -> Option<EntityId> {
    let plain: String = key
        .chars()
        .map(|c| if c.is_ascii_alphanumeric() || matches!(c, '.' | '-' | '_') { c } else { '~' })
        .collect();
    EntityId::new(&urn(crate::alert::ALERT, &format!("{plain}-{number}"))).ok()
}

/// What the rule read, as it is recorded.
pub fn inputs(firing: &Firing) -> serde_json::Value {
    firing
        .inputs
        .iter()
        .map(|i| json!({ "name": i.name, "value": i.value, "observedAt": i.observed_at.map(|t| t.to_string()) }))
        .collect()
}

/// Whether what fired is simulated: the thing it is about, or a value that the rule read.
pub fn simulated(about: &Entity, firing: &Firing) -> bool {
    flagged(about) || reads_simulated(about, firing)
}

fn flagged(entity: &Entity) -> bool {
    let own = |name: &str| attribute(entity, name) == Some(&Content::Property(Value::Bool(true)));
    // An entity is not simulated because of one value; but what a rule read may be.
    own("simulated")
}

impl Verb for Fire {
    fn name(&self) -> &'static str {
        "rule.fire"
    }

    fn entity(&self) -> Option<&EntityId> {
        Some(&self.rule)
    }

    fn decide(&self, state: &dyn State, now: Instant) -> Result<Decision, Refusal> {
        let firing = &self.firing;
        let about = state.entity(&firing.about)?;
        let simulated = about.as_deref().is_some_and(|e| simulated(e, firing));
        let cause = firing.seq.map_or(0, |s| s.0);
        let mut changes = Vec::new();
        let (mut alert_link, mut case_link) = (None, None);
        let mut alerted = None;
        if firing.kind == Kind::Clear {
            for id in &self.standing {
                let Some(entity) = state.entity(id)? else { continue };
                let Some(mut alert) = Alert::read(&entity).filter(|a| a.state != AlertState::Cleared) else {
                    continue;
                };
                alert.state = AlertState::Cleared;
                (alert.cleared_at, alert.cause) = (Some(now), cause);
                (alert.shelved_until, alert.shelved_reason) = (None, None);
                alert.say("cleared", "system:rules", now, None);
                alert_link = Some(alert.id.clone());
                changes.extend(alert.changes(Some(&entity)));
            }
        }
        for effect in &firing.effects {
            match effect {
                Effect::Alert { severity, scheme, category, title, group } => {
                    let key = key(firing, group.as_deref());
                    let Episode { document, number, last } = standing(state, &key)?;
                    // After a restart the same record may wake the rule again.
                    if cause > 0
                        && last.as_ref().is_some_and(|(_, a)| {
                            a.cause == cause && a.rule.as_deref() == Some(firing.rule.id())
                        })
                    {
                        return Ok(Decision::done(Vec::new()));
                    }
                    match (firing.kind, last) {
                        (Kind::Raise, Some((entity, mut alert))) if alert.state != AlertState::Cleared => {
                            alert.count += 1;
                            (alert.last_at, alert.cause) = (now, cause);
                            alert.inputs = inputs(firing);
                            alert.say("repeated", "system:rules", now, None);
                            alert_link = Some(alert.id.clone());
                            changes.extend(alert.changes(Some(&entity)));
                        }
                        (Kind::Raise, _) => {
                            let Some(id) = alert_id(&key, number + 1) else { continue };
                            let mut alert = Alert {
                                id: id.clone(),
                                title: title.clone(),
                                state: AlertState::Raised,
                                severity: severity.clone().unwrap_or_else(|| "blue".into()),
                                scheme: scheme.clone(),
                                category: category.clone(),
                                rule: Some(firing.rule.id().to_owned()),
                                about: Some(Iri::trusted(firing.about.as_str())),
                                group: group.clone(),
                                location: about.as_deref().and_then(place),
                                count: 1,
                                first_at: now,
                                last_at: now,
                                acknowledged_by: None,
                                acknowledged_at: None,
                                shelved_until: None,
                                shelved_reason: None,
                                cleared_at: None,
                                escalation: 0,
                                case: None,
                                inputs: inputs(firing),
                                simulated,
                                cause,
                                step: serde_json::Value::Null,
                                seq: 0,
                            };
                            alert.say("raised", "system:rules", now, None);
                            changes
                                .push(Change::PutDocument { key: document, value: Value::Int(number + 1) });
                            alert_link = Some(id);
                            alerted = Some(alert);
                        }
                        (Kind::Clear, _) => {}
                    }
                }
                Effect::Case { workflow, title, description, organisation, role: _, fields }
                    if firing.kind == Kind::Raise =>
                {
                    if let Some(stands) = self.standing_case(state, workflow)? {
                        if let Some(alert) = &mut alerted {
                            alert.case = Some(Iri::trusted(stands.as_str()));
                        }
                        case_link = Some(stands);
                        continue;
                    }
                    let known = self.office.workflow(workflow).map_err(Refusal::from)?;
                    let fields = fields
                        .iter()
                        .filter(|(name, _)| known.def.fields.contains_key(name))
                        .map(|(name, v)| (name.clone(), nacre_rules::firing::json(v)))
                        .collect();
                    let opening = Opening {
                        workflow: workflow.clone(),
                        title: title.chars().take(200).collect(),
                        description: description.clone(),
                        location: about.as_deref().and_then(place),
                        source: "rule".into(),
                        about: Some(Iri::trusted(firing.about.as_str())),
                        alert: alert_link.as_ref().map(|a| Iri::trusted(a.as_str())),
                        organisation: organisation
                            .as_deref()
                            .map(|o| local(o).to_owned())
                            .filter(|o| !o.is_empty()),
                        fields,
                        simulated,
                        ..Opening::default()
                    };
                    let who =
                        Who { actor: format!("rule:{}", firing.rule.id()), system: true, ..Who::default() };
                    let open = OpenCase { id: self.case.clone(), opening, who, office: self.office.clone() };
                    changes.extend(opened(state, &open, now)?);
                    changes.push(Change::PutDocument {
                        key: self.case_key(workflow),
                        value: Value::text(self.case.as_str()),
                    });
                    case_link = Some(self.case.clone());
                    if let Some(alert) = &mut alerted {
                        alert.case = Some(Iri::trusted(self.case.as_str()));
                    }
                }
                Effect::Set { attribute: name, value: set, unit }
                    if firing.kind == Kind::Raise && about.is_some() =>
                {
                    let mut attribute = Attribute::new(Content::Property(set.clone()));
                    attribute.observed_at = Some(firing.at);
                    attribute.unit_code = unit.as_deref().map(Into::into);
                    attribute.attributes.push((
                        iri("computedBy"),
                        vec![Attribute::new(Content::Property(Value::text(firing.rule.id())))],
                    ));
                    if simulated {
                        attribute.attributes.push((
                            iri("simulated"),
                            vec![Attribute::new(Content::Property(Value::Bool(true)))],
                        ));
                    }
                    changes.push(Change::SetAttribute {
                        entity: firing.about.clone(),
                        name: iri(name),
                        attribute,
                    });
                }
                Effect::Notify { role, organisation, text } if firing.kind == Kind::Raise => {
                    let to = Holder {
                        roles: vec![role.clone()],
                        organisation: organisation
                            .as_deref()
                            .map(|o| local(o).to_owned())
                            .filter(|o| !o.is_empty()),
                        person: None,
                    };
                    let notice = Notice {
                        to,
                        subject: text.chars().take(200).collect(),
                        text: String::new(),
                        severity: "warning",
                    };
                    let id =
                        urn("Notice", &format!("{}-{cause}-{}", local(self.case.as_str()), changes.len()));
                    let link = alert_link.as_ref().unwrap_or(&firing.about);
                    changes.extend(noted(
                        &id,
                        &notice,
                        &Iri::trusted(link.as_str()),
                        "system:rules",
                        simulated,
                        now,
                    ));
                }
                _ => {}
            }
        }
        if let Some(alert) = alerted {
            changes.extend(alert.changes(None));
        }
        if changes.is_empty() {
            return Ok(Decision::done(changes));
        }
        changes.extend(self.told(state, alert_link.as_ref(), case_link.as_ref(), simulated)?);
        Ok(Decision::done(changes))
    }
}

impl Fire {
    fn case_key(&self, workflow: &str) -> DocumentKey {
        let id = format!("{workflow}:{}", self.firing.about.as_str());
        DocumentKey::new("rule-case", &id)
    }

    /// The case that a rule opened about the same thing and that is still open: one trouble, one case.
    fn standing_case(&self, state: &dyn State, workflow: &str) -> Result<Option<EntityId>, Refusal> {
        let Some(document) = state.document(&self.case_key(workflow)) else { return Ok(None) };
        let Some(id) = document.as_text().and_then(|t| EntityId::new(t).ok()) else { return Ok(None) };
        let Some(entity) = state.entity(&id)? else { return Ok(None) };
        let Ok(case) = Case::read(&entity) else { return Ok(None) };
        let flow = self.office.workflow(&case.workflow).map_err(Refusal::from)?;
        let open = flow.state(&case.state).is_some_and(|s| s.kind == StateKind::Open);
        Ok(open.then_some(id))
    }

    /// What the rule did, in the history of its own entity: why, in one look.
    fn told(
        &self,
        state: &dyn State,
        alert: Option<&EntityId>,
        case: Option<&EntityId>,
        simulated: bool,
    ) -> Result<Vec<Change>, Refusal> {
        let mut changes = Vec::new();
        if state.entity(&self.rule)?.is_none() {
            changes.push(Change::CreateEntity {
                entity: self.rule.clone(),
                types: vec![iri(RULE)],
                scopes: Vec::new(),
                expires_at: None,
            });
            let name = Attribute::new(Content::Property(Value::text(self.firing.rule.id())));
            changes.push(Change::SetAttribute {
                entity: self.rule.clone(),
                name: iri("name"),
                attribute: name,
            });
        }
        let firing = json!({
            "kind": if self.firing.kind == Kind::Raise { "raise" } else { "clear" },
            "at": self.firing.at.to_string(),
            "about": self.firing.about.as_str(),
            "inputs": inputs(&self.firing),
            "alert": alert.map(EntityId::as_str),
            "case": case.map(EntityId::as_str),
            "cause": self.firing.seq.map(|s| s.0),
            "simulated": simulated,
        });
        let attribute = Attribute::new(Content::Json(value::of(&firing)));
        changes.push(Change::SetAttribute { entity: self.rule.clone(), name: iri("firing"), attribute });
        Ok(changes)
    }
}

fn place(entity: &Entity) -> Option<nacre_model::Position> {
    match attribute(entity, "location")? {
        Content::Geo(Geometry::Point(p)) => Some(*p),
        _ => None,
    }
}

/// Whether a value that the rule read is marked as simulated.
fn reads_simulated(entity: &Entity, firing: &Firing) -> bool {
    let mark = iri("simulated");
    let read = firing.inputs.iter().map(|i| i.name.as_str());
    read.chain(firing.rule.attributes().iter().map(String::as_str)).any(|name| {
        let stands = entity.instance(iri(name).as_str(), None);
        stands.is_some_and(|i| i.attribute.attributes.iter().any(|(n, _)| *n == mark))
    })
}
