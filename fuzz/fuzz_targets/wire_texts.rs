//! Any text as parameter or header: no panic, and a name that expands is found again.
#![no_main]

use libfuzzer_sys::fuzz_target;
use nacre_wire_ngsi_ld::context::Context;
use nacre_wire_ngsi_ld::entity_out::{LanguageFilter, Projection};
use nacre_wire_ngsi_ld::geo::GeoParameters;
use nacre_wire_ngsi_ld::parameters::{Parameters, Word};
use nacre_wire_ngsi_ld::temporal::{Period, TemporalFormat, TemporalParameters};
use nacre_wire_ngsi_ld::{datetime, negotiate, q, scope_q, type_query};

fuzz_target!(|text: &str| {
    let context = Context::core();
    let _ = q::parse(text, &context, &[]);
    let _ = scope_q::parse(text);
    let _ = type_query::parse(text, &context);
    let _ = Projection::parse(text, &context);
    let _ = LanguageFilter::parse(text);
    let _ = Period::parse(text);
    let _ = datetime::parse(text);
    let (some, none) = (Some(text), None);
    let geo = GeoParameters {
        georel: Some("within"),
        geometry: Some("Polygon"),
        coordinates: some,
        geoproperty: none,
    };
    let _ = geo.parse(&context);
    let geo = GeoParameters {
        georel: some,
        geometry: Some("Point"),
        coordinates: Some("[1,2]"),
        geoproperty: some,
    };
    let _ = geo.parse(&context);
    let times = TemporalParameters { timerel: Some("after"), time_at: some, ..TemporalParameters::default() };
    let _ = times.parse(TemporalFormat::default());
    let _ = negotiate::accept(some, true);
    let _ = negotiate::content_type(some, true);
    let _ = negotiate::context_link([text]);
    if let Ok(parameters) = Parameters::parse(text) {
        let _ = parameters.form(Word::TEMPORAL);
    }
    if let Ok(iri) = context.expand(text) {
        let compact = context.compact(iri.as_str()).into_owned();
        assert_eq!(context.expand(&compact).as_ref(), Ok(&iri), "{text} {compact}");
    }
});
