//! I/O. Reads a webhook from hidden input, standard input or a file, never from the command line.

use std::io::{self, IsTerminal as _, Read as _};
use std::path::PathBuf;

pub(crate) use crate::config::DEFAULT_WEBHOOK as VARIABLE;
use crate::config::limits;
use crate::config::load::{Env, decoded, read_text};
use crate::config::worded::system;
use crate::config::{Webhook, WebhookRefusal};

/// Where the webhook of the channel `default` comes from.
#[derive(Clone, Debug, clap::Args)]
#[group(multiple = false)]
pub(crate) struct WebhookSource {
    /// Read the webhook of the channel `default` from standard input; a terminal does not show it
    #[arg(long)]
    webhook_stdin: bool,
    /// Read it from this file, which is not changed
    #[arg(long, value_name = "FILE")]
    webhook_file: Option<PathBuf>,
}

/// Why no webhook was read, without the secret.
#[derive(Debug)]
pub(crate) struct NotTaken {
    pub why: String,
    pub hint: String,
}

impl NotTaken {
    fn unread(why: &str) -> Self {
        let why = format!("the webhook was not taken: {why}");
        let hint = "paste the URL and press Enter, or use --webhook-file FILE".to_owned();
        Self { why, hint }
    }
}

impl WebhookSource {
    /// The checked text of the webhook; `None` if no source is named. The command is for hints.
    pub(crate) fn read(&self, command: &str) -> Result<Option<String>, NotTaken> {
        let text = match &self.webhook_file {
            Some(file) if is_url(&file.to_string_lossy()) => return Err(exposed("a file")),
            Some(file) => read_text(file, limits::VALUE).map_err(|error| NotTaken {
                why: format!("the webhook was not taken: the file {} {error}", file.display()),
                hint: error.hint().to_owned(),
            })?,
            None if self.webhook_stdin && io::stdin().is_terminal() => {
                return typed("Webhook of the channel `default` (not shown): ")
                    .unwrap_or_else(|error| Some(Err(NotTaken::unread(&system(&error)))))
                    .unwrap_or_else(|| Err(NotTaken::unread("nothing was typed")))
                    .map(Some);
            }
            None if self.webhook_stdin => {
                standard_input("webhook", &format!("footman {command} --webhook-stdin < url.txt"))?
            }
            None => return Ok(None),
        };
        checked(&text).map(Some)
    }
}

/// Whether a URL was given instead of a name: it may contain a secret and is never printed.
pub(crate) fn is_url(text: &str) -> bool {
    text.contains("://")
}

/// Refuses a URL on the command line, where `place` belongs.
pub(crate) fn exposed(place: &str) -> NotTaken {
    NotTaken {
        why: format!("a URL was given in the place of {place}; it was not used"),
        hint: "a command line can be read by others and is kept in the shell's history: create \
               another URL in Teams, and pass it with --webhook-stdin or in a file"
            .to_owned(),
    }
}

/// Asks for a webhook without showing it; `None` for an empty answer.
pub(crate) fn typed(question: &str) -> io::Result<Option<Result<String, NotTaken>>> {
    let terminal = console::Term::stderr();
    terminal.write_str(question)?;
    let typed = terminal.read_secure_line()?;
    Ok(Some(typed).filter(|typed| !typed.trim().is_empty()).map(|typed| checked(&typed)))
}

/// Reads any secret: typed without being shown, or from standard input.
pub(crate) fn any_secret(question: &str) -> Result<String, NotTaken> {
    let text = if io::stdin().is_terminal() {
        let terminal = console::Term::stderr();
        let typed = terminal.write_str(question).and_then(|()| terminal.read_secure_line());
        typed.map_err(|error| NotTaken {
            why: format!("the secret was not taken: {}", system(&error)),
            hint: "type it and press Enter, or pass it on standard input".to_owned(),
        })?
    } else {
        standard_input("secret", "footman secret set NAME < secret.txt")?
    };
    let text = text.trim_start_matches('\u{feff}').trim().to_owned();
    if text.is_empty() {
        let hint = "type it and press Enter, or pass it on standard input".to_owned();
        return Err(NotTaken { why: "the secret was not taken: it is empty".to_owned(), hint });
    }
    Ok(text)
}

/// The webhook in this process's variable, if it is set.
pub(crate) fn of_variable() -> Result<Option<String>, NotTaken> {
    Env::of_process().get(VARIABLE).map(checked).transpose()
}

fn standard_input(what: &str, example: &str) -> Result<String, NotTaken> {
    let failed = |why: String| NotTaken {
        why: format!("the {what} was not taken: standard input {why}"),
        hint: format!("pass it and nothing else, as in `{example}`"),
    };
    let mut bytes = Vec::new();
    let read = io::stdin().lock().take(limits::VALUE + 1).read_to_end(&mut bytes);
    read.map_err(|error| failed(format!("cannot be read: {}", system(&error))))?;
    if bytes.len() as u64 > limits::VALUE {
        return Err(failed("is too long".to_owned()));
    }
    let text = decoded(bytes).map_err(|error| failed(error.to_string()))?;
    if text.trim().is_empty() { Err(failed("is empty".to_owned())) } else { Ok(text) }
}

/// The URL as it will be stored, if it is a valid webhook.
fn checked(text: &str) -> Result<String, NotTaken> {
    let text = text.trim_start_matches('\u{feff}').trim();
    let refused = |refusal: WebhookRefusal| NotTaken {
        why: format!("the webhook was not taken: {refusal}"),
        hint: refusal.hint().to_owned(),
    };
    Webhook::parse(text).map(|_| text.to_owned()).map_err(refused)
}
