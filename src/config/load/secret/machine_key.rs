//! I/O. Encrypts a text with the key of this Windows machine (the data protection API).

use std::fmt::Write as _;
use std::io;
use std::ptr::{null, null_mut};

use windows_sys::Win32::Foundation::LocalFree;
use windows_sys::Win32::Security::Cryptography::{
    CRYPT_INTEGER_BLOB, CRYPTPROTECT_LOCAL_MACHINE, CRYPTPROTECT_UI_FORBIDDEN, CryptProtectData,
    CryptUnprotectData,
};

/// The prefix of each encrypted text.
const MARK: &str = "machine-key:";

/// The text, encrypted so that only this machine can read it.
pub(crate) fn sealed(text: &str) -> io::Result<String> {
    let bytes = passed(text.as_bytes(), Direction::Seal)?;
    let mut sealed = MARK.to_owned();
    for byte in bytes {
        write!(sealed, "{byte:02x}").expect("writing to a string does not fail");
    }
    Ok(sealed)
}

/// The decrypted text.
pub(crate) fn opened(sealed: &str) -> io::Result<String> {
    let malformed = || io::Error::from(io::ErrorKind::InvalidData);
    let digits = sealed.trim().strip_prefix(MARK).ok_or_else(malformed)?;
    let pairs = digits.as_bytes().chunks(2).map(|pair| {
        let pair = std::str::from_utf8(pair).map_err(|_| malformed())?;
        u8::from_str_radix(pair, 16).map_err(|_| malformed())
    });
    let bytes: Vec<u8> = pairs.collect::<io::Result<_>>()?;
    String::from_utf8(passed(&bytes, Direction::Open)?).map_err(|_| malformed())
}

#[derive(Clone, Copy, PartialEq, Eq)]
enum Direction {
    Seal,
    Open,
}

#[expect(unsafe_code, reason = "no crate in the tree wraps these calls")]
fn passed(bytes: &[u8], direction: Direction) -> io::Result<Vec<u8>> {
    let length = u32::try_from(bytes.len()).map_err(io::Error::other)?;
    let given = CRYPT_INTEGER_BLOB { cbData: length, pbData: bytes.as_ptr().cast_mut() };
    let mut made = CRYPT_INTEGER_BLOB { cbData: 0, pbData: null_mut() };
    let flags = CRYPTPROTECT_LOCAL_MACHINE | CRYPTPROTECT_UI_FORBIDDEN;
    // SAFETY: the input lives through the call, which does not write to it; the output is ours.
    let done = unsafe {
        match direction {
            Direction::Seal => CryptProtectData(
                &raw const given,
                null(),
                null(),
                null(),
                null(),
                flags,
                &raw mut made,
            ),
            Direction::Open => CryptUnprotectData(
                &raw const given,
                null_mut(),
                null(),
                null(),
                null(),
                CRYPTPROTECT_UI_FORBIDDEN,
                &raw mut made,
            ),
        }
    };
    if done == 0 {
        return Err(io::Error::last_os_error());
    }
    // SAFETY: the system allocated that many bytes there, which are copied and then freed once.
    unsafe {
        let copied = std::slice::from_raw_parts(made.pbData, made.cbData as usize).to_vec();
        LocalFree(made.pbData.cast());
        Ok(copied)
    }
}
