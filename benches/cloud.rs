//! A month of a large tenant of Qlik Cloud in virtual time: 500 apps, 20,000 reloads, polled every
//! 30 s. Prints the number of requests, what is kept, and the memory of it.
//!
//! `cargo bench --bench cloud [-- --smoke]`
#![expect(
    clippy::disallowed_methods,
    clippy::print_stdout,
    clippy::cast_precision_loss,
    clippy::cast_possible_truncation,
    clippy::cast_sign_loss,
    reason = "a benchmark prints figures and uses a part of what they share"
)]

mod support;

use std::collections::BTreeMap;

use footman::clock::Timestamp;
use footman::cloud::{
    News, Next, Page, PollRequest, PollStart, Poller, Polling, Reload, ReloadStatus, TenantAnswer,
};
use footman::commit::{RowChange, RowKey, StoredRows};
use jiff::SignedDuration;

use support::{resident_megabytes, smoke};

const DAYS: i64 = 30;
const RELOADS: i64 = 20_000;
const PAGE: usize = 100;

fn at(second: i64) -> Timestamp {
    Timestamp::from_second(1_795_000_000 + second).expect("a time of this century")
}

/// A reload that begins and ends at these seconds.
struct Planned {
    begins: i64,
    ends: i64,
    fails: bool,
    app: i64,
}

fn row(number: usize, planned: &Planned, now: i64) -> Reload {
    let is_over = planned.ends <= now;
    let end = if planned.fails { ReloadStatus::Failed } else { ReloadStatus::Succeeded };
    Reload {
        id: format!("{number:024x}"),
        app: format!("00000000-0000-4000-8000-{:012x}", planned.app),
        status: Some(if is_over { end } else { ReloadStatus::Reloading }),
        caused_by: Some("choreographer".to_owned()),
        partial: false,
        created: Some(at(planned.begins)),
        started: Some(at(planned.begins)),
        ended: is_over.then(|| at(planned.ends)),
        error_code: planned.fails.then(|| "EngineReloadScriptError".to_owned()),
        error_message: None,
        user: None,
        task: None,
        log: None,
    }
}

fn main() {
    let days = if smoke() { 1 } else { DAYS };
    let month = days * 24 * 3600;
    let plan: Vec<Planned> = (0..RELOADS)
        .map(|n| {
            let begins = n * DAYS * 24 * 3600 / RELOADS;
            let (ends, fails) = (begins + 30 + n * 7919 % 600, n % 40 == 7);
            Planned { begins, ends, fails, app: n * 31 % 500 }
        })
        .collect();
    let mut by_end: Vec<usize> = (0..plan.len()).collect();
    by_end.sort_by_key(|number| plan[*number].ends);
    let before = resident_megabytes();
    let every = SignedDuration::from_secs(30);
    let mut poller =
        Poller::restore("acme", Polling::new(every, PollStart::Now), &StoredRows::default());
    let mut rows: BTreeMap<RowKey, usize> = BTreeMap::new();
    let mut by_minute: BTreeMap<i64, u64> = BTreeMap::new();
    let (mut now, mut requests, mut lists, mut failures, mut written) = (0, 0_u64, 0_u64, 0, 0_u64);
    while now < month {
        match poller.next(at(now)) {
            Next::Wait(until) => now = (until.as_second() - 1_795_000_000).max(now + 1),
            Next::Found(found) => {
                failures += found.news.iter().filter(|it| matches!(it, News::Failed(_))).count();
                for change in found.rows {
                    written += 1;
                    match change {
                        RowChange::Put { key, json } => drop(rows.insert(key, json.len())),
                        RowChange::Delete { key } => drop(rows.remove(&key)),
                    }
                }
            }
            Next::Ask(request) => {
                requests += 1;
                *by_minute.entry(now / 60).or_insert(0_u64) += 1;
                let page = |rows| Page { rows, next: None, date: Some(at(now)), n_unreadable: 0 };
                let answer = match request {
                    PollRequest::Ended(_) => {
                        lists += 1;
                        let over = by_end.partition_point(|number| plan[*number].ends <= now);
                        let page_of = by_end[over.saturating_sub(PAGE)..over].iter().rev();
                        let listed = page_of.map(|number| row(*number, &plan[*number], now));
                        TenantAnswer::Reloads(page(listed.collect()))
                    }
                    PollRequest::Active(_) => {
                        let begun = plan.partition_point(|planned| planned.begins <= now);
                        let recent = begun.saturating_sub(PAGE)..begun;
                        let active = recent.filter(|number| plan[*number].ends > now);
                        let listed = active.map(|number| row(number, &plan[number], now));
                        TenantAnswer::Reloads(page(listed.collect()))
                    }
                    PollRequest::One(id) => {
                        let number = usize::from_str_radix(&id, 16).expect("an id of this tenant");
                        TenantAnswer::One(Some(row(number, &plan[number], now)))
                    }
                    PollRequest::Tasks(_) => {
                        let (rows, date) = (Vec::new(), Some(at(now)));
                        TenantAnswer::Tasks(Page { rows, next: None, date, n_unreadable: 0 })
                    }
                };
                poller.take(at(now), answer);
            }
        }
    }
    let failed = plan.iter().filter(|it| it.fails && (1..month).contains(&it.ends)).count();
    assert_eq!(failures, failed, "each failure is reported once");
    let minutes = u64::try_from(month / 60).expect("a month has minutes");
    let kept: usize = rows.iter().map(|(key, json)| key.to_string().len() + json).sum();
    println!("failures reported   {failures} of {failed}");
    println!("requests            {requests}, {:.2} a minute", requests as f64 / minutes as f64);
    let most = by_minute.values().max().copied().unwrap_or_default();
    assert!(most <= 5, "{most} requests in a minute");
    println!("most in a minute    {most}");
    println!("lists of ended      {lists}, {:.2} a minute", lists as f64 / minutes as f64);
    println!("rows written        {written}");
    println!("rows kept           {}, {kept} bytes", rows.len());
    let more = resident_megabytes().saturating_sub(before);
    println!("memory              {more} MB more");
}
