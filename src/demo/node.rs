//! I/O. Appends to the simulated node's logs, byte for byte like a real node, and rolls them.

use std::collections::BTreeMap;
use std::fs::{self, OpenOptions};
use std::io::{self, Write as _};
use std::path::{Path, PathBuf};

use jiff::tz::TimeZone;

use crate::clock::Timestamp;
use crate::demo::Error;
use crate::demo::log_file::{ScriptFile, ScriptLine, ServiceLog, ServiceRow, Write};
use crate::demo::services::DemoServices;

/// The simulated node.
#[derive(Debug)]
pub struct Node {
    log: PathBuf,
    host: String,
    timezone: TimeZone,
    roll_at: u64,
    /// The number of the last row in each live file.
    rows: BTreeMap<ServiceLog, u32>,
    scripts: BTreeMap<ScriptFile, PathBuf>,
    services: DemoServices,
}

/// `qlik.example.com` in base64, as in `Host.cfg` of a node.
const HOST_CFG: &str = "cWxpay5leGFtcGxlLmNvbQ==";

/// A real node rolls at 8 MB; the demo rolls often enough to show it.
const ROLL_AT: u64 = 16 * 1024;

impl Node {
    /// Creates a node with the data folder `data` (`…/Qlik/Sense` on a real one) and empty log
    /// folders.
    pub fn create(data: &Path, host: &str, timezone: TimeZone) -> Result<Self, Error> {
        let log = data.join("Log");
        let folders = ServiceLog::ALL.map(ServiceLog::folder);
        for folder in folders.into_iter().chain(["Script"]) {
            let path = log.join(folder);
            fs::create_dir_all(&path).map_err(|source| Error::Write { path, source })?;
        }
        let path = data.join("Host.cfg");
        fs::write(&path, HOST_CFG).map_err(|source| Error::Write { path, source })?;
        let services = DemoServices::create(data.join("Services.txt"))?;
        Ok(Self {
            log,
            host: host.to_owned(),
            timezone,
            roll_at: ROLL_AT,
            rows: BTreeMap::new(),
            scripts: BTreeMap::new(),
            services,
        })
    }

    /// The node with logs that roll at `bytes`.
    #[must_use]
    pub fn rolling_at(self, bytes: u64) -> Self {
        Self { roll_at: bytes, ..self }
    }

    /// The folder that Footman follows.
    pub fn log_root(&self) -> &Path {
        &self.log
    }

    /// The table of the node's Windows services.
    pub fn service_table(&self) -> &Path {
        self.services.path()
    }

    /// Stops or starts a Windows service, by its display name.
    pub fn set_service(&mut self, name: &str, runs: bool) -> Result<(), Error> {
        self.services.set(name, runs)
    }

    /// The time of day on the node's clock.
    pub fn time_of_day(&self, now: Timestamp) -> String {
        time_of_day(now, &self.timezone)
    }

    /// Appends to one log.
    pub fn write(&mut self, now: Timestamp, write: &Write) -> Result<(), Error> {
        match write {
            Write::Rows { log, rows } => self.write_rows(now, *log, rows),
            Write::Script { file, lines } => self.write_script(now, file, lines),
        }
    }

    /// Rolls all service logs, like a restart of the services.
    pub fn roll(&mut self, now: Timestamp) -> Result<(), Error> {
        ServiceLog::ALL.into_iter().try_for_each(|log| self.roll_one(now, log))
    }

    fn write_rows(
        &mut self,
        now: Timestamp,
        log: ServiceLog,
        rows: &[ServiceRow],
    ) -> Result<(), Error> {
        let path = self.live(log);
        let size = fs::metadata(&path).map_or(0, |metadata| metadata.len());
        // A file of an earlier start is rolled: a service begins a new file when it starts.
        if size >= self.roll_at || (size > 0 && !self.rows.contains_key(&log)) {
            self.roll_one(now, log)?;
        }
        let mut text = String::new();
        if !path.exists() {
            text.push_str(&log.columns().replace(' ', "\t"));
            text.push_str("\r\n");
        }
        for row in rows {
            text.push_str(&self.row(now, log, row));
        }
        append(&path, text.as_bytes())
    }

    fn row(&mut self, now: Timestamp, log: ServiceLog, row: &ServiceRow) -> String {
        let number = self.rows.entry(log).or_default();
        *number += 1;
        let number = number.to_string();
        let stamp = self.stamp(now);
        let cells = log.columns().split(' ').map(|column| match column {
            "Sequence#" => &number,
            "Timestamp" => &stamp,
            "Hostname" => self.host.as_str(),
            "ServiceUser" => r"EXAMPLE\qlikservice",
            "ProductVersion" => "14.173.4",
            column => row.cell(column),
        });
        cells.collect::<Vec<_>>().join("\t") + "\r\n"
    }

    fn write_script(
        &mut self,
        now: Timestamp,
        file: &ScriptFile,
        lines: &[ScriptLine],
    ) -> Result<(), Error> {
        let name =
            format!("{}.{}.{}.log", file.app_id, now.strftime("%Y_%m_%d_%H_%M_%S"), file.run);
        let fresh = self.log.join("Script").join(name);
        let path = self.scripts.entry(file.clone()).or_insert(fresh).clone();
        let mut text = if path.exists() { String::new() } else { "\u{feff}".to_owned() };
        let stamp = self.stamp(now);
        text.extend(lines.iter().map(|line| script_line(&stamp, line)));
        append(&path, text.as_bytes())
    }

    fn roll_one(&mut self, now: Timestamp, log: ServiceLog) -> Result<(), Error> {
        let path = self.live(log);
        let name =
            format!("{}_{}_{}.log", self.host, log.base(), now.strftime("%Y-%m-%dT%H.%M.%SZ"));
        let rolled = path.with_file_name(name);
        // Two rolls in one second would have the same name: the second waits for the next write.
        if rolled.exists() || !path.exists() {
            return Ok(());
        }
        self.rows.insert(log, 0);
        fs::rename(&path, rolled).map_err(|source| Error::Roll { path, source })
    }

    fn live(&self, log: ServiceLog) -> PathBuf {
        self.log.join(log.folder()).join(format!("{}_{}.txt", self.host, log.base()))
    }

    fn stamp(&self, now: Timestamp) -> String {
        now.to_zoned_datetime(self.timezone.clone()).strftime("%Y%m%dT%H%M%S%.3f%z").to_string()
    }
}

pub(crate) fn time_of_day(at: Timestamp, timezone: &TimeZone) -> String {
    at.to_zoned_datetime(timezone.clone()).strftime("%H:%M:%S").to_string()
}

fn script_line(stamp: &str, line: &ScriptLine) -> String {
    match line {
        ScriptLine::Engine(words) => format!("{stamp}      {words}\r\n"),
        ScriptLine::Script(number, words) => format!("{stamp} {number:04} {words}\r\n"),
    }
}

fn append(path: &Path, bytes: &[u8]) -> Result<(), Error> {
    let file: io::Result<_> = OpenOptions::new().create(true).append(true).open(path);
    file.and_then(|mut file| file.write_all(bytes))
        .map_err(|source| Error::Write { path: path.to_owned(), source })
}
