//! What the text of a cell says, as people write it in tables: numbers with separators, Chinese dates, yes and no.

use nacre_model::Instant;
use nacre_pack::entity_check::parse_date;
use nacre_pack::type_def::Kind as TypeKind;
use serde_json::Value as Json;

use super::Problem;

/// How a cell is read.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
#[allow(missing_docs)]
pub enum Reads {
    Text,
    Number,
    Integer,
    Boolean,
    Date,
    DateTime,
    Json,
}

impl Reads {
    /// Every way, with its name in mapping files.
    pub const ALL: [(Reads, &'static str); 7] = [
        (Reads::Text, "text"),
        (Reads::Number, "number"),
        (Reads::Integer, "integer"),
        (Reads::Boolean, "boolean"),
        (Reads::Date, "date"),
        (Reads::DateTime, "datetime"),
        (Reads::Json, "json"),
    ];

    /// The way with a name.
    pub fn parse(name: &str) -> Option<Reads> {
        Reads::ALL.iter().find(|(_, n)| *n == name).map(|(reads, _)| *reads)
    }

    /// Its name.
    pub fn name(self) -> &'static str {
        Reads::ALL.iter().find(|(reads, _)| *reads == self).map_or("", |(_, name)| name)
    }

    /// The way that suits an attribute of a type.
    pub fn of(kind: &TypeKind) -> Reads {
        match kind {
            TypeKind::Number { integer: true, .. } => Reads::Integer,
            TypeKind::Number { .. } => Reads::Number,
            TypeKind::Boolean => Reads::Boolean,
            TypeKind::Date => Reads::Date,
            TypeKind::DateTime => Reads::DateTime,
            TypeKind::Json => Reads::Json,
            _ => Reads::Text,
        }
    }

    /// The value of a cell that is not empty.
    pub fn value(self, cell: &Json) -> Result<Json, (&'static str, String)> {
        let shown = shown(cell);
        let no = |code, needed: &str| Err((code, format!("`{}` {needed}", short(&shown))));
        match self {
            Reads::Text => Ok(shown.into()),
            Reads::Number => {
                number(cell).map_or_else(|| no("number", "is no number; write it like 1234.5"), Ok)
            }
            Reads::Integer => match number(cell) {
                Some(n) if n.is_i64() => Ok(n),
                _ => no("number", "is no whole number"),
            },
            Reads::Boolean => match shown.to_lowercase().as_str() {
                "true" | "yes" | "y" | "1" | "是" | "有" | "√" => Ok(true.into()),
                "false" | "no" | "n" | "0" | "否" | "无" | "×" => Ok(false.into()),
                _ => no("boolean", "is neither yes nor no; write true or false, 是 or 否"),
            },
            Reads::Date => match date(&shown) {
                Some(date) => Ok(date.into()),
                None => no("date", "is no date; write it like 2026-11-23 or 2026年11月23日, the year first"),
            },
            Reads::DateTime => match instant(&shown) {
                Some(at) => Ok(at.to_string().into()),
                None => no("time", TIME_NEEDED),
            },
            Reads::Json => match cell {
                Json::String(text) if text.starts_with(['{', '[', '"']) => {
                    serde_json::from_str(text).or_else(|e| no("json", &format!("is no JSON: {e}")))
                }
                other => Ok(other.clone()),
            },
        }
    }
}

/// What a time should look like.
pub const TIME_NEEDED: &str =
    "is no time; write it like 2026-11-23 09:30 (Beijing time) or 2026-11-23T01:30:00Z, the year first";

/// The text of a cell.
pub fn shown(cell: &Json) -> String {
    cell.as_str().map_or_else(|| cell.to_string(), |text| text.trim().to_owned())
}

/// A text as it stands in a message.
pub fn short(text: &str) -> String {
    let mut short: String = text.chars().take(60).collect();
    if short.len() < text.len() {
        short.push('…');
    }
    short
}

/// Full-width characters as plain ones.
fn plain(text: &str) -> String {
    let narrow = |c: char| match c {
        '\u{ff01}'..='\u{ff5e}' => char::from_u32(u32::from(c) - 0xfee0).unwrap_or(c),
        '\u{3000}' | '\u{a0}' => ' ',
        other => other,
    };
    text.chars().map(narrow).collect()
}

/// A number: `1,234.5`, `１２`, `12.5%`, `-3e-4`. Separators must stand between groups of three digits.
pub fn number(cell: &Json) -> Option<Json> {
    let text = match cell {
        Json::Number(_) => return Some(cell.clone()),
        Json::String(text) => plain(text.trim()),
        _ => return None,
    };
    let text = text.trim().strip_suffix('%').unwrap_or(text.trim()).trim();
    let mut joined = text.to_owned();
    if text.contains(',') {
        let whole = text.split('.').next().unwrap_or_default().trim_start_matches(['-', '+']);
        let mut groups = whole.split(',');
        let first = groups.next().is_some_and(|g| (1..=3).contains(&g.len()));
        if !first || !groups.all(|g| g.len() == 3) || text.split('.').nth(1).is_some_and(|f| f.contains(','))
        {
            return None;
        }
        joined = text.replace(',', "");
    }
    if !joined.bytes().all(|b| b.is_ascii_digit() || b"+-.eE".contains(&b)) {
        return None;
    }
    if let Ok(whole) = joined.parse::<i64>() {
        return Some(whole.into());
    }
    let n = joined.parse::<f64>().ok().filter(|n| n.is_finite())?;
    // A whole number too long for its type would lose digits.
    let exact = joined.contains(['.', 'e', 'E']);
    exact.then(|| n.into())
}

/// A number times a factor, without the dust of binary fractions.
pub fn scaled(number: &Json, factor: f64) -> Json {
    if factor == 1.0 {
        return number.clone();
    }
    let product = number.as_f64().unwrap_or(f64::NAN) * factor;
    let tidy: f64 = format!("{product:.11e}").parse().unwrap_or(product);
    if tidy.fract() == 0.0 && tidy.abs() < 9e15 { (tidy as i64).into() } else { tidy.into() }
}

/// A day as `2026-11-23`.
pub fn date(text: &str) -> Option<String> {
    let text = plain(text.trim());
    // A spreadsheet's day comes with midnight.
    let text = text.strip_suffix("T00:00:00.000").or_else(|| text.strip_suffix(" 00:00:00")).unwrap_or(&text);
    let text = text.trim_end_matches('日').replace(['年', '月', '/', '.'], "-");
    let mut parts: Vec<&str> = text.split('-').map(str::trim).collect();
    if let [eight] = parts[..]
        && eight.len() == 8
        && eight.is_ascii()
    {
        parts = vec![&eight[..4], &eight[4..6], &eight[6..]];
    }
    let [year, month, day] = parts[..] else { return None };
    let date = (year.len() == 4 && month.len() <= 2 && day.len() <= 2)
        .then(|| format!("{year}-{month:0>2}-{day:0>2}"))?;
    parse_date(&date).map(|_| date)
}

/// An instant: with its zone, or in Beijing time; a day alone is its first moment.
pub fn instant(text: &str) -> Option<Instant> {
    const BEIJING: &str = "+08:00";
    let text = plain(text.trim());
    let (day, rest) = match text.find('日').map(|i| i + '日'.len_utf8()).or_else(|| text.find(['T', ' '])) {
        Some(at) => (date(&text[..at])?, text[at..].trim_start_matches('T').trim()),
        None => (date(&text)?, ""),
    };
    let zone_at = rest.find(['Z', 'z', '+', '-']).unwrap_or(rest.len());
    let (time, zone) = rest.split_at(zone_at);
    let zone = match zone {
        zone if !zone.is_ascii() => return None,
        "" => BEIJING.to_owned(),
        "Z" | "z" => "Z".to_owned(),
        zone if zone.len() == 5 => format!("{}:{}", &zone[..3], &zone[3..]),
        zone if zone.len() == 3 => format!("{zone}:00"),
        zone => zone.to_owned(),
    };
    let time = time.trim().trim_end_matches('秒').replace(['时', '分'], ":");
    let time = time.trim_end_matches(':');
    let mut parts: Vec<&str> = if time.is_empty() { Vec::new() } else { time.split(':').collect() };
    if parts.len() > 3 {
        return None;
    }
    parts.resize(3, "00");
    let (hour, minute, second) = (parts[0], parts[1], parts[2]);
    Instant::parse(&format!("{day}T{hour:0>2}:{minute:0>2}:{second:0>2}{zone}"))
}

/// A text with `{column}`s.
#[derive(Debug, Clone)]
pub struct Template(Vec<Part>);

#[derive(Debug, Clone)]
enum Part {
    Fixed(String),
    /// Index and name of a column.
    Column(usize, String),
}

impl Template {
    /// Reads a template; names what is wrong with it.
    pub fn parse(text: &str, columns: &[String]) -> Result<Template, String> {
        let mut parts = Vec::new();
        let mut rest = text;
        while let Some((before, after)) = rest.split_once('{') {
            let (name, after) =
                after.split_once('}').ok_or_else(|| format!("`{text}` has a `{{` without `}}`"))?;
            let index = columns.iter().position(|c| c == name.trim()).ok_or_else(|| {
                format!(
                    "`{text}` names the column `{name}`, which is not there; there are: {}",
                    columns.join(", ")
                )
            })?;
            parts.push(Part::Fixed(before.to_owned()));
            parts.push(Part::Column(index, name.trim().to_owned()));
            rest = after;
        }
        parts.push(Part::Fixed(rest.to_owned()));
        Ok(Template(parts))
    }

    /// Filled from a row. Characters that an id cannot hold are written as `%XX`; a cell that holds a whole id stays it.
    pub fn fill(&self, cells: &[Json]) -> Result<String, Problem> {
        let mut out = String::new();
        for part in &self.0 {
            match part {
                Part::Fixed(text) => out.push_str(text),
                Part::Column(index, name) => {
                    let cell = cells.get(*index).filter(|c| !c.is_null()).ok_or_else(|| {
                        Problem::new(
                            name,
                            "id-missing",
                            "the id is made from this cell, which is empty".into(),
                        )
                    })?;
                    let text = shown(cell);
                    if text.starts_with("urn:") && out.starts_with("urn:") {
                        return Ok(text);
                    }
                    out.extend(text.chars().map(|c| match c {
                        c if c.is_alphanumeric() || "-_.:/@,;=+*!$&'()~".contains(c) => c.to_string(),
                        c => c.to_string().bytes().map(|b| format!("%{b:02X}")).collect(),
                    }));
                }
            }
        }
        Ok(out)
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use serde_json::json;

    #[test]
    fn numbers_are_read_as_written_and_only_then() {
        for (text, wanted) in [
            ("1,234.5", json!(1234.5)),
            ("１２３", json!(123)),
            ("-7", json!(-7)),
            ("12.5%", json!(12.5)),
            ("1e3", json!(1000.0)),
            ("007", json!(7)),
        ] {
            assert_eq!(number(&text.into()), Some(wanted), "{text}");
        }
        for text in
            ["", "1,23", "12,34.5", "1.2,3", "abc", "inf", "NaN", "--", "1 2", "99999999999999999999", "十二"]
        {
            assert_eq!(number(&text.into()), None, "{text}");
        }
        assert_eq!(scaled(&json!(793.24), 1e8), json!(79_324_000_000_i64));
        assert_eq!(scaled(&json!(0.1), 0.001), json!(0.0001));
    }

    #[test]
    fn dates_are_read_with_the_year_first() {
        for text in [
            "2026-1-5",
            "2026/01/05",
            "2026.1.5",
            "2026年1月5日",
            "20260105",
            "２０２６－０１－０５",
            "2026-01-05T00:00:00.000",
        ] {
            assert_eq!(date(text).as_deref(), Some("2026-01-05"), "{text}");
        }
        for text in
            ["05/01/2026", "2026-02-30", "2026-13-01", "26-1-5", "2026-01", "", "2026-01-05T09:30:00.000"]
        {
            assert_eq!(date(text), None, "{text}");
        }
    }

    #[test]
    fn times_without_a_zone_are_beijing_time() {
        for text in [
            "2026-11-23 09:30",
            "2026/11/23 9:30",
            "2026年11月23日 9时30分",
            "2026年11月23日9时30分0秒",
            "2026-11-23T09:30:00.000",
            "2026-11-23T01:30:00Z",
            "2026-11-23T09:30:00+0800",
            "2026-11-23 10:30:00+09",
        ] {
            let at = instant(text).map(|at| at.to_string());
            assert_eq!(at.as_deref(), Some("2026-11-23T01:30:00.000Z"), "{text}");
        }
        assert_eq!(instant("2026-11-23").map(|a| a.to_string()).as_deref(), Some("2026-11-22T16:00:00.000Z"));
        for text in [
            "09:30",
            "2026-11-23 25:00",
            "2026-11-23 9:30 PM",
            "11/23/2026 09:30",
            "昨天",
            "2026-11-23 1:2:3:4",
        ] {
            assert_eq!(instant(text), None, "{text}");
        }
    }

    #[test]
    fn templates_fill_ids() {
        let columns = ["街道".to_owned(), "编号".to_owned()];
        let template = Template::parse("urn:ngsi-ld:Lamp:{街道}:{编号}", &columns).expect("template");
        assert_eq!(template.fill(&[json!("a b"), json!(7)]).expect("id"), "urn:ngsi-ld:Lamp:a%20b:7");
        assert_eq!(template.fill(&[json!("x"), Json::Null]).expect_err("empty").column, "编号");
        assert!(Template::parse("{名称}", &columns).expect_err("unknown").contains("there are: 街道, 编号"));
        assert!(Template::parse("{编号", &columns).is_err());
    }
}
