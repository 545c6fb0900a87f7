//! Pure. Distinguishes accounts of people, the only ones that a card names, from those of the
//! system.

/// Prefixes of the names of accounts of Qlik Sense, and of Windows in its languages.
const OF_SYSTEM: [&str; 8] = [
    "internal\\",
    "nt authority\\",
    "nt-autorität\\",
    "autorite nt\\",
    "autorité nt\\",
    "nt service\\",
    "window manager\\",
    "font driver host\\",
];
/// Names of such accounts without their directory.
const BARE: [&str; 5] = ["system", "localsystem", "local service", "network service", "localhost"];

/// The account `DIRECTORY\user`, if it is not one of the system.
pub(crate) fn person(account: &str) -> Option<&str> {
    let name = account.trim().to_lowercase();
    let is_system = OF_SYSTEM.iter().any(|begin| name.starts_with(begin))
        || name.starts_with("sa_")
        // A computer, or an account that it manages for a service.
        || name.ends_with('$')
        || BARE.contains(&name.as_str())
        || name.is_empty();
    (!is_system).then_some(account)
}

#[cfg(test)]
mod tests;
