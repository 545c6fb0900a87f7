//! I/O. Examines the machine before `footman setup` asks: configuration, logs, service manager.

use std::path::Path;

use crate::cli::Global;
use crate::cli::setup::plan::{ACCOUNT, Found, Services, Systemd};
use crate::cli::setup::service_options;
use crate::config::load::{Env, Flags, limits, load, read_text, whereabouts, without_file};
use crate::config::{Config, DEFAULT_CHANNEL, Destination, Problem, Written};

/// The current situation, or the problems of a configuration that setup cannot continue with.
pub(in crate::cli::setup) fn find(global: &Global) -> Result<Found, Vec<Problem>> {
    let env = Env::of_process();
    let flags = Flags { config: global.config.clone(), ..Flags::default() };
    let (config_file, _) = whereabouts(&env, &flags);
    let detected = without_file(&env, &Flags::default()).0.log_root;
    let options = service_options(global, &env);
    let program = std::env::current_exe().unwrap_or_else(|_| "footman".into());
    let services = services(&program, options.is_empty());
    let blank = Found { config_file, detected, services, options, program, ..Found::default() };
    let text = match read_text(&blank.config_file, limits::TEXT) {
        Ok(text) => text,
        Err(error) if error.is_missing() => return Ok(blank),
        Err(error) => return Err(vec![error.problem(&blank.config_file)]),
    };
    let (config, problems) = Config::parse(&Written::new(shown(&blank.config_file), &text));
    if !problems.is_empty() {
        return Err(problems);
    }
    // The variable of this prompt is not part of the configuration.
    let (settings, problems) = load(&env.without_webhook(), &flags);
    if !problems.is_empty() {
        return Err(problems);
    }
    let destination = &settings.channels[DEFAULT_CHANNEL].destination;
    let is_webhook = matches!(destination, Destination::Webhook(_));
    let webhook = is_webhook.then(|| format!("{destination}, of the channel `default`"));
    Ok(Found { text: Some(text), config, webhook, ..blank })
}

fn shown(path: &Path) -> String {
    path.display().to_string()
}

/// On Linux only root can create a service, and only if systemd runs.
fn services(program: &Path, is_plain: bool) -> Services {
    const UNITS: [&str; 2] = ["/lib/systemd/system", "/usr/lib/systemd/system"];
    if cfg!(windows) {
        return Services::Windows;
    }
    if !Path::new("/run/systemd/system").is_dir() || !is_root() {
        return Services::None;
    }
    let is_packaged = UNITS.iter().any(|folder| Path::new(folder).join("footman.service").exists());
    let accounts = read_text(Path::new("/etc/passwd"), limits::TEXT).unwrap_or_default();
    Services::Systemd(Systemd {
        has_fitting_unit: is_packaged && is_plain && program == Path::new("/usr/bin/footman"),
        has_account: accounts.lines().any(|line| line.split(':').next() == Some(ACCOUNT)),
    })
}

fn is_root() -> bool {
    #[cfg(unix)]
    {
        rustix::process::geteuid().is_root()
    }
    #[cfg(not(unix))]
    {
        false
    }
}
