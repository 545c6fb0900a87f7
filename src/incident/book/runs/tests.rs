//! The index lookup of a run, compared with a linear search over all runs.

use jiff::SignedDuration;
use proptest::prelude::*;

use crate::clock::Timestamp;
use crate::commit::StoredRows;
use crate::detection::{AppId, Detection, ExecutionId, Origin, Role, TaskId};
use crate::incident::IncidentBook;
use crate::incident::run::{RunKey, is_before, rows_of_script, scripts_of_row};
use crate::incident::tests::{at, book, detection};

/// The identity of a run, in progress or ended.
struct Known {
    key: RunKey,
    execution: Option<ExecutionId>,
    task: Option<TaskId>,
    app: Option<AppId>,
    at: Timestamp,
    verdict_at: Option<Timestamp>,
    /// Whether the script log of its last attempt is known.
    is_explained: bool,
    /// When it began, if its rows show that.
    began: Option<Timestamp>,
    /// Rows of earlier attempts without script logs.
    earlier: Vec<Timestamp>,
    /// Whether the script log of its last attempt is known for certain.
    is_whole: bool,
    /// The end of its script log, if no row is known.
    script_alone: Option<Timestamp>,
}

fn all(book: &IncidentBook) -> Vec<Known> {
    let under_way = book.runs.iter().map(|(key, run)| Known {
        key: key.clone(),
        execution: run.facts.execution_id.clone(),
        task: run.facts.task_id.clone(),
        app: run.facts.app_id.clone(),
        at: run.at,
        verdict_at: run.verdict.as_ref().map(|verdict| verdict.at),
        is_explained: run.has_last_script(),
        began: run.first_began(),
        earlier: run.earlier_rows.clone(),
        is_whole: run.has_script_of_attempt(run.row_at())
            || run.has_last_script() && run.first_began().is_some(),
        script_alone: run.script.as_ref().filter(|_| run.is_script_alone()).and_then(|it| it.ended),
    });
    let ended = book.ended.iter().map(|(key, run)| Known {
        key: key.clone(),
        execution: if run.execution_in_key {
            key.strip_prefix("execution/").map(ExecutionId::from)
        } else {
            run.execution.clone()
        },
        task: run.task.clone(),
        app: run.app.clone().filter(|_| !run.other_clock),
        at: run.at,
        verdict_at: run.verdict_at.or(run.succeeded.then_some(run.at)),
        is_explained: run.is_explained,
        began: run.began,
        earlier: run.earlier_rows.to_vec(),
        is_whole: run.is_explained && run.began.is_some(),
        script_alone: run.script_ended,
    });
    under_way.chain(ended).collect()
}

/// The distance of a row from a run, computed directly from the rule.
fn far(run: &Known, row: &Detection, at: Timestamp) -> Option<SignedDuration> {
    let facts = &row.facts;
    if let (Some(ours), Some(theirs)) = (&run.execution, &facts.execution_id) {
        return (ours == theirs).then_some(-SignedDuration::from_secs(1));
    }
    if run.task.is_none() || run.task != facts.task_id {
        return None;
    }
    let gap = at.duration_since(run.at);
    let open = run.verdict_at.is_none() || gap.abs() <= SignedDuration::from_secs(30);
    let next =
        run.verdict_at.is_some() && row.role == Role::Attempt && gap > SignedDuration::from_secs(5);
    (open && !next).then(|| gap.abs())
}

fn check(book: &IncidentBook, row: &Detection) {
    let (runs, at) = (all(book), row.at.unwrap());
    let expected = runs.iter().filter_map(|run| Some((far(run, row, at)?, run.key.clone()))).min();
    assert_eq!(book.run_of_row(row, at), expected.map(|(_, key)| key), "{row:?}");

    let near = |known: Option<Timestamp>, key: &RunKey| {
        Some((at.duration_since(known?).abs(), key.clone()))
    };
    let same_app = |run: &&Known| run.app == row.facts.app_id;
    let rows = runs.iter().filter(same_app).filter(|run| run.script_alone.is_none());
    let rows = rows.filter(|run| run.app.is_some() && !is_before(at, run.began));
    let rows = rows.flat_map(|run| {
        let row = run.verdict_at.unwrap_or(run.at);
        let is_open = !run.is_whole && (!run.is_explained || at <= row);
        let rows = run.earlier.iter().copied().chain(is_open.then_some(row));
        rows.map(move |row| (row, &run.key))
    });
    let rows = rows.filter(|(row, _)| rows_of_script(at).contains(row));
    let expected = rows.filter_map(|(row, key)| near(Some(row), key)).min();
    let app = row.facts.app_id.as_ref();
    let found = app.and_then(|app| book.run_of_script(app, at, false));
    assert_eq!(found.map(|run| run.key), expected.map(|(_, key)| key), "rows of a script log");

    let scripts = runs
        .iter()
        .filter(same_app)
        .filter(|run| run.script_alone.is_some_and(|ended| scripts_of_row(at).contains(&ended)));
    let expected = scripts.filter_map(|run| near(run.script_alone, &run.key)).min();
    let found = book.script_of_row(app, (at, false), &scripts_of_row(at));
    assert_eq!(found.map(|(_, key, _)| key), expected.map(|(_, key)| key), "script log of a row");
}

/// A line of a script: a row or a script log.
fn line() -> impl Strategy<Value = String> {
    let role = prop::sample::select(vec!["verdict", "attempt", "script", "success", "abort"]);
    let id = |name: &'static str, most: u8| {
        prop::option::of(0..most)
            .prop_map(move |id| id.map(|id| format!(" {name}={name}{id}")).unwrap_or_default())
    };
    let wait = prop::sample::select(vec![0_u32, 1, 1, 3, 10, 40, 200]);
    (wait, role, 0..20_u32, id("task", 3), id("exec", 8), id("app", 3)).prop_map(
        |(wait, role, late, task, exec, app)| {
            // A script log names only its app.
            let (task, exec) =
                if role == "script" { (String::new(), String::new()) } else { (task, exec) };
            format!("{wait} {role} late={late}{task}{exec}{app}")
        },
    )
}

proptest! {
    #[test]
    fn the_index_finds_the_same_run_as_a_linear_search(
        lines in prop::collection::vec(line(), 1..40)
    ) {
        let (mut book, mut now) = (book(&StoredRows::default()), 0.0);
        for (number, line) in lines.iter().enumerate() {
            let (wait, line) = line.split_once(' ').unwrap();
            let (role, line) = line.split_once(" late=").unwrap();
            let (late, ids) = line.split_once(' ').unwrap_or((line, ""));
            now += wait.parse::<f64>().unwrap();
            let ended = now - late.parse::<f64>().unwrap();
            let (_, mut found) = detection(&format!("{now} {role} ended={ended} {ids}"));
            found.origin = Origin::Log { log: "".into(), path: "f".into(), offset: number as u64 };
            check(&book, &found);
            drop(book.step(at(now), vec![found]));
        }
    }
}
