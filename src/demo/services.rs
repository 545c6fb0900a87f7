//! I/O. The Windows services of the simulated node, as a table in a file.

use std::path::{Path, PathBuf};

use crate::demo::Error;
use crate::detection::ServiceState;
use crate::observe::{Service, StartType, table};

/// The service control manager's exit code for a process that ended unexpectedly.
const CRASHED: u32 = 1067;

/// The services and the file that lists them.
#[derive(Debug)]
pub(crate) struct DemoServices {
    path: PathBuf,
    services: Vec<Service>,
}

impl DemoServices {
    /// Creates the table with all services running.
    pub(crate) fn create(path: PathBuf) -> Result<Self, Error> {
        let names = ["Repository", "Proxy", "Engine", "Scheduler", "Printing"];
        let services = Self { path, services: names.map(running).into() };
        services.write()?;
        Ok(services)
    }

    pub(crate) fn path(&self) -> &Path {
        &self.path
    }

    pub(crate) fn set(&mut self, name: &str, runs: bool) -> Result<(), Error> {
        for service in self.services.iter_mut().filter(|service| service.display_name == name) {
            service.state = if runs { ServiceState::Running } else { ServiceState::Stopped };
            service.exit_code = if runs { 0 } else { CRASHED };
        }
        self.write()
    }

    /// Renames the table into place, so that no reader sees part of it.
    fn write(&self) -> Result<(), Error> {
        let text: String = self.services.iter().map(table::line).collect();
        let beside = self.path.with_extension("new");
        let written = std::fs::write(&beside, text);
        let renamed = written.and_then(|()| std::fs::rename(&beside, &self.path));
        renamed.map_err(|source| Error::Write { path: self.path.clone(), source })
    }
}

fn running(name: &str) -> Service {
    Service {
        name: format!("QlikSense{name}Service"),
        display_name: format!("Qlik Sense {name} Service"),
        state: ServiceState::Running,
        start: StartType::Automatic,
        exit_code: 0,
        process: None,
        stop_cause: None,
    }
}
