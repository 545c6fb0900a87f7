//! I/O. Writes errors to the system's own log, when none of our files can be written.

/// Logs an error. On Linux, standard error goes to the journal.
#[cfg(not(windows))]
pub fn error(sentence: &str) {
    tracing::error!("{sentence}");
}

/// Logs an error in the Windows application log, because the standard error of a service is not
/// visible.
#[cfg(windows)]
pub fn error(sentence: &str) {
    tracing::error!("{sentence}");
    let short: String = sentence.chars().take(1000).collect();
    let system = std::env::var_os("SystemRoot").unwrap_or_else(|| "C:\\Windows".into());
    let program = std::path::PathBuf::from(system).join("System32").join("eventcreate.exe");
    std::process::Command::new(program)
        .args(["/T", "ERROR", "/ID", "1", "/L", "APPLICATION", "/SO", "Footman", "/D", &short])
        .output()
        .ok();
}
