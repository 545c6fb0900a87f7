//! I/O. Footman under the Windows service control manager: install, control, query.

mod host;
mod process;

use std::ffi::{OsStr, OsString};
use std::time::Duration;

use anyhow::{Context, Result};
use windows_service::service::{
    Service, ServiceAccess, ServiceAction, ServiceActionType, ServiceErrorControl, ServiceExitCode,
    ServiceFailureActions, ServiceFailureResetPeriod, ServiceInfo, ServiceStartType, ServiceState,
    ServiceType,
};
use windows_service::service_manager::{ServiceManager, ServiceManagerAccess};

use crate::cli::doctor::root_problem;
use crate::cli::hint::Refused;
use crate::cli::service::windows::process::Process;
use crate::cli::service::{Account, Hindrance, Install, ServiceCommand};
use crate::cli::{End, Global, diagnose, runtime};

pub(crate) use crate::cli::service::windows::host::host;

/// The name of the service; the installer uses the same.
pub(crate) const NAME: &str = "Footman";
/// The hint for a state folder that is not on this machine.
const LOCAL: &str = "name a folder on a disk of this machine as state-dir";
const DESCRIPTION: &str =
    "Follows the Qlik Sense logs of this node and sends what goes wrong to Microsoft Teams.";
/// How long to wait for a start or a stop.
const TIMEOUT: Duration = Duration::from_secs(20);
/// `ERROR_SERVICE_DOES_NOT_EXIST`.
const NOT_INSTALLED: i32 = 1060;
/// How long the system waits for the service at shutdown.
const SHUTDOWN: Duration = Duration::from_secs(15);

pub(crate) fn run(global: &Global, command: &ServiceCommand) -> Result<End> {
    match command {
        ServiceCommand::Install(args) => return install(global, args),
        ServiceCommand::Uninstall => uninstall()?,
        ServiceCommand::Start => start()?,
        ServiceCommand::Stop => stop()?,
        ServiceCommand::Status => status()?,
        ServiceCommand::Recover => {
            let service = open(ServiceAccess::ALL_ACCESS)?;
            recover(&service)?;
            println!(
                "service {NAME}: when it ends unexpectedly, it is restarted after 5 s, 30 s, then 60 s"
            );
        }
    }
    Ok(End::Done)
}

/// Installs nothing that could not run.
fn install(global: &Global, args: &Install) -> Result<End> {
    let (settings, mut problems) = global.settings();
    problems.extend(root_problem(&settings, problems.is_empty()));
    diagnose::print(&problems, false);
    if !problems.is_empty() {
        eprintln!("footman: nothing was installed; fix the problems above, then try again");
        return Ok(End::Problems);
    }
    crate::state::check_is_local(&settings.state_dir).map_err(|error| {
        Refused::new(format!("nothing was installed: {error}"), error.hint().unwrap_or(LOCAL))
    })?;
    let manager = manager(ServiceManagerAccess::CONNECT | ServiceManagerAccess::CREATE_SERVICE)?;
    let there = match manager.open_service(NAME, ServiceAccess::ALL_ACCESS) {
        Err(error) if code(&error) == NOT_INSTALLED => None,
        there => Some(with_hint(there, "opening the service")?),
    };
    if args.if_missing && there.is_some() {
        println!("service {NAME} exists and is kept as it is");
        return Ok(End::Done);
    }
    let wanted = wanted(global, &args.account)?;
    let (service, done) = if let Some(service) = there {
        with_hint(service.change_config(&wanted), "changing the service")?;
        (service, "changed")
    } else {
        let made = manager.create_service(&wanted, ServiceAccess::ALL_ACCESS);
        (with_hint(made, "installing the service")?, "installed")
    };
    with_hint(service.set_description(DESCRIPTION), "setting the description of the service")?;
    recover(&service)?;
    println!("service {NAME} {done}; `footman service start` starts it, and so does the machine");
    // Old systems and Wine do not support these two; the service works without them.
    note(service.set_delayed_auto_start(true), "it starts with the machine, without a delay");
    note(
        service.set_preshutdown_timeout(SHUTDOWN),
        "at a shutdown it has only the usual time to stop",
    );
    Ok(End::Done)
}

/// Prints a setting that this Windows does not support, and the consequence.
fn note(result: windows_service::Result<()>, meaning: &str) {
    if let Err(error) = result {
        println!(
            "note: {meaning}: this Windows does not support the setting (error {})",
            code(&error)
        );
    }
}

fn wanted(global: &Global, account: &Account) -> Result<ServiceInfo> {
    let mut launch_arguments: Vec<OsString> = vec!["run".into(), "--service".into()];
    let folders = [
        ("--config", &global.config),
        ("--log-root", &global.log_root),
        ("--state-dir", &global.state_dir),
    ];
    for (flag, path) in folders {
        if let Some(path) = path {
            launch_arguments.push(flag.into());
            let path = std::path::absolute(path).context("finding the current folder")?;
            launch_arguments.push(path.into());
        }
    }
    Ok(ServiceInfo {
        name: NAME.into(),
        display_name: NAME.into(),
        service_type: ServiceType::OWN_PROCESS,
        start_type: ServiceStartType::AutoStart,
        error_control: ServiceErrorControl::Normal,
        executable_path: std::env::current_exe().context("finding the path of this program")?,
        launch_arguments,
        dependencies: Vec::new(),
        account_name: account.account.clone(),
        account_password: password(account)?,
    })
}

fn password(account: &Account) -> Result<Option<OsString>> {
    if let Some(variable) = &account.password_env {
        let password = std::env::var_os(variable);
        let what = format!("the variable {variable} is not set");
        let hint = "set it to the password of the account, then try again";
        return password.map(Some).ok_or_else(|| Refused::new(what, hint).into());
    }
    let Some(name) = account.account.as_ref().filter(|name| needs_password(name)) else {
        return Ok(None);
    };
    let terminal = console::Term::stderr();
    if !terminal.is_term() {
        let what = format!("{} needs a password", name.display());
        return Err(Refused::new(what, "name its variable as --password-env").into());
    }
    eprint!("Password of {} (not shown): ", name.display());
    let typed = terminal.read_secure_line().context("reading the password")?;
    Ok(Some(typed.into()))
}

/// Whether the account has a password. Managed accounts (`DOMAIN\\name$`) and system accounts
/// have none.
fn needs_password(account: &OsStr) -> bool {
    let name = account.to_string_lossy().to_ascii_lowercase();
    let of_system = ["nt authority\\", "nt service\\"].iter().any(|begin| name.starts_with(begin));
    !name.ends_with('$') && !of_system && name != "localsystem" && name != ".\\localsystem"
}

/// Restarts the service however it ended.
fn recover(service: &Service) -> Result<()> {
    let restart = |seconds| ServiceAction {
        action_type: ServiceActionType::Restart,
        delay: Duration::from_secs(seconds),
    };
    let actions = ServiceFailureActions {
        reset_period: ServiceFailureResetPeriod::After(Duration::from_hours(24)),
        reboot_msg: None,
        command: None,
        actions: Some([5, 30, 60].map(restart).into()),
    };
    with_hint(service.update_failure_actions(actions), "setting the recovery actions")?;
    // Also after an exit with an error; otherwise only crashes count.
    service.set_failure_actions_on_non_crash_failures(true).ok();
    Ok(())
}

fn uninstall() -> Result<()> {
    let service = open(ServiceAccess::ALL_ACCESS)?;
    end(&service)?;
    with_hint(service.delete(), "removing the service")?;
    println!("service {NAME} removed; its configuration, state and log are where they were");
    Ok(())
}

fn start() -> Result<()> {
    let service = open(ServiceAccess::START | ServiceAccess::QUERY_STATUS)?;
    match state_of(&service)? {
        ServiceState::Running => {
            println!("service {NAME} runs already");
            return Ok(());
        }
        ServiceState::StopPending => wait_for(&service, ServiceState::Stopped)?,
        _ => {}
    }
    with_hint(service.start::<OsString>(&[]), "starting the service")?;
    wait_for(&service, ServiceState::Running)?;
    println!("service {NAME} runs");
    Ok(())
}

fn stop() -> Result<()> {
    let service = open(ServiceAccess::STOP | ServiceAccess::QUERY_STATUS)?;
    if state_of(&service)? == ServiceState::Stopped {
        println!("service {NAME} is stopped already");
        return Ok(());
    }
    end(&service)?;
    println!("service {NAME} is stopped; no pending card is lost");
    Ok(())
}

/// Stops the service, unless it is already stopping, and waits for it and for its process: the file
/// of a running program cannot be removed.
fn end(service: &Service) -> Result<()> {
    let status = with_hint(service.query_status(), "querying the service")?;
    let process = status.process_id.and_then(Process::open);
    match status.current_state {
        ServiceState::Stopped => return Ok(()),
        ServiceState::StopPending => {}
        _ => {
            with_hint(service.stop(), "stopping the service")?;
        }
    }
    wait_for(service, ServiceState::Stopped)?;
    match process {
        Some(process) if !process.ends_within(TIMEOUT) => Err(Refused::new(
            format!(
                "the process of the service still runs {} s after it stopped",
                TIMEOUT.as_secs()
            ),
            "end it in Task Manager (no pending card is lost), then try again",
        )
        .into()),
        _ => Ok(()),
    }
}

fn status() -> Result<()> {
    let service = open(ServiceAccess::QUERY_STATUS | ServiceAccess::QUERY_CONFIG)?;
    let config = with_hint(service.query_config(), "querying the configuration of the service")?;
    let status = with_hint(service.query_status(), "querying the service")?;
    let exit = status.exit_code;
    match status.current_state {
        ServiceState::Running => println!("service {NAME} runs"),
        ServiceState::Stopped => println!("service {NAME} is stopped ({exit:?})"),
        between => println!("service {NAME}: {between:?}"),
    }
    if let Some(account) = config.account_name {
        println!("account {}: it must be able to read the logs", account.display());
    }
    Ok(())
}

/// Whether the service is installed.
pub(crate) fn is_installed() -> bool {
    open(ServiceAccess::QUERY_STATUS).is_ok()
}

/// Any account may try: the system itself refuses if needed.
pub(crate) fn hindrance() -> Option<Hindrance> {
    None
}

/// The exit code of the service and where its reason is, if it does not run.
pub(crate) fn ended() -> Option<String> {
    let service = open(ServiceAccess::QUERY_STATUS).ok()?;
    let status = service.query_status().ok()?;
    let is_over = status.current_state == ServiceState::Stopped;
    let report = host::start_report();
    is_over.then(|| match status.exit_code {
        ServiceExitCode::Win32(code) | ServiceExitCode::ServiceSpecific(code) => {
            format!("exit code {code}; the reason is in {}", report.display())
        }
    })
}

fn state_of(service: &Service) -> Result<ServiceState> {
    Ok(with_hint(service.query_status(), "querying the service")?.current_state)
}

fn wait_for(service: &Service, wanted: ServiceState) -> Result<()> {
    let arrived = async {
        let mut turns = tokio::time::interval(Duration::from_millis(100));
        loop {
            turns.tick().await;
            let now = state_of(service)?;
            if now == wanted {
                return Ok(());
            }
            if now == ServiceState::Stopped {
                let hint = format!("the reason is in {}", host::start_report().display());
                return Err(Refused::new("the service ended", hint).into());
            }
        }
    };
    let in_time = runtime()?.block_on(async { tokio::time::timeout(TIMEOUT, arrived).await });
    in_time.unwrap_or_else(|_| {
        let status = with_hint(service.query_status(), "querying the service")?;
        let process = status.process_id.map(|id| format!(" {id}")).unwrap_or_default();
        let what = format!(
            "the service is still {:?} after {} s",
            status.current_state,
            TIMEOUT.as_secs()
        );
        let hint = format!(
            "end its process{process} in Task Manager (no pending card is lost), then try again"
        );
        Err(Refused::new(what, hint).into())
    })
}

fn open(access: ServiceAccess) -> Result<Service> {
    with_hint(
        manager(ServiceManagerAccess::CONNECT)?.open_service(NAME, access),
        "opening the service",
    )
}

fn manager(access: ServiceManagerAccess) -> Result<ServiceManager> {
    let manager = ServiceManager::local_computer(None::<&str>, access);
    with_hint(manager, "connecting to the service control manager")
}

/// Adds to an error of the system what was attempted, and a hint.
fn with_hint<T>(result: windows_service::Result<T>, attempted: &'static str) -> Result<T> {
    result.map_err(|error| {
        let code = code(&error);
        let hint = remedy(code).unwrap_or("check the System log of Windows, then try again");
        Refused::new(format!("{attempted}: error {code}: {error}"), hint).into()
    })
}

fn code(error: &windows_service::Error) -> i32 {
    match error {
        windows_service::Error::Winapi(error) => error.raw_os_error().unwrap_or_default(),
        _ => 0,
    }
}

/// The hint by error number (`winerror.h`).
fn remedy(code: i32) -> Option<&'static str> {
    Some(match code {
        5 => "run this as an administrator",
        1053 => "it does not respond; end its process in Task Manager, then check its log",
        1057 => "unknown account; write it as DOMAIN\\name",
        1058 => "it is disabled; `footman service install` enables it",
        1060 => "it is not installed; `footman service install` installs it",
        1069 => {
            "its account could not sign in; check the password, and grant the right to log on as a service"
        }
        1072 => "it is being removed; close windows that show services, then try again",
        _ => return None,
    })
}
