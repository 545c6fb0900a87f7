//! I/O. Looks up the account name of a security identifier.

use windows_sys::Win32::Security::LookupAccountSidW;

/// `DOMAIN\\name` for `S-1-5-21-…`; `None` if unknown.
#[expect(unsafe_code, reason = "no crate in the tree wraps this one call")]
pub(crate) fn account(sid: &str) -> Option<String> {
    let sid = binary(sid)?;
    let (mut name, mut domain) = ([0_u16; 256], [0_u16; 256]);
    let (mut name_len, mut domain_len, mut kind) = (256, 256, 0);
    // SAFETY: `sid` is complete and aligned, and each length is that of its buffer; all outlive the
    // call, which keeps no pointer. A null system name means this machine.
    let found = unsafe {
        LookupAccountSidW(
            std::ptr::null(),
            sid.as_ptr().cast_mut().cast(),
            name.as_mut_ptr(),
            &raw mut name_len,
            domain.as_mut_ptr(),
            &raw mut domain_len,
            &raw mut kind,
        )
    };
    let text = |units: &[u16]| {
        let end = units.iter().position(|unit| *unit == 0).unwrap_or(units.len());
        String::from_utf16_lossy(&units[..end])
    };
    (found != 0).then(|| format!("{}\\{}", text(&domain), text(&name)))
}

/// The `SID` structure of `winnt.h`: revision, number of parts, authority (6 bytes, big-endian),
/// parts.
fn binary(sid: &str) -> Option<Vec<u32>> {
    let mut parts = sid.strip_prefix("S-1-")?.split('-');
    let authority: u32 = parts.next()?.parse().ok()?;
    let parts: Vec<u32> = parts.map(|part| part.parse().ok()).collect::<Option<_>>()?;
    let n_parts = u8::try_from(parts.len()).ok().filter(|n| (1..=15).contains(n))?;
    let mut words = vec![u32::from_le_bytes([1, n_parts, 0, 0]), authority.swap_bytes()];
    words.extend(parts);
    Some(words)
}

#[cfg(test)]
mod tests;
