//! What an attribute means: the short names, the names of other models, usual abbreviations, misspellings.
//!
//! A name that may mean two things is not in the table. Spelling is forgiven only in long names, where two letters cannot turn
//! one parameter into another.

use crate::gb3838::Parameter;

/// How the figure of an attribute is to be understood.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Basis {
    /// As the parameter itself.
    Same,
    /// As ammonium NH4, of which the nitrogen is wanted.
    Ammonium,
    /// As oxygen in percent of saturation.
    Saturation,
}

/// A parameter and how it is given.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) struct Meaning {
    /// The parameter.
    pub parameter: Parameter,
    /// How it is given.
    pub basis: Basis,
}

/// Long names shorter than this are not forgiven a misspelling.
const FORGIVEN_LETTERS_MIN: usize = 12;
/// So many letters may be wrong, missing or too many.
const FORGIVEN_LETTERS: usize = 2;

/// Keys (see [`key`]) of each parameter.
const NAMES: [(Parameter, &[&str]); 9] = [
    (Parameter::Ph, &["ph", "ph值", "phvalue", "酸碱度", "phlevel"]),
    (
        Parameter::DissolvedOxygen,
        &["dissolvedoxygen", "do", "o2", "溶解氧", "disolvedoxygen", "dissolvedo2", "oxygen", "dox", "domgl"],
    ),
    (
        Parameter::PermanganateIndex,
        &["permanganateindex", "codmn", "imn", "高锰酸盐指数", "高锰酸钾指数", "codmnindex", "kmno4index"],
    ),
    (Parameter::ChemicalOxygenDemand, &["chemicaloxygendemand", "cod", "codcr", "化学需氧量"]),
    (
        Parameter::BiochemicalOxygenDemand,
        &["biochemicaloxygendemand", "biologicaloxygendemand", "bod", "bod5", "五日生化需氧量", "生化需氧量"],
    ),
    (
        Parameter::AmmoniaNitrogen,
        &[
            "ammonianitrogen",
            "ammoniumnitrogen",
            "ammoniacalnitrogen",
            "nh3n",
            "nh4n",
            "氨氮",
            "ammonia",
            "amonia",
            "amonianitrogen",
        ],
    ),
    (
        Parameter::TotalPhosphorus,
        &["totalphosphorus", "totalphosphorous", "tp", "ptotal", "ptot", "总磷", "phosphorustotal"],
    ),
    (Parameter::TotalNitrogen, &["totalnitrogen", "tn", "ntotal", "ntot", "总氮", "nitrogentotal"]),
    (
        Parameter::Temperature,
        &[
            "temperature",
            "temp",
            "watertemperature",
            "watertemp",
            "wtemp",
            "水温",
            "temprature",
            "tempreture",
            "温度",
        ],
    ),
];

/// The name without what does not matter: the last part of a URI, lower case, letters, digits and `%` only, subscripts as
/// digits, full-width forms as usual ones.
pub(super) fn key(name: &str) -> String {
    let last = if name.contains("://") { name.rsplit(['/', '#']).next().unwrap_or(name) } else { name };
    let bare = brackets(last).filter(|(_, inside)| is_unit(inside)).map_or(last, |(before, _)| before);
    let plain = bare.chars().take(super::TEXT_BYTES_MAX).map(super::number::plain);
    plain.filter(|c| c.is_alphanumeric() || *c == '%').flat_map(char::to_lowercase).collect()
}

/// The unit in brackets behind a name, as in the heads of tables: `NH3-N(mg/L)`.
pub(super) fn unit_in(name: &str) -> Option<String> {
    brackets(name).map(|(_, inside)| inside.trim().to_owned()).filter(|inside| is_unit(inside))
}

/// Whether what stands in brackets is a unit, and not a formula or a remark.
fn is_unit(inside: &str) -> bool {
    inside.contains(['/', '／', '%', '°', '℃']) && !inside.starts_with(|c: char| c.is_ascii_digit())
}

/// A name cut into what stands before and in its last brackets; none when it does not end with brackets.
fn brackets(name: &str) -> Option<(&str, &str)> {
    let (before, inside) = name.trim_end().strip_suffix([')', '）'])?.rsplit_once(['(', '（'])?;
    (!before.trim().is_empty()).then_some((before, inside))
}

/// What an attribute of this name means; none when it is unknown or ambiguous.
///
/// `氨氮(NH3-N)` is understood when both parts mean the same, `NH4 (as N)` as the nitrogen.
pub(super) fn meaning(name: &str) -> Option<Meaning> {
    of_key(&key(name)).or_else(|| {
        let unit = brackets(name).filter(|(_, inside)| is_unit(inside));
        let (before, inside) = brackets(unit.map_or(name, |(before, _)| before))?;
        let outer = of_key(&key(before))?;
        let as_nitrogen =
            outer.parameter == Parameter::AmmoniaNitrogen || outer.parameter == Parameter::TotalNitrogen;
        match key(inside).as_str() {
            "asn" | "以n计" if as_nitrogen => Some(Meaning { basis: Basis::Same, ..outer }),
            "asp" | "以p计" if outer.parameter == Parameter::TotalPhosphorus => Some(outer),
            inside => of_key(inside).filter(|inner| *inner == outer),
        }
    })
}

/// The meaning of a key.
fn of_key(key: &str) -> Option<Meaning> {
    let saturation =
        ["do%", "dosat", "dosaturation", "oxygensaturation", "dissolvedoxygensaturation", "溶解氧饱和度"];
    if saturation.contains(&key) {
        return Some(Meaning { parameter: Parameter::DissolvedOxygen, basis: Basis::Saturation });
    }
    if matches!(key, "nh4" | "ammonium" | "铵" | "铵离子") {
        return Some(Meaning { parameter: Parameter::AmmoniaNitrogen, basis: Basis::Ammonium });
    }
    let exact = NAMES.iter().find(|(_, names)| names.contains(&key)).map(|(parameter, _)| *parameter);
    exact.or_else(|| nearest(key)).map(|parameter| Meaning { parameter, basis: Basis::Same })
}

/// Why a name that comes near is not taken.
pub(super) fn ambiguous(name: &str) -> Option<(&'static str, &'static str)> {
    match key(name).as_str() {
        "nh3" => Some((
            "NH3 可指游离氨、氨或氨氮，无法确定，未采用",
            "NH3 may be free ammonia, ammonia or ammonia nitrogen; not taken",
        )),
        "p" | "n" => Some(("名称过短，形态不明，未采用", "too short to know which form is meant; not taken")),
        "po4" | "po4p" | "phosphate" => {
            Some(("磷酸盐不是总磷，未采用", "phosphate is not total phosphorus; not taken"))
        }
        _ => None,
    }
}

/// The parameter whose long name comes nearest, a letter or two wrong; none when two parameters are equally near, since
/// `bichemicaloxygendemand` is two letters from the chemical demand and one from the biochemical.
fn nearest(key: &str) -> Option<Parameter> {
    let near = NAMES.iter().filter_map(|(parameter, names)| {
        names.iter().filter_map(|known| letters_wrong(key, known)).min().map(|wrong| (wrong, *parameter))
    });
    let near: Vec<(usize, Parameter)> = near.collect();
    let least = near.iter().map(|(wrong, _)| *wrong).min()?;
    let mut best = near.iter().filter(|(wrong, _)| *wrong == least);
    let (_, parameter) = best.next()?;
    best.next().is_none().then_some(*parameter)
}

/// How many letters of a long name are wrong; none when the name is short, or more are wrong than are forgiven.
fn letters_wrong(key: &str, known: &str) -> Option<usize> {
    let (a, b): (Vec<char>, Vec<char>) = (key.chars().collect(), known.chars().collect());
    if b.len() < FORGIVEN_LETTERS_MIN || a.len().abs_diff(b.len()) > FORGIVEN_LETTERS {
        return None;
    }
    // Levenshtein's distance, row by row; names are short, so the square of the length does not matter.
    let mut row: Vec<usize> = (0..=b.len()).collect();
    for (i, x) in a.iter().enumerate() {
        let mut before = row[0];
        row[0] = i + 1;
        for (j, y) in b.iter().enumerate() {
            let changed = before + usize::from(x != y);
            before = row[j + 1];
            row[j + 1] = changed.min(before + 1).min(row[j] + 1);
        }
    }
    Some(row[b.len()]).filter(|wrong| *wrong <= FORGIVEN_LETTERS)
}
