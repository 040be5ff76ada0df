//! `lastN`, and the cut of an answer that would be too long (CIM 009 §6.3.10).
//!
//! All attributes of all entities are cut at one instant, so that what is shown is complete up to it. Forwards the
//! earliest instances stay, with `lastN` the latest.

use std::fmt;

use nacre_model::Instant;

use super::evolution::{Evolution, PastInstance};
use super::query::{Relation, TemporalQuery};

/// What a 206 says of the part it holds. Shown as the value of `Content-Range`.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct ContentRange {
    /// Where the answer begins; the later end with `lastN`.
    pub start: Instant,
    /// Where it ends.
    pub end: Instant,
    /// `lastN`, where asked for.
    pub size: Option<u32>,
}

impl fmt::Display for ContentRange {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let short = |at: Instant| at.to_string().replace(".000Z", "Z");
        write!(f, "date-time {}-{}/", short(self.start), short(self.end))?;
        match self.size {
            Some(n) => write!(f, "{n}"),
            None => f.write_str("*"),
        }
    }
}

/// Applies `lastN`, then leaves at most about `instances_max` instances of each attribute (more only at one and the
/// same instant). A range is returned when something was cut, and the answer is a 206 then.
pub fn cut(
    evolutions: &mut [Evolution],
    query: &TemporalQuery,
    instances_max: usize,
) -> Option<ContentRange> {
    let time = |p: &PastInstance| p.time(query.property).unwrap_or_default();
    let instances_max = instances_max.max(1);
    let backwards = query.last_n.is_some();
    if let Some(n) = query.last_n {
        for all in lists(evolutions) {
            keep_last(all, n as usize);
        }
    }
    let limits = lists(evolutions).filter(|all| all.len() > instances_max);
    let edge = if backwards {
        limits.map(|all| time(&all[instances_max - 1])).max()
    } else {
        limits.map(|all| time(&all[instances_max - 1])).min()
    }?;
    let mut anything = false;
    for all in lists(evolutions) {
        let before = all.len();
        all.retain(|p| if backwards { time(p) >= edge } else { time(p) <= edge });
        anything |= all.len() < before;
    }
    if !anything {
        return None;
    }
    let shown = || evolutions.iter().flat_map(|e| e.attributes.values()).flat_map(|a| &a.instances).map(time);
    let (first, last) = (shown().min().unwrap_or(edge), shown().max().unwrap_or(edge));
    let (start, end) = match (backwards, query.relation) {
        (true, Some(Relation::Before(at) | Relation::Between(_, at))) => (at, first),
        (true, _) => (last, first),
        (false, Some(Relation::After(at) | Relation::Between(at, _))) => (at, last),
        (false, _) => (first, last),
    };
    Some(ContentRange { start, end, size: query.last_n })
}

fn lists(evolutions: &mut [Evolution]) -> impl Iterator<Item = &mut Vec<PastInstance>> {
    evolutions.iter_mut().flat_map(|e| e.attributes.values_mut()).map(|a| &mut a.instances)
}

/// Leaves the last `n` of each dataset, newest first.
fn keep_last(all: &mut Vec<PastInstance>, n: usize) {
    all.reverse();
    let mut counts: Vec<(Option<nacre_model::Iri>, usize)> = Vec::new();
    all.retain(|p| {
        let dataset = &p.attribute.dataset_id;
        let place = counts.iter().position(|(d, _)| d == dataset).unwrap_or_else(|| {
            counts.push((dataset.clone(), 0));
            counts.len() - 1
        });
        counts[place].1 += 1;
        counts[place].1 <= n
    });
}
