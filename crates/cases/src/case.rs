//! A case, from and to an entity of type `Case`.

use nacre_model::{
    Attribute, Change, Content, DeleteReach, Entity, EntityId, Geometry, Instant, Iri, Position, Value,
};
use serde::{Deserialize, Serialize};

use crate::duty::{At, Duty};
use crate::error::CaseError;
use crate::value;

/// A file that somebody attached; its bytes are named by their digest.
#[derive(Debug, Clone, PartialEq, Eq, Default, Serialize, Deserialize)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
pub struct FileRef {
    /// SHA-256, hex.
    pub sha256: String,
    /// Name as it was given.
    #[serde(default)]
    pub name: String,
    /// What it is.
    #[serde(default)]
    pub media_type: String,
    /// How large.
    #[serde(default)]
    pub bytes: u64,
    /// Who attached it.
    #[serde(default)]
    pub by: String,
    /// With which verb.
    #[serde(default)]
    pub verb: String,
    /// When.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub at: Option<At>,
}

/// What was done, once.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct Step {
    /// The verb.
    pub verb: String,
    /// Who.
    pub by: String,
    /// When.
    pub at: At,
    /// What was said.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub note: Option<String>,
    /// The state before.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub from: Option<String>,
    /// The state after.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub to: Option<String>,
    /// Digests of the files that came with it.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub files: Vec<String>,
    /// What else belongs to it.
    #[serde(default, skip_serializing_if = "serde_json::Value::is_null")]
    pub data: serde_json::Value,
}

/// A rating by whoever reported it.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Rating {
    /// 1 to 5.
    pub stars: u8,
    /// In words.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub note: Option<String>,
    /// When.
    pub at: At,
}

/// See the module.
#[derive(Debug, Clone, PartialEq)]
pub struct Case {
    /// Its id.
    pub id: EntityId,
    /// `WG-20261123-00001`.
    pub number: String,
    /// `grid-events.event`.
    pub workflow: String,
    /// What it is about, in a line.
    pub title: String,
    /// In words.
    pub description: Option<String>,
    /// Where it stands.
    pub state: String,
    /// Since when.
    pub since: Instant,
    /// When it was opened.
    pub created: Instant,
    /// When it was filed 立案.
    pub filed: Option<Instant>,
    /// When it was closed.
    pub closed: Option<Instant>,
    /// Code of the workflow's list.
    pub code: Option<String>,
    /// Local id of the street.
    pub street: Option<String>,
    /// Where.
    pub location: Option<Position>,
    /// Where, in words.
    pub address: Option<String>,
    /// Where it comes from: `staff`, `citizen`, `open311`, `rule`.
    pub source: String,
    /// `normal`, `high`, `urgent`.
    pub priority: String,
    /// The entity it is about.
    pub about: Option<Iri>,
    /// The case it is a part of.
    pub parent: Option<EntityId>,
    /// The case it was merged into.
    pub merged_into: Option<EntityId>,
    /// The alert that opened it.
    pub alert: Option<Iri>,
    /// Further members, by the names of the workflow.
    pub fields: serde_json::Map<String, serde_json::Value>,
    /// Files, oldest first.
    pub files: Vec<FileRef>,
    /// Name of whoever reported it: personal.
    pub reporter_name: Option<String>,
    /// Telephone number: personal.
    pub reporter_phone: Option<String>,
    /// Reported without a name.
    pub anonymous: bool,
    /// Digest of the code with which it can be followed.
    pub track: Option<String>,
    /// The rating.
    pub rating: Option<Rating>,
    /// From a simulator.
    pub simulated: bool,
    /// Whose turn it is.
    pub duty: Duty,
    /// What was done last.
    pub step: Option<Step>,
    /// The record of this state; zero in one that was just decided.
    pub seq: u64,
}

/// Names of attributes, expanded.
pub mod names {
    /// The type.
    pub const CASE: &str = "Case";
    /// Everything without a name of its own in the core context.
    pub const OWN: &str = "https://uri.etsi.org/ngsi-ld/default-context/";

    /// The expanded form of a short name.
    pub fn expanded(short: &str) -> String {
        match short {
            "location" => "https://uri.etsi.org/ngsi-ld/location".into(),
            "description" => "http://purl.org/dc/terms/description".into(),
            "title" => "http://purl.org/dc/terms/title".into(),
            other => format!("{OWN}{other}"),
        }
    }
}

/// An attribute name, expanded.
pub fn iri(short: &str) -> Iri {
    Iri::trusted(&names::expanded(short))
}

/// The attribute an entity has under a short name.
pub fn attribute<'a>(entity: &'a Entity, short: &str) -> Option<&'a Content> {
    entity.instance(&names::expanded(short), None).map(|i| &i.attribute.content)
}

fn property<'a>(entity: &'a Entity, short: &str) -> Option<&'a Value> {
    match attribute(entity, short)? {
        Content::Property(value) | Content::Json(value) => Some(value),
        _ => None,
    }
}

fn text(entity: &Entity, short: &str) -> Option<String> {
    property(entity, short)?.as_text().map(str::to_owned)
}

fn instant(entity: &Entity, short: &str) -> Option<Instant> {
    property(entity, short)?.as_text().and_then(Instant::parse)
}

fn object<'a>(entity: &'a Entity, short: &str) -> Option<&'a Iri> {
    attribute(entity, short)?.objects().first()
}

/// The last part of a URN.
pub fn local(urn: &str) -> &str {
    urn.splitn(4, ':').nth(3).unwrap_or(urn)
}

/// The URN of a local id.
pub fn urn(kind: &str, id: &str) -> String {
    format!("urn:ngsi-ld:{kind}:{id}")
}

impl Case {
    /// Whether an entity is a case.
    pub fn is(entity: &Entity) -> bool {
        entity.types.iter().any(|t| t.as_str().strip_prefix(names::OWN) == Some(names::CASE))
    }

    /// Reads a case.
    pub fn read(entity: &Entity) -> Result<Case, CaseError> {
        let unreadable = || CaseError::Unreadable(entity.id.to_string());
        let needed = |short: &str| text(entity, short).ok_or_else(unreadable);
        let id_of = |short: &str| object(entity, short).and_then(|o| EntityId::new(o.as_str()).ok());
        let json = |short: &str| property(entity, short);
        Ok(Case {
            id: entity.id.clone(),
            number: needed("caseNumber")?,
            workflow: needed("workflow")?,
            title: needed("name")?,
            description: text(entity, "description"),
            state: needed("caseState")?,
            since: instant(entity, "stateSince").ok_or_else(unreadable)?,
            created: entity.created_at,
            filed: instant(entity, "filedAt"),
            closed: instant(entity, "closedAt"),
            code: text(entity, "code"),
            street: object(entity, "street").map(|o| local(o.as_str()).to_owned()),
            location: match attribute(entity, "location") {
                Some(Content::Geo(Geometry::Point(position))) => Some(*position),
                _ => None,
            },
            address: text(entity, "addressText"),
            source: text(entity, "reportSource").unwrap_or_default(),
            priority: text(entity, "priority").unwrap_or_else(|| "normal".into()),
            about: object(entity, "about").cloned(),
            parent: id_of("parent"),
            merged_into: id_of("mergedInto"),
            alert: object(entity, "alert").cloned(),
            fields: json("fields").and_then(value::read).unwrap_or_default(),
            files: json("files").and_then(value::read).unwrap_or_default(),
            reporter_name: text(entity, "reporterName"),
            reporter_phone: text(entity, "reporterPhone"),
            anonymous: json("anonymous") == Some(&Value::Bool(true)),
            track: text(entity, "trackDigest"),
            rating: json("rating").and_then(value::read),
            simulated: json("simulated") == Some(&Value::Bool(true)),
            duty: json("duty").and_then(value::read).ok_or_else(unreadable)?,
            step: json("step").and_then(value::read),
            seq: entity.seq.0,
        })
    }

    /// Its attributes by short name.
    pub fn attributes(&self) -> Vec<(&'static str, Attribute)> {
        let mut all: Vec<(&'static str, Attribute)> = Vec::with_capacity(32);
        let own = |v: Value| Attribute::new(Content::Property(v));
        let json = |v: Value| Attribute::new(Content::Json(v));
        let mut put = |name, attribute| all.push((name, attribute));
        let text = |t: &str| own(Value::text(t));
        let to = |urn: &str| {
            Attribute::new(Content::Relationship {
                objects: vec![Iri::trusted(urn)],
                many: false,
                object_types: Vec::new(),
            })
        };
        let at = |t: Instant| own(Value::text(t.to_string()));
        put("name", text(&self.title));
        put("caseNumber", text(&self.number));
        put("workflow", text(&self.workflow));
        put("caseState", text(&self.state));
        put("stateSince", at(self.since));
        put("reportSource", text(&self.source));
        put("priority", text(&self.priority));
        let optional: [(&'static str, Option<&str>); 7] = [
            ("description", self.description.as_deref()),
            ("code", self.code.as_deref()),
            ("addressText", self.address.as_deref()),
            ("reporterName", self.reporter_name.as_deref()),
            ("reporterPhone", self.reporter_phone.as_deref()),
            ("trackDigest", self.track.as_deref()),
            ("holderRole", self.duty.holder.roles.first().map(String::as_str)),
        ];
        for (name, found) in optional {
            if let Some(found) = found {
                put(name, text(found));
            }
        }
        if let Some(person) = &self.duty.holder.person {
            put("holderPerson", text(person));
        }
        if let Some(filed) = self.filed {
            put("filedAt", at(filed));
        }
        if let Some(closed) = self.closed {
            put("closedAt", at(closed));
        }
        if let Some(street) = &self.street {
            put("street", to(&urn("Street", street)));
        }
        if let Some(organisation) = &self.duty.holder.organisation {
            put("holderOrganisation", to(&urn("Organization", organisation)));
        }
        let links = [
            ("about", self.about.as_ref().map(Iri::as_str)),
            ("parent", self.parent.as_ref().map(EntityId::as_str)),
            ("mergedInto", self.merged_into.as_ref().map(EntityId::as_str)),
            ("alert", self.alert.as_ref().map(Iri::as_str)),
        ];
        for (name, link) in links {
            if let Some(link) = link {
                put(name, to(link));
            }
        }
        if let Some(position) = self.location {
            put("location", Attribute::new(Content::Geo(Geometry::Point(position))));
        }
        if let Some(due) = &self.duty.due {
            put("dueAt", at(due.at.0));
            put("dueProvisional", own(Value::Bool(due.provisional)));
        }
        if self.duty.overdue > 0 {
            put("overdueCount", own(Value::Int(i64::from(self.duty.overdue))));
        }
        for (name, flag) in [
            ("anonymous", self.anonymous),
            ("simulated", self.simulated),
            ("supervised", self.duty.supervised),
            ("suspended", self.duty.suspension.is_some()),
        ] {
            if flag {
                put(name, own(Value::Bool(true)));
            }
        }
        if !self.fields.is_empty() {
            put("fields", json(value::of(&self.fields)));
        }
        if !self.files.is_empty() {
            put("files", json(value::of(&self.files)));
        }
        if let Some(rating) = &self.rating {
            put("rating", json(value::of(rating)));
        }
        put("duty", json(value::of(&self.duty)));
        if let Some(step) = &self.step {
            put("step", json(value::of(step)));
        }
        all
    }

    /// What has to change in an entity, or what makes a new one.
    pub fn changes(&self, before: Option<&Entity>) -> Vec<Change> {
        let mut changes = Vec::new();
        if before.is_none() {
            changes.push(Change::CreateEntity {
                entity: self.id.clone(),
                types: vec![iri(names::CASE)],
                scopes: Vec::new(),
                expires_at: None,
            });
        }
        let wanted = self.attributes();
        let set = |(name, attribute): (&str, Attribute)| {
            let name = iri(name);
            let same = before.and_then(|e| e.instance(name.as_str(), None));
            (same.map(|i| &i.attribute) != Some(&attribute)).then(|| Change::SetAttribute {
                entity: self.id.clone(),
                name,
                attribute,
            })
        };
        let kept: Vec<String> = wanted.iter().map(|(name, _)| names::expanded(name)).collect();
        changes.extend(wanted.into_iter().filter_map(set));
        let gone = before
            .into_iter()
            .flat_map(|e| e.attributes.keys())
            .filter(|n| n.as_str().starts_with(names::OWN) && !kept.iter().any(|k| k == n.as_str()));
        changes.extend(gone.map(|name| Change::DeleteAttribute {
            entity: self.id.clone(),
            name: name.clone(),
            reach: DeleteReach::All,
        }));
        changes
    }
}
