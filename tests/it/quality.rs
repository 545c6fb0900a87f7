//! A healthy site causes no card, and every failure of a troubled one causes exactly one.

#[path = "../../examples/quality/noise.rs"]
mod noise;
#[path = "../../examples/quality/score.rs"]
mod score;
#[path = "../../examples/quality/shown.rs"]
mod shown;
#[path = "../../examples/quality/site.rs"]
mod site;

use std::path::Path;

use footman::commit::StoredRows;
use footman::config::load::{Env, Flags, without_file};
use footman::detect::builtin_packs;
use footman::detect::samples::shown;
use footman::engine::Engine;
use footman::replay::files::find;
use footman::replay::{Replayed, Window, decide_in_order, detect};
use indicatif::ProgressBar;
use tempfile::TempDir;

use self::score::Quality;
use self::shown::Written as _;

fn replayed(folder: &Path) -> Replayed {
    let (settings, _) = without_file(&Env::of([]), &Flags::default());
    let (engine, problems) = Engine::compile(&settings);
    assert_eq!(problems, []);
    let mut pipeline = engine.pipeline(&StoredRows::default(), None);
    let files = find(&[folder.to_owned()]).unwrap();
    let (found, walk) = detect(&mut pipeline.recogniser.detector, &files, &ProgressBar::hidden());
    assert_eq!(walk.problems, []);
    assert!(walk.n_logs > 100, "{walk:?}");
    decide_in_order(&mut pipeline, found, Window::default())
}

#[test]
fn a_healthy_site_causes_no_card_in_a_week() {
    let folder = TempDir::new().unwrap();
    site::healthy(folder.path(), 1).unwrap();
    let replayed = replayed(folder.path());
    let cards: Vec<_> = replayed.cards.iter().map(|card| &card.summary).collect();
    assert!(cards.is_empty(), "{cards:#?}");
    assert!(
        replayed.found.values().sum::<u64>() > 100,
        "reloads were recognised: {:?}",
        replayed.found
    );
}

#[test]
fn every_failure_of_a_bad_week_causes_one_card() {
    let folder = TempDir::new().unwrap();
    let expected = site::troubled_week(folder.path(), 2).unwrap();
    let replayed = replayed(folder.path());
    let quality = Quality::of(&expected, &replayed.cards);
    let cards: Vec<_> = replayed.cards.iter().map(|card| (card.at, &card.summary)).collect();
    assert!(quality.is_perfect(), "{quality}\n{expected:#?}\n{cards:#?}");
    let shown = shown(&builtin_packs());
    let shown_cards: Vec<_> = shown.iter().filter(|one| one.is_shown()).collect();
    assert_eq!(expected.len(), 13 + shown_cards.len(), "{quality}");
    let unseen: Vec<_> = shown_cards
        .iter()
        .filter(|one| !replayed.found.contains_key(one.pattern.as_str()))
        .collect();
    assert!(unseen.is_empty(), "every pattern in force must be tested: {unseen:#?}");
}
