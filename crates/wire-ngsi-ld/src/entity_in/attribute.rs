//! One attribute: its instances, and of each the kind, the members and the sub-attributes
//! (CIM 009 §4.5.2 to §4.5.5, §4.5.18 to §4.5.24).

use nacre_kernel::command::{AttributePatch, PartialAttribute};
use nacre_model::id::is_uri;
use nacre_model::{AttributeKind, Content, Iri};
use serde_json::{Map, Value as Json};

use super::given::{Given, refuse_repeats, twice};
use super::path::Path;
use super::{Nulls, content, geometry};
use crate::context::{Coercion, Context, NGSI_LD};
use crate::datetime;
use crate::errors::NgsiError;
use crate::json::{kind_name, shorten};
use crate::names::{self, NULL};

/// The IRI under which `valueType` is kept, as a sub-attribute of kind VocabProperty.
pub const VALUE_TYPE: &str = "https://uri.etsi.org/ngsi-ld/hasValueType";

/// Members that hold content, and the kind they tell.
pub(super) const CONTENTS: [(&str, AttributeKind); 7] = [
    ("value", AttributeKind::Property),
    ("object", AttributeKind::Relationship),
    ("languageMap", AttributeKind::LanguageProperty),
    ("vocab", AttributeKind::VocabProperty),
    ("json", AttributeKind::JsonProperty),
    ("valueList", AttributeKind::ListProperty),
    ("objectList", AttributeKind::ListRelationship),
];

/// Members only a broker writes: a client that sends back what it read is not refused for them.
const OUTPUT_ONLY: [&str; 14] = [
    "createdAt",
    "modifiedAt",
    "deletedAt",
    "instanceId",
    "entity",
    "entityList",
    "lang",
    "previousValue",
    "previousObject",
    "previousLanguageMap",
    "previousVocab",
    "previousJson",
    "previousValueList",
    "previousObjectList",
];

/// How attributes are to be read.
#[derive(Clone, Copy)]
pub(super) struct Reader<'a> {
    pub(super) context: &'a Context,
    pub(super) nulls: Nulls,
    /// Values stand bare, and an object of another type than an attribute's is a value.
    pub(super) simplified: bool,
    /// Arrays are instances over time, several of one dataset id.
    pub(super) temporal: bool,
}

fn kind_of_name(name: &str) -> Option<AttributeKind> {
    [
        AttributeKind::Property,
        AttributeKind::Relationship,
        AttributeKind::GeoProperty,
        AttributeKind::LanguageProperty,
        AttributeKind::VocabProperty,
        AttributeKind::JsonProperty,
        AttributeKind::ListProperty,
        AttributeKind::ListRelationship,
    ]
    .into_iter()
    .find(|kind| kind.name() == name.strip_prefix(NGSI_LD).or(name.strip_prefix("ngsi-ld:")).unwrap_or(name))
}

/// The member that holds the content of a kind.
pub(super) fn content_member(kind: AttributeKind) -> &'static str {
    match kind {
        AttributeKind::GeoProperty => "value",
        other => CONTENTS.iter().find(|(_, k)| *k == other).map_or("value", |(member, _)| member),
    }
}

fn type_of(members: &Map<String, Json>) -> Option<&Json> {
    members.get("type").or_else(|| members.get("@type"))
}

impl Reader<'_> {
    /// The instances of an attribute, each with its place.
    pub(super) fn instances(&self, name: &str, json: &Json, at: Path<'_>) -> Result<Vec<Given>, NgsiError> {
        let all = match json {
            Json::Array(items) if self.is_multiple(items) => items
                .iter()
                .enumerate()
                .map(|(i, item)| self.instance(name, item, at.item(i)))
                .collect::<Result<_, _>>()?,
            Json::Object(members)
                if self.simplified && members.len() == 1 && members.contains_key("dataset") =>
            {
                self.datasets(name, &members["dataset"], at.member("dataset"))?
            }
            one => vec![self.instance(name, one, at)?],
        };
        if !self.temporal {
            refuse_repeats(&all, at)?;
        }
        Ok(all)
    }

    /// §4.5.5: an array of attribute objects is several instances, any other array is one value.
    fn is_multiple(&self, items: &[Json]) -> bool {
        let shaped = |item: &Json| match item {
            Json::Object(members) => {
                type_of(members).and_then(Json::as_str).is_some_and(|t| kind_of_name(t).is_some())
                    || (type_of(members).is_none() && self.shaped(members))
            }
            _ => false,
        };
        !items.is_empty() && items.iter().all(shaped)
    }

    /// Several simplified values by dataset id (§4.5.4).
    fn datasets(&self, name: &str, json: &Json, at: Path<'_>) -> Result<Vec<Given>, NgsiError> {
        let Json::Object(members) = json else {
            return Err(
                at.bad(format!("`dataset` holds an object of values by datasetId, not {}", kind_name(json)))
            );
        };
        let mut all = Vec::with_capacity(members.len());
        for (id, value) in members {
            let there = at.member(id);
            let mut given = self.instance(name, value, there)?;
            given.members.dataset_id = dataset_id(id, there)?;
            all.push(given);
        }
        Ok(all)
    }

    /// One instance.
    pub(super) fn instance(&self, name: &str, json: &Json, at: Path<'_>) -> Result<Given, NgsiError> {
        let Json::Object(members) = json else {
            return self.bare(name, json, at);
        };
        if members.contains_key("@context") {
            // §5.5.7, §4.5.1.
            let there = at.member("@context");
            return Err(
                there.bad("an attribute cannot have its own `@context`; put it at the top of the document")
            );
        }
        if geometry::looks_like_geometry(json) {
            return self.bare(name, json, at);
        }
        let kind = match self.kind(members, at) {
            Err(_) if self.simplified => return self.bare(name, json, at),
            kind => kind?,
        };
        if kind.is_none() && !self.shaped(members) {
            return self.bare(name, json, at);
        }
        self.members(name, kind, members, at)
    }

    /// One instance that can be nothing else: the body of a request about it.
    pub(super) fn fragment(
        &self,
        name: &str,
        members: &Map<String, Json>,
        at: Path<'_>,
    ) -> Result<Given, NgsiError> {
        self.members(name, self.kind(members, at)?, members, at)
    }

    /// The kind that `type` names.
    fn kind(&self, members: &Map<String, Json>, at: Path<'_>) -> Result<Option<AttributeKind>, NgsiError> {
        let Some(json) = type_of(members) else { return Ok(None) };
        let there = at.member("type");
        let text = json.as_str().ok_or_else(|| {
            there.bad(format!("the kind of an attribute is a text, not {}", kind_name(json)))
        })?;
        kind_of_name(text).map(Some).ok_or_else(|| {
            there.bad(format!(
                "`{}` is no kind of attribute: Property, Relationship, GeoProperty, LanguageProperty, \
                 VocabProperty, JsonProperty, ListProperty or ListRelationship is needed; a value of that type \
                 belongs into `value`",
                shorten(text)
            ))
        })
    }

    /// Whether an object without `type` is an attribute and not a bare value.
    fn shaped(&self, members: &Map<String, Json>) -> bool {
        let content = CONTENTS.iter().any(|(member, _)| members.contains_key(*member));
        if self.simplified {
            // Bare values are the rule here; the kinds that cannot stand bare are wrapped in one member.
            return content && members.len() == 1 && !members.contains_key("value");
        }
        let own = ["observedAt", "unitCode", "datasetId", "expiresAt", "objectType", "valueType"];
        content
            || own.iter().any(|member| members.contains_key(*member))
            || (self.nulls != Nulls::Refused && members.values().any(|v| self.is_attribute(v)))
    }

    fn is_attribute(&self, json: &Json) -> bool {
        let Json::Object(members) = json else { return false };
        match type_of(members) {
            Some(Json::String(text)) => kind_of_name(text).is_some(),
            Some(_) => false,
            None => CONTENTS.iter().any(|(member, _)| members.contains_key(*member)),
        }
    }

    /// A value without anything around it (§4.5.2.3, §4.5.4).
    fn bare(&self, name: &str, json: &Json, at: Path<'_>) -> Result<Given, NgsiError> {
        if self.nulls != Nulls::Refused && is_null(json) {
            return Ok(Given::null());
        }
        let relationship = self.simplified && self.context.coercion(name) == Some(Coercion::Id);
        let is_uri = |json: &Json| json.as_str().is_some_and(is_uri);
        let kind = match json {
            _ if geometry::looks_like_geometry(json) => AttributeKind::GeoProperty,
            one if relationship && is_uri(one) => AttributeKind::Relationship,
            Json::Array(all) if relationship && !all.is_empty() && all.iter().all(is_uri) => {
                AttributeKind::Relationship
            }
            _ => AttributeKind::Property,
        };
        let content = content::read(self, kind, json, at)?;
        check_kind(name, kind, at)?;
        let members =
            PartialAttribute { content: Some(content), kind_guessed: true, ..PartialAttribute::default() };
        Ok(Given { kind: Some(kind), null: false, members })
    }

    fn members(
        &self,
        name: &str,
        kind: Option<AttributeKind>,
        members: &Map<String, Json>,
        at: Path<'_>,
    ) -> Result<Given, NgsiError> {
        let mut given = Given { kind: infer(kind, members, at)?, ..Given::default() };
        for (member, json) in members {
            let there = at.member(member);
            match member.as_str() {
                "type" | "@type" => {}
                "observedAt" => {
                    if !self.removes(&mut given, member, json) {
                        given.members.observed_at = Some(time(json, member, there)?);
                    }
                }
                "expiresAt" => {
                    if !self.removes(&mut given, member, json) {
                        given.members.expires_at = Some(time(json, member, there)?);
                    }
                }
                "unitCode" => {
                    if !self.removes(&mut given, member, json) {
                        given.members.unit_code = Some(unit(json, given.kind, there)?);
                    }
                }
                "datasetId" => given.members.dataset_id = dataset_id(text(json, member, there)?, there)?,
                // Read together with the content.
                "objectType" | "valueType" => {}
                "ngsildproof" => self.sub_attribute(&mut given, member, json, there)?,
                _ if CONTENTS.iter().any(|(content, _)| content == member) => {
                    self.content(&mut given, json, there)?
                }
                _ if OUTPUT_ONLY.contains(&member.as_str()) => {}
                _ => self.sub_attribute(&mut given, member, json, there)?,
            }
        }
        if let Some(kind) = given.kind {
            check_kind(name, kind, at)?;
        }
        self.types_of_content(&mut given, members, at)?;
        Ok(given)
    }

    /// A member that goes: only where fragments may say so.
    fn removes(&self, given: &mut Given, member: &str, json: &Json) -> bool {
        let gone = self.nulls != Nulls::Refused && json.as_str() == Some(NULL);
        if gone {
            given.members.removed_members.push(member.into());
        }
        gone
    }

    fn content(&self, given: &mut Given, json: &Json, at: Path<'_>) -> Result<(), NgsiError> {
        if self.nulls != Nulls::Refused && is_null(json) {
            given.null = true;
            return Ok(());
        }
        let kind = given.kind.unwrap_or(AttributeKind::Property);
        given.members.content = Some(content::read(self, kind, json, at)?);
        Ok(())
    }

    fn types_of_content(
        &self,
        given: &mut Given,
        members: &Map<String, Json>,
        at: Path<'_>,
    ) -> Result<(), NgsiError> {
        if let Some(json) = members.get("objectType") {
            let there = at.member("objectType");
            match &mut given.members.content {
                Some(
                    Content::Relationship { object_types, .. }
                    | Content::ListRelationship { object_types, .. },
                ) => {
                    *object_types = content::terms(self.context, json, there)?;
                }
                _ if matches!(
                    given.kind,
                    Some(AttributeKind::Relationship | AttributeKind::ListRelationship)
                ) =>
                {
                    return Err(there.bad("`objectType` changes together with `object` only; give both"));
                }
                _ => return Err(there.bad("only a Relationship has an `objectType`")),
            }
        }
        if let Some(json) = members.get("valueType") {
            let there = at.member("valueType");
            let allowed = matches!(
                given.kind,
                Some(AttributeKind::Property | AttributeKind::ListProperty | AttributeKind::GeoProperty)
            );
            if !allowed {
                return Err(there.bad("only a Property has a `valueType`"));
            }
            let patch = if self.nulls != Nulls::Refused && json.as_str() == Some(NULL) {
                AttributePatch::Delete { dataset_id: None }
            } else {
                let content = Content::Vocab {
                    terms: content::terms(self.context, json, there)?,
                    many: json.is_array(),
                };
                AttributePatch::Merge(PartialAttribute {
                    content: Some(content),
                    ..PartialAttribute::default()
                })
            };
            given.members.attributes.push((Iri::trusted(VALUE_TYPE), vec![patch]));
        }
        Ok(())
    }

    fn sub_attribute(
        &self,
        given: &mut Given,
        name: &str,
        json: &Json,
        at: Path<'_>,
    ) -> Result<(), NgsiError> {
        let iri = self.name(name, at)?;
        if given.members.attributes.iter().any(|(n, _)| *n == iri) {
            return Err(twice(name, &iri, at));
        }
        let instances = Reader { temporal: false, simplified: false, ..*self }.instances(name, json, at)?;
        // Only a merge goes into sub-attributes; everywhere else they are stated whole, or go.
        if self.nulls != Nulls::Anywhere
            && let Some(given) = instances.iter().find(|g| !g.null && g.members.content.is_none())
        {
            let member = given.kind.map_or("value", content_member);
            return Err(at.bad(format!("the attribute has no `{member}`")));
        }
        given.members.attributes.push((iri, instances.into_iter().map(Given::patch).collect()));
        Ok(())
    }

    /// The expanded name of an attribute.
    pub(super) fn name(&self, name: &str, at: Path<'_>) -> Result<Iri, NgsiError> {
        names::expand_attribute(name, self.context).map_err(|e| e.at(at.to_string()))
    }
}

/// The kind, by `type` or by the member that holds the content, which must agree.
fn infer(
    kind: Option<AttributeKind>,
    members: &Map<String, Json>,
    at: Path<'_>,
) -> Result<Option<AttributeKind>, NgsiError> {
    let mut found = CONTENTS.iter().filter(|(member, _)| members.contains_key(*member));
    let (first, second) = (found.next(), found.next());
    if let (Some((a, _)), Some((b, _))) = (first, second) {
        return Err(at.bad(format!("an attribute has one content; both `{a}` and `{b}` stand here")));
    }
    match (kind, first) {
        (Some(kind), Some((member, _))) if content_member(kind) != *member => Err(at
            .member(member)
            .bad(format!("a {} has no `{member}`; its content is `{}`", kind.name(), content_member(kind)))),
        (Some(kind), _) => Ok(Some(kind)),
        (None, Some(("value", _))) if geometry::looks_like_geometry(&members["value"]) => {
            Ok(Some(AttributeKind::GeoProperty))
        }
        (None, first) => Ok(first.map(|(_, kind)| *kind)),
    }
}

/// §4.7.1, §4.5.2.2: three names are geographic by definition, one is a proof.
fn check_kind(name: &str, kind: AttributeKind, at: Path<'_>) -> Result<(), NgsiError> {
    let short = name.strip_prefix(NGSI_LD).or(name.strip_prefix("ngsi-ld:")).unwrap_or(name);
    if matches!(short, "location" | "observationSpace" | "operationSpace")
        && kind != AttributeKind::GeoProperty
    {
        return Err(at.bad(format!(
            "`{name}` is a GeoProperty with a GeoJSON geometry as value, not a {}; use another name for anything else",
            kind.name()
        )));
    }
    Ok(())
}

/// The NGSI-LD Null in each of its forms (§4.5.0).
pub(super) fn is_null(json: &Json) -> bool {
    match json {
        Json::String(text) => text == NULL,
        Json::Array(items) => matches!(items.as_slice(), [one] if is_null_item(one)),
        Json::Object(members) => {
            members.len() == 1 && members.get("@none").and_then(Json::as_str) == Some(NULL)
        }
        _ => false,
    }
}

fn is_null_item(json: &Json) -> bool {
    json.as_str() == Some(NULL) || json.get("object").and_then(Json::as_str) == Some(NULL)
}

fn text<'j>(json: &'j Json, member: &str, at: Path<'_>) -> Result<&'j str, NgsiError> {
    json.as_str().ok_or_else(|| at.bad(format!("`{member}` is a text, not {}", kind_name(json))))
}

/// A DateTime.
pub(super) fn time(json: &Json, member: &str, at: Path<'_>) -> Result<nacre_model::Instant, NgsiError> {
    datetime::expect(text(json, member, at)?, &format!("`{member}`")).map_err(|e| e.at(at.to_string()))
}

fn unit(json: &Json, kind: Option<AttributeKind>, at: Path<'_>) -> Result<Box<str>, NgsiError> {
    use AttributeKind as K;
    if matches!(kind, Some(k) if !matches!(k, K::Property | K::GeoProperty | K::ListProperty)) {
        return Err(at.bad("only a Property has a `unitCode`"));
    }
    let code = text(json, "unitCode", at)?;
    if code.is_empty() || code.len() > 64 || code.chars().any(char::is_control) || code == NULL {
        return Err(at.bad("`unitCode` is a UN/CEFACT common code, such as `CEL`"));
    }
    Ok(code.into())
}

/// A dataset id; `@none` is the default instance (§4.5.5.1).
pub(super) fn dataset_id(id: &str, at: Path<'_>) -> Result<Option<Iri>, NgsiError> {
    match id {
        "@none" => Ok(None),
        NULL => Err(at.bad("a `datasetId` cannot be deleted; delete the instance by its datasetId")),
        _ => Iri::new(id).map(Some).map_err(|_| at.bad(format!("the datasetId `{}` is no URI", shorten(id)))),
    }
}
