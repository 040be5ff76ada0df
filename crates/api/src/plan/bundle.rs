//! A report as a bundle: its figures and the records they come from, each record with its proof; `nacre verify` checks it
//! offline and recomputes what was derived.

use std::collections::BTreeSet;

use nacre_indicators::figure::Figure;
use nacre_kernel::query::AsOf;
use nacre_model::{EntityId, Seq};
use serde_json::json;

use super::post::Post;
use super::reports::report;
use super::store::{blocking, internal, one, urn};
use crate::platform::records::prove;
use crate::problem::Problem;
use crate::state::App;

/// The records a figure comes from, inputs included.
fn records_of(figure: &Figure, seqs: &mut BTreeSet<u64>) {
    seqs.extend(figure.seq.filter(|_| figure.derivation.is_none()));
    for input in figure.derivation.iter().flat_map(|d| &d.inputs) {
        records_of(&input.figure, seqs);
    }
}

/// The bundle as JSON.
pub async fn bundle(app: App, id: String) -> Result<Vec<u8>, Problem> {
    let asked = app.clone();
    let (report, seqs) = blocking(move || {
        let report = report(&asked, &id, &Post::reader())?;
        let (tenant, who) = (asked.tenant(None)?, asked.principal());
        let mut seqs = BTreeSet::new();
        for indicator in &report.indicators {
            let figures = [&indicator.baseline, &indicator.target, &indicator.actual];
            let shown = figures.into_iter().flatten().chain(&indicator.series).chain(&indicator.peers);
            shown.for_each(|f| records_of(f, &mut seqs));
        }
        for figure in report.conflicts.iter().flat_map(|c| c.sides.iter().flat_map(|s| &s.figures)) {
            records_of(figure, &mut seqs);
        }
        seqs.extend(report.conflicts.iter().filter_map(|c| c.resolution.as_ref().map(|r| r.seq)));
        for indicator in &report.indicators {
            let definition = one(&tenant, &who, &urn("Indicator", &indicator.id), AsOf::Seq(Seq(report.head.freeze.seq)))?;
            seqs.extend(definition.map(|d| d.seq));
        }
        for id in [urn("EvaluationReport", &report.head.id), urn("Freeze", &report.head.freeze.id)] {
            let id = EntityId::new(&id).map_err(internal)?;
            let rows = tenant.history(&who, &id, (Seq(1), Seq(u64::MAX)), false, 10_000)?;
            seqs.extend(rows.iter().map(|r| r.seq.0));
        }
        Ok((report, seqs))
    })
    .await?;
    let evidence = prove(&app, seqs.into_iter().collect()).await?;
    let mut bundle = serde_json::to_value(&evidence).map_err(internal)?;
    bundle["report"] = json!(report);
    serde_json::to_vec_pretty(&bundle).map_err(internal)
}
