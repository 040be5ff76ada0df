//! Readings that others published in Smart Data Models form, dirty as they are: what was corrected is said, what cannot be
//! understood is refused with its reason, and nothing is half-applied.

use std::collections::BTreeMap;

use axum::Json;
use axum::extract::{Query, State};
use nacre_devices::names::{iri, local, property, urn};
use nacre_kernel::query::AsOf;
use nacre_kernel::{Command, EntityDraft, Submission};
use nacre_model::{Attribute, EntityId, Instant, Iri, Value};
use nacre_water::{Cleaned, clean_all};
use serde::{Deserialize, Serialize};
use utoipa::{IntoParams, ToSchema};

use crate::plan::post::Post;
use crate::plan::store::blocking;
use crate::problem::Problem;
use crate::state::App;

/// Most entities of one import.
const ENTITIES_MAX: usize = 10_000;

/// Only look.
#[derive(Debug, Default, Deserialize, IntoParams)]
#[serde(default)]
pub struct DryParam {
    /// Nothing is recorded.
    pub dry: bool,
}

/// What is imported.
#[derive(Debug, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct ImportInput {
    /// Entities, normalized or key-values.
    #[schema(value_type = Vec<Object>)]
    pub entities: Vec<serde_json::Value>,
    /// Which section a published entity is: its id → local id of the section. Where nothing is written, the section with
    /// the same local id.
    #[serde(default)]
    pub sections: BTreeMap<String, String>,
}

/// A reading as it was understood.
#[derive(Debug, Serialize, ToSchema)]
#[serde(rename_all = "camelCase")]
#[allow(missing_docs)]
pub struct ImportedReading {
    pub entity: String,
    pub section: String,
    pub observed_at: String,
    pub values: BTreeMap<String, f64>,
    /// Values below what the laboratory can detect: the limit stands in.
    pub below_detection: Vec<String>,
    pub ignored: Vec<String>,
}

/// A correction.
#[derive(Debug, Serialize, ToSchema)]
#[allow(missing_docs)]
pub struct ImportCorrection {
    pub entity: String,
    pub code: String,
    pub field: String,
    pub was: String,
    pub became: String,
    pub zh: String,
    pub en: String,
}

/// An entity that was refused.
#[derive(Debug, Serialize, ToSchema)]
#[allow(missing_docs)]
pub struct ImportRefused {
    /// Its place in the list, from 0.
    pub index: usize,
    pub code: String,
    pub zh: String,
    pub en: String,
}

/// What came of an import.
#[derive(Debug, Serialize, ToSchema)]
#[allow(missing_docs)]
pub struct ImportResult {
    pub readings: Vec<ImportedReading>,
    pub corrections: Vec<ImportCorrection>,
    pub refused: Vec<ImportRefused>,
    pub duplicates: usize,
    pub recorded: usize,
    pub dry: bool,
}

fn section_of(
    app: &App,
    input: &BTreeMap<String, String>,
    entity: &str,
) -> Result<Option<EntityId>, Problem> {
    let name = input.get(entity).map_or_else(|| local(entity), String::as_str);
    let Ok(id) = EntityId::new(&urn("WaterSection", name)) else { return Ok(None) };
    Ok(app.tenant(None)?.entity(&app.principal(), &id, AsOf::Now)?.map(|_| id))
}

fn draft(section: &EntityId, cleaned: &Cleaned) -> EntityDraft {
    let at = Instant(cleaned.observed_at_ms);
    let attributes: Vec<(Iri, Vec<Attribute>)> = cleaned
        .values
        .iter()
        .filter(|(p, ..)| p.decides() || p.name() == "temperature")
        .map(|(parameter, value, below)| {
            let mut attribute = property(Value::Float(*value));
            attribute.observed_at = Some(at);
            attribute.unit_code = Some(parameter.unit().into());
            let source = property(Value::text(cleaned.entity_id.as_str()));
            attribute.attributes.push((iri("importedFrom"), vec![source]));
            if *below {
                attribute.attributes.push((iri("belowDetection"), vec![property(Value::Bool(true))]));
            }
            (iri(parameter.name()), vec![attribute])
        })
        .collect();
    EntityDraft {
        id: section.clone(),
        types: vec![iri("WaterSection")],
        scopes: None,
        expires_at: None,
        attributes,
    }
}

/// Imports published readings; with `dry` it only says what it would do.
#[utoipa::path(post, path = "/api/water/import", tag = "water", params(DryParam), request_body = ImportInput,
    responses((status = 200, body = ImportResult), (status = 403, body = Problem), (status = 413, body = Problem)))]
pub async fn import(
    State(app): State<App>,
    Query(param): Query<DryParam>,
    post: Post,
    Json(input): Json<ImportInput>,
) -> Result<Json<ImportResult>, Problem> {
    post.needs(&app, "water.sample")?;
    if input.entities.len() > ENTITIES_MAX {
        let detail = format!("{} entities; at most {ENTITIES_MAX} at once", input.entities.len());
        return Err(Problem::new(axum::http::StatusCode::PAYLOAD_TOO_LARGE, "too_large", detail));
    }
    let looked = app.clone();
    let (mut result, drafts) = blocking(move || {
        let all = clean_all(&input.entities, looked.tenant(None)?.now().0);
        let mut result = ImportResult {
            readings: Vec::new(),
            corrections: Vec::new(),
            refused: all
                .refused
                .iter()
                .map(|(index, why)| ImportRefused {
                    index: *index,
                    code: why.code().to_owned(),
                    zh: why.zh(),
                    en: why.to_string(),
                })
                .collect(),
            duplicates: all.duplicates.len(),
            recorded: 0,
            dry: false,
        };
        let dropped: Vec<usize> = all.duplicates.iter().map(|d| d.dropped).collect();
        let mut drafts = Vec::new();
        for (index, cleaned) in &all.cleaned {
            result.corrections.extend(cleaned.corrections.iter().map(|c| {
                ImportCorrection {
                    entity: cleaned.entity_id.clone(),
                    code: serde_json::to_value(c.code)
                        .ok()
                        .and_then(|v| v.as_str().map(str::to_owned))
                        .unwrap_or_default(),
                    field: c.field.clone(),
                    was: c.was.clone(),
                    became: c.became.clone(),
                    zh: c.zh.clone(),
                    en: c.en.clone(),
                }
            }));
            if dropped.contains(index) {
                continue;
            }
            let Some(section) = section_of(&looked, &input.sections, &cleaned.entity_id)? else {
                result.refused.push(ImportRefused {
                    index: *index,
                    code: "section_unknown".into(),
                    zh: format!("没有对应的断面：{}", cleaned.entity_id),
                    en: format!("there is no section for {}; name it under `sections`", cleaned.entity_id),
                });
                continue;
            };
            result.readings.push(ImportedReading {
                entity: cleaned.entity_id.clone(),
                section: local(section.as_str()).to_owned(),
                observed_at: Instant(cleaned.observed_at_ms).to_string(),
                values: cleaned.values.iter().map(|(p, v, _)| (p.name().to_owned(), *v)).collect(),
                below_detection: cleaned
                    .values
                    .iter()
                    .filter(|(.., b)| *b)
                    .map(|(p, ..)| p.name().to_owned())
                    .collect(),
                ignored: cleaned.ignored.clone(),
            });
            drafts.push(draft(&section, cleaned));
        }
        Ok((result, drafts))
    })
    .await?;
    result.dry = param.dry;
    if param.dry {
        return Ok(Json(result));
    }
    let commands = drafts.into_iter().filter(|d| !d.attributes.is_empty());
    let all = commands.map(|d| Submission::new(post.principal(), Command::AddHistory(d))).collect();
    let answers = app.tenant(None)?.submit_batch(all).await.into_iter().collect::<Result<Vec<_>, _>>()?;
    result.recorded = answers.len();
    Ok(Json(result))
}
