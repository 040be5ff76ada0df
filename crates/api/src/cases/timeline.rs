//! The timeline of a case: the history of its attribute `step`, each with its record.

use nacre_cases::case::{Step as Done, names as attribute_names};
use nacre_cases::decide::verb_title;
use nacre_cases::{Case, Workflow, value};
use nacre_indicators::Words;
use nacre_model::{Change, Content, Seq};
use serde::Serialize;
use serde_json::Value as Json;
use utoipa::ToSchema;

use super::shown::{Names, words};
use crate::problem::Problem;
use crate::state::App;

/// Most steps shown.
const STEPS_MAX: usize = 1_000;

/// Something that was done.
#[derive(Debug, Clone, Serialize, ToSchema)]
#[serde(rename_all = "camelCase")]
#[allow(missing_docs)]
pub struct Step {
    pub seq: u64,
    pub at: String,
    pub by: String,
    pub by_title: String,
    pub verb: String,
    pub title: Words,
    pub note: Option<String>,
    pub from: Option<String>,
    pub to: Option<String>,
    pub from_title: Option<Words>,
    pub to_title: Option<Words>,
    pub files: Vec<String>,
    #[schema(value_type = Object)]
    pub data: Json,
    pub system: bool,
}

/// What was done with a case, oldest first.
pub fn timeline(
    app: &App,
    case: &Case,
    workflow: &Workflow,
    names: &mut Names<'_>,
) -> Result<Vec<Step>, Problem> {
    let tenant = app.tenant(None)?;
    let rows = tenant.history(&app.principal(), &case.id, (Seq(1), Seq(u64::MAX)), false, STEPS_MAX)?;
    let name = attribute_names::expanded("step");
    let mut steps = Vec::new();
    for row in rows {
        let stored = row.changes.iter().find_map(|change| match change {
            Change::SetAttribute { name: n, attribute, .. } if n.as_str() == name => match &attribute.content
            {
                Content::Json(value) => value::read::<Done>(value),
                _ => None,
            },
            _ => None,
        });
        let Some(done) = stored else { continue };
        let state = |s: &Option<String>| s.as_ref().and_then(|s| workflow.state(s)).map(|s| words(&s.title));
        let system = done.by.starts_with("system:");
        steps.push(Step {
            seq: row.seq.0,
            at: done.at.0.to_string(),
            by_title: match (system, done.by.as_str()) {
                (true, _) => "系统".to_owned(),
                (_, "public:reporter") => "上报人".to_owned(),
                (_, by) => names.post(by),
            },
            title: words(&verb_title(workflow, &done.verb)),
            from_title: state(&done.from),
            to_title: state(&done.to),
            by: done.by,
            verb: done.verb,
            note: done.note,
            from: done.from,
            to: done.to,
            files: done.files,
            data: done.data,
            system,
        });
    }
    Ok(steps)
}
