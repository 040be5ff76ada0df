//! The stable codes of findings, each with its severity and the page that explains it.
//!
//! A code never changes its meaning. To add one: a line in the table below and a page `pages/<slug>.md` that says
//! what it means, how to mend it, and shows it wrong and right.

use std::fmt;

use crate::finding::Severity;

/// A kind of finding.
#[derive(Clone, Copy)]
pub struct Code(&'static Entry);

struct Entry {
    name: &'static str,
    severity: Severity,
    page: &'static str,
}

impl Code {
    /// The code as shown: `pack/unknown-unit`.
    pub fn name(self) -> &'static str {
        self.0.name
    }

    /// Error or warning.
    pub fn severity(self) -> Severity {
        self.0.severity
    }

    /// The page that explains it, in Markdown.
    pub fn page(self) -> &'static str {
        self.0.page
    }

    /// The code with a name; the part before the slash may be left out.
    pub fn find(name: &str) -> Option<Code> {
        let slug = name.strip_prefix("pack/").unwrap_or(name);
        ALL.iter().copied().find(|code| code.name().strip_prefix("pack/") == Some(slug))
    }

    /// All codes.
    pub fn all() -> &'static [Code] {
        ALL
    }
}

impl PartialEq for Code {
    fn eq(&self, other: &Code) -> bool {
        self.name() == other.name()
    }
}

impl Eq for Code {}

impl fmt::Debug for Code {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.name())
    }
}

impl fmt::Display for Code {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.name())
    }
}

macro_rules! codes {
    ($($constant:ident $slug:literal $severity:ident)*) => {
        $(
            #[doc = concat!("`pack/", $slug, "`, see `pages/", $slug, ".md`.")]
            pub const $constant: Code = Code(&Entry {
                name: concat!("pack/", $slug),
                severity: Severity::$severity,
                page: include_str!(concat!("../pages/", $slug, ".md")),
            });
        )*
        const ALL: &[Code] = &[$($constant),*];
    };
}

codes! {
    // Folder and files
    IO "io" Error
    UNKNOWN_FILE "unknown-file" Error
    MISSING_FILE "missing-file" Error
    BAD_NAME "bad-name" Error
    TOO_LARGE "too-large" Error
    TOO_DEEP "too-deep" Error
    TOO_MANY "too-many" Error
    NOT_UTF8 "not-utf8" Error
    // Form of a file
    YAML_SYNTAX "yaml-syntax" Error
    YAML_ALIAS "yaml-alias" Error
    DUPLICATE_KEY "duplicate-key" Error
    UNKNOWN_KEY "unknown-key" Error
    MISSING_KEY "missing-key" Error
    BAD_VALUE "bad-value" Error
    // The pack as a whole
    UNKNOWN_PACK "unknown-pack" Error
    NEEDS_CYCLE "needs-cycle" Error
    UNKNOWN_SYSTEM "unknown-system" Error
    QUALITY "quality" Error
    // Types
    UNKNOWN_FRAGMENT "unknown-fragment" Error
    DUPLICATE_ATTRIBUTE "duplicate-attribute" Error
    DUPLICATE_TYPE "duplicate-type" Error
    RESERVED_NAME "reserved-name" Error
    UNKNOWN_UNIT "unknown-unit" Error
    UNIT_WITHOUT_NUMBER "unit-without-number" Error
    BAD_RANGE "bad-range" Error
    BAD_PATTERN "bad-pattern" Error
    UNKNOWN_CODE_LIST "unknown-code-list" Error
    UNKNOWN_TYPE "unknown-type" Error
    BAD_EXAMPLE "bad-example" Error
    CLASSIFICATION "classification" Error
    CONFLICTING_KEYS "conflicting-keys" Error
    // Code lists
    DUPLICATE_CODE "duplicate-code" Error
    VALIDITY "validity" Error
    // Words
    UNKNOWN_TEXT "unknown-text" Error
    MISSING_TRANSLATION "missing-translation" Error
    UNUSED_TEXT "unused-text" Warning
    // Views, access, scenarios
    UNKNOWN_ATTRIBUTE "unknown-attribute" Error
    VIEW_KIND "view-kind" Error
    EMPTY_VIEW "empty-view" Warning
    NO_SCENARIO "no-scenario" Warning
    SCENARIO_STEP "scenario-step" Error
    SCENARIO_FAILED "scenario-failed" Error
    // Indicators and rules
    BAD_INDICATOR "bad-indicator" Error
    // Workflows and the calendar
    BAD_WORKFLOW "bad-workflow" Error
    BAD_CALENDAR "bad-calendar" Error
    BAD_FEED "bad-feed" Error
    BAD_RULE "bad-rule" Error
    // Sample and seed data
    NO_SAMPLE "no-sample" Warning
    CSV "csv" Error
    NDJSON "ndjson" Error
    UNKNOWN_COLUMN "unknown-column" Error
    BAD_ID "bad-id" Error
    DUPLICATE_ID "duplicate-id" Error
    REQUIRED_VALUE "required-value" Error
    ENTITY_VALUE "entity-value" Error
    UNKNOWN_TARGET "unknown-target" Warning
    // District
    DISTRICT "district" Error
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_code_has_a_page_with_the_same_parts() {
        for code in Code::all() {
            let page = code.page();
            assert!(page.starts_with(&format!("# {code}\n")), "{code}: the page begins with its code");
            for part in ["\n## 含义\n", "\n## Meaning\n", "\n## What to do\n"] {
                assert!(page.contains(part), "{code}: the page has no `{}`", part.trim());
            }
            assert_eq!(Code::find(code.name()), Some(*code));
        }
        assert_eq!(Code::find("unknown-unit"), Some(UNKNOWN_UNIT));
        assert_eq!(Code::find("nothing"), None);
    }
}
