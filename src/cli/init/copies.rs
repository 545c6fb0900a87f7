//! I/O. `footman init --templates` and `--patterns`: copies of built-in files, for editing.

use std::fs;
use std::io::{self, ErrorKind};
use std::path::Path;

use crate::cli::init::write_new;
use crate::cli::{End, output, refuse};
use crate::config::nearest;
use crate::config::worded::system;
use crate::detect::builtin_packs;
use crate::render::builtin_templates;

/// The value of the option without a name.
const ALL: &str = "all";

#[derive(clap::Args)]
#[group(skip)]
pub(crate) struct Copies {
    /// Copy the built-in card templates, or one of them, to `templates` beside the configuration
    #[arg(long, value_name = "NAME", num_args = 0..=1, default_missing_value = ALL, conflicts_with_all = ["print", "if_missing"])]
    templates: Option<String>,
    /// Copy the built-in patterns, or one file of them, to `patterns` beside the configuration
    #[arg(long, value_name = "NAME", num_args = 0..=1, default_missing_value = ALL, conflicts_with_all = ["print", "if_missing"])]
    patterns: Option<String>,
}

/// Built-in files: their folder, and the name and text of each.
struct BuiltIn {
    folder: &'static str,
    files: Vec<(String, String)>,
}

impl Copies {
    pub(crate) fn is_asked(&self) -> bool {
        self.templates.is_some() || self.patterns.is_some()
    }

    /// Copies the requested files; existing ones are kept.
    pub(crate) fn write(&self, beside: &Path) -> End {
        let asked = [(&self.templates, templates()), (&self.patterns, patterns())];
        for (asked, built_in) in asked {
            let Some(name) = asked else { continue };
            if let Err(end) = built_in.copy(name, beside) {
                return end;
            }
        }
        println!("the copies replace what is built in; delete those that you do not change, so");
        println!("that newer versions of them reach you");
        let next = "next: edit, then `footman check`; a running agent loads them if the folder \
                    existed when it started";
        output::item(&crate::cli::hint::complete(next));
        End::Done
    }
}

fn templates() -> BuiltIn {
    let files = builtin_templates().into_iter().map(|it| (format!("{}.json", it.name), it.text));
    BuiltIn { folder: "templates", files: files.collect() }
}

fn patterns() -> BuiltIn {
    let files = builtin_packs().into_iter().map(|it| (it.file.file_name().to_owned(), it.text));
    BuiltIn { folder: "patterns", files: files.collect() }
}

impl BuiltIn {
    fn copy(&self, name: &str, beside: &Path) -> Result<(), End> {
        let stem = |file: &str| file.split('.').next().unwrap_or(file).to_owned();
        let is_wanted = |file: &str| name == ALL || name == file || name == stem(file);
        let wanted: Vec<_> = self.files.iter().filter(|(file, _)| is_wanted(file)).collect();
        if wanted.is_empty() {
            let stems: Vec<String> = self.files.iter().map(|(file, _)| stem(file)).collect();
            return Err(unknown(self.folder, name, &stems));
        }
        let folder = beside.join(self.folder);
        fs::create_dir_all(&folder).map_err(|error| failed(&folder, &error))?;
        let mut is_any_new = false;
        for (file, text) in wanted {
            let path = folder.join(file);
            match write_new(&path, text) {
                Ok(()) => {
                    is_any_new = true;
                    output::item(&format!("wrote {}", path.display()));
                }
                Err(error) if error.kind() == ErrorKind::AlreadyExists => {
                    output::item(&format!("{} exists and is kept as it is", path.display()));
                }
                Err(error) => return Err(failed(&path, &error)),
            }
        }
        let nothing = "nothing was copied: every file exists already";
        let hint = "delete or rename a file to get the built-in one again";
        if is_any_new { Ok(()) } else { Err(refuse(nothing, hint)) }
    }
}

fn unknown(folder: &str, name: &str, known: &[String]) -> End {
    let hint = match nearest(name, known.iter().map(String::as_str)) {
        Some(near) => format!("did you mean `{near}`?"),
        None => format!("available: {}", known.join(", ")),
    };
    refuse(&format!("nothing built in is named `{name}` in {folder}"), &hint)
}

fn failed(path: &Path, error: &io::Error) -> End {
    let why = format!("{} cannot be written: {}", path.display(), system(error));
    refuse(&why, "let this account write there, or choose another place with --config")
}
