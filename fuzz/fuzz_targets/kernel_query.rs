//! Any condition on any entity: no panic, and the laws of logic hold.
#![no_main]

use indexmap::IndexMap;
use libfuzzer_sys::fuzz_target;
use nacre_kernel::query::geo::holds;
use nacre_kernel::query::matching::{NoLinks, matches};
use nacre_kernel::query::{
    Filter, GeoQuery, GeoRelation, Operand, Operator, Path, PathStep, Pattern, Query, SystemMember,
};
use nacre_model::{
    Attribute, Content, Entity, EntityId, Geometry, Instance, Instant, Iri, Position, Seq, Value,
};

/// Choices, until the bytes are used up; then always the first.
struct Choices<'a>(&'a [u8]);

impl Choices<'_> {
    fn byte(&mut self) -> u8 {
        let Some((first, rest)) = self.0.split_first() else { return 0 };
        self.0 = rest;
        *first
    }

    fn of(&mut self, count: u8) -> u8 {
        self.byte() % count
    }

    fn name(&mut self) -> Iri {
        Iri::trusted(&format!("https://example.org/{}", char::from(b'a' + self.of(4))))
    }

    fn text(&mut self) -> &'static str {
        const TEXTS: [&str; 8] =
            ["", "x", "xy", "urn:a:b", "2026-01-01T00:00:00Z", "2026-01-01", "12:00:00", "珠"];
        TEXTS[usize::from(self.of(8))]
    }

    fn value(&mut self, depth: u8) -> Value {
        match self.of(if depth > 2 { 5 } else { 7 }) {
            0 => Value::Int(i64::from(self.byte()) - 100),
            1 => Value::Float(f64::from(self.byte()) / 4.0 - 20.0),
            2 => Value::Text(self.text().into()),
            3 => Value::Bool(self.of(2) == 1),
            4 => Value::Int(i64::MAX - i64::from(self.of(3))),
            5 => Value::List((0..self.of(4)).map(|_| self.value(depth + 1)).collect()),
            _ => Value::Map((0..self.of(3)).map(|n| (n.to_string().into(), self.value(depth + 1))).collect()),
        }
    }

    fn position(&mut self) -> Position {
        let (longitude, latitude) =
            (f64::from(self.byte()) * 1.4 - 178.0, f64::from(self.byte()) * 0.7 - 89.0);
        Position { longitude, latitude, altitude: None }
    }

    fn geometry(&mut self) -> Option<Geometry> {
        let geometry = match self.of(3) {
            0 => Geometry::Point(self.position()),
            1 => Geometry::LineString((0..2 + self.of(4)).map(|_| self.position()).collect()),
            _ => {
                let mut ring: Vec<Position> = (0..3 + self.of(4)).map(|_| self.position()).collect();
                ring.push(ring[0]);
                Geometry::Polygon(vec![ring])
            }
        };
        geometry.checked().ok()
    }

    fn content(&mut self) -> Content {
        match self.of(7) {
            0..3 => Content::Property(self.value(0)),
            3 => Content::Relationship { objects: vec![self.name()], many: false, object_types: vec![] },
            4 => Content::Language(vec![("zh".into(), Value::Text(self.text().into()))]),
            5 => Content::List(vec![self.value(0), self.value(1)]),
            _ => self.geometry().map_or(Content::Json(self.value(0)), Content::Geo),
        }
    }

    fn entity(&mut self) -> Entity {
        let at = Instant(1_000);
        let mut attributes: IndexMap<Iri, Vec<Instance>> = IndexMap::new();
        for _ in 0..self.of(5) {
            let mut attribute = Attribute::new(self.content());
            attribute.observed_at = (self.of(2) == 1).then_some(Instant(i64::from(self.byte()) * 1_000));
            attribute.attributes = vec![(self.name(), vec![Attribute::new(self.content())])];
            let instance = Instance { attribute, created_at: at, modified_at: at };
            attributes.insert(self.name(), vec![instance]);
        }
        Entity {
            id: EntityId::new("urn:ngsi-ld:Thing:1").expect("a URI"),
            types: vec![self.name()],
            scopes: vec![],
            attributes,
            created_at: at,
            modified_at: at,
            expires_at: None,
            seq: Seq(1),
            revision: 1,
        }
    }

    fn path(&mut self) -> Path {
        let members = [SystemMember::CreatedAt, SystemMember::ObservedAt, SystemMember::UnitCode];
        let mut names = vec![PathStep::Attribute(self.name())];
        match self.of(4) {
            0 => names.push(PathStep::Attribute(self.name())),
            1 => names.push(PathStep::System(members[usize::from(self.of(3))])),
            _ => {}
        }
        Path { names, members: (0..self.of(3)).map(|n| n.to_string().into()).collect(), linked: None }
    }

    fn operand(&mut self) -> Operand {
        match self.of(5) {
            0 => Operand::List((0..self.of(3)).map(|_| Operand::Value(self.value(0))).collect()),
            1 => Operand::Range(self.value(0), self.value(0)),
            2 => Operand::Term { text: self.text().into(), iri: self.name() },
            3 => Operand::Pattern(Pattern::new("^x").expect("a pattern")),
            _ => Operand::Value(self.value(0)),
        }
    }

    fn filter(&mut self, depth: u8) -> Filter {
        const OPERATORS: [Operator; 8] = [
            Operator::Equal,
            Operator::Unequal,
            Operator::Greater,
            Operator::GreaterEqual,
            Operator::Less,
            Operator::LessEqual,
            Operator::MatchPattern,
            Operator::NotMatchPattern,
        ];
        match self.of(if depth > 3 { 4 } else { 6 }) {
            0 => Filter::Exists(self.path()),
            1 => Filter::Absent(self.path()),
            2 | 3 => {
                let operator = OPERATORS[usize::from(self.of(8))];
                Filter::Compare { path: self.path(), operator, operand: self.operand() }
            }
            4 => Filter::All((0..self.of(4)).map(|_| self.filter(depth + 1)).collect()),
            _ => Filter::Any((0..self.of(4)).map(|_| self.filter(depth + 1)).collect()),
        }
    }
}

fuzz_target!(|bytes: &[u8]| {
    let mut choices = Choices(bytes);
    let entity = choices.entity();
    let fits = |filter: &Filter| {
        let query = Query { filter: Some(filter.clone()), ..Query::default() };
        matches(&query, &entity, Instant(2_000), &NoLinks)
    };
    let (one, two) = (choices.filter(0), choices.filter(0));
    let (a, b) = (fits(&one), fits(&two));
    assert_eq!(fits(&Filter::All(vec![one.clone(), two.clone()])), a && b);
    assert_eq!(fits(&Filter::Any(vec![one, two])), a || b);
    let path = choices.path();
    let exists = fits(&Filter::Exists(path.clone()));
    assert_ne!(exists, fits(&Filter::Absent(path.clone())));
    let operand = choices.operand();
    let compare =
        |operator| fits(&Filter::Compare { path: path.clone(), operator, operand: operand.clone() });
    assert!(!(compare(Operator::Equal) && compare(Operator::Unequal)), "equal and unequal to {operand:?}");
    if let Operand::Value(_) = operand {
        let strict = compare(Operator::Less);
        assert!(!strict || compare(Operator::LessEqual), "less, and not less or equal: {operand:?}");
    }
    if let (Some(one), Some(two)) = (choices.geometry(), choices.geometry()) {
        let property = Iri::trusted("https://example.org/a");
        let lies = |relation, geometry: &Geometry, other: &Geometry| {
            holds(&GeoQuery { property: property.clone(), relation, geometry: geometry.clone() }, other)
        };
        assert_ne!(lies(GeoRelation::Intersects, &one, &two), lies(GeoRelation::Disjoint, &one, &two));
        assert!(!lies(GeoRelation::Within, &one, &two) || lies(GeoRelation::Intersects, &one, &two));
        let _ = (lies(GeoRelation::NearMax(1e4), &one, &two), lies(GeoRelation::Overlaps, &one, &two));
        let _ = (lies(GeoRelation::Contains, &one, &two), lies(GeoRelation::Equals, &one, &two));
    }
});
