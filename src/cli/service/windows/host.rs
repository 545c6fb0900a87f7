//! I/O. Runs under the service control manager, and reports state changes and failures.

use std::ffi::OsString;
use std::panic::{AssertUnwindSafe, catch_unwind};
use std::path::PathBuf;
use std::sync::OnceLock;
use std::time::Duration;

use anyhow::{Context, Result};
use clap::Parser;
use tokio_util::sync::CancellationToken;
use windows_service::service::{
    ServiceControl, ServiceControlAccept, ServiceExitCode, ServiceState, ServiceStatus, ServiceType,
};
use windows_service::service_control_handler::{
    self, ServiceControlHandlerResult, ServiceStatusHandle,
};
use windows_service::service_dispatcher;

use crate::agent::system_log;
use crate::cli::run::{self, NO_LOG_ROOT};
use crate::cli::service::windows::NAME;
use crate::cli::{Args, End, FootmanCommand, Global};
use crate::config::Problem;

/// How long the system waits before it considers a start or stop to hang.
const HINT: Duration = Duration::from_secs(30);

mod entry {
    use windows_service::define_windows_service;

    use crate::cli::service::windows::host::serve;

    define_windows_service!(service_main, serve);

    /// The function that the service control manager calls.
    pub(crate) const MAIN: extern "system" fn(u32, *mut *mut u16) = service_main;
}

/// The handle for reporting states; set once, when the service control manager calls.
static STATUS_HANDLE: OnceLock<ServiceStatusHandle> = OnceLock::new();

/// Hands this process over to the service control manager; returns when the service has ended.
pub(crate) fn host() -> Result<End> {
    let ended = service_dispatcher::start(NAME, entry::MAIN);
    ended.context(
        "the service control manager did not start this; use `footman run` in a console",
    )?;
    Ok(End::Done)
}

/// The file with the reason of a failed start, in addition to the event log.
pub(crate) fn start_report() -> PathBuf {
    let data = std::env::var_os("ProgramData").unwrap_or_else(|| "C:\\ProgramData".into());
    PathBuf::from(data).join("Footman").join("log").join("last-start.txt")
}

fn serve(_: Vec<OsString>) {
    let stop = CancellationToken::new();
    let worked = catch_unwind(AssertUnwindSafe(|| work(&stop)));
    let exit = match worked {
        Ok(Ok(End::Done)) => ServiceExitCode::NO_ERROR,
        // The reason was already reported.
        Ok(Ok(_)) => ServiceExitCode::ServiceSpecific(3),
        Ok(Err(error)) => {
            report(&format!("Footman ended: {error:#}"));
            ServiceExitCode::ServiceSpecific(1)
        }
        Err(_) => {
            report("Footman ended because of an internal error; see its log");
            ServiceExitCode::ServiceSpecific(1)
        }
    };
    report_state(ServiceState::Stopped, exit);
}

fn work(stop: &CancellationToken) -> Result<End> {
    let asked = stop.clone();
    let on_control = move |control| match control {
        ServiceControl::Interrogate => ServiceControlHandlerResult::NoError,
        ServiceControl::Stop | ServiceControl::Preshutdown | ServiceControl::Shutdown => {
            report_state(ServiceState::StopPending, ServiceExitCode::NO_ERROR);
            asked.cancel();
            ServiceControlHandlerResult::NoError
        }
        _ => ServiceControlHandlerResult::NotImplemented,
    };
    let handle = service_control_handler::register(NAME, on_control)
        .context("registering the control handler")?;
    STATUS_HANDLE.set(handle).ok();
    report_state(ServiceState::StartPending, ServiceExitCode::NO_ERROR);
    let args = Args::parse();
    let FootmanCommand::Run(run_args) = &args.command else {
        anyhow::bail!("only `footman run --service` is hosted as a service");
    };
    if let Some(why) = cannot_start(&args.global) {
        report(&format!("Footman was not started. {why}"));
        return Ok(End::Problems);
    }
    let ready = || {
        std::fs::remove_file(start_report()).ok();
        report_state(ServiceState::Running, ServiceExitCode::NO_ERROR);
    };
    run::serve(&args.global, run_args, stop, ready)
}

/// The problem that `footman run` would print on a console.
fn cannot_start(global: &Global) -> Option<String> {
    let (settings, mut problems) = global.settings();
    problems.extend(settings.foreign.clone());
    if problems.is_empty() {
        return (settings.log_root.is_none() && settings.tenants.is_empty())
            .then(|| NO_LOG_ROOT.to_owned());
    }
    let line = |problem: &Problem| {
        let hint = problem.hint.as_ref().map(|hint| format!(" ({hint})")).unwrap_or_default();
        format!("{}: {}{hint}", problem.place(), problem.message)
    };
    Some(problems.iter().map(line).collect::<Vec<_>>().join("; "))
}

fn report_state(state: ServiceState, exit_code: ServiceExitCode) {
    let Some(handle) = STATUS_HANDLE.get() else { return };
    let pending = matches!(state, ServiceState::StartPending | ServiceState::StopPending);
    let controls = if state == ServiceState::Running {
        ServiceControlAccept::STOP | ServiceControlAccept::PRESHUTDOWN
    } else {
        ServiceControlAccept::empty()
    };
    let reported = handle.set_service_status(ServiceStatus {
        service_type: ServiceType::OWN_PROCESS,
        current_state: state,
        controls_accepted: controls,
        exit_code,
        checkpoint: 0,
        wait_hint: if pending { HINT } else { Duration::ZERO },
        process_id: None,
    });
    if let Err(error) = reported {
        tracing::warn!("cannot report the state to the service control manager: {error}");
    }
}

/// Writes to a file and to the event log, because the standard error of a service is not visible.
fn report(sentence: &str) {
    let path = start_report();
    path.parent().map(std::fs::create_dir_all);
    std::fs::write(&path, format!("{}  {sentence}\r\n", crate::clock::now())).ok();
    system_log::error(sentence);
}
