//! What the columns of a file probably mean: from the header, the type's definition and the first rows.

use nacre_pack::type_def::{AttributeDef, Kind as TypeKind, TextRule};
use nacre_pack::{TypeDef, units};
use nacre_wire_ngsi_ld::names::is_simple_name;
use serde_json::Value as Json;

use super::cells::{self, Reads};
use super::mapping::{Column, Kind, Mapping};
use super::source::{Content, Source};

/// Rows that are looked at.
const ROWS_SEEN: usize = 1_000;

/// A mapping to start from. Its id is empty when no column looks like a number or code that tells the rows apart.
pub fn guess(source: &Source, type_name: &str, def: Option<&TypeDef>) -> Mapping {
    let mut mapping = Mapping { type_name: type_name.to_owned(), ..Mapping::default() };
    if source.holds_entities() {
        return mapping;
    }
    let seen: Vec<Vec<Json>> = source
        .rows()
        .take(ROWS_SEEN)
        .filter_map(|row| match row.content {
            Ok(Content::Cells(cells)) => Some(cells),
            _ => None,
        })
        .collect();
    // A GeoJSON file has a place for ids whether it has ids or not.
    let used = |i: usize| seen.is_empty() || seen.iter().any(|row| row.get(i).is_some_and(|c| !c.is_null()));
    let names = || source.columns.iter().enumerate().filter(|(i, name)| !name.is_empty() && used(*i));
    for (i, name) in names() {
        let cells: Vec<&Json> = seen.iter().filter_map(|row| row.get(i)).filter(|c| !c.is_null()).collect();
        let column = column(name, &cells, def);
        mapping.columns.push(column);
        if matches!(mapping.columns.last(), Some(c) if matches!(c.kind, Kind::Longitude | Kind::Latitude)) {
            mapping.datum = datum(name).unwrap_or(&mapping.datum).to_owned();
        }
    }
    let unique = |i: usize| {
        let mut all: Vec<String> = seen.iter().filter_map(|row| row.get(i)).map(cells::shown).collect();
        let count = all.len();
        all.sort_unstable();
        all.dedup();
        all.len() == count
    };
    let ranked = names().filter_map(|(i, name)| Some((id_rank(name)?, i, name)));
    let best = ranked.min_by_key(|(rank, i, _)| (*rank, !unique(*i), *i));
    let Some((_, _, id)) = best else { return mapping };
    mapping.id = format!("urn:ngsi-ld:{type_name}:{{{id}}}");
    if let Some(column) = mapping.columns.iter_mut().find(|c| c.name == *id && c.attribute == "id") {
        *column = Column::new(id, "", Kind::Ignore);
    }
    mapping
}

/// How well a column suits as an id, the smaller the better.
fn id_rank(name: &str) -> Option<u8> {
    let name = name.to_lowercase();
    Some(match name.as_str() {
        "id" => 0,
        "编号" | "编码" | "代码" | "code" | "no" => 1,
        "统一社会信用代码" => 2,
        _ if ["编号", "编码", "代码", "code", "_id"].iter().any(|end| name.ends_with(end)) => 3,
        "序号" => 5,
        _ => return None,
    })
}

fn datum(name: &str) -> Option<&'static str> {
    let name = name.to_lowercase().replace(['-', '_'], "");
    let any = |words: &[&str]| words.iter().any(|w| name.contains(w));
    if any(&["bd09", "百度"]) {
        Some("bd09")
    } else if any(&["gcj02", "高德", "腾讯", "火星"]) {
        Some("gcj02")
    } else {
        None
    }
}

/// The name without what stands in brackets at its end, and that.
fn split_unit(name: &str) -> (&str, Option<&str>) {
    for (open, close) in [("(", ")"), ("（", "）"), ("[", "]"), ("【", "】")] {
        if let Some((base, unit)) = name.strip_suffix(close).and_then(|n| n.rsplit_once(open))
            && !base.is_empty()
        {
            let unit = unit.trim();
            return (
                base.trim(),
                Some(unit.strip_prefix("单位：").or(unit.strip_prefix("单位:")).unwrap_or(unit)),
            );
        }
    }
    (name, None)
}

/// The unit that is written so, and how many of it.
fn unit(written: &str) -> Option<(&'static units::Unit, f64)> {
    let exact = |text: &str| match text {
        "元" => units::find("CNY"),
        "平方公里" => units::find("KMK"),
        "公里" => units::find("KMT"),
        _ => units::all()
            .iter()
            .find(|u| [u.symbol, u.name_zh, u.name_en, u.code].iter().any(|n| n.eq_ignore_ascii_case(text))),
    };
    let many = [("亿", 1e8), ("万", 1e4)].into_iter().find_map(|(prefix, factor)| {
        let rest = written.strip_prefix(prefix)?;
        exact(if rest.is_empty() { "个" } else { rest }).map(|unit| (unit, factor))
    });
    exact(written).map(|unit| (unit, 1.0)).or(many)
}

fn column(name: &str, cells: &[&Json], def: Option<&TypeDef>) -> Column {
    let (base, written_unit) = split_unit(name);
    let measure = written_unit.and_then(unit);
    let (stem, part) = name.split_once('.').map_or((name, None), |(stem, part)| (stem, Some(part)));
    let known = |wanted: &str| {
        let is = |a: &&AttributeDef| {
            let words = [a.name.as_str(), a.title.zh.as_str(), a.title.en.as_str()];
            words.iter().any(|w| w.eq_ignore_ascii_case(wanted))
        };
        def.and_then(|d| d.attributes.iter().find(is))
    };
    if let (Some(attribute), Some(part)) = (known(stem), part) {
        return of_part(name, attribute, part);
    }
    let place = def.and_then(|d| d.attributes.iter().find(|a| a.kind.is_geo()));
    let place = place.map_or("location", |a| a.name.as_str());
    let lower = base.to_lowercase();
    let is = |words: &[&str]| words.contains(&lower.as_str());
    if lower.contains("经度") || is(&["lon", "lng", "longitude"]) {
        return Column::new(name, place, Kind::Longitude);
    }
    if lower.contains("纬度") || is(&["lat", "latitude"]) {
        return Column::new(name, place, Kind::Latitude);
    }
    if is(&["geometry", "geom"]) {
        return Column::new(name, place, Kind::Geometry);
    }
    if is(&["observedat", "观测时间", "采集时间", "监测时间", "数据时间"]) {
        return Column::new(name, "", Kind::ObservedAt);
    }
    if let Some(attribute) = known(name).or_else(|| known(base)) {
        return of_attribute(name, attribute, measure, cells);
    }
    let attribute = attribute_name(if measure.is_some() { base } else { name });
    let mut column = Column::new(name, &attribute, Kind::Property);
    column.reads = Some(reads(&lower, cells, measure.is_some()));
    if let (Some((unit, factor)), Some(Reads::Number | Reads::Integer)) = (measure, column.reads) {
        (column.unit, column.factor) = (Some(unit.code.to_owned()), factor);
    }
    if let Some(def) = def.filter(|_| lower != "id") {
        column.note = Some(format!("{} does not define it", def.name));
    }
    column
}

/// `location.lon`, `title.en`, `level.unit`, `level.observedAt`, as the data files of packs have them.
fn of_part(name: &str, attribute: &AttributeDef, part: &str) -> Column {
    let kind = match part {
        "lon" => Kind::Longitude,
        "lat" => Kind::Latitude,
        "unit" => Kind::Unit,
        "observedAt" => Kind::ObservedAt,
        _ => Kind::Language,
    };
    let mut column = Column::new(name, &attribute.name, kind);
    column.language = (kind == Kind::Language).then(|| part.to_owned());
    column
}

fn of_attribute(
    name: &str,
    attribute: &AttributeDef,
    measure: Option<(&'static units::Unit, f64)>,
    cells: &[&Json],
) -> Column {
    let mut column = Column::new(name, &attribute.name, Kind::Property);
    let pipes = cells.iter().any(|cell| cell.as_str().is_some_and(|text| text.contains('|')));
    column.separator = (attribute.many && pipes).then(|| "|".to_owned());
    match &attribute.kind {
        TypeKind::Relationship { to } => {
            column.kind = Kind::Relationship;
            // With several types there is no telling which: such cells must hold whole ids.
            column.id = (to.len() == 1).then(|| format!("urn:ngsi-ld:{}:{{{name}}}", to[0]));
        }
        TypeKind::Language => {
            column.kind = Kind::Language;
            column.language = Some("zh".into());
        }
        TypeKind::Geo(_) => column.kind = Kind::Geometry,
        kind => column.reads = Some(Reads::of(kind)),
    }
    if let TypeKind::Number { unit, .. } = &attribute.kind {
        let stated = measure.map(|(unit, _)| unit.code);
        column.unit = stated.or(unit.map(|u| u.code)).map(str::to_owned);
        column.factor = measure.map_or(1.0, |(_, factor)| factor);
        if let (Some(stated), Some(kept)) = (stated, unit)
            && stated != kept.code
        {
            column.note = Some(format!(
                "kept in {} ({}): convert with factor, then unit: {}",
                kept.code, kept.symbol, kept.code
            ));
        }
    }
    if matches!(&attribute.kind, TypeKind::Text(TextRule::Check(_))) {
        column.reads = Some(Reads::Text);
    }
    column
}

/// How the cells of a column that nothing is known of are read: as what nearly all of them are; with a unit in the
/// header, as numbers if half of them are.
fn reads(name: &str, cells: &[&Json], measured: bool) -> Reads {
    const CODES: [&str; 9] = ["编号", "编码", "代码", "号码", "电话", "手机", "证号", "code", "phone"];
    if cells.is_empty() || CODES.iter().any(|word| name.contains(word)) {
        return Reads::Text;
    }
    if cells.iter().any(|cell| cell.is_object() || cell.is_array()) {
        return Reads::Json;
    }
    let nearly_all = |good: &dyn Fn(&Json) -> bool| {
        let bad = cells.iter().filter(|cell| !good(cell)).count();
        bad * (if measured { 2 } else { 10 }) <= cells.len() && bad < cells.len()
    };
    // Leading zeros make a code, and so does a length beyond what numbers keep.
    let is_number = |cell: &Json| {
        let text = cells::shown(cell);
        let zero = text.len() > 1 && text.starts_with('0') && !text.starts_with("0.");
        !zero && text.len() <= 15 && cells::number(cell).is_some()
    };
    let is_date = |cell: &Json| cell.is_string() && cells::date(&cells::shown(cell)).is_some();
    let is_time = |cell: &Json| cell.is_string() && cells::instant(&cells::shown(cell)).is_some();
    let is_truth = |cell: &Json| {
        cell.is_boolean()
            || ["true", "false", "是", "否"].contains(&cells::shown(cell).to_lowercase().as_str())
    };
    if nearly_all(&is_truth) {
        Reads::Boolean
    } else if nearly_all(&is_number) {
        Reads::Number
    } else if nearly_all(&is_date) {
        Reads::Date
    } else if nearly_all(&is_time) {
        Reads::DateTime
    } else {
        Reads::Text
    }
}

/// A name that an attribute may have.
fn attribute_name(name: &str) -> String {
    let kept: String = name.chars().map(|c| if c.is_alphanumeric() { c } else { '_' }).collect();
    let kept = kept.trim_matches('_');
    if is_simple_name(kept) {
        kept.to_owned()
    } else {
        format!("column_{kept}").trim_end_matches('_').to_owned()
    }
}
