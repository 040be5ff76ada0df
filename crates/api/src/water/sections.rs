//! Sections with their class and what decides it, and rivers.

use std::collections::BTreeMap;

use axum::Json;
use axum::extract::State;
use nacre_devices::names::{flag, iri, local, number, object, text};
use nacre_indicators::Words;
use nacre_kernel::query::{AsOf, Page, Query, TypeSelection};
use nacre_model::Entity;
use nacre_operations::AlertState;
use nacre_water::{Body, Class, Judgement, Parameter, SectionReading, classify, judge, limit, river};
use serde::Serialize;
use std::sync::Arc;
use utoipa::ToSchema;

use crate::cases::shown::{About, Names};
use crate::devices::registry::place;
use crate::plan::store::blocking;
use crate::problem::Problem;
use crate::state::App;

/// A measured value with its class.
#[derive(Debug, Clone, Serialize, ToSchema)]
#[serde(rename_all = "camelCase")]
#[allow(missing_docs)]
pub struct ParameterInfo {
    pub name: String,
    pub title: Words,
    pub value: f64,
    pub unit: Option<String>,
    pub class: Option<String>,
    /// Limit of the target class, where one is set.
    pub limit: Option<f64>,
    pub observed_at: Option<String>,
    /// `sensor`, `manual`, `import`, `entered`.
    pub source: String,
    pub simulated: bool,
}

/// A section.
#[derive(Debug, Clone, Serialize, ToSchema)]
#[serde(rename_all = "camelCase")]
#[allow(missing_docs)]
pub struct SectionInfo {
    pub id: String,
    pub name: String,
    pub creek: About,
    pub target_class: Option<String>,
    pub class: Option<String>,
    pub verdict: Option<Words>,
    pub deciding: Vec<ParameterInfo>,
    pub meets: Option<bool>,
    pub tidal: bool,
    pub tide: Option<String>,
    pub parameters: Vec<ParameterInfo>,
    pub missing: Vec<Words>,
    pub observed_at: Option<String>,
    pub simulated: bool,
    pub location: Option<[f64; 2]>,
    pub chief: Option<nacre_indicators::Party>,
    pub open_cases: usize,
    pub open_alerts: usize,
}

/// A river.
#[derive(Debug, Clone, Serialize, ToSchema)]
#[allow(missing_docs)]
pub struct RiverInfo {
    pub id: String,
    pub name: String,
    pub sections: usize,
    pub judged: usize,
    pub verdict: Option<Words>,
    pub method: Option<Words>,
    pub shares: BTreeMap<String, f64>,
}

/// The waters.
#[derive(Debug, Serialize, ToSchema)]
#[allow(missing_docs)]
pub struct Water {
    pub sections: Vec<SectionInfo>,
    pub rivers: Vec<RiverInfo>,
    pub standard: Words,
    pub seq: u64,
    pub at: String,
}

/// The standard, named.
pub fn standard() -> Words {
    Words::new(
        "GB 3838-2002 河流限值，单因子评价（环办〔2011〕22号）；水温、总氮、粪大肠菌群不参与。",
        "GB 3838-2002, limits for rivers, worst single parameter; temperature, total nitrogen and coliforms do not count.",
    )
}

/// Words of a pair.
pub fn pair((zh, en): (&'static str, &'static str)) -> Words {
    Words::new(zh, en)
}

/// All entities of a type.
pub fn all(app: &App, kind: &str) -> Result<Vec<Arc<Entity>>, Problem> {
    let query = Query { types: Some(TypeSelection::Is(iri(kind))), ..Query::default() };
    let page = Page { offset: 0, limit: u64::MAX, count: false };
    Ok(app.tenant(None)?.scan(&app.principal(), &query, page, AsOf::Now)?.entities)
}

/// What was measured at a section.
pub fn measured(entity: &Entity) -> Vec<(Parameter, f64)> {
    Parameter::ALL
        .into_iter()
        .filter(|p| p.decides())
        .filter_map(|p| Some((p, number(entity, p.name())?)))
        .collect()
}

fn parameter(
    entity: &Entity,
    parameter: Parameter,
    value: f64,
    temperature: Option<f64>,
    target: Option<Class>,
) -> ParameterInfo {
    let stands = entity.instance(iri(parameter.name()).as_str(), None);
    let own =
        |name: &str| stands.into_iter().flat_map(|i| &i.attribute.attributes).find(|(n, _)| *n == iri(name));
    let provider =
        own("providedBy").and_then(|(_, all)| all.first()?.content.objects().first().map(|o| o.to_string()));
    let source = match provider.as_deref().and_then(|p| p.split(':').nth(2)) {
        Some("Device") => "sensor",
        Some("WaterSample") => "manual",
        _ if own("importedFrom").is_some() => "import",
        _ => "entered",
    };
    ParameterInfo {
        name: parameter.name().to_owned(),
        title: pair(parameter.title()),
        value,
        unit: (parameter != Parameter::Ph).then(|| "mg/L".to_owned()),
        class: classify(parameter, value, Body::River, temperature).map(|c| c.name().to_owned()),
        limit: target.and_then(|t| limit(parameter, t, Body::River)).map(|l| l.figure(value)),
        observed_at: stands.and_then(|i| i.attribute.observed_at).map(|t| t.to_string()),
        source: source.to_owned(),
        simulated: own("simulated").is_some(),
    }
}

/// The waters as they stand.
#[utoipa::path(get, path = "/api/water", tag = "water", responses((status = 200, body = Water)))]
pub async fn water(State(app): State<App>) -> Result<Json<Water>, Problem> {
    blocking(move || {
        let tenant = app.tenant(None)?;
        let mut names = Names::new(&app);
        let alerts = app.operations().alerts()?;
        let mut sections = Vec::new();
        let mut judged: BTreeMap<String, (String, usize, Vec<SectionReading>)> = BTreeMap::new();
        for body in all(&app, "WaterBody")? {
            let name = text(&body, "name").unwrap_or_default();
            judged.insert(body.id.to_string(), (name, 0, Vec::new()));
        }
        let open: Vec<String> = {
            let desk = app.operations().desk()?;
            desk.open().filter_map(|l| l.case.about.as_ref().map(ToString::to_string)).collect()
        };
        for entity in all(&app, "WaterSection")? {
            let values = measured(&entity);
            let temperature = number(&entity, "temperature");
            let target = text(&entity, "targetClass").and_then(|t| Class::parse(&t));
            let Judgement { class, deciding, each, missing } = judge(&values, Body::River, temperature);
            let info = |p: Parameter, v: f64| parameter(&entity, p, v, temperature, target);
            let parameters: Vec<ParameterInfo> = each.iter().map(|(p, v, _)| info(*p, *v)).collect();
            let creek = object(&entity, "partOf").unwrap_or_default();
            if let Some((_, count, river)) = judged.get_mut(&creek) {
                *count += 1;
                river.extend(class.map(|class| SectionReading { class: Some(class), values }));
            }
            let id = entity.id.to_string();
            sections.push(SectionInfo {
                name: text(&entity, "name").unwrap_or_default(),
                creek: names.about(&creek),
                target_class: target.map(|t| t.name().to_owned()),
                class: class.map(|c| c.name().to_owned()),
                verdict: class.map(|c| pair(c.verdict())),
                deciding: deciding.iter().map(|d| info(d.parameter, d.value)).collect(),
                meets: class.zip(target).map(|(c, t)| c <= t),
                tidal: flag(&entity, "tidal"),
                tide: text(&entity, "tide"),
                missing: missing.iter().map(|p| pair(p.title())).collect(),
                observed_at: parameters.iter().filter_map(|p| p.observed_at.clone()).max(),
                simulated: parameters.iter().any(|p| p.simulated),
                location: place(&entity),
                chief: object(&entity, "riverChief").map(|o| names.party(local(&o))),
                open_cases: open.iter().filter(|o| **o == id).count(),
                open_alerts: alerts
                    .values()
                    .filter(|a| {
                        a.state != AlertState::Cleared && a.about.as_ref().is_some_and(|x| x.as_str() == id)
                    })
                    .count(),
                parameters,
                id: local(&id).to_owned(),
            });
        }
        sections.sort_by(|a, b| a.name.cmp(&b.name));
        let rivers = judged.into_iter().map(|(id, (name, count, found))| {
            let verdict = (!found.is_empty()).then(|| river(&found, Body::River));
            RiverInfo {
                id: local(&id).to_owned(),
                name,
                sections: count,
                judged: found.len(),
                verdict: verdict.as_ref().map(|v| pair(v.verdict)),
                method: verdict.as_ref().map(|v| pair(v.method)),
                shares: verdict
                    .map(|v| v.shares.into_iter().map(|(c, s)| (c.name().to_owned(), s / 100.0)).collect())
                    .unwrap_or_default(),
            }
        });
        Ok(Json(Water {
            rivers: rivers.collect(),
            sections,
            standard: standard(),
            seq: tenant.status().applied.0,
            at: tenant.now().to_string(),
        }))
    })
    .await
}
