//! 行政区划代码, GB/T 2260: the first two digits, the province.
//!
//! Only the province is checked. Counties come and go, and a number keeps the code of the day it was issued; a
//! check against the divisions of the birth year would refuse real older residents, whose numbers were first issued
//! in the 1980s with the codes of that time.

/// Province codes of GB/T 2260, with 83 for Taiwan residents' permits (港澳台居民居住证 use 81, 82, 83).
const PROVINCES: [&str; 35] = [
    "11", "12", "13", "14", "15", "21", "22", "23", "31", "32", "33", "34", "35", "36", "37", "41", "42",
    "43", "44", "45", "46", "50", "51", "52", "53", "54", "61", "62", "63", "64", "65", "71", "81", "82",
    "83",
];

/// True when the two digits name a province.
pub fn is_province(two: &str) -> bool {
    PROVINCES.contains(&two)
}
