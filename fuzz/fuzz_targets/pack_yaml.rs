//! Any text as a YAML file of a pack, held against every schema: findings, never a panic; places lie in the text.
#![no_main]

use libfuzzer_sys::fuzz_target;
use nacre_pack::finding::Findings;
use nacre_pack::{schema, yaml};

fuzz_target!(|text: &str| {
    let mut findings = Findings::default();
    if let Some(tree) = yaml::parse("f.yaml", text, &mut findings) {
        for (schema, _, _) in schema::ALL {
            schema.check("f.yaml", &tree, &mut findings);
        }
    }
    let lines = text.chars().filter(|c| matches!(c, '\n' | '\r')).count() + 2;
    for finding in findings.into_sorted() {
        assert!(finding.place.line as usize <= lines, "{finding}");
    }
});
