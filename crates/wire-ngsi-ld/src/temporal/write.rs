//! Evolutions as answers: arrays of instances, or `[value, time]`; the aggregated form is in `aggregate`.

use nacre_model::{AttributeKind, Content, Instant, Iri};

use super::evolution::{Evolution, PastAttribute, PastInstance};
use super::query::{TemporalFormat, TemporalQuery, TimeProperty};
use crate::context::Context;
use crate::entity_out::attribute::Marks;
use crate::entity_out::entity::Writer;
use crate::entity_out::projection::Member;
use crate::entity_out::{Representation, json};
use crate::errors::NgsiError;

/// Writes one evolution.
///
/// An attribute asked for by name of which none of the aggregation methods can say anything is an InvalidRequest
/// (CIM 009 §5.7.4.4).
pub fn write_evolution(
    out: &mut Vec<u8>,
    evolution: &Evolution,
    context: &Context,
    rep: &Representation,
    query: &TemporalQuery,
) -> Result<(), NgsiError> {
    let mut writer = Writer::new(out, context, rep);
    let start = writer.open();
    writer.id(&evolution.id);
    writer.types(&evolution.types);
    if rep.sys_attrs {
        times_of_entity(&mut writer, evolution);
    }
    scopes(&mut writer, evolution, query);
    for (name, attribute) in &evolution.attributes {
        if !writer.shows_attribute(name) {
            continue;
        }
        let shown: Vec<&PastInstance> = attribute.instances.iter().filter(|p| shows(rep, p)).collect();
        if shown.is_empty() && !attribute.instances.is_empty() {
            continue;
        }
        match query.format {
            TemporalFormat::Instances => {
                member(&mut writer, name);
                instances(&mut writer, name, &shown, query.property);
            }
            TemporalFormat::TemporalValues => {
                member(&mut writer, name);
                values(&mut writer, attribute, &shown, query.property);
            }
            TemporalFormat::AggregatedValues => {
                super::aggregate::member(&mut writer, name, &shown, evolution, query)?;
            }
        }
    }
    if rep.with_context {
        writer.embed_context();
    }
    writer.close(start);
    Ok(())
}

/// Writes an array of evolutions.
pub fn write_evolutions<'a>(
    out: &mut Vec<u8>,
    evolutions: impl IntoIterator<Item = &'a Evolution>,
    context: &Context,
    rep: &Representation,
    query: &TemporalQuery,
) -> Result<(), NgsiError> {
    let mut failed = Ok(());
    json::array(out, evolutions, |out, evolution| {
        if failed.is_ok() {
            failed = write_evolution(out, evolution, context, rep, query);
        }
    });
    failed
}

fn shows(rep: &Representation, past: &PastInstance) -> bool {
    rep.datasets.is_empty() || rep.datasets.contains(&past.attribute.dataset_id)
}

/// Writes `,"name":`.
pub(super) fn member(writer: &mut Writer<'_>, name: &Iri) {
    writer.out.push(b',');
    writer.compacted_name(name);
}

fn times_of_entity(writer: &mut Writer<'_>, evolution: &Evolution) {
    let times = [
        (Member::CreatedAt, "createdAt", Some(evolution.created_at)),
        (Member::ModifiedAt, "modifiedAt", Some(evolution.modified_at)),
        (Member::ModifiedAt, "deletedAt", evolution.deleted_at),
        (Member::ExpiresAt, "expiresAt", evolution.expires_at),
    ];
    for (member, name, at) in times {
        if let Some(at) = at
            && writer.shows(&member)
        {
            writer.time(name, at);
        }
    }
}

/// Scopes as instances of a property (CIM 009 §4.5.6, §4.18); their observedAt is when they were set.
fn scopes(writer: &mut Writer<'_>, evolution: &Evolution, query: &TemporalQuery) {
    let past = &evolution.past_scopes;
    let shown = !past.is_empty()
        && writer.rep.attributes.is_empty()
        && writer.shows(&Member::Scope)
        && query.format != TemporalFormat::AggregatedValues;
    if !shown {
        return;
    }
    let sys_attrs = writer.rep.sys_attrs;
    let list = |out: &mut Vec<u8>, scopes: &[nacre_model::Scope]| match scopes {
        [one] => json::string(out, one.as_str()),
        all => json::array(out, all, |out, s| json::string(out, s.as_str())),
    };
    let out = &mut *writer.out;
    out.extend_from_slice(b",\"scope\":");
    if query.format == TemporalFormat::TemporalValues {
        out.extend_from_slice(b"{\"type\":\"Property\",\"values\":");
        json::array(out, past, |out, p| {
            out.push(b'[');
            list(out, &p.scopes);
            out.push(b',');
            json::instant(out, p.at);
            out.push(b']');
        });
        out.push(b'}');
        return;
    }
    json::array(out, past, |out, p| {
        out.extend_from_slice(b"{\"type\":\"Property\",\"value\":");
        list(out, &p.scopes);
        let time = |out: &mut Vec<u8>, name: &str, at: Instant| {
            out.push(b',');
            json::name(out, name);
            json::instant(out, at);
        };
        if p.scopes.is_empty() {
            time(out, "deletedAt", p.at);
        } else {
            time(out, "observedAt", p.at);
        }
        if sys_attrs {
            time(out, "createdAt", p.created_at);
            time(out, "modifiedAt", p.at);
        }
        out.push(b'}');
    });
}

fn instances(writer: &mut Writer<'_>, name: &Iri, shown: &[&PastInstance], property: TimeProperty) {
    let sys_attrs = writer.rep.sys_attrs;
    writer.out.push(b'[');
    for (i, past) in shown.iter().enumerate() {
        if i > 0 {
            writer.out.push(b',');
        }
        let marks = Marks {
            created_at: Some(past.created_at)
                .filter(|_| sys_attrs || property == TimeProperty::CreatedAt && past.deleted_at.is_none()),
            modified_at: Some(past.modified_at)
                .filter(|_| sys_attrs || property == TimeProperty::ModifiedAt && past.deleted_at.is_none()),
            deleted_at: past.deleted_at,
            instance_id: Some(past.instance),
            ..Marks::default()
        };
        writer.object(name, &past.attribute, &marks);
    }
    writer.out.push(b']');
}

/// Instances in groups that share dataset id and kind, in order of appearance.
pub(super) fn groups<'a>(shown: &[&'a PastInstance]) -> Vec<Vec<&'a PastInstance>> {
    let mut groups: Vec<Vec<&PastInstance>> = Vec::new();
    for past in shown {
        let same = |g: &&mut Vec<&PastInstance>| {
            g[0].attribute.dataset_id == past.attribute.dataset_id
                && g[0].attribute.content.kind() == past.attribute.content.kind()
        };
        match groups.iter_mut().find(same) {
            Some(group) => group.push(past),
            None => groups.push(vec![past]),
        }
    }
    groups
}

/// Writes one object for one group, an array for several.
pub(super) fn one_or_array(
    writer: &mut Writer<'_>,
    groups: &[Vec<&PastInstance>],
    mut write: impl FnMut(&mut Writer<'_>, &[&PastInstance]),
) {
    if let [one] = groups {
        return write(writer, one);
    }
    writer.out.push(b'[');
    for (i, group) in groups.iter().enumerate() {
        if i > 0 {
            writer.out.push(b',');
        }
        write(writer, group);
    }
    writer.out.push(b']');
}

/// Writes `{"type":…` and the dataset id.
pub(super) fn begin(writer: &mut Writer<'_>, kind: AttributeKind, dataset: Option<&Iri>) {
    writer.out.extend_from_slice(b"{\"type\":");
    json::string(writer.out, kind.name());
    if let Some(dataset) = dataset {
        writer.out.extend_from_slice(b",\"datasetId\":");
        json::string(writer.out, dataset.as_str());
    }
    writer.out.push(b',');
}

fn values(
    writer: &mut Writer<'_>,
    attribute: &PastAttribute,
    shown: &[&PastInstance],
    property: TimeProperty,
) {
    let groups = groups(shown);
    if groups.is_empty() {
        let kind = attribute.kind.unwrap_or(AttributeKind::Property);
        begin(writer, kind, None);
        json::name(writer.out, values_member(kind));
        writer.out.extend_from_slice(b"[]}");
        return;
    }
    one_or_array(writer, &groups, |writer, group| {
        let first = &group[0].attribute;
        let kind = match first.content.kind() {
            AttributeKind::LanguageProperty if writer.rep.lang.is_some() => AttributeKind::Property,
            kind => kind,
        };
        begin(writer, kind, first.dataset_id.as_ref());
        json::name(writer.out, values_member(kind));
        writer.out.push(b'[');
        for (i, past) in group.iter().enumerate() {
            writer.out.extend_from_slice(if i > 0 { b",[" } else { b"[" });
            value(writer, past);
            writer.out.push(b',');
            json::instant(writer.out, past.time(property).unwrap_or_default());
            writer.out.push(b']');
        }
        writer.out.extend_from_slice(b"]}");
    });
}

fn value(writer: &mut Writer<'_>, past: &PastInstance) {
    let content = &past.attribute.content;
    let wraps = matches!(content, Content::Language(_) | Content::Json(_) | Content::Vocab { .. });
    if past.deleted_at.is_some() {
        if wraps {
            writer.out.push(b'{');
            json::name(writer.out, crate::entity_out::attribute::content_member(content));
            writer.null(content);
            writer.out.push(b'}');
        } else {
            writer.null(content);
        }
        return;
    }
    let text = match (content, &writer.rep.lang) {
        (Content::Language(map), Some(filter)) => filter.choose(map),
        _ => None,
    };
    match (text, content) {
        (Some((_, text)), _) => json::value(writer.out, text),
        (None, content) if wraps => writer.wrapped(content),
        // Bare addresses here, whatever the format asked for (CIM 009 §4.5.9).
        (None, Content::ListRelationship { objects, .. }) => writer.iris(objects, true),
        (None, content) => writer.content(content),
    }
}

fn values_member(kind: AttributeKind) -> &'static str {
    match kind {
        AttributeKind::Property | AttributeKind::GeoProperty => "values",
        AttributeKind::Relationship => "objects",
        AttributeKind::LanguageProperty => "languageMaps",
        AttributeKind::VocabProperty => "vocabs",
        AttributeKind::JsonProperty => "jsons",
        AttributeKind::ListProperty => "valueLists",
        AttributeKind::ListRelationship => "objectLists",
    }
}
