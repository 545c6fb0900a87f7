//! Pure. Signed links on cards: anyone who has one may acknowledge or silence one incident.
//!
//! A token is `FINGERPRINT-EXPIRY-KEY-MAC`: the incident, when the link ends (seconds in hex), which
//! key signed it, and the HMAC-SHA256 over the three. A card is rendered with an unsigned token of the
//! same length, and signed when it is sent, so that a card that waited for a day still has a link that
//! works.

use jiff::SignedDuration;
use ring::digest::{SHA256, digest};
use ring::hmac::{self, HMAC_SHA256};

use crate::clock::{Timestamp, later};
use crate::ids::{CommandId, Fingerprint};

/// How long a link works.
pub const LINK_LASTS: SignedDuration = SignedDuration::from_hours(24);
/// How long a link works after its incident has ended.
pub const AFTER_END: SignedDuration = SignedDuration::from_hours(1);
/// How long an action of a link can be undone.
pub const UNDO_WITHIN: SignedDuration = SignedDuration::from_mins(10);
/// The path of links below the address of the page.
pub const PATH: &str = "/r/";
/// Bytes of a key.
pub const KEY_BYTES: usize = 32;

const MAC_DIGITS: usize = 64;
const UNSIGNED: &str = "00000000";
/// Seconds of one bucket of a [`stamp`].
const BUCKET: i64 = 60;

/// A key that signs links.
#[derive(Clone, PartialEq, Eq)]
pub struct LinkKey {
    /// Eight hex digits.
    pub id: String,
    pub secret: [u8; KEY_BYTES],
    pub made: Timestamp,
}

impl std::fmt::Debug for LinkKey {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(f, "LinkKey({})", self.id)
    }
}

/// A token with a valid signature.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Token {
    pub fingerprint: Fingerprint,
    pub expires: Timestamp,
    /// The key that signed it.
    pub key: LinkKey,
}

/// The ids of the commands that are given through one link: from none of them its token can be derived.
#[derive(Clone, Debug)]
pub struct LinkCommands(String);

impl LinkCommands {
    pub fn of(token: &str) -> Self {
        Self(format!("link-{}-", &hex(digest(&SHA256, token.as_bytes()).as_ref())[..16]))
    }

    /// The id of the command of a form: the same form sent again is the same command.
    pub fn id(&self, form: &str) -> CommandId {
        let hash = digest(&SHA256, form.as_bytes());
        format!("{}{}", self.0, hex(hash.as_ref())).into()
    }

    pub fn contains(&self, command: &CommandId) -> bool {
        command.starts_with(&self.0)
    }
}

/// The token of an incident before it is signed.
pub fn unsigned(fingerprint: &str) -> String {
    format!("{fingerprint}-{UNSIGNED}-{UNSIGNED}-{}", "0".repeat(MAC_DIGITS))
}

/// Whether a URL ends with a token that is not signed yet.
pub(crate) fn is_unsigned(url: &str) -> bool {
    url.ends_with(&unsigned("")) && url.contains(PATH)
}

/// The token of an incident.
pub fn sign(key: &LinkKey, fingerprint: &str, now: Timestamp) -> String {
    let expires = later(now, LINK_LASTS).as_second();
    let scope = format!("{fingerprint}-{expires:08x}-{}", key.id);
    let mac = mac(&key.secret, &["link", &scope]);
    format!("{scope}-{mac}")
}

/// The token, if one of the keys signed it; it may have expired. The time taken does not depend on
/// how much of the signature is right.
pub fn verify(keys: &[LinkKey], token: &str) -> Option<Token> {
    let (scope, mac) = token.rsplit_once('-')?;
    let mut parts = scope.split('-');
    let (fingerprint, expires, id) = (parts.next()?, parts.next()?, parts.next()?);
    let is_shaped = parts.next().is_none()
        && !fingerprint.is_empty()
        && fingerprint.bytes().all(|byte| byte.is_ascii_hexdigit());
    let key = keys.iter().find(|key| key.id == id)?;
    if !is_shaped || !is_mac(&key.secret, &["link", scope], mac) {
        return None;
    }
    let expires = i64::from_str_radix(expires, 16).ok()?;
    let expires = Timestamp::from_second(expires).ok()?;
    Some(Token { fingerprint: fingerprint.into(), expires, key: key.clone() })
}

/// Signs the links of a finished card: all unsigned tokens of its incident.
pub fn sign_card(card: &str, key: &LinkKey, fingerprint: &str, now: Timestamp) -> String {
    card.replace(&unsigned(fingerprint), &sign(key, fingerprint, now))
}

/// A form token: it is accepted for some time after it was made, for the same scope only. The salt, in
/// hex digits, distinguishes forms that are made within one minute.
pub fn stamp(secret: &[u8], scope: &str, salt: &str, now: Timestamp) -> String {
    let bucket = format!("{:x}", now.as_second() / BUCKET);
    let mac = mac(secret, &["form", scope, &bucket, salt]);
    format!("{bucket}-{salt}-{mac}")
}

/// Whether this is a form token of this scope that was made within this time.
pub fn is_stamp(
    secret: &[u8],
    scope: &str,
    token: &str,
    now: Timestamp,
    within: SignedDuration,
) -> bool {
    let parts = token.split_once('-').and_then(|(bucket, rest)| {
        let (salt, mac) = rest.split_once('-')?;
        Some((bucket, salt, mac))
    });
    let Some((bucket, salt, mac)) = parts else { return false };
    let made = i64::from_str_radix(bucket, 16);
    let buckets = within.as_secs() / BUCKET;
    let age = made.ok().and_then(|made| (now.as_second() / BUCKET).checked_sub(made));
    // A clock that was set back by a moment makes no form invalid.
    let is_recent = age.is_some_and(|age| (-1..=buckets).contains(&age));
    is_mac(secret, &["form", scope, bucket, salt], mac) && is_recent
}

/// The HMAC of the parts, in hex. Parts are separated, so that none can be moved into another.
pub fn mac(secret: &[u8], parts: &[&str]) -> String {
    hex(hmac::sign(&hmac::Key::new(HMAC_SHA256, secret), parts.join("\n").as_bytes()).as_ref())
}

/// Whether this is the HMAC of the parts, in a time that does not depend on the answer.
pub fn is_mac(secret: &[u8], parts: &[&str], mac: &str) -> bool {
    let key = hmac::Key::new(HMAC_SHA256, secret);
    let Some(tag) = unhex(mac) else { return false };
    hmac::verify(&key, parts.join("\n").as_bytes(), &tag).is_ok()
}

/// Bytes as lower-case hex digits.
pub fn hex(bytes: &[u8]) -> String {
    let digit = |nibble: u8| char::from_digit(u32::from(nibble), 16).unwrap_or('0');
    bytes.iter().flat_map(|byte| [digit(byte >> 4), digit(byte & 15)]).collect()
}

/// The bytes of lower-case hex digits.
pub fn unhex(text: &str) -> Option<Vec<u8>> {
    let digit = |byte: u8| match byte {
        b'0'..=b'9' => Some(byte - b'0'),
        b'a'..=b'f' => Some(byte - b'a' + 10),
        _ => None,
    };
    let (pairs, rest) = text.as_bytes().as_chunks::<2>();
    let bytes = pairs.iter().map(|[high, low]| Some(digit(*high)? << 4 | digit(*low)?));
    if rest.is_empty() { bytes.collect() } else { None }
}

#[cfg(test)]
mod tests;
