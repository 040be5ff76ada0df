//! A row becomes an entity, or a list of what is wrong with it.

use std::cell::RefCell;
use std::collections::{BTreeSet, HashMap};
use std::sync::Arc;

use nacre_model::datum::Datum;
use nacre_model::{Attribute, EntityId};
use nacre_pack::type_def::{AttributeDef, Kind as TypeKind, TextRule};
use nacre_pack::{Extent, Rule, TypeDef, written};
use nacre_wire_ngsi_ld::{Context, entity_in};
use serde_json::{Map, Value as Json, json};

use super::Problem;
use super::cells::Template;
use super::columns::Columns;
use super::mapping::Mapping;
use super::source::{Content, Source};
use crate::cli::exit::Failure;

/// The types that packs define, by name.
pub type Types = HashMap<String, Arc<TypeDef>>;

/// Makes entities after a mapping and checks them as the server will, and against their types.
pub struct Maker {
    mapping: Mapping,
    types: Types,
    columns: Columns,
    constants: Vec<(String, Json)>,
    id: Option<Template>,
    sample: bool,
    context: Arc<Context>,
    /// Attributes met that their types do not define.
    strange: RefCell<BTreeSet<String>>,
}

impl Maker {
    /// Checks what concerns all rows.
    pub fn new(source: &Source, mapping: Mapping, types: Types, sample: bool) -> Result<Maker, Failure> {
        let usage = Failure::usage;
        let datum = if mapping.datum.is_empty() { "wgs84" } else { &mapping.datum };
        let datum = Datum::parse(datum)
            .ok_or_else(|| usage(format!("the datum `{datum}` is not known; known: wgs84, gcj02, bd09")))?;
        let def = types.get(&mapping.type_name).cloned();
        let entities = source.holds_entities();
        if entities && (!mapping.columns.is_empty() || !mapping.id.is_empty()) {
            return Err(usage(
                "lines of NDJSON are entities with their ids: a mapping may state only `constants`".into(),
            ));
        }
        if !entities && mapping.type_name.is_empty() {
            return Err(usage("--type is needed: which type of entity is a row?".into()));
        }
        let id = (!entities).then(|| Template::parse(&mapping.id, &source.columns)).transpose();
        let id = id.map_err(|e| usage(format!("the id {e}")))?;
        if id.is_some() && mapping.id.is_empty() {
            return Err(usage(
                "--id is needed, as no column is taken for one: name a column that tells the rows apart, or give a \
                 template such as urn:ngsi-ld:Street:{code}".into(),
            ));
        }
        let columns = Columns::new(&mapping, &source.columns, def.as_deref(), datum).map_err(usage)?;
        let constant =
            |(name, value): &(String, Json)| Ok((name.clone(), constant(def.as_deref(), name, value)?));
        let constants =
            mapping.constants.iter().map(constant).collect::<Result<_, String>>().map_err(usage)?;
        let (context, strange) = (Context::core(), RefCell::default());
        Ok(Maker { mapping, types, columns, constants, id, sample, context, strange })
    }

    /// The mapping in use.
    pub fn mapping(&self) -> &Mapping {
        &self.mapping
    }

    /// Attributes met that their types do not define, in words.
    pub fn strange(&self) -> Vec<String> {
        self.strange.borrow().iter().cloned().collect()
    }

    /// The id and the entity in NGSI-LD.
    pub fn make(&self, content: Content) -> Result<(String, Json), Vec<Problem>> {
        let mut problems = Vec::new();
        let mut entity = match content {
            Content::Entity(entity) => self.given(entity, &mut problems),
            Content::Cells(cells) => self.mapped(&cells, &mut problems),
        };
        for (name, value) in &self.constants {
            entity.entry(name.clone()).or_insert_with(|| value.clone());
        }
        if self.sample {
            entity.insert("sample".into(), json!({"type": "Property", "value": true}));
        }
        self.normalise(&mut entity);
        let id = entity.get("id").and_then(Json::as_str).unwrap_or_default().to_owned();
        let entity = Json::Object(entity);
        if problems.is_empty() {
            self.check(&entity, &mut problems);
        }
        if problems.is_empty() { Ok((id, entity)) } else { Err(problems) }
    }

    /// Types of an entity that packs define.
    fn defs<'a>(&'a self, entity: &'a Map<String, Json>) -> impl Iterator<Item = &'a Arc<TypeDef>> + 'a {
        let names = match entity.get("type") {
            Some(Json::Array(names)) => names.as_slice(),
            Some(name) => std::slice::from_ref(name),
            None => &[],
        };
        names.iter().filter_map(Json::as_str).filter_map(|name| self.types.get(name))
    }

    /// An entity as it stands in the file: simplified values become attributes of the kind that the type says.
    fn given(&self, mut entity: Map<String, Json>, problems: &mut Vec<Problem>) -> Map<String, Json> {
        if entity.remove("@context").is_some_and(|context| !is_core(&context)) {
            let reason = "only the core context is taken here: remove `@context` and write names as packs do, or send \
                          the entity to the API yourself";
            problems.push(Problem::new("@context", "context", reason.into()));
        }
        if !entity.contains_key("type") && !self.mapping.type_name.is_empty() {
            entity.insert("type".into(), self.mapping.type_name.clone().into());
        }
        let defs: Vec<Arc<TypeDef>> = self.defs(&entity).cloned().collect();
        for (name, value) in &mut entity {
            let Some(def) = defs.iter().find_map(|def| def.attribute(name)) else { continue };
            if !is_simplified(value) {
                continue;
            }
            match written::attribute(def, value) {
                Ok(attribute) => *value = written::normalized(&attribute),
                Err(why) => problems.push(Problem::new(name, "value", format!("`{name}` {why}"))),
            }
        }
        entity
    }

    fn mapped(&self, cells: &[Json], problems: &mut Vec<Problem>) -> Map<String, Json> {
        let mut entity = Map::new();
        match self.id.as_ref().map(|template| template.fill(cells)) {
            Some(Ok(id)) => drop(entity.insert("id".into(), id.into())),
            Some(Err(problem)) => problems.push(problem),
            None => {}
        }
        entity.insert("type".into(), self.mapping.type_name.clone().into());
        entity.extend(self.columns.attributes(cells, problems));
        entity
    }

    /// Numbers with check digits are sent as their standard writes them.
    fn normalise(&self, entity: &mut Map<String, Json>) {
        let defs: Vec<Arc<TypeDef>> = self.defs(entity).cloned().collect();
        for attribute in defs.iter().flat_map(|def| &def.attributes) {
            let TypeKind::Text(TextRule::Check(check)) = &attribute.kind else { continue };
            let value = match entity.get_mut(&attribute.name) {
                Some(Json::Object(members)) => members.get_mut("value"),
                other => other,
            };
            if let Some(Json::String(text)) = value
                && let Ok(stored) = check.normalise(text)
            {
                *text = stored;
            }
        }
    }

    /// What the server would refuse, and what the types do.
    fn check(&self, entity: &Json, problems: &mut Vec<Problem>) {
        let id = entity["id"].as_str().unwrap_or_default();
        if let Err(e) = EntityId::new(id) {
            problems.push(Problem::new(
                "id",
                "id",
                format!("{e}; needed: an absolute URI such as urn:ngsi-ld:Lamp:7"),
            ));
            return;
        }
        let draft = match entity_in::parse_entity(entity, &self.context, entity_in::Mode::Create) {
            Ok(draft) => draft,
            Err(error) => {
                let place = error.pointer.as_deref().unwrap_or_default().trim_start_matches('/');
                let attribute = place.split('/').next().unwrap_or_default();
                let column = self.columns.of_attribute(attribute).unwrap_or(attribute);
                problems.push(Problem::new(column, "entity", error.detail));
                return;
            }
        };
        let attributes: Vec<(String, &Attribute)> = draft
            .attributes
            .iter()
            .flat_map(|(name, all)| all.iter().map(|a| (self.context.compact(name.as_str()).into_owned(), a)))
            .filter(|(name, _)| !(self.sample && name == "sample"))
            .collect();
        for def in entity.as_object().into_iter().flat_map(|entity| self.defs(entity)) {
            for violation in def.check(Extent::Whole, attributes.iter().map(|(n, a)| (n.as_str(), *a))) {
                // NGSI-LD lets an entity have more than its type says.
                if violation.rule == Rule::UnknownAttribute {
                    self.strange.borrow_mut().insert(violation.message);
                    continue;
                }
                let column = self.columns.of_attribute(&violation.attribute).unwrap_or(&violation.attribute);
                problems.push(Problem::new(column, violation.rule.name(), violation.message));
            }
        }
    }
}

fn is_core(context: &Json) -> bool {
    let core = |one: &Json| {
        let name = one.as_str().and_then(|url| url.rsplit('/').next());
        name.is_some_and(|name| name.starts_with("ngsi-ld-core-context"))
    };
    context.as_array().map_or_else(|| core(context), |all| all.iter().all(core))
}

/// Whether a value of an entity is neither in the normalized nor in the concise form.
fn is_simplified(value: &Json) -> bool {
    const MEMBERS: [&str; 9] = [
        "value",
        "object",
        "languageMap",
        "json",
        "valueList",
        "objectList",
        "vocab",
        "coordinates",
        "geometries",
    ];
    let full = |value: &Json| value.as_object().is_some_and(|o| MEMBERS.iter().any(|m| o.contains_key(*m)));
    match value {
        Json::Array(all) => !all.iter().any(full),
        Json::Object(_) => !full(value),
        _ => true,
    }
}

/// A constant as an attribute.
fn constant(def: Option<&TypeDef>, name: &str, value: &Json) -> Result<Json, String> {
    let known: Option<&AttributeDef> = def.and_then(|def| def.attribute(name));
    match known {
        Some(known) => written::attribute(known, value)
            .map(|attribute| written::normalized(&attribute))
            .map_err(|why| format!("the constant `{name}` {why}")),
        None if is_simplified(value) => Ok(json!({"type": "Property", "value": value})),
        None => Ok(value.clone()),
    }
}
