//! Any bytes as the body of each kind of request: no panic; and an entity that is taken is written in a form that is
//! taken again as the same.
#![no_main]

use indexmap::IndexMap;
use libfuzzer_sys::fuzz_target;
use nacre_kernel::EntityDraft;
use nacre_model::{Entity, EntityId, Instance, Instant, Seq};
use nacre_wire_ngsi_ld::context::{Context, ContextSource, Resolution, resolve};
use nacre_wire_ngsi_ld::entity_in::{self, MergeOptions, Mode};
use nacre_wire_ngsi_ld::entity_out::{Format, Representation, write_entity};
use nacre_wire_ngsi_ld::json;
use nacre_wire_ngsi_ld::subscription::Subscription;

struct Nowhere;

impl ContextSource for Nowhere {
    fn get(&self, _: &str) -> Option<std::sync::Arc<serde_json::Value>> {
        None
    }
}

fn entity(draft: EntityDraft) -> Entity {
    let mut attributes: IndexMap<_, Vec<Instance>> = IndexMap::new();
    for (name, all) in draft.attributes {
        let instance = |attribute| Instance { attribute, created_at: Instant(0), modified_at: Instant(0) };
        attributes.insert(name, all.into_iter().map(instance).collect());
    }
    Entity {
        id: draft.id,
        types: draft.types,
        scopes: draft.scopes.unwrap_or_default(),
        attributes,
        created_at: Instant(0),
        modified_at: Instant(0),
        expires_at: draft.expires_at,
        seq: Seq(1),
        revision: 1,
    }
}

fuzz_target!(|bytes: &[u8]| {
    let Ok(body) = json::parse(bytes) else { return };
    let own = body.get("@context").map(|value| resolve(value, &Nowhere));
    let context = match own {
        Some(Ok(Resolution::Ready(context))) => context,
        _ => Context::core(),
    };
    let id = EntityId::new("urn:x:1").expect("an id");
    let _ = entity_in::parse_update(&body, &context, Some(&id));
    let _ = entity_in::parse_partial("a", &body, &context);
    let _ = entity_in::parse_attribute("a", &body, &context);
    let _ = entity_in::parse_instance("a", &body, &context);
    let _ = entity_in::parse_temporal_fragment(&body, &context, &id);
    for simplified in [false, true] {
        let options = MergeOptions { simplified, ..MergeOptions::default() };
        let _ = entity_in::parse_merge(&body, &context, Some(&id), options);
    }
    let _ = Subscription::create(&body, "urn:x:s", &context, Instant(0));
    let Ok(draft) = entity_in::parse_fragment(&body, &context, None, Mode::Create) else { return };
    let taken = entity(draft);
    for format in [Format::Normalized, Format::Concise] {
        // Nothing has expired at the beginning of time, and the end of visibility is a system attribute.
        let rep = Representation { format, now: Instant::MIN, sys_attrs: true, ..Representation::default() };
        let mut out = Vec::new();
        write_entity(&mut out, &taken, &context, &rep);
        let written = json::parse(&out).expect("what is written is JSON");
        let again = entity_in::parse_entity(&written, &context, Mode::Create);
        let again = entity(again.unwrap_or_else(|e| panic!("{e}: {written}")));
        assert_eq!((&again.id, &again.types, &again.scopes), (&taken.id, &taken.types, &taken.scopes));
        assert_eq!(again.attributes, taken.attributes, "{written}");
    }
});
