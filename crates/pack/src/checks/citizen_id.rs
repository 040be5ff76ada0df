//! 公民身份号码, GB 11643: eighteen characters that name a person. Always personal data: shown masked.
//!
//! Layout: 1–6 administrative division of first issue, 7–14 date of birth, 15–17 serial (odd = male), 18 check.

use time::{Date, Month};

use super::region::is_province;
use super::{CheckError, tidy};

const WEIGHTS: [u32; 17] = [7, 9, 10, 5, 8, 4, 2, 1, 6, 3, 7, 9, 10, 5, 8, 4, 2];
/// Σ mod 11 → check character (GB 11643 §4.2.4).
const CHECK: &[u8; 11] = b"10X98765432";

/// Checks a number as typed and gives it with an upper-case X and without blanks.
pub fn normalise(text: &str) -> Result<String, CheckError> {
    let chars = tidy(text);
    if chars.len() != 18 {
        return Err(CheckError::Length { needed: 18, found: chars.len() });
    }
    for (i, &character) in chars.iter().enumerate() {
        if !(character.is_ascii_digit() || (i == 17 && character == 'X')) {
            return Err(CheckError::Character { position: i + 1, character });
        }
    }
    let number: String = chars.iter().collect();
    if !is_province(&number[..2]) {
        return Err(CheckError::Region(number[..2].to_owned()));
    }
    birth_date(&number).ok_or_else(|| CheckError::Date(number[6..14].to_owned()))?;
    let sum: u32 = chars.iter().zip(WEIGHTS).map(|(c, w)| c.to_digit(10).unwrap_or(0) * w).sum();
    let expected = char::from(CHECK[(sum % 11) as usize]);
    if chars[17] != expected {
        return Err(CheckError::CheckCharacter { expected, found: chars[17] });
    }
    Ok(number)
}

/// The date of birth in a normalised number.
pub fn birth_date(number: &str) -> Option<Date> {
    let year: i32 = number.get(6..10)?.parse().ok()?;
    let month: u8 = number.get(10..12)?.parse().ok()?;
    let day: u8 = number.get(12..14)?.parse().ok()?;
    // Nobody alive was born before 1800; a year like 0101 is a typing error and no date of birth.
    (year >= 1800).then_some(())?;
    Date::from_calendar_date(year, Month::try_from(month).ok()?, day).ok()
}

/// True for male: the 17th digit is odd.
pub fn is_male(number: &str) -> Option<bool> {
    number.get(16..17)?.parse::<u8>().ok().map(|digit| digit % 2 == 1)
}

/// The number for a screen: first six, last four, the middle hidden (usual practice; stricter is allowed). What is
/// no whole number is hidden altogether.
pub fn masked(number: &str) -> String {
    let whole = number.chars().count() == 18;
    number.chars().enumerate().map(|(i, c)| if whole && !(6..14).contains(&i) { c } else { '*' }).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn valid_numbers() {
        // The example of GB 11643, and an older resident whose number was issued with a later division code.
        for number in ["11010519491231002X", "44010519650101001X", "440105199001010017"] {
            assert_eq!(normalise(number).as_deref(), Ok(number));
        }
        assert_eq!(normalise(" 110105 19491231 002x ").as_deref(), Ok("11010519491231002X"));
    }

    #[test]
    fn wrong_numbers_say_why() {
        let wrong = |text| normalise(text).expect_err(text);
        assert_eq!(wrong("110105194912310021"), CheckError::CheckCharacter { expected: 'X', found: '1' });
        assert_eq!(wrong("11010519490231002X"), CheckError::Date("19490231".into()));
        assert_eq!(wrong("11010500010101002X"), CheckError::Date("00010101".into()));
        assert_eq!(wrong("99010519491231002X"), CheckError::Region("99".into()));
        assert_eq!(wrong("1101051949123100"), CheckError::Length { needed: 18, found: 16 });
        assert_eq!(wrong("X10105194912310021"), CheckError::Character { position: 1, character: 'X' });
    }

    #[test]
    fn parts_and_mask() {
        let number = "11010519491231002X";
        assert_eq!(birth_date(number).map(|d| d.to_string()).as_deref(), Some("1949-12-31"));
        assert_eq!(is_male(number), Some(false));
        assert_eq!(masked(number), "110105********002X");
        assert_eq!(masked("1101051"), "*******");
    }
}
