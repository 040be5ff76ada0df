//! Manual samples 人工采样: a record of their own, and readings of their section.

use std::collections::BTreeMap;

use axum::Json;
use axum::extract::State;
use axum::http::StatusCode;
use nacre_devices::names::{iri, property, relationship, urn};
use nacre_kernel::{Command, EntityDraft, Submission};
use nacre_model::{Attribute, EntityId, Value};
use nacre_water::Parameter;
use serde::{Deserialize, Serialize};
use utoipa::ToSchema;

use crate::cases::lists::moment;
use crate::cases::verbs::there;
use crate::plan::post::Post;
use crate::plan::store::{blocking, new_id};
use crate::problem::Problem;
use crate::state::App;

/// A sample as it is entered.
#[derive(Debug, Deserialize, ToSchema)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
#[allow(missing_docs)]
pub struct SampleInput {
    /// Local id of the section.
    pub section: String,
    pub sampled_at: String,
    /// mg/L by parameter; `temperature` in °C.
    pub values: BTreeMap<String, f64>,
    /// `rising` or `falling`.
    #[serde(default)]
    pub tide: Option<String>,
    pub sampler: String,
    #[serde(default)]
    pub laboratory: Option<String>,
}

/// A sample that was taken down.
#[derive(Debug, Serialize, ToSchema)]
pub struct Taken {
    /// Local id of the sample.
    pub id: String,
    /// The record of its readings.
    pub seq: u64,
}

fn wrong(field: &str, zh: &str, en: &str) -> Problem {
    Problem::bad("sample_form", format!("`{field}`：{zh} / `{field}`: {en}"))
}

/// Takes down a sample; its readings stand at the section from when it was taken.
#[utoipa::path(post, path = "/api/water/samples", tag = "water", request_body = SampleInput,
    responses((status = 201, body = Taken), (status = 400, body = Problem), (status = 403, body = Problem)))]
pub async fn take(
    State(app): State<App>,
    post: Post,
    Json(input): Json<SampleInput>,
) -> Result<(StatusCode, Json<Taken>), Problem> {
    post.needs(&app, "water.sample")?;
    let at = moment("sampledAt", &Some(input.sampled_at.clone()))?;
    let at = at.ok_or_else(|| wrong("sampledAt", "请写明采样时间", "say when it was taken"))?;
    let tenant = app.tenant(None)?;
    if at > tenant.now() {
        return Err(wrong("sampledAt", "采样时间在将来", "lies in the future"));
    }
    if input.sampler.trim().is_empty() {
        return Err(wrong("sampler", "请写明采样单位", "say who took it"));
    }
    if input.tide.as_deref().is_some_and(|t| !["rising", "falling"].contains(&t)) {
        return Err(wrong("tide", "是 rising 或 falling", "is rising or falling"));
    }
    if input.values.is_empty() {
        return Err(wrong("values", "请至少填一项", "at least one value is needed"));
    }
    let (checked, section) = (app.clone(), input.section.clone());
    blocking(move || there(&checked, "WaterSection", &section, "section")).await?;
    let id = new_id("sample-");
    let sample =
        EntityId::new(&urn("WaterSample", &id)).map_err(|e| Problem::bad("invalid_id", e.to_string()))?;
    let section = EntityId::new(&urn("WaterSection", &input.section))
        .map_err(|e| Problem::bad("invalid_id", e.to_string()))?;
    let mut readings: Vec<(nacre_model::Iri, Vec<Attribute>)> = Vec::new();
    for (name, value) in &input.values {
        let known = Parameter::parse(name).is_some_and(Parameter::decides) || name == "temperature";
        let range = match name.as_str() {
            "pH" => 0.0..=14.0,
            "temperature" => -2.0..=50.0,
            _ => 0.0..=5_000.0,
        };
        if !known || !range.contains(value) {
            let field = format!("values.{name}");
            return Err(wrong(
                &field,
                "没有这个项目，或数值不可信",
                "is no parameter, or the value is not credible",
            ));
        }
        let unit = match name.as_str() {
            "pH" => "C62",
            "temperature" => "CEL",
            _ => "M1",
        };
        readings.push((
            iri(name),
            vec![Attribute { unit_code: Some(unit.into()), ..property(Value::Float(*value)) }],
        ));
    }
    let text = |t: &str| vec![property(Value::text(t.trim()))];
    let mut own = vec![
        (iri("name"), text(&format!("{} {}", input.section, &at.to_string()[..10]))),
        (iri("section"), vec![relationship(section.as_str())]),
        (iri("sampledAt"), text(&at.to_string())),
        (iri("sampler"), text(&input.sampler)),
    ];
    own.extend(input.laboratory.as_deref().filter(|l| !l.is_empty()).map(|l| (iri("laboratory"), text(l))));
    own.extend(input.tide.as_deref().map(|t| (iri("tide"), text(t))));
    own.extend(readings.iter().cloned());
    for (_, all) in &mut readings {
        for reading in all {
            reading.observed_at = Some(at);
            reading.attributes.push((iri("providedBy"), vec![relationship(sample.as_str())]));
        }
    }
    let draft = |id, types, attributes| EntityDraft { id, types, scopes: None, expires_at: None, attributes };
    let commands = vec![
        Command::CreateEntity(draft(sample, vec![iri("WaterSample")], own)),
        Command::AddHistory(draft(section, vec![iri("WaterSection")], readings)),
    ];
    let all = commands.into_iter().map(|c| Submission::new(post.principal(), c)).collect();
    let answers = tenant.submit_batch(all).await.into_iter().collect::<Result<Vec<_>, _>>()?;
    let seq = answers.last().map_or(0, |a| a.seq.0);
    Ok((StatusCode::CREATED, Json(Taken { id, seq })))
}
