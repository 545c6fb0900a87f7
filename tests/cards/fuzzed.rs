//! Cards of random texts, for the checker and the limits.

use footman::config::Language;

use super::states::{STATES, in_state};
use super::*;

/// The number of cards in the suite; `tests/run cards` makes ten thousand.
const CARDS: u64 = 300;
const PIECES: [&str; 24] = [
    "a",
    "Sales ",
    "Umsatz ",
    "{{",
    "}}",
    "{%",
    "{{DATE(",
    "<at>",
    "</at>",
    "\\",
    "\"",
    "\n",
    "\t",
    "\u{0}",
    "\u{1B}[31m",
    "\u{202E}",
    "👩‍👩‍👧",
    "\u{10FFFF}",
    "漢字",
    "**",
    "[x](http://y)",
    "file://\\\\s\\",
    "é",
    "https://x.example.com/?sig=abcdefghijklmnopqrstuvwxyz0123456789",
];

/// A fixed sequence of numbers, so that every run makes the same cards.
struct Dice(u64);

impl Dice {
    fn roll(&mut self, n: u64) -> u64 {
        self.0 =
            self.0.wrapping_mul(6_364_136_223_846_793_005).wrapping_add(1_442_695_040_888_963_407);
        (self.0 >> 33) % n
    }

    fn text(&mut self) -> String {
        let longest = [3, 8, 40, 400][usize::try_from(self.roll(4)).unwrap()];
        let n = self.roll(longest);
        (0..n).map(|_| PIECES[usize::try_from(self.roll(PIECES.len() as u64)).unwrap()]).collect()
    }
}

fn fuzzed(dice: &mut Dice) -> (Notice, Language) {
    let kinds = states::kinds();
    let kind = kinds[usize::try_from(dice.roll(kinds.len() as u64)).unwrap()];
    let state = STATES[usize::try_from(dice.roll(STATES.len() as u64)).unwrap()];
    let base = in_state(kind, state);
    let foreign = everywhere(&dice.text(), base.kind);
    let pick = |dice: &mut Dice, text: Option<String>| text.filter(|_| dice.roll(4) > 0);
    let mut facts = foreign.facts.clone();
    facts.app_name = pick(dice, facts.app_name).map(|_| dice.text());
    facts.task_name = pick(dice, facts.task_name).map(|_| dice.text());
    facts.user = pick(dice, facts.user);
    let script = foreign.script.clone().filter(|_| dice.roll(3) > 0);
    let notice = Notice {
        facts,
        script,
        error: dice.text(),
        meaning: dice.text(),
        advice: Some(dice.text()),
        environment: Some(dice.text()),
        title: dice.text(),
        ..base
    };
    let language = Language::ALL[usize::try_from(dice.roll(Language::ALL.len() as u64)).unwrap()];
    (notice, language)
}

/// The cause up to the first character that cards change.
fn begin(cause: &str) -> String {
    let plain = |c: &char| c.is_ascii_alphanumeric() || *c == ' ';
    cause.trim().chars().take_while(plain).take(60).collect::<String>().trim().to_owned()
}

#[test]
fn cards_of_random_texts_fit_and_keep_their_cause() {
    fit_and_keep_their_cause(20_261_123);
}

/// The other half, so that two cores share the work.
#[test]
fn cards_of_other_random_texts_fit_and_keep_their_cause() {
    fit_and_keep_their_cause(20_261_129);
}

fn fit_and_keep_their_cause(seed: u64) {
    let renderer = renderer();
    let mut dice = Dice(seed);
    let mut lines = String::new();
    let wanted = std::env::var("FOOTMAN_TEST_CARDS").ok();
    let cards = wanted.map_or(CARDS, |n| n.parse().unwrap());
    for n in 0..cards / 2 {
        let (notice, language) = fuzzed(&mut dice);
        let site = site().in_language(language);
        let card = renderer.card(&notice, &site, ChannelKind::Teams);
        let message = message(&card.payload, false);
        assert!(message.len() <= 20_000, "{n}: {}", message.len());
        let is_rich = card.problems.iter().all(|problem| problem.starts_with("card shortened"));
        assert!(is_rich, "{n}: {:?}", card.problems);
        let cause = begin(&notice.error);
        let of = notice.recovered_from.unwrap_or(notice.kind);
        let has_own = notice.condition == Condition::Logged && of != Kind::ReloadAborted;
        if has_own && notice.counted_within.is_none() {
            assert!(shown(&content(&card.payload)).contains(&cause), "{n}: {cause}");
        }
        lines.push_str(&message);
        lines.push('\n');
    }
    let folder = PathBuf::from(env!("CARGO_MANIFEST_DIR")).join("target/cards");
    fs::create_dir_all(&folder).unwrap();
    fs::write(folder.join(format!("fuzzed-{seed}.ndjson")), lines).unwrap();
}

#[test]
fn a_cause_is_never_cut_whatever_else_is_on_the_card() {
    let parts: Vec<String> = (0..220).map(|n| format!("cause{n:03}")).collect();
    let cause = &parts.join(" ");
    for kind in states::kinds() {
        for (language, piece) in [(Language::English, "𝕏"), (Language::German, "\\\"")] {
            let foreign = everywhere(&piece.repeat(2_000), kind);
            let script = foreign.script.clone();
            let script = script.map(|it| ScriptFacts { error: Some(cause.clone()), ..it });
            let error = cause.clone();
            let notice = Notice { error, script, condition: Condition::Logged, ..foreign };
            let site = site().in_language(language);
            let card = renderer().card(&notice, &site, ChannelKind::Teams);
            for payload in [&card.payload, &card.plain] {
                assert!(message(payload, false).len() <= 20_000, "{kind:?} {}", payload.len());
                assert!(shown(&content(payload)).contains(cause), "{kind:?} {language:?}");
            }
        }
    }
}
