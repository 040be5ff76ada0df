//! Units, as codes of UN/CEFACT or as people write them, to the unit of the parameter.

use crate::gb3838::Parameter;

/// What a unit makes of a figure.
#[derive(Debug, Clone, Copy, PartialEq)]
pub(super) enum Unit {
    /// The figure times the first, divided by the second.
    Scale(f64, f64),
    /// As `Scale(1, 1)`, and the figure is of the nitrogen, whatever the attribute is called.
    AsNitrogen,
    /// °F.
    Fahrenheit,
    /// K.
    Kelvin,
    /// Percent of saturation.
    Percent,
}

impl Unit {
    /// The figure in the unit of the parameter; percent is left as it is.
    pub fn apply(self, figure: f64) -> f64 {
        match self {
            Unit::Scale(times, by) => tidy(figure * times / by),
            Unit::AsNitrogen | Unit::Percent => figure,
            Unit::Fahrenheit => tidy((figure - 32.0) * 5.0 / 9.0),
            Unit::Kelvin => tidy(figure - 273.15),
        }
    }
}

/// Clears the noise of binary fractions beyond nine digits.
pub(super) fn tidy(value: f64) -> f64 {
    let rounded = (value * 1e9).round() / 1e9;
    if rounded.is_finite() { rounded } else { value }
}

/// Whether a unit is written as this project writes it, so that nothing needs to be said.
pub(super) fn is_own(parameter: Parameter, unit: &str) -> bool {
    unit == parameter.unit() || matches!((parameter.unit(), unit), ("M1", "mg/L") | ("CEL", "°C" | "℃"))
}

/// What a unit means for a parameter; none when it is unknown or of another quantity.
pub(super) fn read(parameter: Parameter, unit: &str) -> Option<Unit> {
    let key = key(unit);
    match parameter {
        Parameter::Ph => {
            let none = [
                "c62",
                "q30",
                "ph",
                "1",
                "none",
                "无量纲",
                "无",
                "dimensionless",
                "unitless",
                "phunits",
                "su",
            ];
            none.contains(&key.as_str()).then_some(Unit::Scale(1.0, 1.0))
        }
        Parameter::Temperature => match key.as_str() {
            "cel" | "c" | "°c" | "℃" | "ºc" | "degc" | "celsius" | "摄氏度" | "度" => {
                Some(Unit::Scale(1.0, 1.0))
            }
            "fah" | "f" | "°f" | "℉" | "degf" | "fahrenheit" | "华氏度" => Some(Unit::Fahrenheit),
            "kel" | "k" | "kelvin" => Some(Unit::Kelvin),
            _ => None,
        },
        _ => mass(parameter, &key),
    }
}

/// Concentrations. In water a part per million is a milligram in a litre.
fn mass(parameter: Parameter, key: &str) -> Option<Unit> {
    match key {
        "m1" | "mg/l" | "mgl-1" | "mgl" | "mg/dm3" | "g/m3" | "gm-3" | "a93" | "ppm" | "毫克/升"
        | "毫克每升" | "mg/liter" | "mg/litre" => Some(Unit::Scale(1.0, 1.0)),
        "h29" | "ug/l" | "ugl-1" | "mcg/l" | "ugl" | "mg/m3" | "gp" | "ppb" | "微克/升" | "微克每升"
        | "ug/liter" | "ug/litre" => Some(Unit::Scale(1.0, 1000.0)),
        "gl" | "g/l" | "gl-1" | "kg/m3" | "kmq" => Some(Unit::Scale(1000.0, 1.0)),
        "mgn/l" | "mg/ln" | "mg/l-n" | "mg/lasn" | "mgn/lasn" | "mg/l(n)"
            if matches!(parameter, Parameter::AmmoniaNitrogen | Parameter::TotalNitrogen) =>
        {
            Some(Unit::AsNitrogen)
        }
        "mgp/l" | "mg/lp" | "mg/l-p" | "mg/lasp" if parameter == Parameter::TotalPhosphorus => {
            Some(Unit::Scale(1.0, 1.0))
        }
        "%" | "p1" | "percent" | "%sat" | "%饱和度" | "sat%" if parameter == Parameter::DissolvedOxygen => {
            Some(Unit::Percent)
        }
        _ => None,
    }
}

/// A unit without blanks, dots and raised figures, in lower case.
fn key(unit: &str) -> String {
    let usual = unit.chars().take(super::TEXT_BYTES_MAX).map(|c| match super::number::plain(c) {
        '¹' => '1',
        '³' => '3',
        '⁻' => '-',
        '／' => '/',
        other => other,
    });
    usual.filter(|c| !matches!(c, ' ' | '·' | '.' | '*' | '^')).flat_map(char::to_lowercase).collect()
}
