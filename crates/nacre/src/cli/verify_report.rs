//! The report inside a bundle: its digest, every figure against the records it names, every derived figure computed again,
//! and files against the digests that were published. The records themselves have been verified before.

use std::collections::BTreeMap;
use std::path::Path;

use nacre_indicators::figure::Figure;
use nacre_indicators::formula::Formula;
use nacre_model::{Change, Content, Record, Seq};
use nacre_wire_ngsi_ld::json::value_out;
use serde_json::Value as Json;

use super::exit::Failure;

/// What of a report was checked.
pub struct Checked {
    /// Its title and version.
    pub title: String,
    /// Figures that stand in records.
    pub figures: usize,
    /// Figures that were computed again.
    pub derived: usize,
    /// Files whose digest was published.
    pub files: Vec<String>,
}

/// Attribute values of entities as the records of the bundle set them: entity → short name → record → value.
struct Known(BTreeMap<String, BTreeMap<String, BTreeMap<Seq, Json>>>);

impl Known {
    fn new(records: &[Record]) -> Known {
        let mut known = Known(BTreeMap::new());
        for record in records {
            for change in &record.changes {
                let Change::SetAttribute { entity, name, attribute } = change else { continue };
                let value = match &attribute.content {
                    Content::Property(value) | Content::Json(value) => value_out(value),
                    Content::Relationship { objects, .. } => objects.first().map(|o| o.to_string()).into(),
                    _ => continue,
                };
                let short = name.as_str().rsplit('/').next().unwrap_or_default().to_owned();
                let of = known.0.entry(entity.to_string()).or_default();
                of.entry(short).or_default().insert(record.seq, value);
            }
        }
        known
    }

    /// The value an attribute had after a record.
    fn at(&self, entity: &str, name: &str, seq: u64) -> Option<&Json> {
        self.0.get(entity)?.get(name)?.range(..=Seq(seq)).next_back().map(|(_, v)| v)
    }
}

fn misfit(what: &str, why: impl std::fmt::Display) -> Failure {
    Failure::findings(format!("{what} does not fit: {why}"))
}

/// Checks a report against the records of its bundle.
pub fn check(report: &Json, records: &[Record], file: Option<&Path>) -> Result<Checked, Failure> {
    let known = Known::new(records);
    let text = |name: &str| report.get(name).and_then(Json::as_str).unwrap_or_default();
    let entity = format!("urn:ngsi-ld:EvaluationReport:{}", text("id"));
    let recorded = |name: &str| known.at(&entity, name, u64::MAX).cloned().unwrap_or(Json::Null);
    let digest = nacre_api::digest(&(&report["indicators"], &report["conflicts"], &report["tasks"]))
        .map_err(|e| misfit("the report", e))?;
    for (where_, stated) in
        [("the report", text("digest")), ("its record", recorded("digest").as_str().unwrap_or_default())]
    {
        if stated != digest {
            return Err(misfit("the digest", format!("the figures have {digest}, {where_} says {stated}")));
        }
    }
    if recorded("code").as_str() != Some(text("code")) {
        return Err(misfit("the verification code", "its record says another"));
    }
    let freeze = &report["freeze"];
    let frozen = format!("urn:ngsi-ld:Freeze:{}", freeze["id"].as_str().unwrap_or_default());
    if known.at(&frozen, "position", u64::MAX).and_then(Json::as_u64) != freeze["seq"].as_u64() {
        return Err(misfit("the freeze", "its record names another position"));
    }
    let limit = freeze["seq"].as_u64().unwrap_or(0);
    let mut checker = Checker { known: &known, limit, figures: 0, derived: 0 };
    for indicator in report["indicators"].as_array().into_iter().flatten() {
        let lists = ["series", "peers"].iter().filter_map(|l| indicator[*l].as_array()).flatten();
        let single = ["baseline", "target", "actual"].iter().map(|n| &indicator[*n]).filter(|f| !f.is_null());
        for json in single.chain(lists) {
            let figure: Figure = serde_json::from_value(json.clone())
                .map_err(|e| misfit(indicator["id"].as_str().unwrap_or("an indicator"), e))?;
            checker.figure(&figure)?;
        }
    }
    let mut files = Vec::new();
    let published = recorded("files");
    for stated in published.as_array().into_iter().flatten() {
        files.push(format!(
            "{} {}",
            stated["format"].as_str().unwrap_or_default(),
            stated["sha256"].as_str().unwrap_or_default()
        ));
    }
    if let Some(path) = file {
        let bytes = std::fs::read(path).map_err(|e| Failure::failed(format!("{}: {e}", path.display())))?;
        let digest = nacre_api::sha256(&bytes);
        if !files.iter().any(|f| f.ends_with(&digest)) {
            let why = if files.is_empty() {
                "the report was not published".into()
            } else {
                format!("its digest {digest} is none of those published")
            };
            return Err(misfit(&path.display().to_string(), why));
        }
    }
    let title = format!("{} (version {})", text("title"), report["version"]);
    Ok(Checked { title, figures: checker.figures, derived: checker.derived, files })
}

struct Checker<'a> {
    known: &'a Known,
    limit: u64,
    figures: usize,
    derived: usize,
}

impl Checker<'_> {
    fn figure(&mut self, figure: &Figure) -> Result<(), Failure> {
        let name = format!("the figure {}", figure.reference);
        if let Some(derivation) = &figure.derivation {
            for input in &derivation.inputs {
                self.figure(&input.figure)?;
            }
            let values: BTreeMap<&str, f64> =
                derivation.inputs.iter().filter_map(|i| Some((i.name.as_str(), i.figure.value?))).collect();
            let again = Formula::parse(&derivation.formula).and_then(|f| f.number(&values));
            let again = again.map_err(|e| misfit(&name, e))?;
            let stated = figure.value.unwrap_or(f64::NAN);
            if (again - stated).abs() > 1e-9 * again.abs().max(1.0) {
                return Err(misfit(&name, format!("`{}` gives {again}, not {stated}", derivation.formula)));
            }
            self.derived += 1;
            return Ok(());
        }
        let (Some(entity), Some(seq)) = (&figure.entity, figure.seq) else { return Ok(()) };
        if seq > self.limit {
            return Err(misfit(&name, format!("record {seq} is newer than the freeze at {}", self.limit)));
        }
        let stated = match figure.row {
            Some(row) => {
                let rows = self.known.at(entity, "rows", seq).and_then(Json::as_array);
                let row = rows.into_iter().flatten().find(|r| r["row"] == row && r["decision"] == "accepted");
                row.and_then(|r| r["value"].as_f64())
            }
            None => {
                let attribute = figure.reference.split_once('#').map_or("figure", |(_, name)| name);
                self.known.at(entity, attribute, seq).and_then(Json::as_f64)
            }
        };
        if stated != figure.value {
            return Err(misfit(
                &name,
                format!("record {seq} says {stated:?}, the report {:?}", figure.value),
            ));
        }
        self.figures += 1;
        Ok(())
    }
}
