//! Single cases of the polling rule.

use std::collections::{BTreeMap, BTreeSet};

use jiff::SignedDuration;

use super::tenant::{Mishap, Planned, Sorted, Tenant, app, id, seconds};
use crate::cloud::{News, PollStart};
use crate::commit::StoredRows;
use crate::detection::CloudList;

fn reload(app: u8, created: i64, ended: i64, end: &'static str) -> Planned {
    Planned {
        app,
        created,
        ended,
        requeued: 0,
        late: 0,
        engine: 0,
        end,
        partial: false,
        without_end: false,
    }
}

fn shown(news: &[News]) -> Vec<String> {
    let short = |app: &str| app[app.len() - 1..].to_owned();
    let mut failing = std::collections::BTreeSet::new();
    let is_shown = |one: &&News| match one {
        News::Failed(reload) => {
            failing.insert(reload.app.clone());
            true
        }
        News::Succeeded { app, .. } => failing.remove(app),
        _ => true,
    };
    news.iter()
        .filter(is_shown)
        .map(|one| match one {
            News::Failed(reload) => {
                format!("app {} {}", short(&reload.app), reload.status.unwrap().name())
            }
            News::Succeeded { app, .. } => format!("app {} again", short(app)),
            News::Trouble(fault) => format!("trouble: {}", fault.refusal.name()),
            News::Unread { list, .. } => format!("unread: {}", list.name()),
            News::ListRead(list) => format!("read: {}", list.name()),
            News::Works => "works".to_owned(),
            News::KeyExpires { left, .. } => format!("key: {left:?}"),
            News::KeyRenewed => "key renewed".to_owned(),
            News::TaskOff(task) => format!("off {}", task.id),
            News::TaskOn(task) => format!("on {}", task.id),
        })
        .collect()
}

fn played(plan: Vec<Planned>, until: i64) -> Vec<String> {
    let mut tenant = Tenant::new(plan, BTreeMap::new(), PollStart::Now);
    tenant.run_until(until);
    shown(&tenant.news)
}

#[test]
fn what_ended_before_the_first_start_is_not_reported() {
    assert_eq!(played(vec![reload(1, -600, -300, "FAILED")], 3600), [""; 0]);
}

#[test]
fn an_age_as_start_reaches_back_and_no_further() {
    let plan = vec![reload(1, -7300, -7201, "FAILED"), reload(2, -7300, -7000, "FAILED")];
    let start = PollStart::Since(SignedDuration::from_hours(2));
    let mut tenant = Tenant::new(plan, BTreeMap::new(), start);
    tenant.run_until(600);
    assert_eq!(shown(&tenant.news), ["app 2 FAILED"]);
}

/// Reloads that fail every five minutes, each of an app of its own.
fn one_in_five_minutes(from: i64, n: u8) -> Vec<Planned> {
    let at = |number: u8| from + i64::from(number) * 300;
    (0..n).map(|number| reload(number, at(number) - 60, at(number), "FAILED")).collect()
}

#[test]
fn each_failure_since_the_start_is_reported_however_long_ago() {
    let start = PollStart::Since(SignedDuration::from_hours(24));
    let mut tenant = Tenant::new(one_in_five_minutes(-60_000, 200), BTreeMap::new(), start);
    tenant.run_until(600);
    assert_eq!(tenant.news.len(), 200);
}

#[test]
fn each_failure_while_nobody_polled_for_a_day_is_reported() {
    let mishaps = BTreeMap::from([(20, Mishap::Down(70_000))]);
    let mut tenant = Tenant::new(one_in_five_minutes(500, 200), mishaps, PollStart::Now);
    tenant.run_until(75_000);
    assert_eq!(tenant.news.len(), 200);
}

#[test]
fn each_failure_while_the_tenant_was_away_for_hours_is_reported() {
    let mishaps = (20..70).map(|step| (step, Mishap::Unreachable)).collect();
    let mut tenant = Tenant::new(one_in_five_minutes(500, 90), mishaps, PollStart::Now);
    tenant.run_until(60_000);
    let failed = tenant.news.iter().filter(|one| matches!(one, News::Failed(_)));
    assert_eq!(failed.count(), 90);
}

/// Reloads that failed one second after the other while nobody polled.
fn backlog(n: i64) -> Vec<Planned> {
    let app = |number: i64| u8::try_from(number % 250).unwrap();
    (0..n).map(|number| reload(app(number), 500 + number, 560 + number, "FAILED")).collect()
}

fn n_failed(news: &[News]) -> usize {
    let ids = news.iter().filter_map(|one| match one {
        News::Failed(reload) => Some(reload.id.as_str()),
        _ => None,
    });
    let (all, different) = (ids.clone().count(), ids.collect::<BTreeSet<_>>().len());
    assert_eq!(all, different, "reported twice");
    all
}

#[test]
fn a_backlog_of_more_rows_than_are_kept_at_once_is_reported_whole() {
    let n = 1_250;
    for killed in [Mishap::NoDate, Mishap::KilledAfter] {
        let down = (20, Mishap::Down(20_000));
        // Parts are committed from here on.
        let then = (24..70).step_by(3).map(|step| (step, killed));
        let mishaps = then.chain([down]).collect();
        let mut tenant = Tenant::new(backlog(n), mishaps, PollStart::Now);
        tenant.run_until(22_000);
        assert_eq!(n_failed(&tenant.news), usize::try_from(n).unwrap(), "{killed:?}");
        assert!(!shown(&tenant.news).iter().any(|one| one.starts_with("unread")), "{killed:?}");
    }
}

/// Reloads of half a minute, one in each minute from a time on.
fn short(from: i64, n: i64) -> impl Iterator<Item = Planned> {
    let app = |n: i64| u8::try_from(n % 200).unwrap();
    (0..n).map(move |n| reload(app(n), from + n * 60, from + n * 60 + 30, "FAILED"))
}

/// The tenant after a first start that reports what ended within some hours.
fn from_hours_back(plan: &[Planned], hours: i64, sorted: Sorted) -> (Tenant, usize) {
    let since = -hours * 3600;
    let expected = plan.iter().filter(|it| it.ended >= since).count();
    let start = PollStart::Since(SignedDuration::from_hours(hours));
    let mut tenant = Tenant::new(plan.to_vec(), BTreeMap::new(), start).sorted(sorted);
    tenant.run_until(600);
    (tenant, expected)
}

#[test]
fn a_tenant_that_ignores_the_order_is_noticed_and_hides_no_failure() {
    // The long ones were created before what ended before the start, and ended after it.
    let long = (0..5).map(|n| reload(200 + n, i64::from(n) * 90 - 47_000, -20_000, "FAILED"));
    let plan: Vec<Planned> = short(-50_000, 800).chain(long).collect();
    for (sorted, is_noticed) in [
        (Sorted::AsAsked, false),
        (Sorted::ByCreation, true),
        (Sorted::Ascending, true),
        (Sorted::InNoOrder, true),
    ] {
        let (tenant, expected) = from_hours_back(&plan, 12, sorted);
        assert_eq!(n_failed(&tenant.news), expected, "{sorted:?}");
        assert_eq!(tenant.is_noticed(), is_noticed, "{sorted:?}");
    }
}

#[test]
fn more_is_read_if_the_first_pages_could_be_in_either_order() {
    // Each of the newest ended before the next one began, and one ran for hours.
    let long = reload(250, -15_000, -5_000, "FAILED");
    let plan: Vec<Planned> = short(-30_000, 500).chain([long]).collect();
    for sorted in [Sorted::AsAsked, Sorted::ByCreation] {
        let (tenant, expected) = from_hours_back(&plan, 2, sorted);
        assert_eq!(n_failed(&tenant.news), expected, "{sorted:?}");
    }
}

#[test]
fn an_order_that_is_ignored_costs_no_more_requests_while_polling_goes_on() {
    let n = |sorted| {
        let long = (0..5).map(|n| reload(200 + n, 600 + i64::from(n) * 90, 5_000, "FAILED"));
        let plan = short(500, 80).chain(long).collect();
        let tenant = Tenant::new(plan, BTreeMap::new(), PollStart::Now).with(0, 20, false);
        let mut tenant = tenant.sorted(sorted);
        tenant.run_until(6_000);
        assert_eq!(n_failed(&tenant.news), 85, "{sorted:?}");
        tenant.n_requests["ended"]
    };
    let (asked, ignored) = (n(Sorted::AsAsked), n(Sorted::ByCreation));
    assert!(ignored <= asked + 10, "{ignored} and {asked}");
}

#[test]
fn a_list_in_no_order_is_read_to_its_end_and_not_at_once_again() {
    let tenant = Tenant::new(backlog(300), BTreeMap::new(), PollStart::Now).with(0, 10, false);
    let mut tenant = tenant.sorted(Sorted::InNoOrder);
    tenant.run_until(1_000);
    let before = tenant.n_requests["ended"];
    tenant.run_until(1_000 + 3_600);
    // Each of the 30 pages takes a second, and two more of rest.
    let n = tenant.n_requests["ended"] - before;
    assert!((900..=1_300).contains(&n), "{n} requests in an hour");
    assert_eq!(n_failed(&tenant.news), 300);
}

#[test]
fn a_list_in_no_order_that_is_too_long_is_reported_once() {
    let n = 1_100;
    let tenant = Tenant::new(backlog(n), BTreeMap::new(), PollStart::Now).with(0, 1, false);
    let mut tenant = tenant.sorted(Sorted::InNoOrder);
    tenant.run_until(12_000);
    assert_eq!(shown(&tenant.news).iter().filter(|one| *one == "unread: ended").count(), 1);
}

#[test]
fn rows_behind_the_longest_list_are_reported_as_unread_with_their_times() {
    let n = 1_100;
    let mishaps = BTreeMap::from([(20, Mishap::Down(5_000))]);
    let mut tenant = Tenant::new(backlog(n), mishaps, PollStart::Now).with(0, 1, false);
    tenant.run_until(10_000);
    let unread: Vec<_> = tenant
        .news
        .iter()
        .filter_map(|one| match one {
            News::Unread { list, from, to, .. } => Some((*list, *from, *to)),
            _ => None,
        })
        .collect();
    let [(CloudList::Ended, Some(from), Some(to))] = unread.as_slice() else {
        panic!("{unread:?}");
    };
    let is_unread = |it: &&Planned| (*from..=*to).contains(&seconds(it.ended));
    let n_unread = backlog(n).iter().filter(is_unread).count();
    assert!(n_unread >= 100, "{n_unread}");
    assert!(n_failed(&tenant.news) + n_unread >= usize::try_from(n).unwrap());
}

#[test]
fn active_rows_behind_the_longest_list_are_reported_as_unread_once() {
    let refused = |number: i64| Planned {
        without_end: true,
        ..reload(u8::try_from(number % 250).unwrap(), number, number, "EXCEEDED_LIMIT")
    };
    let plan = (0..1_100).map(refused).collect();
    let mut tenant = Tenant::new(plan, BTreeMap::new(), PollStart::Now).with(0, 1, false);
    tenant.run_until(12_000);
    assert_eq!(shown(&tenant.news).iter().filter(|one| *one == "unread: active").count(), 1);
}

#[test]
fn pages_without_rows_do_not_end_a_list() {
    let mishaps = (20..40).step_by(2).map(|step| (step, Mishap::EmptyPage));
    let mishaps = mishaps.chain([(15, Mishap::Down(5_000))]).collect();
    let mut tenant = Tenant::new(backlog(100), mishaps, PollStart::Now).with(0, 10, false);
    tenant.run_until(9_000);
    assert_eq!(n_failed(&tenant.news), 100);
}

#[test]
fn a_failure_that_is_listed_after_the_success_that_followed_it_ends_with_it() {
    let late = Planned { late: 300, ..reload(1, 100, 200, "FAILED") };
    let plan = vec![late, reload(1, 210, 300, "SUCCEEDED")];
    assert_eq!(played(plan, 1000), ["app 1 FAILED", "app 1 again"]);
}

#[test]
fn a_success_that_is_listed_after_a_later_failure_ends_nothing() {
    let late = Planned { late: 300, ..reload(1, 100, 200, "SUCCEEDED") };
    assert_eq!(played(vec![late, reload(1, 210, 300, "FAILED")], 1000), ["app 1 FAILED"]);
}

#[test]
fn a_partial_success_does_not_end_a_full_failure() {
    let partial = Planned { partial: true, ..reload(1, 310, 400, "SUCCEEDED") };
    let plan = vec![reload(1, 100, 200, "FAILED"), partial, reload(1, 910, 950, "SUCCEEDED")];
    assert_eq!(played(plan.clone(), 900), ["app 1 FAILED"]);
    assert_eq!(played(plan, 1200), ["app 1 FAILED", "app 1 again"]);
}

#[test]
fn a_row_that_is_written_hours_late_is_found_if_it_was_seen_before_it_ended() {
    let late = Planned { late: 3 * 3600, ..reload(1, 100, 1000, "FAILED") };
    let other = reload(2, 3600, 3 * 3600, "SUCCEEDED");
    assert_eq!(played(vec![late, other], 5 * 3600), ["app 1 FAILED"]);
}

#[test]
fn a_tenant_that_cannot_be_polled_is_reported_once_and_so_is_its_return() {
    let credentials = (10..60).map(|step| (step, Mishap::Credentials)).collect();
    let mut tenant = Tenant::new(vec![], credentials, PollStart::Now);
    tenant.run_until(12 * 3600);
    assert_eq!(shown(&tenant.news), ["trouble: credentials", "works"]);
}

#[test]
fn a_list_that_is_refused_for_long_is_reported_once_and_hides_no_failure() {
    let refused = (10..2000).map(|step| (step, Mishap::OthersRefused)).collect();
    let plan = vec![reload(1, 5000, 5100, "FAILED")];
    let mut tenant = Tenant::new(plan, refused, PollStart::Now);
    tenant.run_until(8 * 3600);
    let begin = ["unread: active", "app 1 FAILED", "unread: tasks"];
    let end = ["read: active", "read: tasks"];
    assert_eq!(shown(&tenant.news), [&begin[..], &end[..]].concat());
}

#[test]
fn a_list_that_is_read_again_is_reported_also_after_a_restart() {
    let refused = (10..40).map(|step| (step, Mishap::OthersRefused));
    for restart in [Mishap::NoDate, Mishap::KilledAfter, Mishap::Down(60)] {
        let mishaps = refused.clone().chain([(40, restart)]).collect();
        let mut tenant = Tenant::new(vec![], mishaps, PollStart::Now);
        tenant.run_until(4 * 3600);
        assert_eq!(shown(&tenant.news), ["unread: active", "read: active"], "{restart:?}");
    }
}

#[test]
fn an_outage_of_a_few_minutes_is_not_reported() {
    let outage = (10..14).map(|step| (step, Mishap::Unreachable)).collect();
    let mut tenant = Tenant::new(vec![], outage, PollStart::Now);
    tenant.run_until(3600);
    assert_eq!(shown(&tenant.news), [""; 0]);
}

/// 500 apps, 20,000 reloads in 30 days.
#[test]
fn a_day_of_a_large_tenant_takes_few_requests_and_few_rows() {
    let days = 30 * 24 * 3600_i64;
    let plan: Vec<Planned> = (0..20_000_i64)
        .map(|n| {
            let created = n * days / 20_000;
            let end = if n % 40 == 7 { "FAILED" } else { "SUCCEEDED" };
            reload(u8::try_from(n % 250).unwrap(), created, created + 30 + n % 600, end)
        })
        .collect();
    // The simulated tenant looks through what has not happened yet, so one day is played.
    let days = plan.into_iter().filter(|it| it.created < 24 * 3600).collect();
    let mut tenant = Tenant::new(days, BTreeMap::new(), PollStart::Now);
    tenant.run_until(24 * 3600);
    let polls = 24 * 120;
    let n = |name| tenant.n_requests.get(name).copied().unwrap_or_default();
    assert!(n("ended") <= polls + polls / 50, "{:?}", tenant.n_requests);
    let all: u64 = tenant.n_requests.values().sum();
    assert!(all <= polls / 2 * 5, "at most five requests a minute: {:?}", tenant.n_requests);
    assert!(tenant.n_rows() < 500, "{}", tenant.n_rows());
}

#[test]
fn key_expiry_is_reported_two_weeks_and_one_week_before_and_its_renewal() {
    use crate::cloud::{Next, Poller, Polling};
    let polling = Polling::new(SignedDuration::from_secs(30), PollStart::Now);
    let mut poller = Poller::restore("acme", polling, &StoredRows::default());
    let day = 24 * 3600;
    let on = seconds(30 * day);
    let mut news = Vec::new();
    for n in 0..31 {
        poller.key_expires(seconds(n * day), Some(on));
        while let Next::Found(found) = poller.next(seconds(n * day)) {
            news.extend(found.news);
        }
    }
    poller.key_expires(seconds(31 * day), Some(seconds(200 * day)));
    while let Next::Found(found) = poller.next(seconds(31 * day)) {
        news.extend(found.news);
    }
    let expected = ["key: Days(14)", "key: WithinAWeek { days: 7 }", "key: Expired", "key renewed"];
    assert_eq!(shown(&news), expected);
}

#[test]
fn ids_that_could_lead_elsewhere_are_no_reloads() {
    use crate::cloud::Reload;
    for bad in ["", "../users/me", "a/b", "a?x=1", "é"] {
        let row = serde_json::json!({ "id": bad, "appId": app(1), "status": "FAILED" });
        assert_eq!(Reload::of(&row), None, "{bad}");
        let row = serde_json::json!({ "id": id(1), "appId": bad, "status": "FAILED" });
        assert_eq!(Reload::of(&row), None, "{bad}");
    }
}
