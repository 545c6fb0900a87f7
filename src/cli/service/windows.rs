//! I/O. Footman under the service control manager: installed, asked, hosted.

mod host;

use std::ffi::OsString;
use std::time::Duration;

use anyhow::{Context, Result};
use windows_service::service::{
    Service, ServiceAccess, ServiceAction, ServiceActionType, ServiceErrorControl,
    ServiceFailureActions, ServiceFailureResetPeriod, ServiceInfo, ServiceStartType, ServiceState,
    ServiceType,
};
use windows_service::service_manager::{ServiceManager, ServiceManagerAccess};

use crate::cli::service::{Account, Command};
use crate::cli::{End, Global, runtime};

pub(in crate::cli::service) use crate::cli::service::windows::host::host;

/// The name that the service is installed under; the installer uses the same.
pub(in crate::cli::service::windows) const NAME: &str = "Footman";
const DESCRIPTION: &str =
    "Follows the Qlik Sense logs of this node and sends what goes wrong to Microsoft Teams.";
/// How long a start or a stop may take before we stop waiting for it.
const PATIENCE: Duration = Duration::from_secs(30);
/// The system waits this long at a shutdown.
const SHUTDOWN: Duration = Duration::from_secs(15);

pub(in crate::cli::service) fn run(global: &Global, command: &Command) -> Result<End> {
    match command {
        Command::Install(account) => install(global, account)?,
        Command::Uninstall => uninstall()?,
        Command::Start => start()?,
        Command::Stop => stop()?,
        Command::Status => status()?,
        Command::Recover => {
            let service = open(ServiceAccess::ALL_ACCESS)?;
            recover(&service)?;
            println!("when Footman ends by itself, it is started again after 5 s, 30 s, then 60 s");
        }
    }
    Ok(End::Done)
}

fn install(global: &Global, account: &Account) -> Result<()> {
    let manager = manager(ServiceManagerAccess::CONNECT | ServiceManagerAccess::CREATE_SERVICE)?;
    let wanted = wanted(global, account)?;
    let there = manager.open_service(NAME, ServiceAccess::ALL_ACCESS);
    let (service, done) = match there {
        Ok(service) => {
            said(service.change_config(&wanted), "changing the service")?;
            (service, "changed")
        }
        Err(_) => {
            let made = manager.create_service(&wanted, ServiceAccess::ALL_ACCESS);
            (said(made, "installing the service")?, "installed")
        }
    };
    said(service.set_description(DESCRIPTION), "describing the service")?;
    recover(&service)?;
    // Old systems and Wine know neither; the service works without.
    service.set_delayed_auto_start(true).ok();
    service.set_preshutdown_timeout(SHUTDOWN).ok();
    println!("service {NAME} {done}; `footman service start` starts it, and so does the machine");
    Ok(())
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
            let path = std::path::absolute(path).context("looking up the current folder")?;
            launch_arguments.push(path.into());
        }
    }
    Ok(ServiceInfo {
        name: NAME.into(),
        display_name: NAME.into(),
        service_type: ServiceType::OWN_PROCESS,
        start_type: ServiceStartType::AutoStart,
        error_control: ServiceErrorControl::Normal,
        executable_path: std::env::current_exe().context("looking up this program")?,
        launch_arguments,
        dependencies: Vec::new(),
        account_name: account.account.clone(),
        account_password: password(account)?,
    })
}

fn password(account: &Account) -> Result<Option<OsString>> {
    let Some(variable) = &account.password_env else { return Ok(None) };
    let password = std::env::var_os(variable);
    password.map(Some).with_context(|| format!("the variable {variable} is not set"))
}

/// Whatever ends it, it starts again.
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
    said(service.update_failure_actions(actions), "setting what happens after a failure")?;
    // Also when it ends with an error of its own; without, only crashes count.
    service.set_failure_actions_on_non_crash_failures(true).ok();
    Ok(())
}

fn uninstall() -> Result<()> {
    let service = open(ServiceAccess::ALL_ACCESS)?;
    if state(&service)? != ServiceState::Stopped {
        said(service.stop(), "stopping the service")?;
        wait_for(&service, ServiceState::Stopped)?;
    }
    said(service.delete(), "removing the service")?;
    println!("service {NAME} removed; its configuration, state and log are where they were");
    Ok(())
}

fn start() -> Result<()> {
    let service = open(ServiceAccess::START | ServiceAccess::QUERY_STATUS)?;
    if state(&service)? == ServiceState::Running {
        println!("service {NAME} runs already");
        return Ok(());
    }
    said(service.start::<OsString>(&[]), "starting the service")?;
    wait_for(&service, ServiceState::Running)?;
    println!("service {NAME} runs");
    Ok(())
}

fn stop() -> Result<()> {
    let service = open(ServiceAccess::STOP | ServiceAccess::QUERY_STATUS)?;
    if state(&service)? == ServiceState::Stopped {
        println!("service {NAME} is stopped already");
        return Ok(());
    }
    said(service.stop(), "stopping the service")?;
    wait_for(&service, ServiceState::Stopped)?;
    println!("service {NAME} is stopped; nothing that was owed is lost");
    Ok(())
}

fn status() -> Result<()> {
    let service = open(ServiceAccess::QUERY_STATUS)?;
    let status = said(service.query_status(), "asking for the service")?;
    let exit = status.exit_code;
    match status.current_state {
        ServiceState::Running => println!("service {NAME} runs"),
        ServiceState::Stopped => println!("service {NAME} is stopped ({exit:?})"),
        between => println!("service {NAME}: {between:?}"),
    }
    Ok(())
}

fn state(service: &Service) -> Result<ServiceState> {
    Ok(said(service.query_status(), "asking for the service")?.current_state)
}

fn wait_for(service: &Service, wanted: ServiceState) -> Result<()> {
    let arrived = async {
        let mut turns = tokio::time::interval(Duration::from_millis(100));
        loop {
            turns.tick().await;
            let now = state(service)?;
            if now == wanted {
                return Ok(());
            }
            if now == ServiceState::Stopped {
                anyhow::bail!("the service ended; {} says why", host::start_report().display());
            }
        }
    };
    let in_time = runtime()?.block_on(async { tokio::time::timeout(PATIENCE, arrived).await });
    in_time.unwrap_or_else(|_| {
        anyhow::bail!(
            "the service is not {wanted:?} after {} s; end its process in the task manager, or \
             look again with `footman service status`",
            PATIENCE.as_secs()
        )
    })
}

fn open(access: ServiceAccess) -> Result<Service> {
    said(manager(ServiceManagerAccess::CONNECT)?.open_service(NAME, access), "opening the service")
}

fn manager(access: ServiceManagerAccess) -> Result<ServiceManager> {
    let manager = ServiceManager::local_computer(None::<&str>, access);
    said(manager, "asking the service control manager")
}

/// What was attempted, what the system said, and what to do about it.
fn said<T>(result: windows_service::Result<T>, attempted: &'static str) -> Result<T> {
    result.map_err(|error| {
        let code = match &error {
            windows_service::Error::Winapi(error) => error.raw_os_error().unwrap_or_default(),
            _ => 0,
        };
        let hint = remedy(code).map(|hint| format!("; {hint}")).unwrap_or_default();
        anyhow::anyhow!("{attempted}: error {code}: {error}{hint}")
    })
}

/// What to do, by the number of the error (`winerror.h`).
fn remedy(code: i32) -> Option<&'static str> {
    Some(match code {
        5 => "run this as an administrator",
        1053 => "it did not start in time; look into its log",
        1057 => "there is no such account; write it as DOMAIN\\name",
        1058 => "it is disabled; `footman service install` sets it right",
        1060 => "it is not installed; `footman service install` does that",
        1069 => {
            "its account could not sign in; give the right password and the right to log on as a service"
        }
        1072 => "it is being removed; close what shows services, then try again",
        _ => return None,
    })
}
