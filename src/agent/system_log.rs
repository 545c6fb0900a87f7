//! I/O. The system's own log, for what must be found although nothing of ours can be written.

/// One error. On Linux standard error is the journal, and the log has said it there.
#[cfg(not(windows))]
pub fn error(sentence: &str) {
    tracing::error!("{sentence}");
}

/// One error in the application log of Windows: nobody sees the standard error of a service.
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
