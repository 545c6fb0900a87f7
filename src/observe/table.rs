//! Pure. A table of services as text; a simulated node uses it in place of a service manager.
//!
//! One service per line: name, state, start type, exit code, display name. `#` begins a comment.
//!
//! ```text
//! QlikSenseEngineService  stopped  automatic  1067  Qlik Sense Engine Service
//! ```

use crate::detection::ServiceState;
use crate::observe::{Service, StartType};

/// Parses a table of services; unreadable lines are skipped.
pub fn parse(text: &str) -> Vec<Service> {
    text.lines().filter_map(service).collect()
}

/// The line for a service, including the line end.
pub fn line(service: &Service) -> String {
    let (state, start) = (state_name(service.state), start_name(service.start));
    let Service { name, display_name, exit_code, .. } = service;
    format!("{name}  {state}  {start}  {exit_code}  {display_name}\n")
}

fn service(line: &str) -> Option<Service> {
    let line = line.split('#').next()?;
    let mut words = line.split_whitespace();
    Some(Service {
        name: words.next()?.to_owned(),
        state: words.next().and_then(state)?,
        start: words.next().and_then(start)?,
        exit_code: words.next()?.parse().ok()?,
        display_name: words.collect::<Vec<_>>().join(" "),
        process: None,
        stop_cause: None,
    })
}

const STATES: [ServiceState; 5] = [
    ServiceState::Running,
    ServiceState::Starting,
    ServiceState::Stopping,
    ServiceState::Stopped,
    ServiceState::Paused,
];
const STARTS: [StartType; 3] = [StartType::Automatic, StartType::Manual, StartType::Disabled];

fn state(word: &str) -> Option<ServiceState> {
    STATES.into_iter().find(|state| state_name(*state) == word)
}

fn start(word: &str) -> Option<StartType> {
    STARTS.into_iter().find(|start| start_name(*start) == word)
}

fn state_name(state: ServiceState) -> &'static str {
    match state {
        ServiceState::Running => "running",
        ServiceState::Starting => "starting",
        ServiceState::Stopping => "stopping",
        ServiceState::Stopped => "stopped",
        ServiceState::Paused => "paused",
    }
}

fn start_name(start: StartType) -> &'static str {
    match start {
        StartType::Automatic => "automatic",
        StartType::Manual => "manual",
        StartType::Disabled => "disabled",
    }
}
