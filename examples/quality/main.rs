//! Prints the table of `docs/quality.md`: `cargo run --example quality`.
#![expect(clippy::print_stdout, reason = "an example talks to a person")]

mod noise;
mod score;
mod shown;
mod site;

use std::path::Path;

use anyhow::{Result, ensure};
use footman::commit::StoredRows;
use footman::config::load::{Env, Flags, without_file};
use footman::engine::Engine;
use footman::replay::files::find;
use footman::replay::{Replayed, Window, decide_in_order, detect};
use indicatif::ProgressBar;

use crate::score::Quality;

fn main() -> Result<()> {
    let folder = std::env::temp_dir().join(format!("footman-quality-{}", std::process::id()));
    let result = show(&folder);
    std::fs::remove_dir_all(&folder)?;
    result
}

fn show(folder: &Path) -> Result<()> {
    site::healthy(&folder.join("healthy"), 1)?;
    let healthy = replayed(&folder.join("healthy"))?;
    println!("a healthy week: {} cards\n", healthy.cards.len());
    let expected = site::troubled_week(&folder.join("troubled"), 2)?;
    let troubled_week = replayed(&folder.join("troubled"))?;
    let quality = Quality::of(&expected, &troubled_week.cards);
    print!("{quality}");
    ensure!(quality.is_perfect(), "not each trouble made one card");
    Ok(())
}

fn replayed(folder: &Path) -> Result<Replayed> {
    let (settings, _) = without_file(&Env::of([]), &Flags::default());
    let (engine, _) = Engine::compile(&settings);
    let mut pipeline = engine.pipeline(&StoredRows::default(), None);
    let files = find(&[folder.to_owned()])?;
    let (found, _) = detect(&mut pipeline.recogniser.detector, &files, &ProgressBar::hidden());
    Ok(decide_in_order(&mut pipeline, found, Window::default()))
}
