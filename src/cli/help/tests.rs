use clap::Command;

use crate::cli::command;
use crate::cli::help::{EXAMPLES, FIRST_STEPS};

/// Every visible command, with its path.
fn commands(command: &Command, path: &str, found: &mut Vec<(String, Command)>) {
    for sub in command.get_subcommands().filter(|sub| !sub.is_hide_set()) {
        let path = format!("{path} {}", sub.get_name()).trim_start().to_owned();
        found.push((path.clone(), sub.clone()));
        commands(sub, &path, found);
    }
}

fn all() -> Vec<(String, Command)> {
    let mut found = Vec::new();
    commands(&command(), "", &mut found);
    found
}

#[test]
fn every_help_has_two_examples_and_the_variables() {
    for (path, mut command) in all() {
        let help = command.render_help().to_string();
        assert!(help.contains("Examples:"), "{path}: {help}");
        assert!(help.contains("FOOTMAN_TEAMS_WEBHOOK"), "{path}: {help}");
    }
    assert!(command().render_help().to_string().contains("FOOTMAN_CONFIG"));
}

#[test]
fn every_example_parses_and_belongs_to_a_command() {
    let known: Vec<String> = all().into_iter().map(|(path, _)| path).collect();
    for (path, examples) in EXAMPLES {
        assert!(known.iter().any(|known| known == path), "there is no command {path}");
        for (_, line) in examples {
            let words = line.split(' ').map(|word| word.trim_matches('"'));
            let parsed = command().try_get_matches_from(words);
            // A quoted text is split into several words here.
            assert!(parsed.is_ok() || line.contains('"'), "{line}: {}", parsed.unwrap_err());
        }
    }
}

#[test]
fn help_and_first_steps_fit_80_columns() {
    let texts = all().into_iter().map(|(path, mut command)| {
        let help = command.render_help().to_string();
        let below = help.find("Examples:").unwrap();
        (path, help[below..].to_owned())
    });
    for (path, text) in texts.chain([(String::new(), FIRST_STEPS.to_owned())]) {
        for line in text.lines() {
            assert!(line.chars().count() <= 80, "{path}: {line}");
        }
    }
}
