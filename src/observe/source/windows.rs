//! I/O. Queries the service control manager for the services of Qlik Sense, by name.

mod account;
mod entries;

use windows_service::Error;
use windows_service::service::{
    Service as Handle, ServiceAccess, ServiceExitCode, ServiceStartType, ServiceState,
};
use windows_service::service_manager::{ServiceManager, ServiceManagerAccess};

use crate::detection::ServiceState as State;
use crate::observe::{Service, StartType};
use crate::qlik;

pub(crate) use crate::observe::source::windows::account::account;
pub(crate) use crate::observe::source::windows::entries::entries;

/// `ERROR_SERVICE_DOES_NOT_EXIST`, and `ERROR_SERVICE_MARKED_FOR_DELETE`.
const NOT_INSTALLED: [i32; 2] = [1060, 1072];

/// The services of this or another machine; `None` if they cannot be queried.
pub(crate) fn services(machine: Option<&str>) -> Option<Vec<Service>> {
    let access = ServiceManagerAccess::CONNECT;
    let manager = match machine {
        Some(machine) => ServiceManager::remote_computer(machine, None::<&str>, access),
        None => ServiceManager::local_computer(None::<&str>, access),
    };
    let manager = manager.inspect_err(|error| log_failure(machine, error)).ok()?;
    let mut services = Vec::new();
    for name in qlik::services::names() {
        match service(&manager, &name) {
            Ok(service) => services.push(service),
            Err(Error::Winapi(error))
                if error.raw_os_error().is_some_and(|code| NOT_INSTALLED.contains(&code)) => {}
            Err(error) => {
                log_failure(machine, &error);
                return None;
            }
        }
    }
    Some(services)
}

fn service(manager: &ServiceManager, name: &str) -> Result<Service, Error> {
    let access = ServiceAccess::QUERY_STATUS | ServiceAccess::QUERY_CONFIG;
    let service: Handle = manager.open_service(name, access)?;
    let status = service.query_status()?;
    let config = service.query_config()?;
    Ok(Service {
        name: name.to_owned(),
        display_name: config.display_name.to_string_lossy().into_owned(),
        state: state(status.current_state),
        start: start(config.start_type),
        exit_code: match status.exit_code {
            ServiceExitCode::Win32(code) | ServiceExitCode::ServiceSpecific(code) => code,
        },
        process: status.process_id,
        stop_cause: None,
    })
}

fn state(state: ServiceState) -> State {
    match state {
        ServiceState::Stopped => State::Stopped,
        ServiceState::StartPending => State::Starting,
        ServiceState::StopPending => State::Stopping,
        ServiceState::Paused => State::Paused,
        ServiceState::Running | ServiceState::ContinuePending | ServiceState::PausePending => {
            State::Running
        }
    }
}

fn start(start: ServiceStartType) -> StartType {
    match start {
        ServiceStartType::AutoStart => StartType::Automatic,
        ServiceStartType::Disabled => StartType::Disabled,
        _ => StartType::Manual,
    }
}

fn log_failure(machine: Option<&str>, error: &Error) {
    let machine = machine.unwrap_or("this machine");
    tracing::debug!("cannot query the services of {machine}: {error}");
}
