//! I/O. The questions of `footman setup`, on a terminal.

use std::io::{self, Write as _};
use std::path::Path;

use anyhow::Result;

use crate::cli::log_root::absolute;
use crate::cli::setup::GivenAnswers;
use crate::cli::setup::plan::{Question, SetupStep, Situation};
use crate::cli::webhook;
use crate::config::is_name;

/// Asks until each answer is valid. Returns whether the user stayed.
pub(crate) fn ask(
    found: &Situation,
    open: &[Question],
    answered: &mut GivenAnswers,
) -> Result<bool> {
    if open.is_empty() {
        return Ok(true);
    }
    eprintln!("Enter accepts the answer in brackets; Ctrl-C changes nothing.");
    for question in open {
        let stays = match question {
            Question::LogRoot => log_root(found, answered)?,
            Question::Environment => environment(answered)?,
            Question::Webhook => secret(answered)?,
            Question::TestCard => test_card(found, answered)?,
            Question::Service => {
                let answer = yes("Install and start the service?")?;
                answered.answers.service = answer.unwrap_or_default();
                answer.is_some()
            }
        };
        if !stays {
            return Ok(false);
        }
    }
    Ok(true)
}

/// Shows the steps and asks for consent.
pub(crate) fn agree(steps: &[SetupStep]) -> Result<bool> {
    eprintln!("This will be done:");
    for step in steps {
        eprintln!("  {}", step.shown());
    }
    Ok(yes("Go ahead?")?.unwrap_or_default())
}

/// Asks for another webhook after one was refused; `None` if the user gives up.
pub(crate) fn another() -> Result<Option<String>> {
    hidden("Another webhook (not shown; Enter gives up): ")
}

fn log_root(found: &Situation, answered: &mut GivenAnswers) -> Result<bool> {
    let known = found.detected.as_ref();
    let shown = known.map_or("(the folder `Log` of Qlik Sense)".to_owned(), |known| {
        format!("[{}]", known.display())
    });
    loop {
        let Some(typed) = line(&format!("Log root {shown}: "))? else { return Ok(false) };
        let folder = match (typed.is_empty(), known) {
            (true, None) => {
                eprintln!("  type the path of that folder, such as /mnt/qlik/Log; Ctrl-C leaves");
                continue;
            }
            (true, Some(known)) => known.clone(),
            // A path copied from Explorer is in quotes.
            (false, _) => absolute(Path::new(typed.trim_matches('"'))),
        };
        if let Err(refused) = found.accepts(&folder) {
            eprintln!("  {}; {}", refused.why, refused.hint);
            continue;
        }
        answered.answers.log_root = Some(folder);
        return Ok(true);
    }
}

fn environment(answered: &mut GivenAnswers) -> Result<bool> {
    loop {
        let question = "Environment, shown on every card, such as prod [none]: ";
        let Some(name) = line(question)? else { return Ok(false) };
        if name.is_empty() {
            return Ok(true);
        }
        if is_name(&name) {
            answered.answers.environment = Some(name);
            return Ok(true);
        }
        eprintln!("  use letters, digits, `-` and `_`");
    }
}

fn secret(answered: &mut GivenAnswers) -> Result<bool> {
    eprintln!(
        "In Teams: the channel's Workflows, \"Send webhook alerts to a channel\"; copy the URL."
    );
    answered.secret = hidden("Webhook (not shown; Enter keeps the cards on this machine): ")?;
    Ok(true)
}

/// Asks until the input is a valid webhook.
fn hidden(question: &str) -> Result<Option<String>> {
    loop {
        match webhook::typed(question)? {
            None => return Ok(None),
            Some(Ok(url)) => return Ok(Some(url)),
            Some(Err(refused)) => eprintln!("  {}\n  hint: {}", refused.why, refused.hint),
        }
    }
}

fn test_card(found: &Situation, answered: &mut GivenAnswers) -> Result<bool> {
    if answered.secret.is_none() && found.webhook.is_none() {
        return Ok(true);
    }
    let answer = yes("Post a test card to the channel?")?;
    answered.answers.test_card = answer.unwrap_or_default();
    Ok(answer.is_some())
}

/// A line of input, trimmed; `None` at the end of the input.
fn line(question: &str) -> io::Result<Option<String>> {
    eprint!("{question}");
    io::stderr().flush()?;
    let mut typed = String::new();
    let n = io::stdin().read_line(&mut typed)?;
    Ok((n > 0).then(|| typed.trim().to_owned()))
}

/// `true` for an empty line or yes; `None` at the end of the input.
fn yes(question: &str) -> io::Result<Option<bool>> {
    loop {
        let Some(typed) = line(&format!("{question} [Y/n]: "))? else { return Ok(None) };
        match typed.to_ascii_lowercase().as_str() {
            "" | "y" | "yes" => return Ok(Some(true)),
            "n" | "no" => return Ok(Some(false)),
            _ => eprintln!("  type y or n"),
        }
    }
}
