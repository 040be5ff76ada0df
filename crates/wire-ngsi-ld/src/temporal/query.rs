//! The temporal part of a query (CIM 009 §4.11, §5.2.21): which instances, how many, in which form.

use nacre_model::Instant;
use serde_json::Value as Json;

use super::period::Period;
use crate::datetime;
use crate::errors::NgsiError;

/// What is asked of history.
#[derive(Debug, Clone, PartialEq, Default)]
pub struct TemporalQuery {
    /// The window; none means all times.
    pub relation: Option<Relation>,
    /// Which time of an instance counts. An instance without it is not seen.
    pub property: TimeProperty,
    /// Only so many of the latest, for each attribute; the answer then goes backwards.
    pub last_n: Option<u32>,
    /// The form of the answer.
    pub format: TemporalFormat,
    /// What to compute, when the form is [`TemporalFormat::AggregatedValues`].
    pub aggregation: Option<Aggregation>,
}

/// A window of time.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Relation {
    /// Earlier than this.
    Before(Instant),
    /// At this or later.
    After(Instant),
    /// At the first or later, and earlier than the second.
    Between(Instant, Instant),
}

/// A temporal property of instances (CIM 009 §4.8).
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
#[allow(missing_docs)]
pub enum TimeProperty {
    #[default]
    ObservedAt,
    CreatedAt,
    ModifiedAt,
    DeletedAt,
}

/// The forms of a temporal answer; the first has the forms of [`crate::entity_out::Format`] in it.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub enum TemporalFormat {
    /// Instances with all they say.
    #[default]
    Instances,
    /// `[value, time]` (CIM 009 §4.5.9).
    TemporalValues,
    /// `[value, start, end]` (CIM 009 §4.5.19).
    AggregatedValues,
}

/// What to compute over which periods.
#[derive(Debug, Clone, PartialEq)]
pub struct Aggregation {
    /// At least one.
    pub methods: Vec<Method>,
    /// The length of each period; nought is the whole range.
    pub period: Period,
}

/// Aggregation methods (CIM 009 §4.5.19.1).
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
#[allow(missing_docs)]
pub enum Method {
    Avg,
    DistinctCount,
    Max,
    Min,
    StdDev,
    Sum,
    SumSq,
    TotalCount,
}

impl Method {
    /// All, with their names.
    pub const ALL: [(Method, &'static str); 8] = [
        (Method::Avg, "avg"),
        (Method::DistinctCount, "distinctCount"),
        (Method::Max, "max"),
        (Method::Min, "min"),
        (Method::StdDev, "stddev"),
        (Method::Sum, "sum"),
        (Method::SumSq, "sumsq"),
        (Method::TotalCount, "totalCount"),
    ];

    /// The name, which is also the member of the answer.
    pub fn name(self) -> &'static str {
        Method::ALL.iter().find(|(m, _)| *m == self).map_or("", |(_, n)| n)
    }
}

impl TemporalFormat {
    /// Reads the parameter `format`, or a word of `options`.
    pub fn parse(word: &str) -> Option<TemporalFormat> {
        match word {
            "temporalValues" => Some(TemporalFormat::TemporalValues),
            "aggregatedValues" => Some(TemporalFormat::AggregatedValues),
            _ => None,
        }
    }
}

impl TimeProperty {
    fn parse(name: &str) -> Result<TimeProperty, NgsiError> {
        Ok(match name {
            "observedAt" => TimeProperty::ObservedAt,
            "createdAt" => TimeProperty::CreatedAt,
            "modifiedAt" => TimeProperty::ModifiedAt,
            "deletedAt" => TimeProperty::DeletedAt,
            other => {
                let what = format!(
                    "`{other}` is no timeproperty: observedAt, createdAt, modifiedAt and deletedAt are"
                );
                return Err(NgsiError::bad(what).at("timeproperty"));
            }
        })
    }
}

impl Relation {
    /// Whether an instant lies in the window.
    pub fn contains(self, at: Instant) -> bool {
        match self {
            Relation::Before(end) => at < end,
            Relation::After(start) => start <= at,
            Relation::Between(start, end) => start <= at && at < end,
        }
    }
}

impl TemporalQuery {
    /// Whether an instant lies in the window.
    pub fn contains(&self, at: Instant) -> bool {
        self.relation.is_none_or(|r| r.contains(at))
    }
}

/// The parameters as they come.
#[derive(Debug, Clone, Copy, Default)]
#[allow(missing_docs)]
pub struct TemporalParameters<'a> {
    pub timerel: Option<&'a str>,
    pub time_at: Option<&'a str>,
    pub end_time_at: Option<&'a str>,
    pub timeproperty: Option<&'a str>,
    pub last_n: Option<&'a str>,
    pub aggr_methods: Option<&'a str>,
    pub aggr_period_duration: Option<&'a str>,
}

impl TemporalParameters<'_> {
    /// Reads them.
    pub fn parse(&self, format: TemporalFormat) -> Result<TemporalQuery, NgsiError> {
        let methods = self.aggr_methods.map(|text| methods(text.split(','))).transpose()?;
        let period = self.aggr_period_duration.map(period).transpose()?;
        let aggregation = match (format, methods) {
            (TemporalFormat::AggregatedValues, None) => {
                return Err(NgsiError::bad("aggregatedValues need `aggrMethods`").at("aggrMethods"));
            }
            (TemporalFormat::AggregatedValues, Some(methods)) => {
                Some(Aggregation { methods, period: period.unwrap_or_default() })
            }
            _ => None,
        };
        Ok(TemporalQuery {
            relation: relation(self.timerel, self.time_at, self.end_time_at)?,
            property: self.timeproperty.map(TimeProperty::parse).transpose()?.unwrap_or_default(),
            last_n: self.last_n.map(|n| last_n(n.parse().ok())).transpose()?,
            format,
            aggregation,
        })
    }
}

/// Reads `temporalQ` of a query in a body, with `aggrParams` beside it.
pub fn from_json(
    temporal_q: Option<&Json>,
    aggr_params: Option<&Json>,
    format: TemporalFormat,
) -> Result<TemporalQuery, NgsiError> {
    let text = |json: Option<&Json>, name: &str| -> Result<Option<String>, NgsiError> {
        match json.and_then(|j| j.get(name)) {
            None | Some(Json::Null) => Ok(None),
            Some(Json::String(text)) => Ok(Some(text.clone())),
            Some(Json::Array(all)) if name == "aggrMethods" => {
                let words: Option<Vec<&str>> = all.iter().map(Json::as_str).collect();
                let words = words.ok_or_else(|| NgsiError::bad("`aggrMethods` must hold texts").at(name))?;
                Ok(Some(words.join(",")))
            }
            Some(Json::Number(n)) if name == "lastN" => Ok(Some(n.to_string())),
            Some(_) => {
                Err(NgsiError::bad(format!("`{name}` must be a text")).at(format!("/temporalQ/{name}")))
            }
        }
    };
    let either = |name: &str| {
        text(temporal_q, name).and_then(|t| t.map_or_else(|| text(aggr_params, name), |t| Ok(Some(t))))
    };
    let parts = [
        text(temporal_q, "timerel")?,
        text(temporal_q, "timeAt")?,
        text(temporal_q, "endTimeAt")?,
        text(temporal_q, "timeproperty")?,
        text(temporal_q, "lastN")?,
        either("aggrMethods")?,
        either("aggrPeriodDuration")?,
    ];
    let [timerel, time_at, end_time_at, timeproperty, last_n, aggr_methods, aggr_period_duration] =
        parts.each_ref().map(|p: &Option<String>| p.as_deref());
    let parameters = TemporalParameters {
        timerel,
        time_at,
        end_time_at,
        timeproperty,
        last_n,
        aggr_methods,
        aggr_period_duration,
    };
    parameters.parse(format)
}

fn relation(
    timerel: Option<&str>,
    time_at: Option<&str>,
    end_time_at: Option<&str>,
) -> Result<Option<Relation>, NgsiError> {
    let time = |text: Option<&str>, name: &str| match text {
        Some(text) => datetime::expect(text, name).map_err(|e| e.at(name)),
        None => Err(NgsiError::bad(format!("`{name}` is needed with this timerel")).at(name)),
    };
    Ok(Some(match timerel {
        None if time_at.is_none() && end_time_at.is_none() => return Ok(None),
        None => return Err(NgsiError::bad("timeAt and endTimeAt need a `timerel`").at("timerel")),
        Some("before") => Relation::Before(time(time_at, "timeAt")?),
        Some("after") => Relation::After(time(time_at, "timeAt")?),
        Some("between") => {
            let (start, end) = (time(time_at, "timeAt")?, time(end_time_at, "endTimeAt")?);
            if end < start {
                return Err(NgsiError::bad("`endTimeAt` lies before `timeAt`").at("endTimeAt"));
            }
            Relation::Between(start, end)
        }
        Some(other) => {
            let what = format!("`{other}` is no timerel: before, after and between are");
            return Err(NgsiError::bad(what).at("timerel"));
        }
    }))
}

fn last_n(n: Option<u32>) -> Result<u32, NgsiError> {
    n.filter(|n| *n > 0).ok_or_else(|| NgsiError::bad("`lastN` must be a whole number from 1 on").at("lastN"))
}

fn methods<'a>(words: impl Iterator<Item = &'a str>) -> Result<Vec<Method>, NgsiError> {
    let mut found = Vec::new();
    for word in words.map(str::trim) {
        let method = Method::ALL.iter().find(|(_, n)| *n == word).map(|(m, _)| *m).ok_or_else(|| {
            let all: Vec<&str> = Method::ALL.iter().map(|(_, n)| *n).collect();
            NgsiError::bad(format!("`{word}` is none of the aggrMethods: {}", all.join(", ")))
                .at("aggrMethods")
        })?;
        if !found.contains(&method) {
            found.push(method);
        }
    }
    Ok(found)
}

fn period(text: &str) -> Result<Period, NgsiError> {
    Period::parse(text).ok_or_else(|| {
        NgsiError::bad(format!(
            "`{text}` as aggrPeriodDuration is no duration of ISO 8601 such as PT1H or P1D"
        ))
        .at("aggrPeriodDuration")
    })
}
