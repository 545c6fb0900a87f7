use super::*;

fn config(text: &str) -> Config {
    let (config, problems) = Config::parse(&Written::new("", text));
    assert_eq!(problems, []);
    config
}

#[test]
fn a_variable_of_this_prompt_counts_only_if_the_configuration_names_it() {
    let prompt = || Env::of([(DEFAULT_WEBHOOK, "of the prompt"), ("HOOK", "other")]);
    let unnamed = config("[channel.default]\nwebhook-file = 'w.txt'\n");
    assert_eq!(env_of_service(prompt(), &unnamed, &[]).get(DEFAULT_WEBHOOK), None);
    let named = config("[channel.default]\nwebhook-env = 'FOOTMAN_TEAMS_WEBHOOK'\n");
    let env = env_of_service(prompt(), &named, &[]);
    assert_eq!(env.get(DEFAULT_WEBHOOK), Some("of the prompt"));
    let of_service = [(DEFAULT_WEBHOOK.to_owned(), "of the service".to_owned())];
    for config in [&unnamed, &named] {
        let env = env_of_service(prompt(), config, &of_service);
        assert_eq!(env.get(DEFAULT_WEBHOOK), Some("of the service"));
        assert_eq!(env.get("HOOK"), Some("other"));
    }
}

#[test]
fn folders_that_the_configuration_names_are_found_once_and_the_standard_ones_are_left_out() {
    let folder = tempfile::tempdir().unwrap();
    let file = folder.path().join("footman.toml");
    let found = |text: &str| -> Vec<(PathBuf, bool)> {
        std::fs::write(&file, text).unwrap();
        let flags = Flags { config: Some(file.clone()), ..Flags::default() };
        let (settings, problems) = load(&Env::of([]), &flags);
        assert_eq!(problems, []);
        folders(&settings).into_iter().map(|it| (it.path, it.exists)).collect()
    };
    let here = |name: &str| folder.path().join(name);
    std::fs::create_dir(here("log")).unwrap();
    // The log is beside a state folder that was chosen.
    assert_eq!(found("state-dir = 'state'\n"), [(here("state"), false), (here("log"), true)]);
    assert_eq!(found("state-dir = 'log'\n[log]\nfolder = 'log'\n"), [(here("log"), true)]);
    if cfg!(not(windows)) {
        assert_eq!(found(""), []);
        assert_eq!(found("[log]\nfolder = 'log'\n"), [(here("log"), true)]);
    }
}
