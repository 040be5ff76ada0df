//! The language filter (CIM 009 §4.15): `fr-CH,fr;q=0.9,*;q=0.5` chooses one text of a language map.

use nacre_model::Value;

use crate::errors::NgsiError;

/// Languages in order of preference.
#[derive(Debug, Clone, PartialEq)]
pub struct LanguageFilter {
    tags: Vec<Box<str>>,
}

const TAGS_MAX: usize = 50;

impl LanguageFilter {
    /// Reads a `lang` parameter.
    pub fn parse(text: &str) -> Result<LanguageFilter, NgsiError> {
        let mut tags: Vec<(Box<str>, f64)> = Vec::new();
        for part in text.split(',') {
            let mut parts = part.split(';');
            let tag = parts.next().unwrap_or_default().trim();
            let valid = !tag.is_empty() && tag.bytes().all(|b| b.is_ascii_alphanumeric() || b == b'-');
            if !(valid || tag == "*" || tag == "@none") {
                return Err(NgsiError::bad(format!("`{part}` is no language tag")).at("lang"));
            }
            let mut weight = 1.0;
            for parameter in parts {
                let q = parameter.trim().strip_prefix("q=").and_then(|q| q.parse::<f64>().ok());
                weight = q.filter(|q| (0.0..=1.0).contains(q)).ok_or_else(|| {
                    NgsiError::bad(format!("`{parameter}` is no weight from `q=0` to `q=1`")).at("lang")
                })?;
            }
            tags.push((tag.into(), weight));
        }
        if tags.len() > TAGS_MAX {
            return Err(NgsiError::bad(format!("more than {TAGS_MAX} languages")).at("lang"));
        }
        tags.sort_by(|a, b| b.1.total_cmp(&a.1));
        Ok(LanguageFilter { tags: tags.into_iter().filter(|(_, q)| *q > 0.0).map(|(t, _)| t).collect() })
    }

    /// The text to show, with its language; none only for an empty map.
    ///
    /// A tag fits itself, then a closer one (`en` finds `en-US`), then a wider one (`en-GB` finds `en`); where nothing
    /// fits, any language is better than none.
    pub fn choose<'a>(&self, map: &'a [(Box<str>, Value)]) -> Option<(&'a str, &'a Value)> {
        let found = |fits: &dyn Fn(&str) -> bool| map.iter().find(|(t, _)| fits(t)).map(|(t, v)| (&**t, v));
        for tag in self.tags.iter().map(|t| &**t) {
            if tag == "*" {
                break;
            }
            let exact = found(&|t| t.eq_ignore_ascii_case(tag));
            if let Some(chosen) =
                exact.or_else(|| found(&|t| is_part(tag, t))).or_else(|| found(&|t| is_part(t, tag)))
            {
                return Some(chosen);
            }
        }
        found(&|t| t == "@none").or_else(|| map.first().map(|(t, v)| (&**t, v)))
    }
}

/// Whether `wide` is the first sub-tags of `tag`.
fn is_part(wide: &str, tag: &str) -> bool {
    tag.as_bytes().get(wide.len()) == Some(&b'-')
        && tag.as_bytes()[..wide.len()].eq_ignore_ascii_case(wide.as_bytes())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn preference_decides_and_something_is_always_shown() {
        let map: Vec<(Box<str>, Value)> =
            ["fr", "de", "en-US"].map(|t| (Box::from(t), Value::text(t))).into_iter().collect();
        let chosen = |filter: &str| {
            LanguageFilter::parse(filter).expect("valid").choose(&map).map(|(t, _)| t.to_owned())
        };
        for (filter, wanted) in [
            ("de", "de"),
            ("en", "en-US"),
            ("fr-CH", "fr"),
            ("nl", "fr"),
            ("*", "fr"),
            ("nl,de;q=0.5,en;q=0.8", "en-US"),
            ("fr;q=0,DE", "de"),
        ] {
            assert_eq!(chosen(filter).as_deref(), Some(wanted), "{filter}");
        }
        assert_eq!(LanguageFilter::parse("en").expect("valid").choose(&[]), None);
        for bad in ["", "en,,fr", "e n", "en;q=2", "en;x"] {
            assert!(LanguageFilter::parse(bad).is_err(), "{bad}");
        }
    }
}
