//! Everything known of the plan at one record: gathered from entities, kept until the next record.

use std::collections::{BTreeMap, HashMap};
use std::sync::Arc;

use nacre_indicators::board::{Board, board};
use nacre_indicators::conflict::Resolution;
use nacre_indicators::definition::{Indicator, StatusRule};
use nacre_indicators::figure::{Figure, Kind, Period, Source};
use nacre_indicators::ledger::Facts;
use nacre_indicators::returns::workflow::Step;
use nacre_indicators::returns::{Decision, ReturnRow};
use nacre_indicators::task::LightRule;
use nacre_kernel::query::AsOf;
use nacre_kernel::{Principal, Tenant};
use nacre_model::{Instant, Seq};
use serde::{Deserialize, Serialize};
use utoipa::{IntoParams, ToSchema};

use super::store::{Simple, all, internal, local, one, urn};
use crate::problem::Problem;
use crate::state::App;

/// As of when an answer is.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, ToSchema)]
pub struct AsOfInfo {
    /// The record.
    pub seq: u64,
    /// When it was made.
    pub at: String,
    /// The newest record there is.
    pub newest: u64,
    /// It is the present, because nothing else was asked for.
    pub live: bool,
}

/// Query parameter of reads.
#[derive(Debug, Default, Clone, Deserialize, IntoParams)]
#[serde(rename_all = "camelCase")]
pub struct AsOfParam {
    /// A record number or an RFC 3339 instant; without it the present.
    pub as_of: Option<String>,
}

/// Everything known at one record.
pub struct Snapshot {
    /// Which record.
    pub info: AsOfInfo,
    /// What indicators are made of.
    pub facts: Facts,
    /// Indicators and conflicts.
    pub board: Board,
    /// How tasks are judged.
    pub light_rules: Vec<LightRule>,
    /// Sections of the plan: id → number and name.
    pub sections: BTreeMap<String, (String, String)>,
    /// The day, in the district.
    pub today: String,
}

/// Snapshots kept; the newest and a few that people look back to.
pub const KEPT: usize = 8;

/// The day of an instant in the district (UTC+8, no daylight saving).
pub fn day(at: Instant) -> String {
    at.plus_ms(8 * 3_600_000).to_string()[..10].to_owned()
}

/// The record a parameter means.
pub fn resolve(tenant: &Tenant, who: &Principal, as_of: Option<&str>) -> Result<AsOfInfo, Problem> {
    let newest = tenant.settled()?.0;
    let at_of = |seq: u64| -> Result<String, Problem> {
        if seq == 0 {
            return Ok(Instant::MIN.to_string());
        }
        let record = tenant.record(who, Seq(seq))?;
        Ok(record.map(|r| r.at.to_string()).unwrap_or_default())
    };
    let Some(text) = as_of.map(str::trim).filter(|t| !t.is_empty()) else {
        return Ok(AsOfInfo { seq: newest, at: at_of(newest)?, newest, live: true });
    };
    if let Ok(seq) = text.parse::<u64>() {
        let seq = seq.min(newest);
        return Ok(AsOfInfo { seq, at: at_of(seq)?, newest, live: false });
    }
    let Some(instant) = Instant::parse(text) else {
        let detail = format!(
            "`asOf` is `{text}`; needed: a record number or an instant such as 2026-11-23T09:00:00+08:00"
        );
        return Err(Problem::bad("invalid_as_of", detail));
    };
    // The last record that is not later: records are in order of time.
    let (mut low, mut high) = (0, newest);
    while low < high {
        let middle = low + (high - low).div_ceil(2);
        let later = tenant.record(who, Seq(middle))?.is_none_or(|r| r.at > instant);
        if later {
            high = middle - 1;
        } else {
            low = middle;
        }
    }
    Ok(AsOfInfo { seq: low, at: instant.to_string(), newest, live: false })
}

impl App {
    /// Everything known at a moment; computed once a record.
    pub fn snapshot(&self, as_of: Option<&str>) -> Result<Arc<Snapshot>, Problem> {
        let tenant = self.tenant(None)?;
        let who = self.principal();
        let info = resolve(&tenant, &who, as_of)?;
        // A live snapshot is of its day: at midnight deadlines pass without any record.
        let today = day(tenant.now());
        let same = |s: &AsOfInfo| s.seq == info.seq && s.at == info.at && s.live == info.live;
        let kept = |s: &&Arc<Snapshot>| same(&s.info) && (!info.live || s.today == today);
        let mut held = self.snapshots().lock();
        if let Some(found) = held.iter().find(kept) {
            return Ok(found.clone());
        }
        // Held while computing: many readers of a new record wait for one computation.
        let made =
            Arc::new(Gather { app: self, tenant: &tenant, who: &who, seq: Seq(info.seq) }.snapshot(info)?);
        held.insert(0, made.clone());
        held.truncate(KEPT);
        Ok(made)
    }
}

struct Gather<'a> {
    app: &'a App,
    tenant: &'a Tenant,
    who: &'a Principal,
    seq: Seq,
}

impl Gather<'_> {
    /// All entities of a type at the record: from current state while nothing newer was recorded, else from history.
    fn all(&self, kind: &str) -> Result<Vec<Simple>, Problem> {
        if self.tenant.status().applied == self.seq {
            let (found, seq) = all(self.tenant, self.who, kind, AsOf::Now)?;
            if seq == self.seq {
                return Ok(found.iter().map(|e| Simple::of(e)).collect());
            }
        }
        let (found, _) = all(self.tenant, self.who, kind, AsOf::Seq(self.seq))?;
        Ok(found.iter().map(|e| Simple::of(e)).collect())
    }

    fn snapshot(&self, info: AsOfInfo) -> Result<Snapshot, Problem> {
        let mut facts = Facts { district: self.district()?, ..Facts::default() };
        for entity in self.all("Indicator")? {
            if let Some(mut indicator) = entity.json::<Indicator>("definition") {
                indicator.id = entity.text("indicator").to_owned();
                facts.indicators.push(indicator);
            }
        }
        let mut light_rules = Vec::new();
        for scheme in self.all("IndicatorScheme")? {
            facts.status_rules.extend(scheme.json::<Vec<StatusRule>>("statusRules").unwrap_or_default());
            light_rules.extend(scheme.json::<Vec<LightRule>>("lightRules").unwrap_or_default());
            facts.groups.extend(scheme.json::<BTreeMap<String, _>>("groups").unwrap_or_default());
        }
        for organisation in self.all("Organization")? {
            facts.parties.insert(organisation.local().to_owned(), organisation.text("name").to_owned());
        }
        let sections: BTreeMap<String, (String, String)> = self
            .all("PlanSection")?
            .into_iter()
            .map(|s| (s.id.clone(), (s.text("sectionNumber").to_owned(), s.text("name").to_owned())))
            .collect();
        let mut actors = Actors { gather: self, known: HashMap::new() };
        let document = self.plan_title();
        for entity in self.all("PlanFigure")? {
            facts.figures.extend(plan_figure(&entity, &document, &sections, &mut actors)?);
        }
        for entity in self.all("DataReturn")?.iter().filter(|r| r.text("returnState") == "approved") {
            let figures = return_figures(entity, &facts.parties)?;
            facts.figures.extend(figures);
        }
        for entity in self.all("ConflictResolution")? {
            let resolution = Resolution {
                chosen: entity.text("chosen").to_owned(),
                reason: entity.text("reason").to_owned(),
                by: entity.text("decidedBy").to_owned(),
                at: entity.created_at.clone(),
                seq: entity.seq,
                entity: entity.id.clone(),
            };
            facts.resolutions.insert(entity.text("conflict").to_owned(), resolution);
        }
        self.outside(&mut facts, &mut actors)?;
        let board = board(&facts);
        let today =
            day(if info.live { self.tenant.now() } else { Instant::parse(&info.at).unwrap_or_default() });
        Ok(Snapshot { info, facts, board, light_rules, sections, today })
    }

    fn district(&self) -> Result<String, Problem> {
        Ok(self.all("District")?.first().map(|d| d.text("name").to_owned()).unwrap_or_default())
    }

    /// Name of the plan, as its pack states its source.
    fn plan_title(&self) -> String {
        let plan = self.app.settings().packs.iter().find(|p| p.name == "plan");
        plan.and_then(|p| p.sources.first()).map(|s| s.title.clone()).unwrap_or_default()
    }

    /// Attributes and counts that formulas use.
    fn outside(&self, facts: &mut Facts, actors: &mut Actors<'_>) -> Result<(), Problem> {
        let inputs: Vec<_> = facts.indicators.iter().flat_map(Indicator::all_inputs).cloned().collect();
        for input in inputs {
            let Some(key) = input.fact_key().filter(|k| !facts.outside.contains_key(k)) else { continue };
            let mut figure = Figure::new("", Kind::Actual, Period::default(), None, "");
            figure.reference.clone_from(&key);
            if let (Some(id), Some(attribute)) = (&input.entity, &input.attribute) {
                let as_of = AsOf::Seq(self.seq);
                let Some(entity) = one(self.tenant, self.who, id, as_of)? else { continue };
                figure.value = entity.number(attribute);
                figure.seq = Some(entity.seq);
                figure.recorded_at.clone_from(&entity.modified_at);
                figure.entered_by = actors.of(entity.seq)?;
                figure.subject = entity.text("name").to_owned();
                figure.source.document = entity.text("sourceNote").to_owned();
                figure.entity = Some(entity.id);
            } else if let Some(kind) = &input.count {
                let fits = |e: &&Simple| {
                    input.filter.iter().all(|(name, wanted)| {
                        e.values.get(name).is_some_and(|v| match v.as_str() {
                            Some(text) => text == wanted,
                            None => crate::explore::entities::plain(v) == *wanted,
                        })
                    })
                };
                figure.value = Some(self.all(kind)?.iter().filter(fits).count() as f64);
                figure.seq = Some(self.seq.0);
                figure.source.document = format!("{kind} 的实体数");
            }
            facts.outside.insert(key, figure);
        }
        Ok(())
    }
}

/// Who made a record, each looked up once.
struct Actors<'a> {
    gather: &'a Gather<'a>,
    known: HashMap<u64, String>,
}

impl Actors<'_> {
    fn of(&mut self, seq: u64) -> Result<String, Problem> {
        if let Some(known) = self.known.get(&seq) {
            return Ok(known.clone());
        }
        let record = self.gather.tenant.record(self.gather.who, Seq(seq))?;
        let actor = record.map(|r| r.actor.to_string()).unwrap_or_default();
        self.known.insert(seq, actor.clone());
        Ok(actor)
    }
}

fn plan_figure(
    entity: &Simple,
    document: &str,
    sections: &BTreeMap<String, (String, String)>,
    actors: &mut Actors<'_>,
) -> Result<Option<Figure>, Problem> {
    let kind = match entity.text("figureKind") {
        "baseline" => Kind::Baseline,
        "target" => Kind::Target,
        "comparison" => Kind::Comparison,
        "actual" => Kind::Actual,
        "estimate" => Kind::Estimate,
        _ => return Ok(None),
    };
    let period = Period {
        text: entity.text("periodText").to_owned(),
        start: entity.some_text("periodStart"),
        end: entity.some_text("periodEnd"),
    };
    let section = entity.some_text("section");
    let mut figure = Figure::new(
        entity.text("indicator"),
        kind,
        period,
        entity.number("figure"),
        entity.text("figureUnit"),
    );
    figure.reference.clone_from(&entity.id);
    figure.subject = entity.text("subject").to_owned();
    figure.comparator = entity.some_text("comparator");
    figure.statement = entity.some_text("statement");
    figure.source = Source {
        document: document.to_owned(),
        sentence: entity.some_text("sentence"),
        section_number: section.as_ref().and_then(|s| sections.get(s)).map(|(number, _)| number.clone()),
        section,
        note: entity.some_text("definitionNote"),
    };
    figure.entered_by = actors.of(entity.seq)?;
    figure.recorded_at.clone_from(&entity.modified_at);
    figure.seq = Some(entity.seq);
    figure.entity = Some(entity.id.clone());
    figure.simulated = entity.values.get("sample").is_some_and(|s| s.as_bool() == Some(true));
    Ok(Some(figure))
}

fn return_figures(entity: &Simple, parties: &BTreeMap<String, String>) -> Result<Vec<Figure>, Problem> {
    let rows: Vec<ReturnRow> =
        entity.json("rows").ok_or_else(|| internal(format!("the rows of {} cannot be read", entity.id)))?;
    let organisation = local(entity.text("organisation")).to_owned();
    let steps: Vec<Step> = entity.json("steps").unwrap_or_default();
    let clerk = steps.first().map(|s| s.by.clone()).unwrap_or_default();
    let accepted = rows.iter().filter(|r| r.decision == Some(Decision::Accepted));
    Ok(accepted
        .filter_map(|row| {
            let mut figure = row.figure()?;
            figure.reference = format!("{}#{}", entity.id, row.row);
            figure.entity = Some(entity.id.clone());
            figure.seq = Some(entity.seq);
            figure.recorded_at.clone_from(&entity.modified_at);
            figure.entered_by.clone_from(&clerk);
            figure.reported_by = Some(parties.get(&organisation).cloned().unwrap_or(organisation.clone()));
            Some(figure)
        })
        .collect())
}

/// The URN of an indicator's entity.
pub fn indicator_urn(id: &str) -> String {
    urn("Indicator", id)
}
