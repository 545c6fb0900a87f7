//! I/O. `footman init`: writes a commented configuration, with what an installer was told.

use std::fs::{self, OpenOptions};
use std::io::Write;
use std::path::{Path, PathBuf};

use anyhow::{Context, Result};

use crate::cli::hint::{Refused, complete};
use crate::cli::{End, Global, output};
use crate::config::load::{Env, Flags, whereabouts};
use crate::config::{EXAMPLE, Webhook};

/// The file that holds the secret, beside the configuration.
const WEBHOOK_FILE: &str = "webhook.txt";

#[derive(clap::Args)]
pub(in crate::cli) struct Args {
    /// Print it instead of writing a file
    #[arg(long)]
    print: bool,
    /// Leave a configuration that exists as it is, without complaint
    #[arg(long)]
    if_missing: bool,
    /// The environment that stands on every card
    #[arg(long, value_name = "NAME")]
    environment: Option<String>,
    /// The webhook of the channel `default`; it is kept in a file of its own
    #[arg(long, value_name = "URL")]
    webhook: Option<String>,
}

pub(in crate::cli) fn run(global: &Global, args: &Args) -> Result<End> {
    let log_root = global.log_root.as_deref().filter(|folder| !folder.as_os_str().is_empty());
    if let Some(problem) = refusal(log_root, given(args.webhook.as_ref())) {
        eprintln!("footman: {problem}");
        return Ok(End::Problems);
    }
    let text = filled(args, log_root);
    if args.print {
        output::text(text.as_bytes());
        return Ok(End::Done);
    }
    let flags = Flags { config: global.config.clone(), ..Flags::default() };
    let (path, _) = whereabouts(&Env::of_process(), &flags);
    if args.if_missing && path.exists() {
        println!("{} is there and stays as it is", path.display());
        return Ok(End::Done);
    }
    if path.exists() {
        let what = format!("{} exists already and is not overwritten", path.display());
        let hint = "edit it and run `footman check`; --print shows a new one, --if-missing takes this for well";
        return Err(Refused::new(what, hint).into());
    }
    write_new(&path, &text)?;
    if let Some(url) = given(args.webhook.as_ref()) {
        write_new(&path.with_file_name(WEBHOOK_FILE), url)?;
    }
    if text == EXAMPLE {
        println!("wrote {}: every line is a comment, so nothing has changed yet", path.display());
    } else {
        println!("wrote {}", path.display());
    }
    println!("next: {}", complete("`footman check`, then `footman test-send`"));
    Ok(End::Done)
}

/// An installer passes what it was not told as an empty text.
fn given(text: Option<&String>) -> Option<&str> {
    text.map(|text| text.trim()).filter(|text| !text.is_empty())
}

/// Why nothing is written, without the secret.
fn refusal(log_root: Option<&Path>, webhook: Option<&str>) -> Option<String> {
    if let Some(folder) = log_root.filter(|folder| !folder.is_dir()) {
        return Some(format!(
            "the log root {} is not there; name the folder `Log` of Qlik Sense",
            folder.display()
        ));
    }
    let refusal = Webhook::parse(webhook?).err()?;
    Some(format!("the webhook was not taken: {refusal}; {}", refusal.hint()))
}

/// The commented configuration, with some comments made keys.
fn filled(args: &Args, log_root: Option<&Path>) -> String {
    let log_root = log_root.map(|folder| folder.display().to_string());
    let quoted = |text: &str| toml::Value::from(text).to_string();
    let line = |line: &str| -> String {
        if line.starts_with("#environment =")
            && let Some(name) = given(args.environment.as_ref())
        {
            return format!("environment = {}\n", quoted(name));
        }
        if line.starts_with("#log-root =")
            && let Some(folder) = &log_root
        {
            return format!("log-root = {}\n", quoted(folder));
        }
        match (line, given(args.webhook.as_ref())) {
            ("#[channel.default]", Some(_)) => "[channel.default]\n".to_owned(),
            (line, Some(_)) if line.starts_with("#webhook-env =") => {
                format!("webhook-file = {}\n", quoted(WEBHOOK_FILE))
            }
            _ => format!("{line}\n"),
        }
    };
    EXAMPLE.lines().map(line).collect::<Vec<_>>().concat()
}

/// Never overwrites: what stands there may be the work of an evening.
fn write_new(path: &PathBuf, text: &str) -> Result<()> {
    if let Some(folder) = path.parent() {
        fs::create_dir_all(folder)
            .with_context(|| format!("making the folder {}", folder.display()))?;
    }
    let mut file =
        OpenOptions::new().write(true).create_new(true).open(path).with_context(|| {
            format!("writing {} (it is not overwritten if it exists; see --print)", path.display())
        })?;
    file.write_all(text.as_bytes()).with_context(|| format!("writing {}", path.display()))
}
