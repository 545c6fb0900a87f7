use std::path::PathBuf;

use super::*;
use crate::cli::setup::plan::Systemd;

fn found(text: &str, is_agent_alive: bool, services: ServiceManager) -> Situation {
    let config = Config::parse(&Written::new("", text)).0;
    Situation { config, is_agent_alive, services, ..Situation::default() }
}

fn configuration(text: &str) -> SetupStep {
    SetupStep::Configuration { path: PathBuf::from("footman.toml"), text: text.to_owned() }
}

#[test]
fn a_running_agent_is_not_started_again() {
    let before = "log-root = 'Log'\n[channel.default]\nwebhook-env = 'A'\n";
    let found = found(before, true, ServiceManager::Windows);
    let said = |steps: &[SetupStep]| next(&found, steps);
    let taken = said(&[SetupStep::Secret(PathBuf::from("webhook.txt"))]);
    assert!(taken.starts_with("The running agent takes the change within seconds"), "{taken}");
    let live = "log-root = 'Log'\n[channel.default]\nwebhook-file = 'A'\n";
    assert_eq!(said(&[configuration(live)]), taken);
    let restart = said(&[configuration(&format!("environment = 'prod'\n{before}"))]);
    let wanted = "Next: restart the agent that runs: it reads environment only when it starts";
    assert_eq!(restart, wanted);
    assert!(said(&[SetupStep::TestCard]).starts_with("An agent runs already"));
}

#[test]
fn a_service_is_recommended_only_where_it_is_possible() {
    let said = |services| next(&found("", false, services), &[]);
    for services in [ServiceManager::Windows, ServiceManager::Systemd(Systemd::default())] {
        assert!(said(services).ends_with("or run setup again with --service=yes"));
    }
    let not_root = said(ServiceManager::None(Hindrance::NotRoot));
    assert!(not_root.ends_with("run setup again as root, with --service=yes"), "{not_root}");
    let no_systemd = said(ServiceManager::None(Hindrance::NoSystemd));
    assert_eq!(no_systemd, "Next: start it with `footman run`");
}
