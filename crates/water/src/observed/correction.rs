//! What is said of a change: a stable code, what it was, what it became, and why, in Chinese and English.

use serde::{Deserialize, Serialize};

use super::shorten;

/// Why something was changed, dropped or assumed. The names are stable.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub enum CorrectionCode {
    /// A foreign or misspelt attribute name was understood.
    Renamed,
    /// A name that may mean two things was not taken.
    AmbiguousName,
    /// A number stood as text, or in another notation.
    NumberText,
    /// A value below detection: the limit of detection stands, with a flag.
    BelowDetection,
    /// Below detection without saying of what limit, or above what the device can measure: dropped.
    OutsideRange,
    /// Converted from another unit, spelling of a unit included.
    UnitConverted,
    /// The unit is unknown or of another quantity: dropped.
    UnitUnknown,
    /// Converted from another substance: ammonium to nitrogen.
    SubstanceConverted,
    /// Oxygen in percent, converted with the temperature.
    SaturationConverted,
    /// Oxygen in percent without a temperature: dropped.
    SaturationDropped,
    /// A figure that stands for "no reading": dropped.
    Sentinel,
    /// A value that cannot be: dropped.
    Impossible,
    /// Not readable as a number: dropped.
    Unreadable,
    /// The parameter was given more than once: this one dropped.
    GivenTwice,
    /// Longitude and latitude were the wrong way round.
    CoordinatesSwapped,
    /// The coordinates stood in another form than GeoJSON.
    CoordinatesForm,
    /// The coordinates could not be used: dropped.
    LocationDropped,
    /// The date stood in another form than RFC 3339.
    DateForm,
    /// The entity gave no date; the latest of its attributes was taken.
    DateOfAttributes,
    /// A date without zone was taken for UTC+8.
    ZoneAssumed,
    /// No usable date: the instant of receipt was taken.
    TimeOfReceipt,
}

impl CorrectionCode {
    /// A correction of this code; `was` is cut to a length that can be shown.
    pub(super) fn of(self, field: &str, was: &str, became: &str, (zh, en): (&str, &str)) -> Correction {
        let (was, became) = (shorten(was), shorten(became));
        Correction { code: self, field: shorten(field), was, became, zh: zh.to_owned(), en: en.to_owned() }
    }
}

/// One change, drop or assumption.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct Correction {
    /// Which kind.
    pub code: CorrectionCode,
    /// The attribute, under the name it came with.
    pub field: String,
    /// What stood there.
    pub was: String,
    /// What it became; empty when it was dropped.
    pub became: String,
    /// Why, in Chinese.
    pub zh: String,
    /// Why, in English.
    pub en: String,
}
