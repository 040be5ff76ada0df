//! The body of a query by POST (CIM 009 §5.2.23).

use nacre_kernel::query::{Query, TypeSelection};
use nacre_model::Iri;
use nacre_wire_ngsi_ld::context::Context;
use nacre_wire_ngsi_ld::entity_out::{LanguageFilter, Projection, Representation};
use nacre_wire_ngsi_ld::errors::NgsiError;
use nacre_wire_ngsi_ld::{geo, q, scope_q, type_query};
use serde_json::Value as Json;

use super::entities::{id_of, pattern_of};
use super::reply::Result;

const MEMBERS: &[&str] = &[
    "type",
    "entities",
    "attrs",
    "pick",
    "omit",
    "q",
    "geoQ",
    "scopeQ",
    "lang",
    "datasetId",
    "temporalQ",
    "aggrParams",
    "csf",
    "expandValues",
    "jsonKeys",
    "containedBy",
    "join",
    "joinLevel",
    "orderBy",
];

/// Reads the body; what it says of the representation goes into `rep`.
pub(super) fn parse(body: &Json, context: &Context, rep: &mut Representation) -> Result<Query> {
    let object = body.as_object().ok_or_else(|| NgsiError::bad("a query is an object"))?;
    if object.get("type").and_then(Json::as_str) != Some("Query") {
        return Err(NgsiError::bad("`type` of a query must be `Query`").at("/type").into());
    }
    if let Some(unknown) = object.keys().find(|k| !MEMBERS.contains(&k.as_str())) {
        return Err(NgsiError::bad(format!("unknown member `{unknown}`")).at(format!("/{unknown}")).into());
    }
    let text = |name: &str| -> Result<Option<&str>> {
        let wrong = || NgsiError::bad(format!("`{name}` must be a text")).at(format!("/{name}"));
        Ok(object.get(name).map(|v| v.as_str().ok_or_else(wrong)).transpose()?)
    };
    let mut query = Query::default();
    let mut types = Vec::new();
    if let Some(entities) = object.get("entities") {
        let wrong = || NgsiError::bad("`entities` must be an array of selectors").at("/entities");
        for (i, selector) in
            entities.as_array().filter(|a| !a.is_empty()).ok_or_else(wrong)?.iter().enumerate()
        {
            let at = |name: &str| format!("/entities/{i}/{name}");
            let type_name = selector.get("type").and_then(Json::as_str);
            let type_name =
                type_name.ok_or_else(|| NgsiError::bad("a selector needs a `type`").at(at("type")))?;
            types.push(type_query::parse(type_name, context)?);
            match selector.get("id") {
                None => {}
                Some(Json::Array(ids)) => {
                    for id in ids {
                        query.ids.push(id_of(id.as_str().unwrap_or_default())?);
                    }
                }
                Some(id) => query.ids.push(id_of(id.as_str().unwrap_or_default())?),
            }
            if let Some(pattern) = selector.get("idPattern").and_then(Json::as_str) {
                query.id_pattern = Some(pattern_of(pattern)?);
            }
        }
    }
    if !types.is_empty() {
        query.types = Some(if types.len() == 1 { types.remove(0) } else { TypeSelection::Any(types) });
    }
    query.attributes = names(object.get("attrs"), "attrs", context)?;
    rep.attributes.clone_from(&query.attributes);
    if let Some(text) = text("q")? {
        query.filter =
            Some(q::parse(text, context, &names(object.get("expandValues"), "expandValues", context)?)?);
    }
    query.geo =
        object.get("geoQ").map(|g| geo::from_json(g, context).map_err(|e| e.under("/geoQ"))).transpose()?;
    query.scopes = text("scopeQ")?.map(scope_q::parse).transpose()?;
    for (name, slot) in [("pick", &mut rep.pick), ("omit", &mut rep.omit)] {
        if let Some(list) = object.get(name) {
            let words: Vec<&str> = list.as_array().into_iter().flatten().filter_map(Json::as_str).collect();
            *slot = Some(Projection::parse(&words.join(","), context)?);
        }
    }
    if let Some(lang) = text("lang")? {
        rep.lang = Some(LanguageFilter::parse(lang)?);
    }
    let wide =
        query.types.is_none() && query.attributes.is_empty() && query.filter.is_none() && query.geo.is_none();
    if wide {
        return Err(NgsiError::bad("one of `entities`, `attrs`, `q`, `geoQ` is needed").into());
    }
    Ok(query)
}

fn names(list: Option<&Json>, what: &str, context: &Context) -> Result<Vec<Iri>> {
    let wrong = || NgsiError::bad(format!("`{what}` must be an array of names")).at(format!("/{what}"));
    let Some(list) = list else { return Ok(Vec::new()) };
    let items = list.as_array().filter(|a| !a.is_empty()).ok_or_else(wrong)?;
    let one = |v: &Json| context.expand(v.as_str().ok_or_else(wrong)?);
    Ok(items.iter().map(one).collect::<std::result::Result<_, _>>()?)
}
