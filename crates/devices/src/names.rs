//! Names of attributes and ids.

use nacre_model::{Attribute, Content, Entity, Instant, Iri, Value};

/// Everything without a name of its own in the core context.
pub const OWN: &str = "https://uri.etsi.org/ngsi-ld/default-context/";

/// A short name, expanded.
pub fn iri(short: &str) -> Iri {
    Iri::trusted(&expanded(short))
}

/// The expanded form of a short name.
pub fn expanded(short: &str) -> String {
    match short {
        "location" => "https://uri.etsi.org/ngsi-ld/location".into(),
        "description" => "http://purl.org/dc/terms/description".into(),
        "title" => "http://purl.org/dc/terms/title".into(),
        other => format!("{OWN}{other}"),
    }
}

/// The URN of a local id.
pub fn urn(kind: &str, id: &str) -> String {
    if id.starts_with("urn:") { id.to_owned() } else { format!("urn:ngsi-ld:{kind}:{id}") }
}

/// The part of a URN behind its type.
pub fn local(urn: &str) -> &str {
    urn.splitn(4, ':').nth(3).unwrap_or(urn)
}

/// What an entity has under a short name.
pub fn content<'a>(entity: &'a Entity, short: &str) -> Option<&'a Content> {
    entity.instance(&expanded(short), None).map(|i| &i.attribute.content)
}

/// A text of an entity.
pub fn text(entity: &Entity, short: &str) -> Option<String> {
    match content(entity, short)? {
        Content::Property(Value::Text(t)) => Some(t.to_string()),
        _ => None,
    }
}

/// A number of an entity.
pub fn number(entity: &Entity, short: &str) -> Option<f64> {
    match content(entity, short)? {
        Content::Property(value) => value.as_number(),
        _ => None,
    }
}

/// An instant of an entity.
pub fn instant(entity: &Entity, short: &str) -> Option<Instant> {
    match content(entity, short)? {
        Content::Property(value) => value.as_instant(),
        _ => None,
    }
}

/// A flag of an entity.
pub fn flag(entity: &Entity, short: &str) -> bool {
    content(entity, short) == Some(&Content::Property(Value::Bool(true)))
}

/// The first target of a relationship.
pub fn object(entity: &Entity, short: &str) -> Option<String> {
    Some(content(entity, short)?.objects().first()?.to_string())
}

/// A property.
pub fn property(value: Value) -> Attribute {
    Attribute::new(Content::Property(value))
}

/// A relationship.
pub fn relationship(urn: &str) -> Attribute {
    Attribute::new(Content::Relationship {
        objects: vec![Iri::trusted(urn)],
        many: false,
        object_types: Vec::new(),
    })
}
