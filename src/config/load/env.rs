//! I/O. The environment variables as a value, and the standard folders of the platform.

use std::collections::BTreeMap;
use std::path::{Path, PathBuf};

use crate::config::DEFAULT_WEBHOOK;
use crate::config::limits;
use crate::config::load::read_text;

/// Environment variables and the platform whose rules apply to them.
#[derive(Clone, Debug, Default)]
pub struct Env {
    variables: BTreeMap<String, String>,
    windows: bool,
}

impl Env {
    /// The variables of this process. A value that is not Unicode counts as unset.
    pub fn of_process() -> Self {
        let known = |(name, value): (std::ffi::OsString, std::ffi::OsString)| {
            Some((name.into_string().ok()?, value.into_string().ok()?))
        };
        Self { variables: std::env::vars_os().filter_map(known).collect(), windows: cfg!(windows) }
    }

    /// Only the given variables. With `OS=Windows_NT` among them the platform is Windows, else that
    /// of this process.
    pub fn of<'a>(variables: impl IntoIterator<Item = (&'a str, &'a str)>) -> Self {
        let owned = |(name, value): (&str, &str)| (name.to_owned(), value.to_owned());
        let variables: BTreeMap<_, _> = variables.into_iter().map(owned).collect();
        let says_windows = variables.get("OS").is_some_and(|os| os == "Windows_NT");
        Self { variables, windows: says_windows || cfg!(windows) }
    }

    /// A variable's value; an empty one counts as unset. On Windows names are case-insensitive.
    pub fn get(&self, name: &str) -> Option<&str> {
        let same = |key: &str| key == name || self.windows && key.eq_ignore_ascii_case(name);
        let found = self.variables.iter().find(|(key, _)| same(key));
        found.map(|(_, value)| value.as_str()).filter(|value| !value.is_empty())
    }

    /// The same without the variable for the webhook of the default channel.
    #[must_use]
    pub fn without_webhook(mut self) -> Self {
        let windows = self.windows;
        self.variables.retain(|name, _| {
            !(name == DEFAULT_WEBHOOK || windows && name.eq_ignore_ascii_case(DEFAULT_WEBHOOK))
        });
        self
    }

    /// The same with these variables, which take precedence.
    #[must_use]
    pub fn with(mut self, variables: &[(String, String)]) -> Self {
        let windows = self.windows;
        for (name, value) in variables {
            self.variables.retain(|key, _| !(windows && key.eq_ignore_ascii_case(name)));
            self.variables.insert(name.clone(), value.clone());
        }
        self
    }

    pub(crate) fn config_file(&self) -> PathBuf {
        match self.program_data() {
            Some(folder) => folder.join("Footman").join("footman.toml"),
            None => PathBuf::from("/etc/footman/footman.toml"),
        }
    }

    pub(crate) fn state_dir(&self) -> PathBuf {
        match self.program_data() {
            Some(folder) => folder.join("Footman").join("state"),
            None => PathBuf::from("/var/lib/footman"),
        }
    }

    pub(crate) fn log_dir(&self) -> PathBuf {
        match self.program_data() {
            Some(folder) => folder.join("Footman").join("log"),
            None => PathBuf::from("/var/log/footman"),
        }
    }

    /// Where Qlik Sense keeps its logs, if this machine is a Qlik node.
    pub(crate) fn qlik_log_root(&self) -> Option<PathBuf> {
        let folder = self.program_data()?.join("Qlik").join("Sense").join("Log");
        folder.is_dir().then_some(folder)
    }

    /// The name of this machine, as the system reports it.
    pub(crate) fn node(&self) -> String {
        let named = self.get("COMPUTERNAME").or_else(|| self.get("HOSTNAME")).map(str::to_owned);
        named
            .or_else(|| read_text(Path::new("/etc/hostname"), limits::VALUE).ok())
            .map(|name| name.trim().to_owned())
            .filter(|name| !name.is_empty())
            .unwrap_or_else(|| "this machine".to_owned())
    }

    fn program_data(&self) -> Option<PathBuf> {
        let folder = self.get("ProgramData").unwrap_or("C:\\ProgramData");
        self.windows.then(|| Path::new(folder).to_owned())
    }
}
