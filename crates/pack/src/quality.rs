//! Quality of a pack: a tier and the rules it keeps or is exempt from, with the reason.

use std::collections::BTreeMap;

/// How far a pack has come.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Default)]
pub enum Tier {
    /// It loads.
    #[default]
    Draft,
    /// Scenarios, sample and words are complete.
    Working,
    /// Owner, sources and second language too, and no warnings.
    Trusted,
}

/// The content of `quality.yaml`.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct Quality {
    /// The tier claimed; the checker proves it.
    pub tier: Tier,
    /// Rule → `None` when done, else the reason of the exemption.
    pub rules: BTreeMap<String, Option<String>>,
}

impl Quality {
    /// True when the pack claims the rule as done or explains why not.
    pub fn answers(&self, rule: &str) -> bool {
        self.rules.contains_key(rule)
    }

    /// True when the pack is exempt from the rule.
    pub fn exempt(&self, rule: &str) -> bool {
        self.rules.get(rule).is_some_and(Option::is_some)
    }
}

impl Tier {
    /// The name a pack writes.
    pub fn name(self) -> &'static str {
        match self {
            Tier::Draft => "draft",
            Tier::Working => "working",
            Tier::Trusted => "trusted",
        }
    }

    /// The tier with a name.
    pub fn parse(name: &str) -> Option<Tier> {
        Some(match name {
            "draft" => Tier::Draft,
            "working" => Tier::Working,
            "trusted" => Tier::Trusted,
            _ => return None,
        })
    }
}
