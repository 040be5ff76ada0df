//! Keys of signed notes (C2SP signed-note; the key strings are those of Go's sumdb `note` package).
//!
//! Verifier key: `<name>+<key id>+<base64(algorithm ‖ public key)>`. Signer key:
//! `PRIVATE+KEY+<name>+<key id>+<base64(algorithm ‖ seed)>`. The key id is the first four bytes of
//! SHA-256(name ‖ 0x0A ‖ algorithm ‖ public key), written as eight lower-case hexadecimal digits. A text whose key
//! id does not fit its key is refused.
//!
//! The algorithm byte leaves room: 0x01 is Ed25519; SM2 will get a variant of its own, and an unknown byte is an
//! error that names it.

use std::fmt;

use base64::Engine;
use base64::engine::general_purpose::STANDARD;
use ed25519_dalek::{Signature, Signer, SigningKey, VerifyingKey};
use sha2::{Digest, Sha256};
use thiserror::Error;

const SIGNER_PREFIX: &str = "PRIVATE+KEY+";

/// How a key signs.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
#[non_exhaustive]
pub enum Algorithm {
    /// Ed25519 over the note's text (C2SP signed-note, type 0x01).
    Ed25519,
}

impl Algorithm {
    /// The byte that stands for it in keys.
    pub fn byte(self) -> u8 {
        match self {
            Algorithm::Ed25519 => 0x01,
        }
    }

    fn of_byte(byte: u8) -> Result<Algorithm, KeyError> {
        match byte {
            0x01 => Ok(Algorithm::Ed25519),
            byte => Err(KeyError::Algorithm { byte }),
        }
    }
}

/// Why a text is no key.
#[derive(Debug, Clone, PartialEq, Eq, Error)]
pub enum KeyError {
    /// The text has not the form of a key.
    #[error("the key is not of the form `name+keyid+base64`")]
    Form,
    /// The name is empty or holds a blank, a control character or `+`.
    #[error("`{name}` is no key name: blanks, control characters and `+` are not allowed")]
    Name {
        /// The name as given.
        name: String,
    },
    /// The algorithm is not known.
    #[error("the key uses algorithm {byte:#04x}, which is not known")]
    Algorithm {
        /// The algorithm's byte.
        byte: u8,
    },
    /// The key id is not that of the key.
    #[error("the key id of `{name}` does not fit its key")]
    Id {
        /// The key's name.
        name: String,
    },
    /// The public key is no point of the curve or weak.
    #[error("the public key of `{name}` is not usable")]
    PublicKey {
        /// The key's name.
        name: String,
    },
}

impl KeyError {
    /// The stable code of this error.
    pub fn code(&self) -> &'static str {
        match self {
            KeyError::Form => "key_form",
            KeyError::Name { .. } => "key_name",
            KeyError::Algorithm { .. } => "key_algorithm",
            KeyError::Id { .. } => "key_id",
            KeyError::PublicKey { .. } => "key_public",
        }
    }
}

/// True for a name that a signature line and a key may carry.
pub fn is_key_name(name: &str) -> bool {
    let bad = |c: char| c.is_whitespace() || c.is_control() || c == '+';
    !name.is_empty() && !name.contains(bad)
}

/// The first four bytes of SHA-256(name ‖ 0x0A ‖ algorithm ‖ public key).
pub fn key_id(name: &str, algorithm: Algorithm, public_key: &[u8]) -> [u8; 4] {
    let mut hasher = Sha256::new();
    hasher.update(name);
    hasher.update([b'\n', algorithm.byte()]);
    hasher.update(public_key);
    let digest = hasher.finalize();
    [digest[0], digest[1], digest[2], digest[3]]
}

/// The parts of a key's text: name, key id, algorithm, key.
type Parts<'t> = (&'t str, [u8; 4], Algorithm, [u8; 32]);

/// Splits `name+keyid+base64` and decodes its parts.
fn parse_parts(text: &str) -> Result<Parts<'_>, KeyError> {
    let (name, rest) = text.split_once('+').ok_or(KeyError::Form)?;
    let (id, key) = rest.split_once('+').ok_or(KeyError::Form)?;
    if !is_key_name(name) {
        return Err(KeyError::Name { name: name.chars().take(120).collect() });
    }
    let lower_hex = |b: u8| b.is_ascii_digit() || (b'a'..=b'f').contains(&b);
    if id.len() != 8 || !id.bytes().all(lower_hex) {
        return Err(KeyError::Form);
    }
    let id = u32::from_str_radix(id, 16).map_err(|_| KeyError::Form)?.to_be_bytes();
    let key = STANDARD.decode(key).map_err(|_| KeyError::Form)?;
    let (&algorithm, key) = key.split_first().ok_or(KeyError::Form)?;
    let algorithm = Algorithm::of_byte(algorithm)?;
    Ok((name, id, algorithm, key.try_into().map_err(|_| KeyError::Form)?))
}

fn print_parts(name: &str, id: [u8; 4], algorithm: Algorithm, key: &[u8; 32]) -> String {
    let mut bytes = vec![algorithm.byte()];
    bytes.extend_from_slice(key);
    format!("{name}+{:08x}+{}", u32::from_be_bytes(id), STANDARD.encode(bytes))
}

/// A public key that checks signatures.
#[derive(Clone, PartialEq, Eq)]
pub struct VerifierKey {
    name: String,
    id: [u8; 4],
    key: VerifyingKey,
}

impl VerifierKey {
    /// Parses the text form; the opposite of `to_string`.
    pub fn parse(text: &str) -> Result<VerifierKey, KeyError> {
        let (name, id, algorithm, key) = parse_parts(text)?;
        if key_id(name, algorithm, &key) != id {
            return Err(KeyError::Id { name: name.into() });
        }
        let usable = VerifyingKey::from_bytes(&key).ok().filter(|key| !key.is_weak());
        let key = usable.ok_or_else(|| KeyError::PublicKey { name: name.into() })?;
        Ok(VerifierKey { name: name.into(), id, key })
    }

    /// The key's name, by convention a URL without scheme.
    pub fn name(&self) -> &str {
        &self.name
    }

    /// The key's id.
    pub fn id(&self) -> [u8; 4] {
        self.id
    }

    /// How the key signs.
    pub fn algorithm(&self) -> Algorithm {
        Algorithm::Ed25519
    }

    /// The public key.
    pub fn public_key(&self) -> [u8; 32] {
        self.key.to_bytes()
    }

    /// True when this is the key's signature of the message.
    pub fn verifies(&self, message: &[u8], signature: &[u8]) -> bool {
        let Ok(signature) = Signature::from_slice(signature) else { return false };
        self.key.verify_strict(message, &signature).is_ok()
    }
}

impl fmt::Display for VerifierKey {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&print_parts(&self.name, self.id, self.algorithm(), &self.public_key()))
    }
}

impl fmt::Debug for VerifierKey {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        fmt::Display::fmt(self, f)
    }
}

/// A private key. `Debug` never shows it; [`SignerKey::expose`] does.
#[derive(Clone)]
pub struct SignerKey {
    name: String,
    id: [u8; 4],
    key: SigningKey,
}

impl SignerKey {
    /// Makes an Ed25519 key from a seed of 32 random bytes.
    pub fn from_seed(name: &str, seed: &[u8; 32]) -> Result<SignerKey, KeyError> {
        if !is_key_name(name) {
            return Err(KeyError::Name { name: name.chars().take(120).collect() });
        }
        let key = SigningKey::from_bytes(seed);
        let id = key_id(name, Algorithm::Ed25519, key.verifying_key().as_bytes());
        Ok(SignerKey { name: name.into(), id, key })
    }

    /// Parses the text form; the opposite of [`SignerKey::expose`].
    pub fn parse(text: &str) -> Result<SignerKey, KeyError> {
        let (name, id, _, seed) = parse_parts(text.strip_prefix(SIGNER_PREFIX).ok_or(KeyError::Form)?)?;
        let key = SignerKey::from_seed(name, &seed)?;
        if key.id == id { Ok(key) } else { Err(KeyError::Id { name: name.into() }) }
    }

    /// The secret text form, to be kept in a protected file.
    pub fn expose(&self) -> String {
        let parts = print_parts(&self.name, self.id, Algorithm::Ed25519, self.key.as_bytes());
        format!("{SIGNER_PREFIX}{parts}")
    }

    /// The public half.
    pub fn verifier(&self) -> VerifierKey {
        VerifierKey { name: self.name.clone(), id: self.id, key: self.key.verifying_key() }
    }

    /// The key's name.
    pub fn name(&self) -> &str {
        &self.name
    }

    /// The key's id.
    pub fn id(&self) -> [u8; 4] {
        self.id
    }

    /// Signs a message.
    pub fn sign(&self, message: &[u8]) -> Vec<u8> {
        self.key.sign(message).to_bytes().to_vec()
    }
}

impl fmt::Debug for SignerKey {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "SignerKey({}+{:08x})", self.name, u32::from_be_bytes(self.id))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn texts_round_trip() {
        let signer = SignerKey::from_seed("nacre.example/haizhu", &[7; 32]).unwrap();
        let again = SignerKey::parse(&signer.expose()).unwrap();
        assert_eq!(again.verifier(), signer.verifier());
        let verifier = VerifierKey::parse(&signer.verifier().to_string()).unwrap();
        assert!(verifier.verifies(b"message", &signer.sign(b"message")));
        assert!(!verifier.verifies(b"another", &signer.sign(b"message")));
        assert!(!format!("{signer:?}").contains(&signer.expose()[40..]));
    }

    #[test]
    fn bad_keys_are_refused_with_the_reason() {
        let good = SignerKey::from_seed("n", &[7; 32]).unwrap().verifier().to_string();
        let parts: Vec<&str> = good.splitn(3, '+').collect();
        let sm2 = format!("n+{}+{}", parts[1], STANDARD.encode([&[0x02; 1][..], &[0; 32]].concat()));
        let rows = [
            (String::new(), "key_form"),
            ("n+0+AA==".into(), "key_form"),
            (format!("a b+{}+{}", parts[1], parts[2]), "key_name"),
            (format!("+{}+{}", parts[1], parts[2]), "key_name"),
            (format!("m+{}+{}", parts[1], parts[2]), "key_id"),
            (format!("n+{}+{}", parts[1].to_uppercase(), parts[2]), "key_form"),
            (format!("{good}\n"), "key_form"),
            (sm2, "key_algorithm"),
        ];
        for (text, code) in rows {
            if text == good {
                continue; // The id happened to have no letters.
            }
            assert_eq!(VerifierKey::parse(&text).unwrap_err().code(), code, "{text}");
        }
    }
}
