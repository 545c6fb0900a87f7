//! Pure. Computes a percentage.

/// Rounded to a tenth.
pub(crate) fn of(part: u64, all: u64) -> f64 {
    let thousandths = u128::from(part) * 1000 / u128::from(all.max(1));
    f64::from(u16::try_from(thousandths).unwrap_or(u16::MAX)) / 10.0
}
