//! Pure. The site's name, and links into it.

/// The site's URL from `Host.cfg`, which contains the host name of the installation in base64.
/// `None` if it contains no host name.
pub fn site_url(host_cfg: &str) -> Option<String> {
    let name = String::from_utf8(base64(host_cfg)?).ok()?;
    let name = name.trim_matches(|c: char| c.is_whitespace() || c == '\u{feff}' || c == '\0');
    is_host(name).then(|| format!("https://{}", name.to_ascii_lowercase()))
}

/// The link to an app; `None` if `app_id` is not an app's id.
pub fn app(site: &str, app_id: &str) -> Option<String> {
    is_guid(app_id).then(|| format!("{}/sense/app/{app_id}", site.trim_end_matches('/')))
}

/// Whether the text is an id of Qlik Sense: `7ffc01c2-83d9-4f23-b4a6-ca3aeac15c7a`.
pub fn is_guid(text: &str) -> bool {
    text.len() == 36
        && text.bytes().enumerate().all(|(at, byte)| match at {
            8 | 13 | 18 | 23 => byte == b'-',
            _ => byte.is_ascii_hexdigit(),
        })
}

/// An id in its one form: small letters, without braces. `None` if the text is not an id.
pub fn guid(text: &str) -> Option<String> {
    let text = text.trim();
    let bare = text.strip_prefix('{').and_then(|rest| rest.strip_suffix('}')).unwrap_or(text);
    is_guid(bare).then(|| bare.to_ascii_lowercase())
}

/// Whether two names are of one machine, such as `node1` and `NODE1.example.com`.
pub fn is_same(one: &str, other: &str) -> bool {
    !one.is_empty() && short(one) == short(other)
}

/// The short name of a machine: `node1` for `NODE1.example.com`.
pub fn short(name: &str) -> String {
    name.split('.').next().unwrap_or_default().to_ascii_lowercase()
}

fn is_host(name: &str) -> bool {
    let is_label = |label: &str| {
        (1..=63).contains(&label.len())
            && !label.starts_with('-')
            && !label.ends_with('-')
            && label
                .bytes()
                .all(|byte| byte.is_ascii_alphanumeric() || byte == b'-' || byte == b'_')
    };
    name.len() <= 253 && name.split('.').all(is_label)
}

/// Decodes the standard alphabet; white space and padding are skipped. It needs no crate, since
/// nothing else in the project decodes base64.
pub(crate) fn base64(text: &str) -> Option<Vec<u8>> {
    let mut bytes = Vec::new();
    let (mut held, mut bits) = (0u32, 0u32);
    for byte in text.trim_start_matches('\u{feff}').bytes() {
        if byte.is_ascii_whitespace() || byte == b'=' {
            continue;
        }
        held = (held << 6) | sextet(byte)?;
        bits += 6;
        if bits >= 8 {
            bits -= 8;
            bytes.push(u8::try_from(held >> bits).ok()?);
            held &= (1 << bits) - 1;
        }
    }
    Some(bytes)
}

fn sextet(byte: u8) -> Option<u32> {
    let value = match byte {
        b'A'..=b'Z' => byte - b'A',
        b'a'..=b'z' => byte - b'a' + 26,
        b'0'..=b'9' => byte - b'0' + 52,
        b'+' => 62,
        b'/' => 63,
        _ => return None,
    };
    Some(u32::from(value))
}

#[cfg(test)]
mod tests;
