//! I/O. How values look in the columns of the state file.

use std::ffi::OsString;
use std::path::{Path, PathBuf};

use jiff::Timestamp;
use rusqlite::types::{FromSql, FromSqlError, FromSqlResult, ToSql, ToSqlOutput, Value, ValueRef};

/// A time as microseconds since 1970 (`datetime(at / 1e6, 'unixepoch')` in SQL).
#[derive(Clone, Copy)]
pub(super) struct Micros(pub(super) Timestamp);

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

/// An unsigned number with all its 64 bits; big ones look negative in SQL.
#[derive(Clone, Copy)]
pub(super) struct Bits(pub(super) u64);

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

/// A path: text where it is Unicode, else the platform's own bytes as a blob.
pub(super) struct PathColumn(pub(super) PathBuf);

pub(super) fn path_value(path: &Path) -> Value {
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
