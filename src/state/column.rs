//! I/O. Representation of values in the columns of the state file.

use std::ffi::OsString;
use std::path::{Path, PathBuf};
use std::time::Duration;

use jiff::Timestamp;
use rusqlite::types::{FromSql, FromSqlError, FromSqlResult, ToSql, ToSqlOutput, Value, ValueRef};

/// A time as microseconds since 1970 (`datetime(at / 1e6, 'unixepoch')` in SQL).
#[derive(Clone, Copy)]
pub(crate) struct Micros(pub(crate) Timestamp);

impl ToSql for Micros {
    fn to_sql(&self) -> rusqlite::Result<ToSqlOutput<'_>> {
        Ok(self.0.as_microsecond().into())
    }
}

impl FromSql for Micros {
    fn column_result(value: ValueRef<'_>) -> FromSqlResult<Self> {
        let micros = value.as_i64()?;
        Timestamp::from_microsecond(micros).map(Self).map_err(FromSqlError::other)
    }
}

/// A duration in microseconds.
#[derive(Clone, Copy)]
pub(crate) struct Length(pub(crate) Duration);

impl ToSql for Length {
    fn to_sql(&self) -> rusqlite::Result<ToSqlOutput<'_>> {
        Ok(i64::try_from(self.0.as_micros()).unwrap_or(i64::MAX).into())
    }
}

impl FromSql for Length {
    fn column_result(value: ValueRef<'_>) -> FromSqlResult<Self> {
        let micros = u64::try_from(value.as_i64()?).unwrap_or(0);
        Ok(Self(Duration::from_micros(micros)))
    }
}

/// Converts the name of a member of a closed set.
pub(crate) fn named<T: Copy>(
    value: &str,
    all: &[T],
    name: fn(T) -> &'static str,
) -> FromSqlResult<T> {
    let found = all.iter().copied().find(|one| name(*one) == value);
    found.ok_or_else(|| FromSqlError::Other(format!("unknown value {value:?}").into()))
}

/// An unsigned 64-bit number; large values are negative in SQL.
#[derive(Clone, Copy)]
pub(crate) struct Bits(pub(crate) u64);

impl ToSql for Bits {
    fn to_sql(&self) -> rusqlite::Result<ToSqlOutput<'_>> {
        Ok(self.0.cast_signed().into())
    }
}

impl FromSql for Bits {
    fn column_result(value: ValueRef<'_>) -> FromSqlResult<Self> {
        value.as_i64().map(|n| Self(n.cast_unsigned()))
    }
}

/// A path: text if it is Unicode, otherwise the platform's own bytes as a blob.
pub(crate) struct PathColumn(pub(crate) PathBuf);

pub(crate) fn path_value(path: &Path) -> Value {
    match path.to_str() {
        Some(text) => Value::Text(text.to_owned()),
        None => Value::Blob(own_bytes(path)),
    }
}

impl FromSql for PathColumn {
    fn column_result(value: ValueRef<'_>) -> FromSqlResult<Self> {
        match value {
            ValueRef::Blob(bytes) => Ok(Self(from_own_bytes(bytes).into())),
            text => text.as_str().map(|text| Self(text.into())),
        }
    }
}

#[cfg(unix)]
fn own_bytes(path: &Path) -> Vec<u8> {
    use std::os::unix::ffi::OsStrExt as _;
    path.as_os_str().as_bytes().to_vec()
}

#[cfg(unix)]
fn from_own_bytes(bytes: &[u8]) -> OsString {
    use std::os::unix::ffi::OsStringExt as _;
    OsString::from_vec(bytes.to_vec())
}

#[cfg(windows)]
fn own_bytes(path: &Path) -> Vec<u8> {
    use std::os::windows::ffi::OsStrExt as _;
    path.as_os_str().encode_wide().flat_map(u16::to_le_bytes).collect()
}

#[cfg(windows)]
fn from_own_bytes(bytes: &[u8]) -> OsString {
    use std::os::windows::ffi::OsStringExt as _;
    let units: Vec<u16> =
        bytes.as_chunks::<2>().0.iter().map(|unit| u16::from_le_bytes(*unit)).collect();
    OsString::from_wide(&units)
}
