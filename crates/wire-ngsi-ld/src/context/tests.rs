//! What a context gives back, for terms, prefixes, limits and bad documents.

use super::*;
use proptest::prelude::*;
use serde_json::json;

#[derive(Default)]
struct Shelf(HashMap<String, Arc<Json>>);

impl Shelf {
    fn with(mut self, url: &str, document: Json) -> Shelf {
        self.0.insert(url.into(), Arc::new(document));
        self
    }
}

impl ContextSource for Shelf {
    fn get(&self, url: &str) -> Option<Arc<Json>> {
        self.0.get(url).cloned()
    }
}

fn ready_with(value: &Json, shelf: &Shelf) -> Arc<Context> {
    match resolve(value, shelf).expect("resolves") {
        Resolution::Ready(context) => context,
        Resolution::Missing(urls) => panic!("missing {urls:?}"),
    }
}

fn ready(value: Json) -> Arc<Context> {
    ready_with(&value, &Shelf::default())
}

fn error(value: Json) -> NgsiError {
    resolve(&value, &Shelf::default()).expect_err("refused")
}

fn expand(context: &Context, term: &str) -> String {
    context.expand(term).expect("expands").as_str().to_owned()
}

#[test]
fn core_alone() {
    let core = Context::core();
    assert!(core.is_core_only() && !core.needs_link());
    assert_eq!(core.document(), CORE_URL);
    assert_eq!(core.link(), CORE_URL);
    assert_eq!(expand(&core, "temperature"), format!("{DEFAULT_VOCABULARY}temperature"));
    assert_eq!(expand(&core, "location"), format!("{NGSI_LD}location"));
    assert_eq!(expand(&core, "ngsi-ld:x"), format!("{NGSI_LD}x"));
    assert_eq!(core.compact("http://purl.org/dc/terms/title"), "title");
    assert_eq!(core.compact(&format!("{DEFAULT_VOCABULARY}温度")), "温度");
    assert_eq!(core.compact("https://example.org/x"), "https://example.org/x");
    for none in ["", "@id", "id", "type", "_x:y z"] {
        assert!(core.expand(none).is_err(), "{none}");
    }
}

#[test]
fn every_core_url_is_the_core_and_goes_back_as_given() {
    let url = "http://uri.etsi.org/ngsi-ld/v1/ngsi-ld-core-context.jsonld";
    let context = ready(json!([url]));
    assert!(context.is_core_only());
    assert_eq!(context.document(), url);
}

#[test]
fn core_wins_wherever_it_stands() {
    for value in [
        json!([CORE_URL, {"location": "https://example.org/place", "type": "https://example.org/t"}]),
        json!([{"location": "https://example.org/place", "ngsi-ld": "https://example.org/"}, CORE_URL]),
    ] {
        let context = ready(value);
        assert_eq!(expand(&context, "location"), format!("{NGSI_LD}location"));
        assert_eq!(expand(&context, "ngsi-ld:a"), format!("{NGSI_LD}a"));
    }
}

#[test]
fn a_name_with_another_meaning_keeps_its_prefix() {
    let context = ready(json!({"almostFull": "https://example.org/almostFull"}));
    assert_eq!(
        context.compact(&format!("{DEFAULT_VOCABULARY}almostFull")),
        "ngsi-ld:default-context/almostFull"
    );
    assert_eq!(
        expand(&context, "ngsi-ld:default-context/almostFull"),
        format!("{DEFAULT_VOCABULARY}almostFull")
    );
}

#[test]
fn definitions_may_use_what_stands_later() {
    let context = ready(json!({
        "name": "schema:name", "schema": "https://schema.org/", "isIn": {"@id": "schema:isIn", "@type": "@id"},
        "seen": {"@id": "name", "@type": "xsd:dateTime"}, "tags": {"@id": "schema:tags", "@container": "@list"}
    }));
    assert_eq!(expand(&context, "name"), "https://schema.org/name");
    assert_eq!(expand(&context, "schema:other"), "https://schema.org/other");
    assert_eq!(context.compact("https://schema.org/other"), "schema:other");
    assert_eq!(context.coercion("isIn"), Some(Coercion::Id));
    assert_eq!(context.coercion("tags"), Some(Coercion::List));
    assert_eq!(context.coercion("seen"), Some(Coercion::DateTime));
    assert_eq!(context.coercion("unknown"), None);
}

#[test]
fn vocabulary_completes_its_own_definitions_only() {
    let context = ready(json!({"@vocab": "https://example.org/", "a": {"@type": "@id"}}));
    assert_eq!(expand(&context, "a"), "https://example.org/a");
    assert_eq!(expand(&context, "b"), format!("{DEFAULT_VOCABULARY}b"));
}

#[test]
fn document_and_link() {
    let shelf = Shelf::default()
        .with("https://a.org/c", json!({"@context": {"x": "https://a.org/x"}}))
        .with("https://a.org/d/e", json!({"@context": ["../c", "./f", CORE_URL]}))
        .with("https://a.org/d/f", json!({"@context": {"y": "https://a.org/y"}}));
    let one = ready_with(&json!(["https://a.org/c", CORE_URL]), &shelf);
    assert_eq!((one.document(), one.link()), (&json!("https://a.org/c"), "https://a.org/c"));
    let nested = ready_with(&json!("https://a.org/d/e"), &shelf);
    assert_eq!(
        (nested.compact("https://a.org/x"), nested.compact("https://a.org/y")),
        ("x".into(), "y".into())
    );
    let inline = ready_with(&json!([{"z": "https://a.org/z"}, "https://a.org/c"]), &shelf);
    assert!(inline.needs_link());
    let hosted = inline.with_link("http://broker/ngsi-ld/v1/jsonldContexts/1");
    assert!(!hosted.needs_link() && hosted.link().ends_with("/1"));
    assert_eq!(hosted.document(), &json!([{"z": "https://a.org/z"}, "https://a.org/c"]));
}

#[test]
fn missing_documents_are_named_once() {
    let shelf =
        Shelf::default().with("https://a.org/c", json!({"@context": ["https://b.org/1", "https://b.org/1"]}));
    let value = json!(["https://a.org/c", "https://b.org/2"]);
    match resolve(&value, &shelf).expect("asks") {
        Resolution::Missing(urls) => assert_eq!(urls, ["https://b.org/1", "https://b.org/2"]),
        Resolution::Ready(_) => panic!("two are missing"),
    }
}

#[test]
fn bad_contexts_are_refused_with_a_reason() {
    for (value, says) in [
        (json!({"a": {"@id": "https://a.org/a", "@context": {"type": "x"}}}), "scoped"),
        (json!(7), "URL, an object or an array"),
        (json!(null), "URL, an object or an array"),
        (json!({"a": 7}), "IRI or object"),
        (json!({"a": "b:x", "b": "a:y"}), "needs itself"),
        (json!({"@import": "https://a.org/c"}), "@import"),
        (json!("file:///etc/passwd"), "http"),
        (json!("relative"), "http"),
        (json!("https://a b"), "no URL"),
        (json!({"": "https://a.org/"}), "without a name"),
        (json!(vec!["https://a.org/c"; build::DOCUMENTS_MAX + 1]), "items"),
    ] {
        let found = error(value.clone());
        assert_eq!(found.status(), 400, "{value}");
        assert!(found.detail.contains(says), "{value}: {}", found.detail);
    }
    let shelf = Shelf::default()
        .with("https://a.org/1", json!({"@context": "https://a.org/2"}))
        .with("https://a.org/2", json!({"@context": ["1"]}))
        .with("https://a.org/3", json!({"no": "context"}));
    assert!(resolve(&json!("https://a.org/1"), &shelf).expect_err("cycle").detail.contains("names itself"));
    assert_eq!(resolve(&json!("https://a.org/3"), &shelf).expect_err("none").status(), 504);
}

#[test]
fn unusable_terms_are_refused_where_they_are_used() {
    let context = ready(
        json!({"kind": "@type", "gone": null, "bad": "https://a.org/with blank", "ok": "https://a.org/ok"}),
    );
    for (term, says) in [("kind", "write `type`"), ("gone", "null"), ("bad", "no IRI")] {
        let found = context.expand(term).expect_err("refused");
        assert!(found.detail.contains(says), "{found}");
    }
    assert_eq!(expand(&context, "ok"), "https://a.org/ok");
}

proptest! {
    #[test]
    fn compacted_expansion_is_the_name(
        names in prop::collection::btree_set("[a-z]{1,6}", 1..8),
        other in "[\\p{L}][\\p{L}0-9_]{0,10}",
        prefix in "[a-z]{3,5}",
    ) {
        let mut terms = serde_json::Map::new();
        for (i, name) in names.iter().enumerate() {
            terms.insert(name.clone(), json!(format!("https://example.org/{i}#")));
        }
        let context = ready(Json::Object(terms));
        for name in names.iter().filter(|n| !matches!(n.as_str(), "id" | "type")).chain([&other]) {
            prop_assume!(name != "id" && name != "type");
            let iri = context.expand(name).expect("expands");
            prop_assert_eq!(context.compact(iri.as_str()), name.as_str());
            let compact = format!("{prefix}:{other}");
            let iri = context.expand(&compact).expect("expands");
            prop_assert_eq!(context.compact(iri.as_str()), compact);
        }
    }

    #[test]
    fn expanded_compaction_is_the_iri(name in "[a-zA-Z:/#@.]{0,12}", start in 0_usize..5) {
        let context = ready(json!({
            "ex": "https://example.org/", "exa": {"@id": "https://example.org/a", "@prefix": true},
            "b": "https://example.org/b", "c": "https://uri.etsi.org/ngsi-ld/default-context/d"
        }));
        let starts = [DEFAULT_VOCABULARY, NGSI_LD, "https://example.org/", GEOJSON, "https://other.org/"];
        let iri = format!("{}{name}", starts[start]);
        let compact = context.compact(&iri).into_owned();
        prop_assert_eq!(expand(&context, &compact), iri);
    }
}
