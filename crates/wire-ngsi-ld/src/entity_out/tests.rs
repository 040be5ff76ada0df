//! What the answers look like, form by form.

use std::sync::Arc;

use indexmap::IndexMap;
use nacre_kernel::query::matching::Links;
use nacre_model::{
    Attribute, Content, Entity, EntityId, Geometry, Instance, Instant, Iri, Position, Scope, Seq, Value,
};

use super::*;

const NOW: Instant = Instant(1_800_000_000_000);

fn iri(term: &str) -> Iri {
    Context::core().expand(term).expect("a name")
}

fn id(text: &str) -> EntityId {
    EntityId::new(text).expect("a URI")
}

fn entity(id_: &str, type_name: &str, attributes: Vec<(&str, Vec<Attribute>)>) -> Entity {
    let at = Instant(1_700_000_000_000);
    let instances = |all: Vec<Attribute>| {
        all.into_iter()
            .map(|attribute| Instance { attribute, created_at: at, modified_at: at.plus_ms(5) })
            .collect()
    };
    Entity {
        id: id(id_),
        types: vec![iri(type_name)],
        scopes: Vec::new(),
        attributes: attributes
            .into_iter()
            .map(|(n, all)| (iri(n), instances(all)))
            .collect::<IndexMap<_, _>>(),
        created_at: at,
        modified_at: at.plus_ms(5),
        expires_at: None,
        seq: Seq(1),
        revision: 1,
    }
}

fn dataset(mut attribute: Attribute, dataset: &str) -> Attribute {
    attribute.dataset_id = Some(Iri::trusted(dataset));
    attribute
}

fn language(map: &[(&str, &str)]) -> Attribute {
    Attribute::new(Content::Language(map.iter().map(|(t, v)| (Box::from(*t), Value::text(*v))).collect()))
}

/// One attribute of each kind, with and without what can stand beside the content.
fn lamp() -> Entity {
    let mut power = Attribute::property(20).observed(Instant(1_600_000_000_000));
    power.unit_code = Some("WTT".into());
    power.attributes.push((iri("accuracy"), vec![Attribute::property(0.5)]));
    let place = Geometry::Point(Position { longitude: 113.31914, latitude: 23.1, altitude: None });
    let address = Value::Map(vec![("street".into(), Value::text("琶洲 \"East\""))]);
    let typed = Value::Map(vec![("type".into(), Value::text("x"))]);
    let streets = ["urn:ngsi-ld:Street:1", "urn:ngsi-ld:Street:2"].map(Iri::trusted).to_vec();
    let mut lamp = entity(
        "urn:ngsi-ld:Lamp:1",
        "Lamp",
        vec![
            ("power", vec![power]),
            ("lit", vec![Attribute::property(true)]),
            ("address", vec![Attribute::property(address)]),
            ("odd", vec![Attribute::property(typed)]),
            ("location", vec![Attribute::new(Content::Geo(place))]),
            ("on", vec![Attribute::relationship(streets[0].clone())]),
            (
                "near",
                vec![Attribute::new(Content::Relationship {
                    objects: streets.clone(),
                    many: true,
                    object_types: vec![iri("Street")],
                })],
            ),
            ("says", vec![language(&[("zh", "灯"), ("en", "lamp")])]),
            ("kind", vec![Attribute::new(Content::Vocab { terms: vec![iri("sodium")], many: false })]),
            ("raw", vec![Attribute::new(Content::Json(Value::Map(vec![("id".into(), Value::Int(1))])))]),
            ("steps", vec![Attribute::new(Content::List(vec![Value::Int(1), Value::Float(2.5)]))]),
            (
                "chain",
                vec![Attribute::new(Content::ListRelationship { objects: streets, object_types: vec![] })],
            ),
            ("speed", vec![Attribute::property(1), dataset(Attribute::property(2), "urn:d:gps")]),
        ],
    );
    lamp.scopes = vec![Scope::new("/海珠区").expect("a scope")];
    lamp
}

fn rep(format: Format) -> Representation {
    Representation { format, now: NOW, ..Representation::default() }
}

fn json(write: impl FnOnce(&mut Vec<u8>)) -> serde_json::Value {
    let mut out = Vec::new();
    write(&mut out);
    serde_json::from_slice(&out).unwrap_or_else(|e| panic!("{e}: {}", String::from_utf8_lossy(&out)))
}

fn shown(entity: &Entity, rep: &Representation) -> serde_json::Value {
    json(|out| write_entity(out, entity, &Context::core(), rep))
}

#[test]
fn normalized() {
    insta::assert_json_snapshot!(shown(&lamp(), &rep(Format::Normalized)));
}

#[test]
fn concise() {
    insta::assert_json_snapshot!(shown(&lamp(), &rep(Format::Concise)));
}

#[test]
fn simplified() {
    insta::assert_json_snapshot!(shown(&lamp(), &rep(Format::Simplified)));
}

#[test]
fn system_attributes_stand_at_the_entity_and_at_each_instance() {
    let rep = Representation { sys_attrs: true, ..rep(Format::Normalized) };
    let mut lit = Attribute::property(true);
    lit.expires_at = Some(NOW.plus_ms(1));
    insta::assert_json_snapshot!(shown(
        &entity("urn:ngsi-ld:Lamp:1", "Lamp", vec![("lit", vec![lit])]),
        &rep
    ));
}

#[test]
fn the_bytes_are_as_short_as_they_can_be() {
    let mut out = Vec::new();
    let lamp = entity("urn:ngsi-ld:Lamp:1", "Lamp", vec![("power", vec![Attribute::property(20)])]);
    write_entity(&mut out, &lamp, &Context::core(), &rep(Format::Normalized));
    assert_eq!(
        String::from_utf8_lossy(&out),
        r#"{"id":"urn:ngsi-ld:Lamp:1","type":"Lamp","power":{"type":"Property","value":20}}"#
    );
}

#[test]
fn what_has_expired_is_not_there() {
    let mut gone = Attribute::property(1);
    gone.expires_at = Some(NOW);
    let mut other = dataset(Attribute::property(2), "urn:d:1");
    other.expires_at = Some(NOW.plus_ms(1));
    let lamp = entity("urn:a:1", "Lamp", vec![("a", vec![gone.clone(), other]), ("b", vec![gone])]);
    let shown = shown(&lamp, &rep(Format::Concise));
    assert_eq!(shown["a"], serde_json::json!({"value": 2, "datasetId": "urn:d:1"}));
    assert!(shown.get("b").is_none());
}

#[test]
fn pick_omit_attrs_and_datasets_choose_members() {
    let (lamp, context) = (lamp(), Context::core());
    let projection = |text: &str| Some(Projection::parse(text, &context).expect("valid"));
    let names = |rep: &Representation| {
        let shown = shown(&lamp, rep);
        shown.as_object().expect("an object").keys().cloned().collect::<Vec<_>>().join(",")
    };
    let all = rep(Format::Concise);
    let picked = Representation { pick: projection("lit"), ..all.clone() };
    assert_eq!(names(&picked), "lit");
    let picked = Representation { pick: projection("id,power,scope,none"), ..all.clone() };
    assert_eq!(names(&picked), "id,scope,power");
    let omitted =
        Representation { omit: projection("id,type,power,lit,address,odd,location,on"), ..all.clone() };
    assert_eq!(names(&omitted), "scope,near,says,kind,raw,steps,chain,speed");
    let attrs = Representation { attributes: vec![iri("lit")], ..all.clone() };
    assert_eq!(names(&attrs), "id,type,scope,lit");
    assert!(attrs.shows_any(&lamp));
    assert!(!Representation { attributes: vec![iri("none")], ..all.clone() }.shows_any(&lamp));
    let gps = Representation { datasets: vec![Some(Iri::trusted("urn:d:gps"))], ..all };
    assert_eq!(names(&gps), "id,type,scope,speed");
    assert_eq!(shown(&lamp, &gps)["speed"]["value"], 2);
    assert_eq!(json(|out| Writer::new(out, &context, &picked).close(0)), serde_json::json!({}));
}

#[test]
fn a_language_filter_makes_properties() {
    let lamp = entity("urn:a:1", "Lamp", vec![("says", vec![language(&[("zh", "灯"), ("en", "lamp")])])]);
    let lang = Some(LanguageFilter::parse("en").expect("valid"));
    let said = |format| shown(&lamp, &Representation { lang: lang.clone(), ..rep(format) })["says"].clone();
    assert_eq!(
        said(Format::Normalized),
        serde_json::json!({"type": "Property", "value": "lamp", "lang": "en"})
    );
    assert_eq!(said(Format::Concise), serde_json::json!({"value": "lamp", "lang": "en"}));
    assert_eq!(said(Format::Simplified), "lamp");
}

#[test]
fn features_carry_the_chosen_geometry_and_the_context_once() {
    let (lamp, context) = (lamp(), Context::core());
    let rep = Representation {
        with_context: true,
        pick: Some(Projection::parse("type,lit", &context).expect("valid")),
        ..rep(Format::Simplified)
    };
    let shape = GeoShape { geometry_property: iri("location") };
    let one = json(|out| write_feature(out, &lamp, &context, &rep, &shape));
    insta::assert_json_snapshot!(one);
    let none = GeoShape { geometry_property: iri("lit") };
    let all = json(|out| write_features(out, [&lamp, &lamp], &context, &rep, &none));
    assert_eq!(all["type"], "FeatureCollection");
    assert!(all["features"][1]["geometry"].is_null() && all["features"][1].get("@context").is_none());
    assert_eq!(all["@context"], *context.document());
}

struct World(Vec<Arc<Entity>>);

impl Links for World {
    fn entity(&self, id: &EntityId) -> Option<Arc<Entity>> {
        self.0.iter().find(|e| e.id == *id).cloned()
    }
}

/// A building in a city in a country whose capital is the city again.
fn world() -> World {
    let to = |target: &str| vec![Attribute::relationship(Iri::trusted(target))];
    let names = |n: &str| vec![Attribute::property(n)];
    World(vec![
        Arc::new(entity("urn:b:1", "Building", vec![("locatedAt", to("urn:c:1")), ("owner", to("urn:p:9"))])),
        Arc::new(entity("urn:c:1", "City", vec![("isIn", to("urn:l:1")), ("name", names("广州"))])),
        Arc::new(entity("urn:l:1", "Country", vec![("capital", to("urn:c:1")), ("name", names("中国"))])),
    ])
}

#[test]
fn linked_entities_stand_inside_up_to_the_level_and_circles_are_cut() {
    let (world, context) = (world(), Context::core());
    let inline = |format, levels, pick: Option<&str>| {
        let pick = pick.map(|p| Projection::parse(p, &context).expect("valid"));
        let rep = Representation { pick, ..rep(format) };
        let joined = Joined { links: &world, levels };
        json(|out| write_inline(out, &world.0[0], &context, &rep, &joined))
    };
    insta::assert_json_snapshot!("inline", inline(Format::Normalized, 5, None));
    insta::assert_json_snapshot!("inline_simplified", inline(Format::Simplified, 5, None));
    let one = inline(Format::Normalized, 1, None);
    assert!(one["locatedAt"]["entity"]["isIn"].get("entity").is_none());
    let picked = inline(Format::Simplified, 2, Some("id,locatedAt{name,isIn{id}}"));
    assert_eq!(
        picked,
        serde_json::json!({"id": "urn:b:1", "locatedAt": {"isIn": {"id": "urn:l:1"}, "name": "广州"}})
    );
}

#[test]
fn flat_linked_entities_follow_each_once() {
    let (world, context) = (world(), Context::core());
    let flat = |levels, attributes: Vec<Iri>| {
        let rep = Representation { attributes, ..rep(Format::Simplified) };
        let joined = Joined { links: &world, levels };
        let all = json(|out| write_flat(out, &world.0[..1], &context, &rep, &joined));
        let ids = all.as_array().expect("an array").iter().map(|e| e["id"].as_str().unwrap_or("").to_owned());
        ids.collect::<Vec<_>>().join(" ")
    };
    assert_eq!(flat(0, vec![]), "urn:b:1");
    assert_eq!(flat(1, vec![]), "urn:b:1 urn:c:1");
    assert_eq!(flat(9, vec![]), "urn:b:1 urn:c:1 urn:l:1");
    assert_eq!(flat(9, vec![iri("owner")]), "urn:b:1");
}
