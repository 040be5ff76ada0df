//! The parameters of a URL: decoded once, refused where the operation does not know them (CIM 009 §6.3.4, §6.3.7).

use nacre_model::Instant;

use crate::datetime;
use crate::entity_out::Format;
use crate::errors::NgsiError;
use crate::json::shorten;

/// Parameters in which `+` is a sign of its own: patterns and scopes. Elsewhere it stands for a blank, as forms write it.
const PLUS_IS_PLUS: [&str; 2] = ["idPattern", "scopeQ"];

/// Decoded parameters, each at most once.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Parameters(Vec<(String, String)>);

impl Parameters {
    /// Reads a query string.
    pub fn parse(query: &str) -> Result<Parameters, NgsiError> {
        let mut all: Vec<(String, String)> = Vec::new();
        for pair in query.split('&').filter(|p| !p.is_empty()) {
            let (name, value) = pair.split_once('=').unwrap_or((pair, ""));
            let name = decode(name, true)?;
            let value = decode(value, !PLUS_IS_PLUS.contains(&name.as_str()))?;
            if all.iter().any(|(n, _)| *n == name) {
                return Err(NgsiError::invalid(format!("the parameter `{}` stands twice", shorten(&name))));
            }
            all.push((name, value));
        }
        Ok(Parameters(all))
    }

    /// Refuses what the operation does not know (§6.3.4: InvalidRequest).
    pub fn allow(&self, known: &[&str]) -> Result<(), NgsiError> {
        let Some((name, _)) = self.0.iter().find(|(n, _)| !known.contains(&n.as_str())) else {
            return Ok(());
        };
        let known = if known.is_empty() { "none".to_owned() } else { known.join(", ") };
        Err(NgsiError::invalid(format!("unknown parameter `{}`; known here: {known}", shorten(name)))
            .at(name.as_str()))
    }

    /// A parameter.
    pub fn get(&self, name: &str) -> Option<&str> {
        self.0.iter().find(|(n, _)| n == name).map(|(_, v)| v.as_str())
    }

    /// All of them, in order.
    pub fn iter(&self) -> impl Iterator<Item = (&str, &str)> {
        self.0.iter().map(|(n, v)| (n.as_str(), v.as_str()))
    }

    /// A comma-separated list; none when the parameter is not there, an error when an item is empty.
    pub fn list(&self, name: &str) -> Result<Option<Vec<&str>>, NgsiError> {
        let Some(text) = self.get(name) else { return Ok(None) };
        let items: Vec<&str> = text.split(',').map(str::trim).collect();
        if items.iter().any(|i| i.is_empty()) {
            return Err(
                NgsiError::bad(format!("`{name}` is a list of items between commas; one is empty")).at(name)
            );
        }
        Ok(Some(items))
    }

    /// A parameter that is true or false; false when it is not there.
    pub fn flag(&self, name: &str) -> Result<bool, NgsiError> {
        match self.get(name) {
            None | Some("false") => Ok(false),
            Some("true") => Ok(true),
            Some(other) => Err(wrong(name, other, "true or false")),
        }
    }

    /// A whole number from 0.
    pub fn number(&self, name: &str) -> Result<Option<u64>, NgsiError> {
        let read = |text: &str| text.parse().map_err(|_| wrong(name, text, "a whole number from 0"));
        self.get(name).map(read).transpose()
    }

    /// A DateTime.
    pub fn time(&self, name: &str) -> Result<Option<Instant>, NgsiError> {
        self.get(name)
            .map(|text| datetime::expect(text, &format!("`{name}`")).map_err(|e| e.at(name)))
            .transpose()
    }

    /// What `format` and `options` say.
    pub fn form(&self, known: &[Word]) -> Result<Form, NgsiError> {
        let mut form = Form::default();
        for word in self.list("options")?.unwrap_or_default() {
            let word = Word::parse(word, known, "options")?;
            form.take(word)?;
        }
        if let Some(word) = self.get("format") {
            // The newer parameter overrules the older one.
            form.format = None;
            form.temporal_values = false;
            form.aggregated_values = false;
            form.take(Word::parse(word, known, "format")?)?;
        }
        Ok(form)
    }
}

fn wrong(name: &str, value: &str, needed: &str) -> NgsiError {
    NgsiError::bad(format!("`{name}` is `{}`; needed: {needed}", shorten(value))).at(name)
}

fn decode(text: &str, plus_is_blank: bool) -> Result<String, NgsiError> {
    let bytes = text.as_bytes();
    let mut out = Vec::with_capacity(bytes.len());
    let mut i = 0;
    while i < bytes.len() {
        match bytes[i] {
            b'+' if plus_is_blank => out.push(b' '),
            b'%' => {
                let hex = |at: usize| bytes.get(at).and_then(|b| char::from(*b).to_digit(16));
                let (Some(high), Some(low)) = (hex(i + 1), hex(i + 2)) else {
                    return Err(NgsiError::invalid(format!(
                        "`{}`: % must be followed by two hexadecimal digits",
                        shorten(text)
                    )));
                };
                out.push((high * 16 + low) as u8);
                i += 2;
            }
            byte => out.push(byte),
        }
        i += 1;
    }
    String::from_utf8(out)
        .map_err(|_| NgsiError::invalid(format!("`{}` is not UTF-8 when decoded", shorten(text))))
}

/// A word of `format` or `options`.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
#[allow(missing_docs)]
pub enum Word {
    Normalized,
    Concise,
    Simplified,
    SysAttrs,
    TemporalValues,
    AggregatedValues,
    NoOverwrite,
    Update,
    Replace,
    Count,
}

impl Word {
    /// Words of operations that answer entities.
    pub const ENTITIES: &[Word] =
        &[Word::Normalized, Word::Concise, Word::Simplified, Word::SysAttrs, Word::Count];
    /// Words of operations that answer histories.
    pub const TEMPORAL: &[Word] = &[
        Word::Normalized,
        Word::Concise,
        Word::TemporalValues,
        Word::AggregatedValues,
        Word::SysAttrs,
        Word::Simplified,
        Word::Count,
    ];

    fn names(self) -> &'static [&'static str] {
        match self {
            Word::Normalized => &["normalized"],
            Word::Concise => &["concise"],
            Word::Simplified => &["simplified", "keyValues"],
            Word::SysAttrs => &["sysAttrs"],
            Word::TemporalValues => &["temporalValues"],
            Word::AggregatedValues => &["aggregatedValues"],
            Word::NoOverwrite => &["noOverwrite"],
            Word::Update => &["update"],
            Word::Replace => &["replace"],
            Word::Count => &["count"],
        }
    }

    fn parse(text: &str, known: &[Word], parameter: &str) -> Result<Word, NgsiError> {
        let found = known.iter().find(|word| word.names().contains(&text));
        found.copied().ok_or_else(|| {
            let names: Vec<&str> = known.iter().flat_map(|w| w.names()).copied().collect();
            let detail = format!(
                "`{}` is not known in `{parameter}`; known here: {}",
                shorten(text),
                names.join(", ")
            );
            NgsiError::invalid(detail).at(parameter)
        })
    }
}

/// What `format` and `options` say.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub struct Form {
    /// Of entities.
    pub format: Option<Format>,
    /// With createdAt, modifiedAt, expiresAt.
    pub sys_attrs: bool,
    /// Histories as pairs of value and time.
    pub temporal_values: bool,
    /// Histories as aggregates.
    pub aggregated_values: bool,
    /// Existing attributes are left.
    pub no_overwrite: bool,
    /// An upsert updates.
    pub update: bool,
    /// With the number of all results.
    pub count: bool,
}

impl Form {
    fn take(&mut self, word: Word) -> Result<(), NgsiError> {
        let format = match word {
            Word::Normalized => Some(Format::Normalized),
            Word::Concise => Some(Format::Concise),
            Word::Simplified => Some(Format::Simplified),
            _ => None,
        };
        if let Some(format) = format {
            if self.format.is_some_and(|f| f != format) {
                return Err(
                    NgsiError::bad("only one of normalized, concise, simplified can be had").at("options")
                );
            }
            self.format = Some(format);
        }
        match word {
            Word::SysAttrs => self.sys_attrs = true,
            Word::TemporalValues => self.temporal_values = true,
            Word::AggregatedValues => self.aggregated_values = true,
            Word::NoOverwrite => self.no_overwrite = true,
            Word::Update => self.update = true,
            Word::Count => self.count = true,
            _ => {}
        }
        if self.temporal_values && self.aggregated_values {
            return Err(
                NgsiError::bad("temporalValues and aggregatedValues exclude each other").at("options")
            );
        }
        Ok(())
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    fn parameters(query: &str) -> Parameters {
        Parameters::parse(query).expect("valid")
    }

    #[test]
    fn decodes_and_keeps_equal_signs_and_pluses_of_patterns() {
        let p = parameters(
            "georel=near;maxDistance==2000&q=name==%22San+Jos%C3%A9%22&scopeQ=/a/+&idPattern=.+&x&",
        );
        assert_eq!(p.get("georel"), Some("near;maxDistance==2000"));
        assert_eq!(p.get("q"), Some("name==\"San José\""));
        assert_eq!((p.get("scopeQ"), p.get("idPattern"), p.get("x")), (Some("/a/+"), Some(".+"), Some("")));
    }

    #[test]
    fn bad_parameters_are_refused() {
        for bad in ["a=%4", "a=%zz", "a=%ff", "a=1&a=2"] {
            assert!(Parameters::parse(bad).is_err(), "{bad}");
        }
        let p = parameters("limit=x&count=yes&at=now&attrs=a,,b&unknown=1");
        let error = p.allow(&["limit", "count", "at", "attrs"]).expect_err("unknown");
        assert!(error.type_uri().ends_with("InvalidRequest") && error.detail.contains("`unknown`"));
        assert!(p.number("limit").is_err() && p.flag("count").is_err() && p.time("at").is_err());
        assert!(p.list("attrs").is_err());
        assert_eq!((p.number("no"), p.flag("no"), p.list("no")), (Ok(None), Ok(false), Ok(None)));
    }

    #[test]
    fn format_overrules_options() {
        let form = |query: &str| parameters(query).form(Word::ENTITIES);
        assert_eq!(form(""), Ok(Form::default()));
        let both = form("options=keyValues,sysAttrs&format=concise").expect("valid");
        assert_eq!((both.format, both.sys_attrs), (Some(Format::Concise), true));
        assert!(form("options=keyValues,concise").is_err());
        assert!(form("options=temporalValues").expect_err("not here").detail.contains("sysAttrs"));
        assert!(form("format=xml").is_err());
        assert!(parameters("options=temporalValues,aggregatedValues").form(Word::TEMPORAL).is_err());
    }

    proptest! {
        #[test]
        fn no_query_makes_it_panic(text in "\\PC{0,60}") {
            let _ = Parameters::parse(&text);
        }
    }
}
