//! 统一社会信用代码, GB 32100-2015: eighteen characters that name a legal person or other organisation.
//!
//! Layout: 1 registering department, 2 kind of organisation, 3–8 administrative division (GB/T 2260), 9–17
//! organisation code (GB 11714, with a check digit of its own), 18 check character.

use super::region::is_province;
use super::{CheckError, tidy};

/// The 31 characters of GB 32100-2015 §4: digits and letters without I, O, S, V, Z; the index is the value.
const ALPHABET: &[u8; 31] = b"0123456789ABCDEFGHJKLMNPQRTUWXY";
/// Wi = 3^(i−1) mod 31.
const WEIGHTS: [u32; 17] = [1, 3, 9, 27, 19, 26, 16, 17, 20, 29, 25, 13, 8, 24, 10, 30, 28];
/// Weights of GB 11714 for the first eight characters of the organisation code.
const ORGANISATION_WEIGHTS: [u32; 8] = [3, 7, 9, 10, 5, 8, 4, 2];

/// Checks a code as typed and gives it in upper case without blanks.
pub fn normalise(text: &str) -> Result<String, CheckError> {
    let chars = tidy(text);
    if chars.len() != 18 {
        return Err(CheckError::Length { needed: 18, found: chars.len() });
    }
    for (i, &character) in chars.iter().enumerate() {
        let digit_wanted = (2..8).contains(&i);
        if value(character).is_none() || (digit_wanted && !character.is_ascii_digit()) {
            return Err(CheckError::Character { position: i + 1, character });
        }
    }
    let code: String = chars.iter().collect();
    if !is_province(&code[2..4]) && !is_national(&code[2..8]) {
        return Err(CheckError::Region(code[2..4].to_owned()));
    }
    let expected = check_character(&chars[..17]);
    if chars[17] != expected {
        return Err(CheckError::CheckCharacter { expected, found: chars[17] });
    }
    let expected = organisation_check(&chars[8..16]);
    if chars[16] != expected {
        return Err(CheckError::OrganisationCode { expected, found: chars[16] });
    }
    Ok(code)
}

/// 100000 is the code of the national registering body (国家市场监督管理总局 and other central departments).
fn is_national(six: &str) -> bool {
    six == "100000"
}

fn value(character: char) -> Option<u32> {
    let index = ALPHABET.iter().position(|&a| char::from(a) == character)?;
    u32::try_from(index).ok()
}

/// C18 = 31 − (Σ Ci·Wi mod 31), and a remainder of zero gives `0` (GB 32100-2015 §5).
fn check_character(first_17: &[char]) -> char {
    let sum: u32 = first_17.iter().zip(WEIGHTS).map(|(&c, w)| value(c).unwrap_or(0) * w).sum();
    char::from(ALPHABET[((31 - sum % 31) % 31) as usize])
}

/// 11 − (Σ Ci·Wi mod 11): 10 is written X, 11 is written 0 (GB 11714); letters count A = 10 … Z = 35.
fn organisation_check(first_8: &[char]) -> char {
    let sum: u32 =
        first_8.iter().zip(ORGANISATION_WEIGHTS).map(|(&c, w)| c.to_digit(36).unwrap_or(0) * w).sum();
    match 11 - sum % 11 {
        10 => 'X',
        11 => '0',
        digit => char::from_digit(digit, 10).unwrap_or('0'),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn published_codes_are_valid() {
        for code in [
            "91350100M000100Y43",
            "11440105007499334H",
            "11440114455394368N",
            "91430102338540995E",
            "91110000600037341L",
        ] {
            assert_eq!(normalise(code).as_deref(), Ok(code));
        }
    }

    #[test]
    fn typed_forms_give_the_stored_form() {
        for typed in ["11440105007499334h", " 11440105 00749933 4H ", "１１４４０１０５００７４９９３３４Ｈ"]
        {
            assert_eq!(normalise(typed).as_deref(), Ok("11440105007499334H"));
        }
    }

    #[test]
    fn wrong_codes_say_why() {
        let wrong = |text| normalise(text).expect_err(text);
        assert_eq!(wrong("91350100M000100Y4Z"), CheckError::Character { position: 18, character: 'Z' });
        assert_eq!(wrong("11440105007499334J"), CheckError::CheckCharacter { expected: 'H', found: 'J' });
        assert_eq!(wrong("1144010500749933"), CheckError::Length { needed: 18, found: 16 });
        assert_eq!(wrong("11440105O07499334H"), CheckError::Character { position: 9, character: 'O' });
        assert_eq!(wrong("1144A105007499334H"), CheckError::Character { position: 5, character: 'A' });
        assert_eq!(wrong("11990105007499334H"), CheckError::Region("99".into()));
        assert_eq!(wrong(""), CheckError::Length { needed: 18, found: 0 });
    }

    #[test]
    fn a_remainder_of_zero_gives_the_digit_zero() {
        // The sum of weights times values is a multiple of 31 here.
        assert_eq!(check_character(&['0'; 17]), '0');
    }
}
