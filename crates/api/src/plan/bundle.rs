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

/// The entities a figure comes from, inputs included.
fn entities_of(figure: &Figure, ids: &mut BTreeSet<String>) {
    ids.extend(figure.entity.clone());
    for input in figure.derivation.iter().flat_map(|d| &d.inputs) {
        entities_of(&input.figure, ids);
    }
}

/// The bundle as JSON.
pub async fn bundle(app: App, id: String) -> Result<Vec<u8>, Problem> {
    let asked = app.clone();
    let (report, seqs) = blocking(move || {
        let report = report(&asked, &id, &Post::reader())?;
        let (tenant, who) = (asked.tenant(None)?, asked.principal());
        let (mut seqs, mut ids) = (BTreeSet::new(), BTreeSet::new());
        for indicator in &report.indicators {
            let figures = [&indicator.baseline, &indicator.target, &indicator.actual];
            let shown = figures.into_iter().flatten().chain(&indicator.series).chain(&indicator.peers);
            shown.for_each(|f| entities_of(f, &mut ids));
        }
        for figure in report.conflicts.iter().flat_map(|c| c.sides.iter().flat_map(|s| &s.figures)) {
            entities_of(figure, &mut ids);
        }
        seqs.extend(report.conflicts.iter().filter_map(|c| c.resolution.as_ref().map(|r| r.seq)));
        for indicator in &report.indicators {
            let definition =
                one(&tenant, &who, &urn("Indicator", &indicator.id), AsOf::Seq(Seq(report.head.freeze.seq)))?;
            seqs.extend(definition.map(|d| d.seq));
        }
        // All records of an entity up to the freeze: which of them set a value is for the reader to see.
        for id in ids {
            let id = EntityId::new(&id).map_err(internal)?;
            let rows = tenant.history(&who, &id, (Seq(1), Seq(report.head.freeze.seq)), false, 10_000)?;
            seqs.extend(rows.iter().map(|r| r.seq.0));
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
