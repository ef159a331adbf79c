//! Codes of an authenticator app (RFC 6238), and recovery codes for whoever has lost it.

use std::fmt;

use qrcode::{QrCode, render::svg};
use secrecy::{ExposeSecret, SecretString};
use sha2::{Digest, Sha256};
use totp_rs::{Builder, Totp};

use super::{Email, token::random};
use crate::{Error, Result, site::Settings};

/// As the app's vault entry is called.
pub const KIND: &str = "totp";
/// As RFC 4226 wants it: 160 bits.
const SECRET_BYTES: usize = 20;

/// One account's entry in an authenticator app.
pub struct App(Totp);

impl App {
    /// A secret for a new one.
    ///
    /// # Errors
    /// [`Error::Internal`] when there is no chance to be had.
    pub fn new_secret() -> Result<[u8; SECRET_BYTES]> {
        random()
    }

    /// SHA-1, six digits and half a minute: what every app takes, and many apps take silently whatever else they are told.
    ///
    /// # Errors
    /// [`Error::Internal`] when the secret is too short, which ours is not.
    pub fn with_secret(secret: Vec<u8>, settings: &Settings, email: &Email) -> Result<Self> {
        // A colon parts the issuer from the account; no address has one.
        let issuer = settings.name.replace(':', " ");
        let builder = Builder::new().with_secret(secret).with_account_name(email.as_str()).with_issuer(Some(issuer));
        builder.build().map(Self).map_err(|error| Error::internal(error.to_string()))
    }

    /// The half minute that a code is of: now, the one before or the one after, for clocks that differ. Compared in constant
    /// time.
    pub fn step_of(&self, code: &str, now: u64) -> Option<i64> {
        self.0.check(code, now / 1000).and_then(|step| i64::try_from(step).ok())
    }

    /// For typing it in.
    pub fn secret_in_groups(&self) -> String {
        in_groups(&self.0.secret().to_base32(), ' ')
    }

    /// For the app's camera.
    ///
    /// # Errors
    /// [`Error::Internal`] when the address does not fit into a code, which ours does.
    pub fn picture(&self) -> Result<String> {
        let url = self.0.to_url().map_err(|error| Error::internal(error.to_string()))?;
        let code = QrCode::new(url).map_err(Error::internal)?;
        let picture = code.render::<svg::Color>().min_dimensions(240, 240).build();
        // What stands before the element belongs to a file.
        let element =
            picture.split_once("?><svg ").map(|(_, rest)| rest).ok_or_else(|| Error::internal("no picture"))?;
        Ok(format!("<svg role=\"img\" aria-label=\"QR code for your authenticator app\" {element}"))
    }
}

impl fmt::Debug for App {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("App(…)")
    }
}

/// What somebody typed, as digits alone: apps show them in two groups.
pub fn digits(typed: &str) -> Option<String> {
    let digits: String = typed.chars().filter(|c| !c.is_ascii_whitespace()).collect();
    (digits.len() == 6 && digits.bytes().all(|c| c.is_ascii_digit())).then_some(digits)
}

/// How many recovery codes somebody has at first.
pub const RECOVERY_CODES: usize = 10;
/// 120 bits: too many to guess, even for somebody who has their hashes, so that a plain hash keeps them.
const CODE_BYTES: usize = 15;
/// Letters that nobody takes for digits (Crockford's base 32).
const LETTERS: &[u8; 32] = b"0123456789abcdefghjkmnpqrstvwxyz";
const CODE_LENGTH: usize = CODE_BYTES * 8 / 5;

/// A code that stands for the app once.
pub struct RecoveryCode(SecretString);

impl RecoveryCode {
    /// # Errors
    /// [`Error::Internal`] when there is no chance to be had.
    pub fn new() -> Result<Self> {
        let bits = random::<CODE_BYTES>()?.into_iter().fold(0_u128, |bits, byte| bits << 8 | u128::from(byte));
        let letter = |place: usize| char::from(LETTERS[(bits >> (5 * place) & 31) as usize]);
        let code: String = (0..CODE_LENGTH).rev().map(letter).collect();
        Ok(Self(code.into()))
    }

    /// What somebody typed, with groups, capitals and letters for digits as they like.
    pub fn read(typed: &str) -> Option<Self> {
        let code: String = typed
            .chars()
            .filter(|c| !c.is_ascii_whitespace() && *c != '-')
            .map(|c| match c.to_ascii_lowercase() {
                'o' => '0',
                'i' | 'l' => '1',
                other => other,
            })
            .collect();
        let sound = code.len() == CODE_LENGTH && code.bytes().all(|c| LETTERS.contains(&c));
        sound.then(|| Self(code.into()))
    }

    pub fn hash(&self) -> Vec<u8> {
        Sha256::digest(self.0.expose_secret()).to_vec()
    }

    /// For paper.
    pub fn in_groups(&self) -> String {
        in_groups(self.0.expose_secret(), '-')
    }
}

fn in_groups(text: &str, between: char) -> String {
    let mut groups = String::new();
    for (place, letter) in text.chars().enumerate() {
        if place > 0 && place % 4 == 0 {
            groups.push(between);
        }
        groups.push(letter);
    }
    groups
}

#[cfg(test)]
mod tests {
    use super::*;

    fn app() -> App {
        // The secret of RFC 6238, appendix B.
        let email = Email::read("ann@example.org").unwrap();
        App::with_secret(b"12345678901234567890".to_vec(), &Settings::default(), &email).unwrap()
    }

    #[test]
    fn codes_are_those_of_the_standard_and_hold_a_step_longer_on_either_side() {
        let app = app();
        assert_eq!(app.step_of("287082", 59_000), Some(1));
        assert_eq!(app.step_of("287082", 60_000), Some(1), "a step late");
        assert_eq!(app.step_of("287082", 0), Some(1), "a step early");
        assert_eq!(app.step_of("287082", 90_000), None);
        assert_eq!(app.step_of("287083", 59_000), None);
        assert_eq!(app.step_of("005924", 1_234_567_890_000), Some(41_152_263));
    }

    #[test]
    fn what_is_no_code_is_none() {
        assert_eq!(digits(" 123 456 ").as_deref(), Some("123456"));
        for typed in ["", "12345", "1234567", "12345a", "１２３４５６", "+12345", "-1-2-3-4-5-6"] {
            assert_eq!(digits(typed), None, "{typed}");
        }
    }

    #[test]
    fn the_app_gets_the_secret_as_picture_and_as_text() {
        assert_eq!(app().secret_in_groups(), "GEZD GNBV GY3T QOJQ GEZD GNBV GY3T QOJQ");
        let picture = app().picture().unwrap();
        assert!(picture.starts_with("<svg role=\"img\"") && picture.ends_with("</svg>"));
        assert!(!picture.contains("style") && !picture.contains("<?xml"));
    }

    #[test]
    fn a_recovery_code_is_read_however_it_is_typed() {
        let code = RecoveryCode::new().unwrap();
        let shown = code.in_groups();
        assert_eq!(shown.split('-').map(str::len).collect::<Vec<_>>(), [4; 6], "{shown}");
        const { assert!(CODE_BYTES * 8 >= 112, "what a hash without a salt keeps") };
        for typed in [shown.clone(), shown.to_uppercase(), shown.replace('-', ""), shown.replace('-', " ")] {
            assert_eq!(RecoveryCode::read(&typed).unwrap().hash(), code.hash());
        }
        assert_eq!(
            RecoveryCode::read("OIL0-0000-0000-0000-0000-0000").unwrap().hash(),
            RecoveryCode::read("0110-0000-0000-0000-0000-0000").unwrap().hash()
        );
        assert!(RecoveryCode::read("123456").is_none() && RecoveryCode::read(&format!("{shown}0")).is_none());
        assert_ne!(RecoveryCode::new().unwrap().hash(), code.hash());
    }
}
