//! Pure. The survey as a text page for review before it is shared.

use std::fmt::Write as _;

use crate::replay::survey::{DistinctValues, Survey, SurveyedLog};

/// How many shapes of warnings and errors are shown for one log, and how many others.
const SHOWN: usize = 200;
/// The maximum size of the page in bytes; the rest is only counted.
const LONGEST: usize = 4 << 20;

const INTRODUCTION: &str = "\
# The shapes of Qlik Sense logs on one node, written by `footman doctor --collect-shapes`.
#
# Footman sent this nowhere: it is a file on this machine, for you. Read it before you pass it on.
# It shows which columns the logs have and how their texts are worded, so that patterns can be
# checked against a real node. Words that Qlik Sense, its engine, drivers and Footman's own
# patterns use are shown. Everything else is masked by its kind:
#   ‹text› other words (names of people, apps, tasks, hosts, fields)   ‹quoted› what stood in quotes
#   ‹id› an id   ‹n› a number or a time   ‹path› ‹url› ‹mail› ‹account› ‹address› what it says
#   ‹column› ‹key› a name of a column or of a JSON member that Footman does not know
# Of statements of load scripts only the first word is shown. RecentNames of files are not shown.
# Error codes of drivers and results (`Result=403`, `ORA-00942`) are shown as they are.
# A name that is made of such words alone, outside quotes, cannot be distinguished from them: remove the
# lines that say more than you want to say.
";

pub(crate) fn page(survey: &Survey, version: &str) -> String {
    let mut page = format!("{INTRODUCTION}# Footman {version}\n");
    if survey.n_unreadable > 0 {
        line(
            &mut page,
            format_args!("# {} files could not be read to their end", survey.n_unreadable),
        );
    }
    let mut left_out = 0;
    for (name, log) in &survey.logs {
        let section = section(name, log);
        if page.len() + section.len() > LONGEST {
            left_out += 1;
        } else {
            page.push_str(&section);
        }
    }
    if left_out > 0 {
        line(
            &mut page,
            format_args!("\n# {left_out} logs left out: this file has reached its maximum size"),
        );
    }
    page
}

fn section(name: &str, log: &SurveyedLog) -> String {
    let mut text = String::new();
    let megabytes = log.n_bytes / 1_000_000;
    let SurveyedLog { n_files, n_rows, .. } = log;
    let files = if *n_files == 1 { "1 file".to_owned() } else { format!("{n_files} files") };
    let rows = if *n_rows == 1 { "1 row".to_owned() } else { format!("{n_rows} rows") };
    line(&mut text, format_args!("\n## {name}: {files}, {megabytes} MB, {rows}"));
    for (names, n) in log.layouts.most_first() {
        line(&mut text, format_args!("columns of {n} files: {names}"));
    }
    for (column, forms) in &log.forms {
        line(&mut text, format_args!("form of {column}: {}", listed(forms)));
    }
    for (column, values) in &log.values {
        line(&mut text, format_args!("values of {column}: {}", listed(values)));
    }
    for shapes in [&log.complaints, &log.others] {
        let all = shapes.most_first();
        for ([level, logger, column, shape], n) in all.iter().take(SHOWN) {
            let place = [level.as_str(), logger, column];
            let place = place.into_iter().filter(|part| !part.is_empty()).collect::<Vec<_>>();
            line(&mut text, format_args!("{n:>9} × {}: {shape}", place.join(" ")));
        }
        let n_more = all.iter().skip(SHOWN).map(|(_, n)| n).sum::<u64>() + shapes.n_more;
        if n_more > 0 {
            line(&mut text, format_args!("{n_more:>9} × other shapes, not shown"));
        }
    }
    text
}

fn listed(counted: &DistinctValues<String>) -> String {
    let all = counted.most_first().into_iter().map(|(one, n)| format!("{one} ({n})"));
    let mut all: Vec<String> = all.collect();
    if counted.n_more > 0 {
        all.push(format!("others ({})", counted.n_more));
    }
    all.join(", ")
}

fn line(text: &mut String, words: std::fmt::Arguments<'_>) {
    writeln!(text, "{words}").expect("a string takes everything");
}
