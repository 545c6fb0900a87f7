//! I/O. `footman init`: writes a commented configuration, or copies of what can be edited.

mod copies;

use std::fs::{self, File};
use std::io::{self, Write as _};
use std::path::{Path, PathBuf};

use crate::cli::hint::{Refused, complete, complete_written};
use crate::cli::init::copies::Copies;
use crate::cli::{End, Global, log_root, output, refuse, webhook};
use crate::config::load::secret::{create_folder_of, write_secret};
use crate::config::load::{Env, Flags, whereabouts};
use crate::config::worded::system;
use crate::config::{EXAMPLE, Fill, fill};

/// The file with the secret, next to the configuration.
pub(crate) const WEBHOOK_FILE: &str = "webhook.txt";

#[derive(clap::Args)]
pub(crate) struct Args {
    /// Print it instead of writing a file
    #[arg(long)]
    print: bool,
    /// Keep an existing configuration, without an error
    #[arg(long)]
    if_missing: bool,
    /// The environment shown on every card
    #[arg(long, value_name = "NAME")]
    environment: Option<String>,
    #[command(flatten)]
    webhook: webhook::WebhookSource,
    /// Gone: other accounts can read a command line.
    #[arg(long = "webhook", hide = true, value_name = "URL")]
    on_command_line: Option<String>,
    #[command(flatten)]
    copies: Copies,
}

pub(crate) fn run(global: &Global, args: &Args) -> End {
    if args.on_command_line.is_some() {
        eprintln!("footman: a webhook is a secret, and a command line can be read by others");
        eprintln!(
            "hint: use --webhook-stdin, which does not show the input on a terminal, or --webhook-file FILE"
        );
        return End::Usage;
    }
    let flags = Flags { config: global.config.clone(), ..Flags::default() };
    let (path, _) = whereabouts(&Env::of_process(), &flags);
    if args.copies.is_asked() {
        return args.copies.write(path.parent().unwrap_or(Path::new("")));
    }
    let given = global.log_root.as_deref().filter(|folder| !folder.as_os_str().is_empty());
    // The file is not read from this folder.
    let root = given.map(log_root::absolute);
    if let Some(Err(Refused { what, hint })) = given.map(|given| usable(given, &path)) {
        return refuse(&what, &hint);
    }
    if args.if_missing && !args.print && path.exists() {
        output::item(&format!("{} exists and is kept as it is", path.display()));
        return End::Done;
    }
    if path.exists() && !args.print {
        return refuse_existing(&path);
    }
    let url = match args.webhook.read("init") {
        Ok(url) => url,
        Err(refusal) => return refuse(&refusal.why, &refusal.hint),
    };
    let Some(text) = filled(args, root.as_deref(), url.is_some()) else {
        return refuse(
            "this name of the environment is not valid",
            "use letters, digits, `-` and `_`",
        );
    };
    if args.print {
        output::text(text.as_bytes());
        return End::Done;
    }
    write_all(&path, &text, url.as_deref(), root.is_some())
}

/// Refuses a log root that cannot be right, or that the configuration would be written into.
fn usable(log_root: &Path, config_file: &Path) -> Result<(), Refused> {
    log_root::check(log_root)?;
    log_root::keep_clean(log_root, &[("the configuration", config_file, "--config")])
}

/// The commented configuration, with some keys set.
fn filled(args: &Args, log_root: Option<&Path>, has_webhook: bool) -> Option<String> {
    let environment = args.environment.as_deref().map(str::trim).filter(|name| !name.is_empty());
    let values = Fill {
        environment: environment.map(str::to_owned),
        log_root: log_root.map(|folder| folder.display().to_string()),
        webhook_file: has_webhook.then(|| WEBHOOK_FILE.to_owned()),
    };
    fill(EXAMPLE, &values)
}

/// Never overwrites: an existing file may contain hours of work.
fn refuse_existing(path: &Path) -> End {
    let why = format!("{} exists and is not overwritten", path.display());
    let hint = "edit it, or run `footman setup` to add what is missing; `footman init --print` \
                shows every key";
    refuse(&why, hint)
}

/// Writes the secret first, so that a configuration never names a missing file.
fn write_all(path: &Path, text: &str, url: Option<&str>, has_log_root: bool) -> End {
    let secret = path.with_file_name(WEBHOOK_FILE);
    let written = make_folder(path).and_then(|()| match url {
        Some(url) => write_secret(&secret, url).map_err(|error| (secret.clone(), error)),
        None => Ok(()),
    });
    let written = written.and_then(|()| {
        write_new(path, text).map_err(|error| {
            if url.is_some() {
                fs::remove_file(&secret).ok();
            }
            (path.to_owned(), error)
        })
    });
    if let Err((path, error)) = written {
        return refuse_unwritten(&path, &error);
    }
    if text == EXAMPLE {
        output::item(&format!(
            "wrote {}: every line is a comment, so nothing has changed yet",
            path.display()
        ));
    } else {
        output::item(&format!("wrote {}", path.display()));
    }
    if url.is_some() {
        output::item(&format!("wrote {}: only its owner can read it", secret.display()));
    }
    let next = "`footman check`, then `footman test-send`";
    let next = if has_log_root { complete_written(next) } else { complete(next) };
    output::item(&format!("next: {next}"));
    End::Done
}

fn refuse_unwritten(path: &Path, error: &io::Error) -> End {
    match error.kind() {
        io::ErrorKind::AlreadyExists => refuse_existing(path),
        io::ErrorKind::PermissionDenied => refuse(
            &format!("{} cannot be written: this account is not allowed to", path.display()),
            if cfg!(windows) {
                "run this as an administrator, or choose another file with --config"
            } else {
                "run this as root, or choose another file with --config"
            },
        ),
        _ => refuse(
            &format!("{} cannot be written: {}", path.display(), system(error)),
            "check the path, or choose another file with --config",
        ),
    }
}

fn make_folder(path: &Path) -> Result<(), (PathBuf, io::Error)> {
    let folder = path.parent().unwrap_or(Path::new(""));
    create_folder_of(path).map_err(|error| (folder.to_owned(), error))
}

fn write_new(path: &Path, text: &str) -> io::Result<()> {
    File::create_new(path)?.write_all(text.as_bytes())
}
