//! A compiled pack.

use std::collections::BTreeMap;
use std::sync::Arc;

use nacre_calendar::Calendar;
use nacre_cases::Workflow;
use nacre_devices::Feed;
use nacre_indicators::definition::{Indicator, StatusRule};
use nacre_indicators::task::LightRule;
use nacre_rules::Rule;

use crate::access::Role;
use crate::code_list::CodeList;
use crate::quality::Quality;
use crate::rows::{Origin, SeedEntity};
use crate::scenario::Scenario;
use crate::type_def::{AttributeDef, TypeDef, Words};
use crate::view::View;

/// A pack that was read and checked.
#[derive(Debug, Clone)]
pub struct Pack {
    /// Folder name, permanent.
    pub name: String,
    /// Name for people.
    pub title: Words,
    /// Purpose.
    pub description: Words,
    /// `x.y.z`.
    pub version: String,
    /// Code of `org-kind`: which kind of organisation owns it.
    pub owner: String,
    /// Packs it uses.
    pub needs: Vec<String>,
    /// Numbers of the plan's systems it realises.
    pub systems: Vec<u16>,
    /// Where definitions and data come from.
    pub sources: Vec<Source>,
    /// Its own types, by short name.
    pub types: BTreeMap<String, Arc<TypeDef>>,
    /// Its own code lists, by name.
    pub codes: BTreeMap<String, Arc<CodeList>>,
    /// Its own attribute fragments, by name.
    pub fragments: BTreeMap<String, Arc<Vec<AttributeDef>>>,
    /// Words shown, by key.
    pub text: BTreeMap<String, Words>,
    /// Views, by file name.
    pub views: BTreeMap<String, View>,
    /// Roles.
    pub roles: Vec<Role>,
    /// Indicators, by id.
    pub indicators: BTreeMap<String, Indicator>,
    /// How indicators are judged.
    pub status_rules: Vec<StatusRule>,
    /// How tasks are judged.
    pub light_rules: Vec<LightRule>,
    /// Workflows of cases, by file name.
    pub workflows: BTreeMap<String, Arc<Workflow>>,
    /// What payloads of devices mean, by file name.
    pub feeds: BTreeMap<String, Arc<Feed>>,
    /// Rules, by file name, each with the text of its file.
    pub rules: BTreeMap<String, (Arc<Rule>, Arc<str>)>,
    /// Who is told when nobody acknowledges an alert: minutes and role.
    pub escalation: Vec<(u32, String)>,
    /// The working calendar, in the pack that has it.
    pub calendar: Option<Calendar>,
    /// Scenarios, by file name.
    pub scenarios: BTreeMap<String, Scenario>,
    /// Tier and rules.
    pub quality: Quality,
    /// Rows of `sample/` and `data/`.
    pub rows: Vec<SeedEntity>,
}

/// A source.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct Source {
    /// What it is.
    pub title: String,
    /// Where it is.
    pub url: Option<String>,
    /// Licence.
    pub licence: Option<String>,
    /// The day it describes.
    pub as_of: Option<String>,
    /// What a reader must know.
    pub note: Option<String>,
}

impl Pack {
    /// Type and attribute of every index that views keep, short names.
    pub fn indexes(&self) -> impl Iterator<Item = (&str, &str)> {
        self.types
            .values()
            .flat_map(|t| t.attributes.iter().filter(|a| a.index).map(|a| (t.name.as_str(), a.name.as_str())))
    }

    /// Sample entities; each carries `sample: true`.
    pub fn samples(&self) -> impl Iterator<Item = &SeedEntity> {
        self.rows.iter().filter(|row| row.origin == Origin::Sample)
    }

    /// Entities of the pack's own `data/`.
    pub fn data(&self) -> impl Iterator<Item = &SeedEntity> {
        self.rows.iter().filter(|row| row.origin == Origin::Data)
    }
}
