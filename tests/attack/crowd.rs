//! A critical problem among many others, when the burst is used up.

use std::collections::BTreeSet;
use std::time::Duration;

use footman::clock;
use footman::demo::log_file::{ServiceLog, ServiceRow, Write};
use tokio::time::timeout;

use crate::account::{PostSummary, summarize};
use crate::program::{self, channel, start};
use crate::support::world::{World, kill};

const PATIENCE: Duration = Duration::from_mins(2);

/// Patterns of three severities that are reported at once, each match an incident of its own.
fn patterns() -> String {
    let pattern = |severity: &str| {
        format!(
            "[[pattern]]\nid = 'own-{severity}'\ntitle = 'Own {severity}'\n\
             meaning = 'Something of our own happened.'\nlog = 'System_Engine'\n\
             kind = 'service'\nseverity = '{severity}'\nkey = ['Message']\n\
             when = {{ Message = '^Own {severity} \\d+$' }}\n"
        )
    };
    ["critical", "error", "warning"].map(pattern).concat()
}

fn row(severity: &str, number: usize) -> ServiceRow {
    ServiceRow::default()
        .with("Level", "WARN")
        .with("Logger", "System.Engine.Own")
        .with("Message", format!("Own {severity} {number}"))
}

/// One critical problem and three errors at irregular positions among warnings.
fn mixed(first: usize, size: usize) -> Vec<ServiceRow> {
    let places = [size * 2 / 3, size / 5, size / 2, size * 9 / 10];
    let severity = |n: usize| match places.iter().position(|place| *place == n) {
        Some(0) => "critical",
        Some(_) => "error",
        None => "warning",
    };
    (0..size).map(|n| row(severity(n), first + n)).collect()
}

fn append(world: &mut World, rows: Vec<ServiceRow>) {
    let write = Write::Rows { log: ServiceLog::SystemEngine, rows };
    world.node.write(clock::now(), &write).unwrap();
}

/// Waits until the posts after the first `n` cover this many cards.
async fn posts_after(world: &World, n: usize, cards: usize) -> Vec<PostSummary> {
    let waiting = async {
        let mut more = n;
        loop {
            more += 1;
            let posts = world.teams.received(more).await;
            let summaries: Vec<PostSummary> = posts[n..].iter().map(summarize).collect();
            if summaries.iter().map(|one| one.times).sum::<usize>() >= cards {
                return summaries;
            }
        }
    };
    let all = timeout(PATIENCE, waiting).await;
    all.unwrap_or_else(|_| panic!("only these came: {:#?}", world.teams.posts().len()))
}

#[tokio::test]
async fn a_critical_problem_is_sent_first_and_alone_and_errors_before_warnings() {
    // One card every 4 s; more than 16 waiting cards are sent as a digest.
    let pace = "pace = { burst = 1, every = \"4s\" }";
    let mut world = program::world("");
    world.config += &channel(&world, "default", &world.teams.url(), pace);
    let folder = world.folder.path().join("patterns");
    std::fs::create_dir_all(&folder).unwrap();
    std::fs::write(folder.join("own.toml"), patterns()).unwrap();
    world.settle_in().await;
    let agent = start(&world);

    let mut first = 1;
    for size in [8, 40, 200] {
        // This card uses up the burst.
        let before = world.teams.posts().len();
        append(&mut world, vec![row("warning", first)]);
        timeout(PATIENCE, world.teams.received(before + 1)).await.unwrap();

        append(&mut world, mixed(first + 1, size));
        let posts = posts_after(&world, before + 1, size).await;
        let lines: Vec<&str> = posts.iter().map(|one| one.text.lines().nth(1).unwrap()).collect();
        assert!(
            !posts[0].is_digest && posts[0].text.contains("Own critical"),
            "of {size}, this was sent first: {}",
            posts[0].text
        );
        assert_eq!(posts.iter().map(|one| one.times).sum::<usize>(), size, "{lines:#?}");
        let criticals = posts.iter().filter(|one| one.text.contains("Own critical")).count();
        assert_eq!(criticals, 1, "it is reported once: {lines:#?}");
        errors_come_before_warnings(&posts);
        first += size + 1;
    }
    kill(agent);
}

/// Checks that every error is named in a card or row, before any warning.
fn errors_come_before_warnings(posts: &[PostSummary]) {
    let text: Vec<&str> = posts.iter().flat_map(|one| one.text.lines()).collect();
    let place = |what: &str| text.iter().position(|line| line.contains(what));
    let last_error = text.iter().rposition(|line| line.contains("Own error"));
    let first_warning = place("Own warning");
    let named: BTreeSet<&str> = text
        .iter()
        .flat_map(|line| line.split(" · "))
        .filter(|name| name.starts_with("Own error "))
        .filter(|name| name.ends_with(|end: char| end.is_ascii_digit()))
        .collect();
    assert_eq!(named.len(), 3, "errors that are named: {text:#?}");
    assert!(last_error < first_warning || first_warning.is_none(), "{text:#?}");
}
