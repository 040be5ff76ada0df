//! One instance of an attribute, normalized, concise or simplified (CIM 009 §4.5.2 to §4.5.4, §4.5.18 to §4.5.24).

use nacre_model::{Attribute, AttributeKind, Content, EntityId, Instant, Iri, Seq, Value};

use super::entity::Writer;
use super::{Format, NULL, json};
use crate::entity_in::VALUE_TYPE;

/// What the platform adds to an instance.
#[derive(Debug, Clone, Copy, Default)]
pub(crate) struct Marks<'a> {
    /// Shown where asked for.
    pub(crate) created_at: Option<Instant>,
    /// Shown where asked for.
    pub(crate) modified_at: Option<Instant>,
    /// The instance is gone since; its content is written as null.
    pub(crate) deleted_at: Option<Instant>,
    /// Write the content as null although no time of deletion is shown.
    pub(crate) deleted: bool,
    /// Its place in history.
    pub(crate) instance_id: Option<(Seq, u32)>,
    /// What it said before.
    pub(crate) previous: Option<&'a Content>,
}

impl Marks<'_> {
    fn any(&self) -> bool {
        self.created_at.is_some()
            || self.modified_at.is_some()
            || self.deleted_at.is_some()
            || self.instance_id.is_some()
            || self.previous.is_some()
    }
}

/// Members by which a reader of the concise form tells what an object is; a value that has one cannot stand bare.
const TELLING: [&str; 10] = [
    "type",
    "value",
    "object",
    "languageMap",
    "vocab",
    "json",
    "valueList",
    "objectList",
    "@context",
    "@none",
];

/// Whether a value can stand for a property in the concise form and be read back as the same.
fn stands_bare(value: &Value) -> bool {
    match value {
        Value::Map(members) => !members.iter().any(|(n, _)| TELLING.contains(&&**n)),
        // A list of such objects would be read as several instances.
        Value::List(items) => items.iter().all(|v| !matches!(v, Value::Map(_)) || stands_bare(v)),
        _ => true,
    }
}

impl Writer<'_> {
    /// Writes an instance in the format asked for, as the single instance of its attribute.
    pub(crate) fn instance(&mut self, name: &Iri, attribute: &Attribute, marks: &Marks<'_>) {
        match self.rep.format {
            Format::Simplified => self.simplified(name, attribute),
            Format::Concise if self.bare(attribute, marks) => self.simplified(name, attribute),
            _ => self.object(name, attribute, marks),
        }
    }

    fn bare(&self, attribute: &Attribute, marks: &Marks<'_>) -> bool {
        let alone = attribute.attributes.is_empty()
            && attribute.observed_at.is_none()
            && attribute.unit_code.is_none()
            && attribute.dataset_id.is_none()
            && !(self.rep.sys_attrs && attribute.expires_at.is_some())
            && !marks.any()
            && !marks.deleted;
        alone
            && match &attribute.content {
                Content::Property(value) => stands_bare(value),
                Content::Geo(_) => true,
                _ => false,
            }
    }

    /// Writes an instance as an object, normalized or concise.
    pub(crate) fn object(&mut self, name: &Iri, attribute: &Attribute, marks: &Marks<'_>) {
        self.out.push(b'{');
        let deleted = marks.deleted || marks.deleted_at.is_some();
        let text = match (&attribute.content, &self.rep.lang) {
            (Content::Language(map), Some(filter)) if !deleted => filter.choose(map),
            _ => None,
        };
        if self.rep.format == Format::Normalized {
            let kind = if text.is_some() { AttributeKind::Property } else { attribute.content.kind() };
            json::name(self.out, "type");
            json::string(self.out, kind.name());
            self.out.push(b',');
        }
        if let Some((tag, text)) = text {
            json::name(self.out, "value");
            json::value(self.out, text);
            self.out.extend_from_slice(b",\"lang\":");
            json::string(self.out, tag);
        } else {
            json::name(self.out, content_member(&attribute.content));
            if deleted { self.null(&attribute.content) } else { self.content(&attribute.content) }
        }
        if let Some(previous) = marks.previous {
            self.out.push(b',');
            json::name(self.out, previous_member(previous));
            self.content(previous);
        }
        if !deleted {
            self.relationship_members(name, &attribute.content);
        }
        self.plain_members(attribute, marks);
        for (name, instances) in &attribute.attributes {
            match instances.as_slice() {
                [Attribute { content: Content::Vocab { terms, many }, .. }]
                    if name.as_str() == VALUE_TYPE =>
                {
                    self.out.extend_from_slice(b",\"valueType\":");
                    self.terms(terms, *many);
                }
                instances => self.sub_attribute(name, instances),
            }
        }
        self.out.push(b'}');
    }

    fn relationship_members(&mut self, name: &Iri, content: &Content) {
        if let Content::Relationship { object_types, .. } | Content::ListRelationship { object_types, .. } =
            content
            && !object_types.is_empty()
        {
            self.out.extend_from_slice(b",\"objectType\":");
            self.terms(object_types, object_types.len() > 1);
        }
        self.linked_entities(name, content);
    }

    fn plain_members(&mut self, attribute: &Attribute, marks: &Marks<'_>) {
        let text = |out: &mut Vec<u8>, name: &str, text: &str| {
            out.push(b',');
            json::name(out, name);
            json::string(out, text);
        };
        if let Some(unit) = &attribute.unit_code {
            text(self.out, "unitCode", unit);
        }
        if let Some(dataset) = &attribute.dataset_id {
            text(self.out, "datasetId", dataset.as_str());
        }
        if let Some((seq, index)) = marks.instance_id {
            self.out.extend_from_slice(b",\"instanceId\":\"");
            self.out.extend_from_slice(super::INSTANCE_PREFIX.as_bytes());
            json::int(self.out, i64::try_from(seq.0).unwrap_or(i64::MAX));
            self.out.push(b'-');
            json::int(self.out, i64::from(index));
            self.out.push(b'"');
        }
        let expires_at = attribute.expires_at.filter(|_| self.rep.sys_attrs);
        let times = [
            ("observedAt", attribute.observed_at),
            ("createdAt", marks.created_at),
            ("modifiedAt", marks.modified_at),
            ("deletedAt", marks.deleted_at),
            ("expiresAt", expires_at),
        ];
        for (name, at) in times {
            if let Some(at) = at {
                self.time(name, at);
            }
        }
    }

    /// Writes `,"name":"…Z"`.
    pub(crate) fn time(&mut self, name: &str, at: Instant) {
        self.out.push(b',');
        json::name(self.out, name);
        json::instant(self.out, at);
    }

    fn sub_attribute(&mut self, name: &Iri, instances: &[Attribute]) {
        let now = self.rep.now;
        let mut seen = instances.iter().filter(|a| a.expires_at.is_none_or(|at| at > now)).peekable();
        let Some(first) = seen.next() else { return };
        self.out.push(b',');
        self.compacted_name(name);
        let marks = Marks::default();
        if seen.peek().is_none() {
            self.instance(name, first, &marks);
            return;
        }
        self.out.push(b'[');
        self.object(name, first, &marks);
        for attribute in seen {
            self.out.push(b',');
            self.object(name, attribute, &marks);
        }
        self.out.push(b']');
    }

    /// Writes the simplified form of one instance.
    pub(crate) fn simplified(&mut self, name: &Iri, attribute: &Attribute) {
        match &attribute.content {
            Content::Language(map) => {
                if let Some((_, text)) = self.rep.lang.as_ref().and_then(|f| f.choose(map)) {
                    json::value(self.out, text);
                } else {
                    self.wrapped(&attribute.content);
                }
            }
            Content::Json(_) | Content::Vocab { .. } => self.wrapped(&attribute.content),
            Content::Relationship { objects, many, .. } => self.simplified_objects(name, objects, *many),
            Content::ListRelationship { objects, .. } => self.simplified_objects(name, objects, true),
            content => self.content(content),
        }
    }

    /// Writes content in an object of one member, where the bare value would not tell what it is.
    pub(crate) fn wrapped(&mut self, content: &Content) {
        self.out.push(b'{');
        json::name(self.out, content_member(content));
        self.content(content);
        self.out.push(b'}');
    }

    /// Writes the value of the member that holds the content.
    pub(crate) fn content(&mut self, content: &Content) {
        match content {
            Content::Property(value) | Content::Json(value) => json::value(self.out, value),
            Content::Relationship { objects, many, .. } => self.iris(objects, *many),
            Content::Geo(geometry) => json::geometry(self.out, geometry),
            Content::Language(map) => {
                self.out.push(b'{');
                for (i, (tag, text)) in map.iter().enumerate() {
                    if i > 0 {
                        self.out.push(b',');
                    }
                    json::any_name(self.out, tag);
                    json::value(self.out, text);
                }
                self.out.push(b'}');
            }
            Content::Vocab { terms, many } => self.terms(terms, *many),
            Content::List(items) => json::array(self.out, items, json::value),
            Content::ListRelationship { objects, .. } if self.rep.format == Format::Normalized => {
                json::array(self.out, objects, |out, object| {
                    out.extend_from_slice(b"{\"object\":");
                    json::string(out, object.as_str());
                    out.push(b'}');
                });
            }
            Content::ListRelationship { objects, .. } => self.iris(objects, true),
        }
    }

    /// Writes the null of a kind (CIM 009 §4.5.0).
    pub(crate) fn null(&mut self, content: &Content) {
        match content {
            Content::Language(_) => {
                self.out.extend_from_slice(b"{\"@none\":");
                json::string(self.out, NULL);
                self.out.push(b'}');
            }
            Content::List(_) | Content::ListRelationship { .. } => {
                json::array(self.out, [NULL], json::string)
            }
            _ => json::string(self.out, NULL),
        }
    }

    /// Writes IRIs as they are: an array where one was written or there is not exactly one.
    pub(crate) fn iris(&mut self, iris: &[Iri], many: bool) {
        match iris {
            [one] if !many => json::string(self.out, one.as_str()),
            all => json::array(self.out, all, |out, iri| json::string(out, iri.as_str())),
        }
    }

    /// Writes IRIs as terms of the context.
    pub(crate) fn terms(&mut self, terms: &[Iri], many: bool) {
        let context = self.context;
        match terms {
            [one] if !many => json::string(self.out, &context.compact(one.as_str())),
            all => json::array(self.out, all, |out, iri| json::string(out, &context.compact(iri.as_str()))),
        }
    }

    /// Writes an IRI as term of the context, as a name.
    pub(crate) fn compacted_name(&mut self, iri: &Iri) {
        json::any_name(self.out, &self.context.compact(iri.as_str()));
    }

    fn simplified_objects(&mut self, name: &Iri, objects: &[Iri], many: bool) {
        if !self.joins() {
            return self.iris(objects, many);
        }
        let array = many || objects.len() != 1;
        if array {
            self.out.push(b'[');
        }
        for (i, object) in objects.iter().enumerate() {
            if i > 0 {
                self.out.push(b',');
            }
            match self.linked(object) {
                Some(entity) => self.nested(name, &entity),
                None => json::string(self.out, object.as_str()),
            }
        }
        if array {
            self.out.push(b']');
        }
    }

    fn linked_entities(&mut self, name: &Iri, content: &Content) {
        if !self.joins() {
            return;
        }
        let entities: Vec<_> = content.objects().iter().filter_map(|o| self.linked(o)).collect();
        if entities.is_empty() {
            return;
        }
        let (member, array) = match content {
            Content::ListRelationship { .. } => ("entityList", true),
            Content::Relationship { many, objects, .. } => ("entity", *many || objects.len() > 1),
            _ => return,
        };
        self.out.push(b',');
        json::name(self.out, member);
        if array {
            self.out.push(b'[');
        }
        for (i, entity) in entities.iter().enumerate() {
            if i > 0 {
                self.out.push(b',');
            }
            self.nested(name, entity);
        }
        if array {
            self.out.push(b']');
        }
    }

    fn linked(&self, object: &Iri) -> Option<std::sync::Arc<nacre_model::Entity>> {
        let id = EntityId::new(object.as_str()).ok()?;
        if self.trail.contains(&id) {
            return None;
        }
        self.joined?.links.entity(&id).filter(|e| !e.expired(self.rep.now))
    }
}

/// The member that holds the content of a kind.
pub(crate) fn content_member(content: &Content) -> &'static str {
    match content.kind() {
        AttributeKind::Property | AttributeKind::GeoProperty => "value",
        AttributeKind::Relationship => "object",
        AttributeKind::LanguageProperty => "languageMap",
        AttributeKind::VocabProperty => "vocab",
        AttributeKind::JsonProperty => "json",
        AttributeKind::ListProperty => "valueList",
        AttributeKind::ListRelationship => "objectList",
    }
}

fn previous_member(content: &Content) -> &'static str {
    match content.kind() {
        AttributeKind::Property | AttributeKind::GeoProperty => "previousValue",
        AttributeKind::Relationship => "previousObject",
        AttributeKind::LanguageProperty => "previousLanguageMap",
        AttributeKind::VocabProperty => "previousVocab",
        AttributeKind::JsonProperty => "previousJson",
        AttributeKind::ListProperty => "previousValueList",
        AttributeKind::ListRelationship => "previousObjectList",
    }
}
