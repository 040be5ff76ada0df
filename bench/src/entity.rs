//! The entity of the benchmarks: five attributes, about 600 bytes of normalized JSON.

use nacre_kernel::EntityDraft;
use nacre_model::{Attribute, Content, EntityId, Geometry, Instant, Iri, Position, Value};

/// Id of entity `n`.
pub fn id(n: usize) -> String {
    format!("urn:ngsi-ld:Streetlight:bench-{n:07}")
}

/// As JSON.
pub fn json(n: usize) -> String {
    let longitude = 113.24 + (n % 1000) as f64 * 0.000_18;
    let latitude = 23.04 + (n / 1000 % 1000) as f64 * 0.000_07;
    format!(
        r#"{{"id":"{}","type":"Streetlight","powerState":{{"type":"Property","value":"on","observedAt":"2026-11-23T01:00:00Z"}},"illuminanceLevel":{{"type":"Property","value":0.{},"observedAt":"2026-11-23T01:00:00Z"}},"powerConsumption":{{"type":"Property","value":{},"unitCode":"WTT","observedAt":"2026-11-23T01:00:00Z"}},"refStreet":{{"type":"Relationship","object":"urn:ngsi-ld:Street:440105{:03}"}},"location":{{"type":"GeoProperty","value":{{"type":"Point","coordinates":[{longitude:.5},{latitude:.5}]}}}}}}"#,
        id(n),
        n % 90 + 10,
        n % 400,
        n % 18 + 1,
    )
}

/// An update of one attribute, as JSON.
pub fn patch(n: u64) -> String {
    format!(
        r#"{{"powerConsumption":{{"type":"Property","value":{},"unitCode":"WTT","observedAt":"2026-11-23T01:{:02}:{:02}Z"}}}}"#,
        n % 400,
        n / 60 % 60,
        n % 60
    )
}

fn iri(name: &str) -> Iri {
    Iri::trusted(&format!("https://uri.etsi.org/ngsi-ld/default-context/{name}"))
}

/// The same entity as a draft.
pub fn draft(n: usize) -> EntityDraft {
    let at = Instant(1_795_000_000_000 + n as i64);
    let position = Position {
        longitude: 113.24 + (n % 1000) as f64 * 0.000_18,
        latitude: 23.04 + (n / 1000 % 1000) as f64 * 0.000_07,
        altitude: None,
    };
    let street = Iri::trusted(&format!("urn:ngsi-ld:Street:440105{:03}", n % 18 + 1));
    EntityDraft {
        id: EntityId::new(&id(n)).unwrap_or_else(|e| panic!("{e}")),
        types: vec![iri("Streetlight")],
        scopes: None,
        expires_at: None,
        attributes: vec![
            (iri("powerState"), vec![Attribute::property("on").observed(at)]),
            (iri("illuminanceLevel"), vec![Attribute::property((n % 100) as f64 / 100.0).observed(at)]),
            (iri("powerConsumption"), vec![power(n as u64, at)]),
            (iri("refStreet"), vec![Attribute::relationship(street)]),
            (
                Iri::trusted("https://uri.etsi.org/ngsi-ld/location"),
                vec![Attribute::new(Content::Geo(Geometry::Point(position)))],
            ),
        ],
    }
}

fn power(n: u64, at: Instant) -> Attribute {
    let mut attribute = Attribute::property(Value::Int((n % 400) as i64)).observed(at);
    attribute.unit_code = Some("WTT".into());
    attribute
}

/// The same update as a draft.
pub fn update(entity: usize, n: u64) -> EntityDraft {
    let at = Instant(1_795_000_000_000 + n as i64);
    EntityDraft {
        types: Vec::new(),
        attributes: vec![(iri("powerConsumption"), vec![power(n, at)])],
        ..draft(entity)
    }
}
