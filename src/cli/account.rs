//! I/O. The account that runs this process.

/// `CORP\anna`, `anna`; `None` if the system does not report it.
pub(crate) fn name() -> Option<String> {
    let get = |name| std::env::var(name).ok().filter(|value| !value.trim().is_empty());
    let user = get("USERNAME").or_else(|| get("USER")).or_else(|| get("LOGNAME")).or_else(known)?;
    Some(get("USERDOMAIN").map_or_else(|| user.clone(), |domain| format!("{domain}\\{user}")))
}

/// The name of the account in the system's list of accounts.
#[cfg(unix)]
fn known() -> Option<String> {
    let id = rustix::process::getuid().as_raw().to_string();
    let accounts = std::fs::read_to_string("/etc/passwd").ok()?;
    let name = accounts.lines().find_map(|line| {
        let mut fields = line.split(':');
        let name = fields.next()?;
        (fields.nth(1)? == id).then(|| name.to_owned())
    });
    name.or_else(|| Some(format!("account {id}")))
}

#[cfg(not(unix))]
fn known() -> Option<String> {
    None
}
