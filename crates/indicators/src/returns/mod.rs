//! Returns 填报: a department's figures for a period, as a table. [`table`] reads one, [`check`] says what is wrong with
//! each row and which known figures it contradicts, [`workflow`] says who may do what next.
//!
//! A return is one entity and each step is one record: the rows that were accepted count from the very record of the
//! last approval, all of them or none.

pub mod check;
pub mod table;
pub mod workflow;

use serde::{Deserialize, Serialize};
use utoipa::ToSchema;

use crate::Words;
use crate::figure::{Figure, Kind, Period};

/// Most rows of one return.
pub const ROWS_MAX: usize = 5_000;

/// A row of a return.
#[derive(Debug, Clone, PartialEq, Default, Serialize, Deserialize, ToSchema)]
#[serde(rename_all = "camelCase", default)]
pub struct ReturnRow {
    /// Its number in the table, from 1.
    pub row: u32,
    /// Which indicator.
    pub indicator: String,
    /// Its name, for reading.
    pub indicator_title: String,
    /// Of whom.
    pub subject: String,
    /// `2025`, `2025-Q1`, `2025-06`.
    pub period: String,
    /// Under which definition 口径.
    pub definition: Option<String>,
    /// The number.
    pub value: Option<f64>,
    /// Its unit.
    pub unit: String,
    /// `actual` or `estimate`.
    pub kind: RowKind,
    /// From which document.
    pub source_document: String,
    /// Which sentence of it.
    pub source_sentence: String,
    /// Explanation; of an indicator without a number, the words.
    pub note: String,
    /// What is wrong; computed, never stored.
    #[serde(skip_deserializing)]
    pub findings: Vec<Finding>,
    /// Known figures that say otherwise; computed, never stored.
    #[serde(skip_deserializing)]
    pub conflicts_with: Vec<Figure>,
    /// What the approvers decided.
    pub decision: Option<Decision>,
    /// Why.
    pub decision_reason: Option<String>,
}

/// What a row's figure is.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default, Serialize, Deserialize, ToSchema)]
#[serde(rename_all = "lowercase")]
#[allow(missing_docs)]
pub enum RowKind {
    #[default]
    Actual,
    Estimate,
}

/// What was decided of a row.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
#[serde(rename_all = "lowercase")]
#[allow(missing_docs)]
pub enum Decision {
    Accepted,
    Refused,
}

/// How bad a finding is.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize, ToSchema)]
#[serde(rename_all = "lowercase")]
pub enum Severity {
    /// The row cannot be submitted.
    Error,
    /// Somebody should look.
    Warning,
}

/// Something wrong with a return.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
pub struct Finding {
    /// Stable code.
    pub code: String,
    /// How bad.
    pub severity: Severity,
    /// In which row.
    pub row: Option<u32>,
    /// In which field.
    pub field: Option<String>,
    /// What, and what to do.
    pub message: Words,
}

/// The sum of the accepted rows of one indicator and unit.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, ToSchema)]
pub struct Total {
    /// Which indicator.
    pub indicator: String,
    /// In which unit.
    pub unit: String,
    /// Sum of the rows that are accepted.
    pub accepted: f64,
    /// How many rows there are.
    pub rows: usize,
}

impl ReturnRow {
    /// The figure the row states, with whatever the row itself knows.
    pub fn figure(&self) -> Option<Figure> {
        let kind = match self.kind {
            RowKind::Actual => Kind::Actual,
            RowKind::Estimate => Kind::Estimate,
        };
        let period = Period::parse(&self.period)?;
        let mut figure = Figure::new(&self.indicator, kind, period, self.value, &self.unit);
        figure.comparator = Some("eq".into());
        figure.subject = self.subject.clone();
        figure.definition = self.definition.clone().filter(|d| !d.is_empty());
        figure.statement = (self.value.is_none() && !self.note.is_empty()).then(|| self.note.clone());
        figure.source.document = self.source_document.clone();
        figure.source.sentence = Some(self.source_sentence.clone()).filter(|s| !s.is_empty());
        figure.source.note = Some(self.note.clone()).filter(|s| !s.is_empty());
        figure.row = Some(self.row);
        Some(figure)
    }
}

/// Sums of accepted rows, by indicator and unit, in order of id.
pub fn totals(rows: &[ReturnRow]) -> Vec<Total> {
    let mut totals: Vec<Total> = Vec::new();
    for row in rows {
        let place = totals.iter().position(|t| t.indicator == row.indicator && t.unit == row.unit);
        let place = place.unwrap_or_else(|| {
            let (indicator, unit) = (row.indicator.clone(), row.unit.clone());
            totals.push(Total { indicator, unit, accepted: 0.0, rows: 0 });
            totals.len() - 1
        });
        let total = &mut totals[place];
        total.rows += 1;
        if row.decision == Some(Decision::Accepted) {
            total.accepted += row.value.unwrap_or(0.0);
        }
    }
    totals.sort_by(|a, b| (&a.indicator, &a.unit).cmp(&(&b.indicator, &b.unit)));
    totals
}
