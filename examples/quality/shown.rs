//! I/O. Failures built from the samples of every pattern.

use std::fs;
use std::path::Path;
use std::time::Duration;

use super::score::Expected;
use super::site::{DAY, HOSTS, Site};
use footman::clock::Timestamp;
use footman::demo::Error;
use footman::detect::builtin_packs;
use footman::detect::samples::{Shown, shown};
use footman::detection::{Role, Severity};
use footman::qlik::folders::is_dispatched;
use footman::qlik::watches;

/// The time between two failures: too long to be one incident.
const APART: u64 = 3 * 3600;
/// The time of failures that hold others back: after all others.
const LATE: u64 = 6 * DAY + 21 * 3600;

impl Site {
    /// Writes every pattern in force that sends cards, once each, at different times.
    pub(crate) fn show_all(&mut self) -> Result<Vec<Expected>, Error> {
        let all = shown(&builtin_packs());
        let holds_back =
            |one: &Shown| all.iter().any(|other| other.suppressed_by.contains(&one.pattern));
        let closed_by = |one: &Shown| all.iter().find(|other| other.closes.contains(&one.pattern));
        let (mut early, mut late) = (0, 0);
        let mut expected = Vec::new();
        for (number, one) in all.iter().filter(|one| one.is_shown()).enumerate() {
            let node = number % HOSTS.len();
            let ended_by = closed_by(one);
            let at = if holds_back(one) && ended_by.is_none() {
                late += 1;
                LATE + late * 1200
            } else {
                early += 1;
                early * APART + 600
            };
            expected.push(self.show(node, Duration::from_secs(at), one)?);
            if let Some(end) = ended_by {
                self.show(node, Duration::from_secs(at + 3600), end)?;
            }
        }
        Ok(expected)
    }

    /// Writes the sample rows of a pattern into each of its logs.
    fn show(&mut self, node: usize, at: Duration, one: &Shown) -> Result<Expected, Error> {
        let at = self.begin + at;
        for log in &one.logs {
            let root = self.nodes[node].log_root().to_owned();
            for watch in watches(&root, std::iter::once(log.as_str())) {
                if is_dispatched(log) {
                    let name = format!("{}_{}.log", at.as_millisecond(), one.pattern);
                    write(&watch.folder, &name, &one.lines(HOSTS[node], at))?;
                    continue;
                }
                let rolled = at.strftime("%Y-%m-%dT%H.%M.%S");
                let name = format!("{}_{log}_{rolled}Z.log", HOSTS[node]);
                write(&watch.folder, &name, &one.file(HOSTS[node], at))?;
            }
        }
        let name = one.cell("AppName", HOSTS[node]).or_else(|| one.cell("TaskName", HOSTS[node]));
        let name = name.or_else(|| one.cell("AppId", HOSTS[node]));
        Ok(Expected { kind: one.kind, name: name.unwrap_or_else(|| HOSTS[node].to_owned()), at })
    }
}

/// What is written of a pattern.
pub(crate) trait Written {
    /// Whether its match sends a card: attempts and severity `info` do not.
    fn is_shown(&self) -> bool;
    /// The rows of its sample as a file of a service.
    fn file(&self, host: &str, at: Timestamp) -> String;
    /// The same as a dispatched service writes it: one line of JSON each.
    fn lines(&self, host: &str, at: Timestamp) -> String;
    /// The cell of this column; each pattern has its own task and app.
    fn cell(&self, name: &str, host: &str) -> Option<String>;
}

impl Written for Shown {
    fn is_shown(&self) -> bool {
        matches!(self.role, Role::Standalone | Role::Verdict) && self.severity > Severity::Info
    }

    fn file(&self, host: &str, at: Timestamp) -> String {
        let names = self.columns.keys().filter(|name| *name != "Hostname");
        let names: Vec<&str> = names.map(String::as_str).collect();
        let mut text = format!("Sequence#\tTimestamp\tHostname\t{}\r\n", names.join("\t"));
        for number in 1..=self.count {
            let stamp =
                (at + Duration::from_secs(number.into())).strftime("%Y%m%dT%H%M%S.%3f+0000");
            let cells = names.iter().map(|name| match *name {
                "UserId" | "ActiveUserId" if self.by_address => format!("user{number}"),
                name => self.cell(name, host).unwrap_or_default(),
            });
            let cells: Vec<String> = cells.collect();
            text.extend([&format!("{number}\t{stamp}\t{host}\t"), &cells.join("\t"), "\r\n"]);
        }
        text
    }

    fn lines(&self, host: &str, at: Timestamp) -> String {
        let line = |number: u32| {
            let mut members = serde_json::Map::new();
            let time = (at + Duration::from_secs(number.into())).to_string();
            members.insert("time".to_owned(), time.into());
            members.insert("hostname".to_owned(), host.into());
            for name in self.columns.keys().filter(|name| *name != "Hostname") {
                let cell = self.cell(name, host).unwrap_or_default();
                members.insert(name.clone(), cell.into());
            }
            serde_json::Value::Object(members).to_string() + "\n"
        };
        (1..=self.count).map(line).collect()
    }

    fn cell(&self, name: &str, host: &str) -> Option<String> {
        let cell = self.columns.get(name)?;
        Some(match name {
            "Hostname" => host.to_owned(),
            "TaskName" | "AppName" | "TaskId" | "AppId" | "ExecutionId" => {
                format!("{cell} {}", self.pattern)
            }
            _ => cell.clone(),
        })
    }
}

fn write(folder: &Path, name: &str, text: &str) -> Result<(), Error> {
    let path = folder.join(name);
    let wrote = fs::create_dir_all(folder).and_then(|()| fs::write(&path, text));
    wrote.map_err(|source| Error::Write { path, source })
}
