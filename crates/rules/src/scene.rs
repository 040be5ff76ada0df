//! What an expression sees: one entity at one moment, made only as far as it is looked at.
//!
//! All rules that one observation wakes share a scene, so an attribute is turned into a value once.

use std::cell::{OnceCell, RefCell};
use std::collections::{BTreeMap, HashMap};
use std::sync::Arc;

use nacre_model::{Content, Entity, EntityId, Geometry, Instance, Instant, Iri, Value};

use crate::expression::Variables;
use crate::expression::fast::Seen;
use crate::expression::node::Read;
use crate::value::{Members, Val, from_content, from_id, typed_text};
use crate::window::Window;
use crate::world::World;

/// Most expanded names whose short ones are remembered.
const NAMES_MAX: usize = 50_000;

/// Number of a short name that some rule uses.
pub type Sym = u32;
/// No rule uses the name.
pub const UNUSED: Sym = Sym::MAX;

/// Short names of expanded ones, and the numbers of those that rules use.
#[derive(Debug, Default)]
pub struct Names {
    syms: HashMap<Arc<str>, Sym>,
    known: HashMap<Iri, (Arc<str>, Sym)>,
    /// The expanded names met so far of each number; nearly always one.
    expanded: HashMap<Sym, Vec<Iri>>,
}

impl Names {
    /// The number of a name, which from now on is used.
    pub fn intern(&mut self, short: &str) -> Sym {
        if let Some(sym) = self.syms.get(short) {
            return *sym;
        }
        let sym = Sym::try_from(self.syms.len()).unwrap_or(UNUSED);
        self.syms.insert(short.into(), sym);
        self.forget();
        sym
    }

    /// Remembers names, so that [`Names::get`] finds them.
    pub fn learn<'a>(&mut self, iris: impl Iterator<Item = &'a Iri>, world: &dyn World) {
        if self.known.len() > NAMES_MAX {
            self.forget();
        }
        for iri in iris {
            if !self.known.contains_key(iri) {
                let short: Arc<str> = world.short(iri).into();
                let sym = self.syms.get(&short).copied().unwrap_or(UNUSED);
                if sym != UNUSED {
                    self.expanded.entry(sym).or_default().push(iri.clone());
                }
                self.known.insert(iri.clone(), (short, sym));
            }
        }
    }

    fn forget(&mut self) {
        self.known.clear();
        self.expanded.clear();
    }

    /// The expanded names of a number that were learnt.
    fn of(&self, sym: Sym) -> &[Iri] {
        self.expanded.get(&sym).map_or(&[], Vec::as_slice)
    }

    /// A name that was learnt.
    pub fn get(&self, iri: &Iri) -> Option<(&Arc<str>, Sym)> {
        self.known.get(iri).map(|(short, sym)| (short, *sym))
    }
}

/// One attribute.
#[derive(Debug, Clone)]
pub struct Row<'a> {
    short: Arc<str>,
    sym: Sym,
    instance: &'a Instance,
}

impl Row<'_> {
    /// When it was observed, or else stated.
    pub fn at(&self) -> Instant {
        self.instance.attribute.observed_at.unwrap_or(self.instance.modified_at)
    }

    /// The number it says, if it says one.
    pub fn number(&self) -> Option<f64> {
        match &self.instance.attribute.content {
            Content::Property(value) => value.as_number(),
            _ => None,
        }
    }

    /// The shape it says, if it says one.
    pub fn shape(&self) -> Option<&Geometry> {
        match &self.instance.attribute.content {
            Content::Geo(shape) => Some(shape),
            _ => None,
        }
    }

    /// Whether it is the same statement.
    pub fn same(&self, other: &Row<'_>) -> bool {
        self.at() == other.at() && self.instance.attribute.content == other.instance.attribute.content
    }
}

/// One entity at one moment.
pub struct Scene<'a> {
    /// Where related entities are found.
    pub world: &'a dyn World,
    /// Which entity.
    pub id: &'a EntityId,
    /// The moment.
    pub now: Instant,
    names: &'a RefCell<Names>,
    before: Option<&'a Entity>,
    after: &'a Entity,
    rows: OnceCell<Vec<Row<'a>>>,
    rows_before: OnceCell<Vec<Row<'a>>>,
    /// Attributes that fast forms asked for.
    asked: RefCell<Vec<(Sym, Seen<'a>)>>,
    values: RefCell<BTreeMap<usize, Option<Val>>>,
    whole: OnceCell<Val>,
    whole_before: OnceCell<Val>,
    related: RefCell<BTreeMap<String, Option<Val>>>,
}

/// The instance to be seen at `now`: that without a dataset, or else the first.
fn visible(all: &[Instance], now: Instant) -> Option<&Instance> {
    let mut seen = all.iter().filter(|i| !i.expired(now));
    let first = seen.next()?;
    if first.attribute.dataset_id.is_none() {
        return Some(first);
    }
    seen.find(|i| i.attribute.dataset_id.is_none()).or(Some(first))
}

/// The attributes of an entity that are to be seen at `now`.
fn rows<'a>(entity: &'a Entity, names: &RefCell<Names>, world: &dyn World, now: Instant) -> Vec<Row<'a>> {
    names.borrow_mut().learn(entity.attributes.keys(), world);
    let names = names.borrow();
    let one = |(iri, all): (&Iri, &'a Vec<Instance>)| {
        let (short, sym) = names.get(iri)?;
        Some(Row { short: short.clone(), sym, instance: visible(all, now)? })
    };
    entity.attributes.iter().filter_map(one).collect()
}

impl<'a> Scene<'a> {
    /// A scene.
    pub fn new(
        world: &'a dyn World,
        names: &'a RefCell<Names>,
        id: &'a EntityId,
        (before, after): (Option<&'a Entity>, &'a Entity),
        now: Instant,
    ) -> Scene<'a> {
        Scene {
            world,
            id,
            now,
            names,
            before,
            after,
            rows: OnceCell::new(),
            rows_before: OnceCell::new(),
            asked: RefCell::default(),
            values: RefCell::default(),
            whole: OnceCell::new(),
            whole_before: OnceCell::new(),
            related: RefCell::default(),
        }
    }

    fn rows(&self) -> &[Row<'a>] {
        self.rows.get_or_init(|| rows(self.after, self.names, self.world, self.now))
    }

    fn rows_before(&self) -> &[Row<'a>] {
        let before = || self.before.map(|e| rows(e, self.names, self.world, self.now)).unwrap_or_default();
        self.rows_before.get_or_init(before)
    }

    /// An attribute by short name.
    pub fn row(&self, short: &str) -> Option<&Row<'a>> {
        self.rows().iter().find(|r| &*r.short == short)
    }

    /// An attribute as it was before, by short name.
    pub fn row_before(&self, short: &str) -> Option<&Row<'a>> {
        self.rows_before().iter().find(|r| &*r.short == short)
    }

    /// What the fast form of a condition sees of an attribute.
    pub fn see(&self, sym: Sym) -> Seen<'a> {
        if let Some((_, seen)) = self.asked.borrow().iter().find(|(s, _)| *s == sym) {
            return *seen;
        }
        let seen = self.instance(sym).map_or(Seen::Missing, |i| glance(&i.attribute.content));
        self.asked.borrow_mut().push((sym, seen));
        seen
    }

    /// An attribute by number. One lookup where its expanded name was met before; the other attributes are not
    /// touched.
    fn instance(&self, sym: Sym) -> Option<&'a Instance> {
        let direct = || {
            let names = self.names.borrow();
            let [iri] = names.of(sym) else { return None };
            visible(self.after.attributes.get(iri)?, self.now)
        };
        direct().or_else(|| self.rows().iter().find(|r| r.sym == sym).map(|r| r.instance))
    }

    fn convert(&self, row: &Row<'_>) -> Option<Val> {
        from_content(&row.instance.attribute.content, &|iri| self.world.short(iri))
    }

    fn value(&self, short: &str) -> Option<Val> {
        let at = self.rows().iter().position(|r| &*r.short == short)?;
        let convert = || self.convert(&self.rows()[at]);
        self.values.borrow_mut().entry(at).or_insert_with(convert).clone()
    }

    fn members(&self, rows: &[Row<'_>]) -> Val {
        let one = |r: &Row<'_>| Some((r.short.clone(), self.convert(r)?));
        // The first of two attributes with the same short name counts, as in `row`.
        Val::Map(Arc::new(rows.iter().rev().filter_map(one).collect()))
    }

    fn related(&self, rel: &str) -> Option<Val> {
        if let Some(found) = self.related.borrow().get(rel) {
            return found.clone();
        }
        let found = self.follow(rel);
        self.related.borrow_mut().insert(rel.to_string(), found.clone());
        found
    }

    /// The attributes of the first entity that a relationship points at, and its `id`.
    fn follow(&self, rel: &str) -> Option<Val> {
        let target = self.row(rel)?.instance.attribute.content.objects().first()?.clone();
        let id = EntityId::new(target.as_str()).ok()?;
        let entity = self.world.entity(&id)?;
        let found = rows(&entity, self.names, self.world, self.now);
        let Val::Map(members) = self.members(&found) else { return None };
        let mut members: Members = (*members).clone();
        members.entry("id".into()).or_insert_with(|| from_id(&id));
        Some(Val::Map(Arc::new(members)))
    }
}

fn glance(content: &Content) -> Seen<'_> {
    match content {
        Content::Property(Value::Float(n)) => Seen::Number(*n),
        Content::Property(Value::Int(n)) => Seen::Number(*n as f64),
        Content::Property(Value::Text(text)) => Seen::Text(text),
        Content::Property(Value::Bool(b)) => Seen::Bool(*b),
        Content::Property(value @ Value::Map(_)) => typed_text(value).map_or(Seen::Other, Seen::Text),
        Content::Relationship { objects, many: false, .. } if objects.len() == 1 => {
            Seen::Text(objects[0].as_str())
        }
        _ => Seen::Other,
    }
}

/// A scene as one rule sees it.
pub struct View<'s, 'a> {
    /// The scene.
    pub scene: &'s Scene<'a>,
    /// Short name of the rule's type.
    pub on: &'s str,
    /// The rule's window.
    pub window: Option<&'s Window>,
}

impl Variables for View<'_, '_> {
    fn read(&self, read: &Read) -> Option<Val> {
        let scene = self.scene;
        match read {
            Read::Attribute(name) => scene.value(name),
            Read::Previous(name) => scene.convert(scene.row_before(name)?),
            Read::ObservedAt(name) => scene.row(name)?.instance.attribute.observed_at.map(Val::Time),
            Read::Related(rel, None) => scene.related(rel),
            Read::Related(rel, Some(name)) => scene.related(rel)?.get(name).cloned(),
            Read::Window(stat) => self.window?.stat(*stat).map(Val::Float),
            Read::Whole => Some(scene.whole.get_or_init(|| scene.members(scene.rows())).clone()),
            Read::WholePrevious if scene.before.is_some() => {
                Some(scene.whole_before.get_or_init(|| scene.members(scene.rows_before())).clone())
            }
            Read::WholePrevious => None,
            Read::Id => Some(from_id(scene.id)),
            Read::Type => Some(Val::text(self.on)),
            Read::Now => Some(Val::Time(scene.now)),
        }
    }

    fn has(&self, read: &Read) -> bool {
        match read {
            Read::Attribute(name) => self.scene.row(name).is_some(),
            Read::Previous(name) => self.scene.row_before(name).is_some(),
            other => self.read(other).is_some(),
        }
    }
}

/// When what `read` names was observed, where that is known.
pub fn observed_at(scene: &Scene<'_>, read: &Read, window: Option<&Window>) -> Option<Instant> {
    match read {
        Read::Attribute(name) | Read::ObservedAt(name) => scene.row(name)?.instance.attribute.observed_at,
        Read::Previous(name) => scene.row_before(name)?.instance.attribute.observed_at,
        Read::Window(_) => window?.newest(),
        _ => None,
    }
}
