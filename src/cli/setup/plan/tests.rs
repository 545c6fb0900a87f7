use std::path::{Path, PathBuf};

use crate::cli::setup::plan::{
    NoPlan, Question, ServiceManager, SetupAnswers, SetupStep, Situation, Systemd, WrittenFolder,
    plan,
};
use crate::config::{Config, EXAMPLE, Written};

fn found(text: Option<&str>) -> Situation {
    let (config, problems) = Config::parse(&Written::new("", text.unwrap_or_default()));
    assert_eq!(problems, []);
    Situation {
        config_file: PathBuf::from("/etc/footman/footman.toml"),
        text: text.map(str::to_owned),
        config,
        program: PathBuf::from("/usr/bin/footman"),
        ..Situation::default()
    }
}

fn answers() -> SetupAnswers {
    SetupAnswers {
        log_root: Some(PathBuf::from("/mnt/qlik/Log")),
        environment: Some("prod".to_owned()),
        has_webhook: true,
        test_card: true,
        service: true,
        account: None,
    }
}

/// With the separators of Linux, also where the tests run on Windows.
fn shown(steps: &Result<Vec<SetupStep>, NoPlan>) -> Vec<String> {
    steps.as_ref().unwrap().iter().map(|step| step.shown().replace('\\', "/")).collect()
}

fn written(steps: &[SetupStep]) -> &str {
    let text = |step: &'_ SetupStep| matches!(step, SetupStep::Configuration { .. });
    let Some(SetupStep::Configuration { text, .. }) = steps.iter().find(|step| text(step)) else {
        panic!("no configuration is written")
    };
    text
}

#[test]
fn a_blank_linux_machine_gets_files_account_unit_and_card() {
    let found = Situation { services: ServiceManager::Systemd(Systemd::default()), ..found(None) };
    let steps = plan(&found, &answers());
    insta::assert_snapshot!(shown(&steps).join("\n"), @"
    write the webhook into /etc/footman/webhook.txt, for its owner only
    write the configuration /etc/footman/footman.toml
    post a test card
    run useradd --system --user-group --home-dir /var/lib/footman --no-create-home --shell /usr/sbin/nologin footman
    run chown footman: /etc/footman/webhook.txt
    check that the account footman can run /usr/bin/footman
    check that the account footman can read /etc/footman/footman.toml
    check that the account footman can read /mnt/qlik/Log
    write the unit /etc/systemd/system/footman.service
    run systemctl daemon-reload
    run systemctl enable footman.service
    run systemctl restart footman.service
    ");
    let (config, problems) = Config::parse(&Written::new("", written(&steps.unwrap())));
    assert_eq!(problems, []);
    assert_eq!(config.environment.as_deref(), Some("prod"));
    assert_eq!(config.log_root.as_deref(), Some(Path::new("/mnt/qlik/Log")));
    assert_eq!(config.channel["default"].webhook_file.as_deref(), Some(Path::new("webhook.txt")));
}

#[test]
fn the_commented_configuration_of_the_package_counts_as_not_configured() {
    let unit = Systemd { has_fitting_unit: true, has_account: true };
    let found = Situation { services: ServiceManager::Systemd(unit), ..found(Some(EXAMPLE)) };
    let open = found.open_questions(&[]);
    assert_eq!(open.len(), 5, "{open:?}");
    let steps = plan(&found, &answers());
    insta::assert_snapshot!(shown(&steps).join("\n"), @"
    write the webhook into /etc/footman/webhook.txt, for its owner only
    write the configuration /etc/footman/footman.toml
    post a test card
    run chown footman: /etc/footman/webhook.txt
    check that the account footman can run /usr/bin/footman
    check that the account footman can read /etc/footman/footman.toml
    check that the account footman can read /mnt/qlik/Log
    run systemctl enable footman.service
    run systemctl restart footman.service
    ");
}

#[test]
fn on_a_qlik_node_the_detected_log_root_is_not_written_down() {
    let found = Situation {
        detected: Some(PathBuf::from("/mnt/qlik/Log")),
        services: ServiceManager::Windows,
        ..found(None)
    };
    let steps = plan(&found, &answers()).unwrap();
    assert!(!written(&steps).lines().any(|line| line.starts_with("log-root")));
    assert_eq!(steps.last(), Some(&SetupStep::WindowsService { restart: true }));
}

#[test]
fn a_configured_node_keeps_its_file_and_is_not_asked_again() {
    let text = "environment = 'prod'\nlog-root = '/mnt/qlik/Log'\n[channel.default]\nwebhook-file = 'w.txt'\n";
    let found = Situation {
        webhook: Some("Teams webhook at host".to_owned()),
        services: ServiceManager::Windows,
        ..found(Some(text))
    };
    assert_eq!(found.open_questions(&[]), [Question::TestCard, Question::Service]);
    let again = SetupAnswers { test_card: true, service: true, ..SetupAnswers::default() };
    let steps = plan(&found, &again).unwrap();
    assert_eq!(steps, [SetupStep::TestCard, SetupStep::WindowsService { restart: false }]);
    assert_eq!(found.kept().len(), 4, "{:?}", found.kept());
}

#[test]
fn a_new_webhook_goes_into_the_file_that_the_configuration_names() {
    let found = found(Some("[channel.default]\nwebhook-file = 'w.txt'\n"));
    let new = SetupAnswers { has_webhook: true, ..SetupAnswers::default() };
    assert_eq!(
        plan(&found, &new).unwrap(),
        [SetupStep::Secret(PathBuf::from("/etc/footman/w.txt"))]
    );
}

#[test]
fn a_webhook_in_a_variable_is_not_replaced_by_an_unused_file() {
    let found = found(Some("[channel.default]\nwebhook-env = 'HOOK'\n"));
    let refused = plan(&found, &answers()).unwrap_err();
    assert!(refused.why.contains("variable"), "{}", refused.why);
    assert!(!refused.hint.is_empty());
}

#[test]
fn a_variable_that_only_the_prompt_has_is_refused_for_a_service_and_fine_without_one() {
    let unseen = |services| Situation {
        unseen_variable: Some("HOOK".to_owned()),
        webhook: Some("Teams webhook at host".to_owned()),
        services,
        ..found(Some("[channel.default]\nwebhook-env = 'HOOK'\n"))
    };
    let wanted = SetupAnswers { has_webhook: false, environment: None, ..answers() };
    let systemd = plan(&unseen(ServiceManager::Systemd(Systemd::default())), &wanted).unwrap_err();
    assert!(systemd.why.contains("would not see the variable HOOK"), "{}", systemd.why);
    assert!(systemd.hint.contains("HOOK=https://… into /etc/footman/environment"));
    let windows = plan(&unseen(ServiceManager::Windows), &wanted).unwrap_err();
    assert!(windows.hint.contains("SetEnvironmentVariable('HOOK'"), "{}", windows.hint);
    let plain = SetupAnswers { service: false, ..wanted.clone() };
    for services in [ServiceManager::Windows, ServiceManager::default()] {
        assert!(plan(&unseen(services), &plain).is_ok());
    }
    // Another account may have it as a variable of its own.
    let account = SetupAnswers { account: Some("CORP\\x$".to_owned()), ..wanted };
    assert!(plan(&unseen(ServiceManager::Windows), &account).is_ok());
}

#[test]
fn folders_that_the_configuration_names_are_made_and_opened_to_the_unit() {
    let folder = |path: &str, exists| WrittenFolder { path: PathBuf::from(path), exists };
    let folders = vec![folder("/srv/state", false), folder("/srv/log", true)];
    for has_fitting_unit in [false, true] {
        let systemd = Systemd { has_fitting_unit, has_account: true };
        let found = Situation {
            folders: folders.clone(),
            services: ServiceManager::Systemd(systemd),
            ..found(Some(EXAMPLE))
        };
        let steps = plan(&found, &answers()).unwrap();
        let written = steps.iter().find_map(|step| match step {
            SetupStep::Unit { path, text } => Some((path.clone(), text.clone())),
            _ => None,
        });
        let (path, text) = written.unwrap();
        let is_addition = path == Path::new("/etc/systemd/system/footman.service.d/folders.conf");
        assert_eq!(is_addition, has_fitting_unit, "{path:?}");
        for line in ["ReadWritePaths=/srv/state", "ReadWritePaths=/srv/log"] {
            assert!(text.lines().any(|known| known == line), "{text}");
        }
        let shown = shown(&Ok(steps)).join("\n");
        assert!(shown.contains("install -d -m 700 -o footman -g footman /srv/state"), "{shown}");
        // What exists keeps its owner: others may use it.
        assert!(!shown.contains("footman /srv/log"), "{shown}");
        assert!(shown.contains("can write in /srv/log"), "{shown}");
        assert!(shown.contains("run systemctl daemon-reload"), "{shown}");
    }
}

#[test]
fn a_unit_that_changes_restarts_the_service_and_one_that_does_not_is_left_alone() {
    let systemd = Systemd { has_fitting_unit: false, has_account: true };
    let text = "environment = 'prod'\nlog-root = '/mnt/qlik/Log'\n";
    let found = |units: &[(PathBuf, String)]| Situation {
        units: units.to_vec(),
        services: ServiceManager::Systemd(systemd.clone()),
        ..found(Some(text))
    };
    let wanted = SetupAnswers { service: true, ..SetupAnswers::default() };
    let last = |steps: &[SetupStep]| steps.last().unwrap().shown();
    let first = plan(&found(&[]), &wanted).unwrap();
    assert_eq!(last(&first), "run systemctl restart footman.service");
    let unit = first.into_iter().find_map(|step| match step {
        SetupStep::Unit { path, text } => Some((path, text)),
        _ => None,
    });
    let again = plan(&found(&[unit.unwrap()]), &wanted).unwrap();
    assert_eq!(last(&again), "run systemctl enable --now footman.service");
    assert!(!again.iter().any(|step| matches!(step, SetupStep::Unit { .. })), "{again:?}");
}

#[test]
fn what_is_in_tmp_is_refused_for_a_unit_which_has_a_tmp_of_its_own() {
    let program = PathBuf::from("/tmp/build/footman");
    let services = ServiceManager::Systemd(Systemd::default());
    let found = Situation { services, program, ..found(None) };
    let refused = plan(&found, &answers()).unwrap_err();
    assert!(refused.why.contains("would not see /tmp/build/footman"), "{}", refused.why);
    assert!(plan(&found, &SetupAnswers { service: false, ..answers() }).is_ok());
}

#[test]
fn a_webhook_of_the_unit_is_not_replaced_by_an_unused_file() {
    let found = Situation {
        webhook_of_service: true,
        services: ServiceManager::Systemd(Systemd::default()),
        ..found(Some(EXAMPLE))
    };
    let refused = plan(&found, &answers()).unwrap_err();
    assert!(refused.why.starts_with("/etc/footman/environment sets"), "{}", refused.why);
}

#[test]
fn without_a_webhook_no_card_is_posted() {
    let local = SetupAnswers { has_webhook: false, service: false, ..answers() };
    let steps = shown(&plan(&found(None), &local));
    assert_eq!(steps, ["write the configuration /etc/footman/footman.toml"]);
}

#[test]
fn a_separate_account_gets_access_to_the_files_it_needs() {
    let found = Situation { services: ServiceManager::Windows, ..found(None) };
    let account = SetupAnswers { account: Some("CORP\\footman$".to_owned()), ..answers() };
    let steps = shown(&plan(&found, &account)).join("\n");
    assert!(steps.contains("icacls /etc/footman /grant CORP/footman$:(OI)(CI)M"), "{steps}");
    assert!(steps.contains("webhook.txt /grant CORP/footman$:R"), "{steps}");
}

#[test]
fn questions_answered_by_a_flag_are_not_asked() {
    let found = found(None);
    let given = [Question::LogRoot, Question::Webhook];
    assert_eq!(found.open_questions(&given), [Question::Environment, Question::TestCard]);
}
