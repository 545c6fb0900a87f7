//! Pure. Durations as the configuration writes them: `3s`, `10m`, `4h`, `1d`.

use std::fmt;
use std::str::FromStr;
use std::time::Duration;

use jiff::SignedDuration;
use serde::{Deserialize, Serialize};

/// Units, longest first, in milliseconds.
const UNITS: [(&str, u64); 5] =
    [("d", 86_400_000), ("h", 3_600_000), ("m", 60_000), ("s", 1000), ("ms", 1)];

/// A duration, written as a whole number and a unit (`ms`, `s`, `m`, `h`, `d`).
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(try_from = "Scalar", into = "String")]
pub struct Period(pub Duration);

/// A value in place of a text: a number was also meant as a duration.
#[derive(Deserialize)]
#[serde(untagged)]
enum Scalar {
    Text(String),
    Whole(i64),
    Fraction(f64),
}

impl fmt::Display for Scalar {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Text(text) => f.write_str(text),
            Self::Whole(number) => number.fmt(f),
            Self::Fraction(number) => number.fmt(f),
        }
    }
}

impl Period {
    /// The duration as the detection code uses it; saturates at the longest representable one.
    pub fn signed(self) -> SignedDuration {
        SignedDuration::try_from(self.0).unwrap_or(SignedDuration::MAX)
    }
}

impl FromStr for Period {
    type Err = String;

    fn from_str(text: &str) -> Result<Self, String> {
        let text = text.trim();
        let digits = text.find(|c: char| !c.is_ascii_digit()).unwrap_or(text.len());
        let (number, unit) = text.split_at(digits);
        if unit.is_empty() && !number.is_empty() {
            return Err(format!(
                "`{number}` has no unit; write one behind it, such as \"{number}s\", \"{number}m\" or \"{number}h\""
            ));
        }
        let unit = UNITS.iter().find(|(name, _)| *name == unit.trim_start());
        unit.zip(number.parse::<u64>().ok())
            .and_then(|((_, millis), n)| n.checked_mul(*millis))
            .map(|millis| Self(Duration::from_millis(millis)))
            .ok_or_else(|| {
                format!("`{text}` is not a valid duration; write a number and a unit, such as \"3s\", \"10m\", \"4h\" or \"1d\"")
            })
    }
}

impl fmt::Display for Period {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let millis = self.0.as_millis();
        let (name, unit) = UNITS
            .iter()
            .find(|(_, unit)| millis > 0 && millis.is_multiple_of(u128::from(*unit)))
            .unwrap_or(&("s", 1000));
        write!(f, "{}{name}", millis / u128::from(*unit))
    }
}

impl TryFrom<Scalar> for Period {
    type Error = String;

    fn try_from(written: Scalar) -> Result<Self, String> {
        written.to_string().parse()
    }
}

impl From<Period> for String {
    fn from(period: Period) -> Self {
        period.to_string()
    }
}

/// Where reading begins in files that exist when the agent starts for the first time.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(try_from = "Scalar", into = "String")]
pub enum StartSetting {
    #[default]
    End,
    Beginning,
    /// At the beginning of files that changed within this time, at the end of others.
    Since(Period),
}

/// Where reading begins after a damaged state was set aside: like [`StartSetting`], but one hour
/// back by default.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(transparent)]
pub struct OnStateLoss(pub StartSetting);

impl Default for OnStateLoss {
    fn default() -> Self {
        Self(StartSetting::Since(Period(Duration::from_hours(1))))
    }
}

impl TryFrom<Scalar> for StartSetting {
    type Error = String;

    fn try_from(written: Scalar) -> Result<Self, String> {
        match written.to_string().as_str() {
            "end" => Ok(Self::End),
            "beginning" => Ok(Self::Beginning),
            age => age.parse().map(Self::Since).map_err(|_| {
                format!("`{age}` is not a valid starting point; write \"end\", \"beginning\" or an age such as \"2h\"")
            }),
        }
    }
}

impl From<StartSetting> for String {
    fn from(start: StartSetting) -> Self {
        match start {
            StartSetting::End => "end".to_owned(),
            StartSetting::Beginning => "beginning".to_owned(),
            StartSetting::Since(period) => period.to_string(),
        }
    }
}
