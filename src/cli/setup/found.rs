//! I/O. Examines the machine before `footman setup` asks: configuration, logs, service manager.

use std::path::{Path, PathBuf};

use crate::cli::doctor::{self, DoctorFinding};
use crate::cli::log_root::absolute;
use crate::cli::setup::plan::{
    ACCOUNT, ServiceManager, Situation, Systemd, WrittenFolder, named_variables,
};
use crate::cli::setup::rights::{self, AccountPlace};
use crate::cli::setup::{Stop, environment, service_options, unit};
use crate::cli::{Global, check, service};
use crate::clock;
use crate::config::limits;
use crate::config::load::{Env, Flags, load, read_text, whereabouts, without_file};
use crate::config::{Config, DEFAULT_CHANNEL, DEFAULT_WEBHOOK, Problem, Settings, Written};
use crate::state::Vitals;

/// The current situation, or the problems of a configuration that setup cannot continue with.
pub(crate) fn find(global: &Global) -> Result<Situation, Stop> {
    let env = Env::of_process();
    let flags = Flags { log_root: None, ..global.flags() };
    let (config_file, _) = whereabouts(&env, &flags);
    let detected = without_file(&env, &Flags::default()).0.log_root;
    let options = service_options(global, &env);
    let program = std::env::current_exe().unwrap_or_else(|_| "footman".into());
    let services = services(&program, options.is_empty());
    let text = match read_text(&config_file, limits::TEXT) {
        Ok(text) => Some(text),
        Err(error) if error.is_missing() => None,
        Err(error) => return Err(Stop::Problems(vec![error.problem(&config_file)])),
    };
    let written = Written::new(shown(&config_file), text.as_deref().unwrap_or_default());
    // Its problems are among those of the settings.
    let (config, _) = Config::parse(&written);
    let of_service = of_service(&config, &services);
    let env = env_of_service(env, &config, &of_service);
    let (settings, mut problems) = load(&env, &flags);
    if text.is_some() {
        let n_before = problems.len();
        problems.extend(check::of_files(&settings).1);
        // On its own, it is a question of the log root.
        if !problems.is_empty() {
            let of_root = doctor::root_problem(&settings, false);
            problems.splice(n_before..n_before, of_root);
        }
    } else {
        // That a named file does not exist yet is no problem here.
        problems.clear();
    }
    if let Some(refused) = rights::refused(&places(&env, &settings, &config_file, text.is_some())) {
        return Err(Stop::Refused(refused));
    }
    let as_problem = |it: DoctorFinding| {
        Problem::elsewhere(it.area, &it.what, it.todo.as_deref().unwrap_or_default())
    };
    problems.extend(doctor::state::unusable(&settings).into_iter().map(as_problem));
    if !problems.is_empty() {
        return Err(Stop::Problems(problems));
    }
    let is_seen = |name: &&str| of_service.iter().any(|(known, _)| known == name);
    let mut named = named_variables(&config).into_iter();
    let unseen = named.find(|name| !is_seen(name)).map(str::to_owned);
    Ok(Situation {
        webhook_of_service: is_seen(&DEFAULT_WEBHOOK),
        unseen_variable: unseen.filter(|_| services.is_any()),
        webhook: webhook(&settings),
        folders: folders(&settings),
        state_dir: absolute(&settings.state_dir),
        log_dir: absolute(&settings.log.folder),
        is_agent_alive: Vitals::read(&settings.state_dir, clock::now()).signs.locked == Some(true),
        log_root: log_root(&config, &config_file),
        units: units(),
        config_file,
        text,
        config,
        detected,
        services,
        options,
        program,
    })
}

/// The environment by which the service will load this configuration.
pub(crate) fn environment_of(found: &Situation) -> Env {
    let of_service = of_service(&found.config, &found.services);
    env_of_service(Env::of_process(), &found.config, &of_service)
}

/// The webhook variable of this prompt counts only if the configuration names it: a service does
/// not see it. Variables that the service manager sets always count.
fn env_of_service(env: Env, config: &Config, of_service: &[(String, String)]) -> Env {
    let is_named = named_variables(config).contains(&DEFAULT_WEBHOOK);
    let env = if is_named { env } else { env.without_webhook() };
    env.with(of_service)
}

/// The variables that the service manager gives to the service, as far as they matter here.
fn of_service(config: &Config, services: &ServiceManager) -> Vec<(String, String)> {
    match services {
        ServiceManager::Systemd(_) => {
            let text = read_text(Path::new(environment::PATH), limits::TEXT);
            environment::variables(&text.unwrap_or_default())
        }
        ServiceManager::Windows => {
            let of_machine = |name: &str| Some((name.to_owned(), of_machine(name)?));
            let names = named_variables(config).into_iter().chain([DEFAULT_WEBHOOK]);
            names.filter_map(of_machine).collect()
        }
        ServiceManager::None(_) => Vec::new(),
    }
}

/// A variable of the whole Windows machine.
fn of_machine(name: &str) -> Option<String> {
    const KEY: &str = r"HKLM\SYSTEM\CurrentControlSet\Control\Session Manager\Environment";
    let output =
        std::process::Command::new("reg").args(["query", KEY, "/v", name]).output().ok()?;
    let text = String::from_utf8_lossy(&output.stdout).into_owned();
    let (_, value) = text.split_once("REG_SZ").or_else(|| text.split_once("REG_EXPAND_SZ"))?;
    Some(value.lines().next()?.trim().to_owned()).filter(|value| !value.is_empty())
}

/// The log root of the configuration: relative to the folder of the file, as the agent reads it.
fn log_root(config: &Config, config_file: &Path) -> Option<PathBuf> {
    let folder = config_file.parent().unwrap_or(Path::new(""));
    config.log_root.as_ref().map(|kept| absolute(&folder.join(kept)))
}

/// Where setup and the agent write. An existing configuration may need no change.
fn places(env: &Env, settings: &Settings, config_file: &Path, has_file: bool) -> Vec<AccountPlace> {
    let config_folder = config_file.parent().unwrap_or(Path::new(""));
    // A new file cannot be named by any setting but this option.
    let config = (!has_file).then_some((config_folder, "--config FILE", true));
    let (state, log) = (&settings.state_dir, &settings.log.folder);
    let folders = [
        (state.as_path(), "--state-dir DIR", *state == env.state_dir()),
        (log, "--state-dir DIR", *log == env.log_dir()),
    ];
    let all = config.into_iter().chain(folders);
    let place = |(folder, option, is_standard)| AccountPlace {
        folder: absolute(folder),
        option,
        is_standard,
    };
    all.map(place).collect()
}

fn webhook(settings: &Settings) -> Option<String> {
    let destination = &settings.channels[DEFAULT_CHANNEL].destination;
    destination.webhook().map(|_| format!("{destination}, of the channel `default`"))
}

/// The folders that the agent writes to and that the unit does not allow by default.
fn folders(settings: &Settings) -> Vec<WrittenFolder> {
    let mut paths: Vec<PathBuf> = vec![];
    for folder in [&settings.state_dir, &settings.log.folder] {
        let folder = absolute(folder);
        if !unit::WRITABLE.iter().any(|known| folder.starts_with(known)) && !paths.contains(&folder)
        {
            paths.push(folder);
        }
    }
    paths.into_iter().map(|path| WrittenFolder { exists: path.is_dir(), path }).collect()
}

/// The units that setup may have written before.
fn units() -> Vec<(PathBuf, String)> {
    let read = |path: &str| {
        let path = PathBuf::from(path);
        let text = read_text(&path, limits::TEXT).ok()?;
        Some((path, text))
    };
    [unit::PATH, unit::ADDITION].into_iter().filter_map(read).collect()
}

fn shown(path: &Path) -> String {
    path.display().to_string()
}

fn services(program: &Path, is_plain: bool) -> ServiceManager {
    const UNITS: [&str; 2] = ["/lib/systemd/system", "/usr/lib/systemd/system"];
    if cfg!(windows) {
        return ServiceManager::Windows;
    }
    if let Some(hindrance) = service::hindrance() {
        return ServiceManager::None(hindrance);
    }
    let is_packaged = UNITS.iter().any(|folder| Path::new(folder).join("footman.service").exists());
    let accounts = read_text(Path::new("/etc/passwd"), limits::TEXT).unwrap_or_default();
    ServiceManager::Systemd(Systemd {
        has_fitting_unit: is_packaged && is_plain && program == Path::new("/usr/bin/footman"),
        has_account: accounts.lines().any(|line| line.split(':').next() == Some(ACCOUNT)),
    })
}

#[cfg(test)]
mod tests;
