//! Pure. What a key of the configuration accepts, as the documentation and the hints say it.

use std::fmt;

use crate::config::period::Period;

/// The accepted values of a key.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum KeyForm {
    Folder,
    Folders,
    File,
    /// The name of something, such as `a variable`.
    NameOf(&'static str),
    /// A duration within limits.
    Time {
        least: Option<Period>,
        most: Option<Period>,
    },
    TimeOrOff,
    Percent,
    /// A whole number from 1.
    Number,
    /// Anything else, in words.
    Other(&'static str),
}

/// The units that are suggested for a number without a unit.
const USUAL: [&str; 3] = ["s", "m", "h"];

impl KeyForm {
    /// Any duration.
    pub const TIME: Self = Self::Time { least: None, most: None };

    /// The hint for a bare number in place of a duration with limits: the number with the units that
    /// keep it within them; `None` if the usual ones do.
    pub(crate) fn with_unit(self, found: &str) -> Option<String> {
        let number: u64 = found.trim().trim_matches(['"', '\'']).parse().ok()?;
        let Self::Time { least, most } = self else { return None };
        least.or(most)?;
        let fits = |period: Period| {
            least.is_none_or(|least| period >= least) && most.is_none_or(|most| period <= most)
        };
        let with = |unit: &str| format!("{number}{unit}");
        let is_fitting = |unit: &&str| with(unit).parse().is_ok_and(fits);
        if USUAL.iter().all(is_fitting) {
            return None;
        }
        let fitting: Vec<String> = ["d", "h", "m", "s"]
            .iter()
            .filter(|unit| is_fitting(unit))
            .map(|unit| format!("\"{}\"", with(unit)))
            .collect();
        Some(match fitting.as_slice() {
            [] => format!("expected: {self}"),
            fitting => format!("write a unit behind it: {}", fitting.join(" or ")),
        })
    }

    /// Whether a number alone, without quotes, is meant.
    pub(crate) fn is_number(self) -> bool {
        matches!(self, Self::Percent | Self::Number)
    }

    /// What to write for a key that names something; `None` for other keys.
    pub(crate) fn named(self) -> Option<String> {
        match self {
            Self::Folder | Self::Folders => Some("folder".to_owned()),
            Self::File => Some("file".to_owned()),
            Self::NameOf(_) => Some(self.to_string()),
            _ => None,
        }
    }
}

impl fmt::Display for KeyForm {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Folder => f.write_str("folder"),
            Self::Folders => f.write_str("folder or list of folders"),
            Self::File => f.write_str("file"),
            Self::NameOf(thing) => write!(f, "name of {thing}"),
            Self::Time { least: Some(least), most: Some(most) } => {
                write!(f, "time from `{least}` to `{most}`")
            }
            Self::Time { least: Some(least), most: None } => write!(f, "time, at least `{least}`"),
            Self::Time { least: None, most: Some(most) } => write!(f, "time, at most `{most}`"),
            Self::Time { least: None, most: None } => f.write_str("time"),
            Self::TimeOrOff => f.write_str("time, `0s` is off"),
            Self::Percent => f.write_str("percent from 1 to 100, `0` is off"),
            Self::Number => f.write_str("number from 1"),
            Self::Other(words) => f.write_str(words),
        }
    }
}
