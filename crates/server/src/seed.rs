//! Filling an empty data directory from a district, through the same commands a client uses.
//!
//! A document `platform/seed` says that it began and, at the end, that it is done; a start after an interruption goes
//! on, and what is there already is left as it is.

use std::path::Path;

use nacre_kernel::command::PutMode;
use nacre_kernel::{Command, Principal, Refusal, Submission, Tenant};
use nacre_model::{DocumentKey, Iri, Seq, Value};
use nacre_pack::District;
use nacre_views::IndexPlan;
use nacre_wire_ngsi_ld::context::Context;
use thiserror::Error;

/// Why seeding did not succeed. Nothing is half-applied: each entity is there or not.
#[derive(Debug, Error)]
pub enum SeedError {
    /// The district or one of its packs has errors.
    #[error("the district in {dir} has errors:\n{findings}")]
    District {
        /// Where.
        dir: String,
        /// All of them, a line each.
        findings: String,
    },
    /// An entity was refused.
    #[error("{source_line}: {why}")]
    Entity {
        /// File and line.
        source_line: String,
        /// Why.
        why: String,
    },
    /// The kernel takes no commands.
    #[error(transparent)]
    Refused(#[from] Refusal),
}

/// Reads a district with its packs.
pub fn load(dir: &Path, packs: &Path) -> Result<District, SeedError> {
    let loaded = nacre_pack::load_district(dir, packs);
    let errors = loaded.findings.iter().filter(|f| f.severity() == nacre_pack::Severity::Error);
    let findings: Vec<String> = errors.map(ToString::to_string).collect();
    loaded
        .district
        .ok_or(SeedError::District { dir: dir.display().to_string(), findings: findings.join("\n") })
}

/// The indexes a district's packs declare.
pub fn indexes(district: &District) -> IndexPlan {
    let context = Context::core();
    let declared = district.packs.iter().flat_map(|p| p.indexes());
    let expand = |name: &str| context.expand(name).ok();
    IndexPlan {
        attributes: declared
            .filter_map(|(_, attribute)| expand(attribute))
            .collect::<std::collections::BTreeSet<Iri>>(),
    }
}

/// 中文 titles of all types of a district's packs, by short name.
pub fn type_titles(district: &District) -> std::collections::HashMap<String, String> {
    let types = district.packs.iter().flat_map(|p| p.types.values());
    types.map(|t| (t.name.clone(), t.title.zh.clone())).collect()
}

fn key() -> DocumentKey {
    DocumentKey::new("platform", "seed")
}

/// Whether a tenant is new, or its seeding was interrupted.
pub fn wanted(tenant: &Tenant) -> bool {
    let state = tenant.document(&Principal::system("seed"), &key()).ok().flatten();
    match state {
        None => tenant.feed().newest() == Seq::ZERO,
        Some(state) => state.get("state").and_then(Value::as_text) != Some("done"),
    }
}

/// Creates the district's entities. Returns how many came to be.
pub fn fill(tenant: &Tenant, district: &District) -> Result<usize, SeedError> {
    let who = Principal::system("seed");
    let put = |state: &str| {
        let value = Value::Map(vec![
            ("district".into(), Value::text(district.code.as_str())),
            ("state".into(), Value::text(state)),
        ]);
        let command = Command::PutDocument { key: key(), value, mode: PutMode::Either };
        let answer = tenant.submit_blocking(vec![Submission::new(who.clone(), command)]).pop();
        answer.unwrap_or(Err(Refusal::ShuttingDown)).map(|_| ())
    };
    let context = Context::core();
    let mut commands = Vec::new();
    for entity in &district.entities {
        let wrong = |why: String| SeedError::Entity { source_line: entity.source(), why };
        let draft = nacre_wire_ngsi_ld::entity_in::parse_entity(
            &entity.json(),
            &context,
            nacre_wire_ngsi_ld::entity_in::Mode::Create,
        )
        .map_err(|e| wrong(e.detail))?;
        commands.push((entity.source(), Submission::new(who.clone(), Command::CreateEntity(draft))));
    }
    put("started")?;
    let mut created = 0;
    for batch in commands.chunks(500) {
        let submissions = batch.iter().map(|(_, s)| s.clone()).collect();
        for (answer, (source_line, _)) in tenant.submit_blocking(submissions).into_iter().zip(batch) {
            match answer {
                Ok(_) => created += 1,
                Err(Refusal::EntityExists(_)) => {}
                Err(refusal) => {
                    return Err(SeedError::Entity {
                        source_line: source_line.clone(),
                        why: refusal.to_string(),
                    });
                }
            }
        }
    }
    put("done")?;
    Ok(created)
}

/// Sources whose licence wants them named on any picture of the map.
pub fn attribution(district: &District) -> Vec<String> {
    let named = district.sources.iter().filter(|s| s.licence.is_some());
    named.map(|s| format!("{} {}", s.title, s.licence.as_deref().unwrap_or_default())).collect()
}

/// Writes the definitions of indicators and the rules of judgement as the packs have them now. What stands already as it
/// is costs no record; what changed is a new record, so that the past keeps its own definitions. Returns how many changed.
pub fn define(tenant: &Tenant, district: &District) -> Result<usize, SeedError> {
    let mut wanted = Vec::new();
    for pack in &district.packs {
        for indicator in pack.indicators.values() {
            wanted.push(serde_json::json!({
                "id": format!("urn:ngsi-ld:Indicator:{}", indicator.id),
                "type": "Indicator",
                "name": {"type": "Property", "value": indicator.title.zh},
                "indicator": {"type": "Property", "value": indicator.id},
                "question": {"type": "Property", "value": indicator.question.zh},
                "definition": {"type": "JsonProperty", "json": indicator},
                "pack": {"type": "Property", "value": pack.name},
            }));
        }
    }
    if wanted.is_empty() {
        return Ok(0);
    }
    let status: Vec<_> = district.packs.iter().flat_map(|p| &p.status_rules).collect();
    let lights: Vec<_> = district.packs.iter().flat_map(|p| &p.light_rules).collect();
    let groups: std::collections::BTreeMap<_, _> = district
        .packs
        .iter()
        .filter_map(|p| p.codes.get("indicator-group"))
        .flat_map(|list| &list.codes)
        .map(|c| (c.code.clone(), serde_json::json!({"zh": c.title.zh, "en": c.title.en})))
        .collect();
    wanted.push(serde_json::json!({
        "id": format!("urn:ngsi-ld:IndicatorScheme:{}", district.code),
        "type": "IndicatorScheme",
        "name": {"type": "Property", "value": "判定规则"},
        "statusRules": {"type": "JsonProperty", "json": status},
        "lightRules": {"type": "JsonProperty", "json": lights},
        "groups": {"type": "JsonProperty", "json": groups},
    }));
    let who = Principal::system("packs");
    let context = Context::core();
    let mut commands = Vec::new();
    for json in &wanted {
        let id = json["id"].as_str().unwrap_or_default().to_owned();
        let mode = nacre_wire_ngsi_ld::entity_in::Mode::Create;
        let draft = nacre_wire_ngsi_ld::entity_in::parse_entity(json, &context, mode)
            .map_err(|e| SeedError::Entity { source_line: id.clone(), why: e.detail })?;
        let standing = tenant.entity(&who, &draft.id, nacre_kernel::query::AsOf::Now)?;
        let same = standing.is_some_and(|s| {
            s.attributes.len() == draft.attributes.len()
                && draft.attributes.iter().all(|(name, instances)| {
                    s.attributes.get(name).is_some_and(|all| {
                        all.len() == instances.len()
                            && all.iter().zip(instances).all(|(a, b)| a.attribute == *b)
                    })
                })
        });
        if !same {
            commands.push((id, Submission::new(who.clone(), Command::UpsertEntity { draft, update: false })));
        }
    }
    let changed = commands.len();
    for batch in commands.chunks(500) {
        let submissions = batch.iter().map(|(_, s)| s.clone()).collect();
        for (answer, (id, _)) in tenant.submit_blocking(submissions).into_iter().zip(batch) {
            answer
                .map_err(|refusal| SeedError::Entity { source_line: id.clone(), why: refusal.to_string() })?;
        }
    }
    Ok(changed)
}
