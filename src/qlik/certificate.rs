//! Pure. The fields of a certificate: subject, issuer, expiry.

use jiff::civil::DateTime;
use jiff::tz::TimeZone;

use crate::clock::Timestamp;
use crate::qlik::node::base64;

/// The object identifier of a common name, 2.5.4.3.
const COMMON_NAME: &[u8] = &[0x55, 0x04, 0x03];
const SEQUENCE: u8 = 0x30;
const OBJECT_ID: u8 = 0x06;
const VERSION: u8 = 0xA0;
const UTC_TIME: u8 = 0x17;
const GENERALIZED_TIME: u8 = 0x18;

/// The fields of a certificate that its expiry card needs.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub struct Certificate {
    /// The common name of its owner.
    pub subject: String,
    /// The common name of its issuer.
    pub issuer: String,
    pub expires: Timestamp,
}

/// The certificates of a PEM text; unreadable ones are left out.
pub fn of_pem(text: &str) -> Vec<Certificate> {
    let bodies = text.split("-----BEGIN CERTIFICATE-----").skip(1);
    let bodies = bodies.filter_map(|rest| rest.split("-----END").next());
    bodies.filter_map(|body| of_der(&base64(body)?)).collect()
}

/// A certificate in DER form (RFC 5280).
pub fn of_der(bytes: &[u8]) -> Option<Certificate> {
    let mut whole = DerFields(DerFields(bytes).take(SEQUENCE)?);
    let mut fields = DerFields(whole.take(SEQUENCE)?);
    if fields.0.first() == Some(&VERSION) {
        fields.take(VERSION)?;
    }
    let (_serial, _algorithm) = (fields.next()?, fields.next()?);
    let issuer = common_name(fields.take(SEQUENCE)?)?;
    let mut validity = DerFields(fields.take(SEQUENCE)?);
    let (_begins, expires) = (validity.next()?, validity.next()?);
    let subject = common_name(fields.take(SEQUENCE)?)?;
    Some(Certificate { subject, issuer, expires: time(expires.0, expires.1)? })
}

/// A sequence of DER fields: tag, length, content.
struct DerFields<'a>(&'a [u8]);

impl<'a> DerFields<'a> {
    fn next(&mut self) -> Option<(u8, &'a [u8])> {
        let (&tag, rest) = self.0.split_first()?;
        let (&first, mut rest) = rest.split_first()?;
        let mut length = usize::from(first);
        if first & 0x80 != 0 {
            let n = usize::from(first & 0x7F);
            let digits = rest.get(..n).filter(|_| (1..=4).contains(&n))?;
            length = digits.iter().fold(0, |sum, digit| sum << 8 | usize::from(*digit));
            rest = &rest[n..];
        }
        let content = rest.get(..length)?;
        self.0 = &rest[length..];
        Some((tag, content))
    }

    fn take(&mut self, wanted: u8) -> Option<&'a [u8]> {
        self.next().filter(|(tag, _)| *tag == wanted).map(|(_, content)| content)
    }
}

/// The last common name, which is the most specific.
fn common_name(name: &[u8]) -> Option<String> {
    let (mut found, mut sets) = (None, DerFields(name));
    while let Some((_, set)) = sets.next() {
        let mut attribute = DerFields(DerFields(set).take(SEQUENCE)?);
        if attribute.take(OBJECT_ID)? == COMMON_NAME {
            let (_, text) = attribute.next()?;
            found = Some(String::from_utf8_lossy(text).into_owned());
        }
    }
    found
}

fn time(tag: u8, text: &[u8]) -> Option<Timestamp> {
    let text = str::from_utf8(text).ok()?.strip_suffix('Z')?;
    let text = match tag {
        // Two-digit years: 50 and above are in the 20th century.
        UTC_TIME => format!("{}{text}", if text.get(..2)? >= "50" { "19" } else { "20" }),
        GENERALIZED_TIME => text.to_owned(),
        _ => return None,
    };
    let civil = DateTime::strptime("%Y%m%d%H%M%S", text).ok()?;
    TimeZone::UTC.to_timestamp(civil).ok()
}

#[cfg(test)]
mod tests;
