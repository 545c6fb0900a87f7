//! Each final status is reported once, whatever the order of updates, pages, faults and restarts, and
//! also by a tenant that does not sort its lists as it is asked to.

use std::collections::BTreeMap;

use proptest::collection::{btree_map, vec};
use proptest::prelude::*;

use super::tenant::{Mishap, Planned, Sorted, Tenant, app, id};
use crate::cloud::{News, PollStart};

const HOUR: i64 = 3600;

fn planned() -> impl Strategy<Value = Planned> {
    let ends = proptest::sample::select(vec![
        "SUCCEEDED",
        "SUCCEEDED",
        "FAILED",
        "FAILED",
        "CANCELED",
        "EXCEEDED_LIMIT",
    ]);
    let lasts = prop_oneof![0_i64..120, 0_i64..3 * HOUR];
    let late = prop_oneof![4 => 0_i64..5, 1 => 0_i64..10 * 60];
    let engine = prop_oneof![4 => Just(0_i64), 1 => -4 * 60..HOUR];
    (0_u8..4, 60_i64..3 * HOUR, lasts, 0_u8..3, late, engine, ends, any::<bool>()).prop_map(
        |(app, created, lasts, requeued, late, engine, end, is_odd)| Planned {
            app,
            // What exceeds a limit without an end is refused at once.
            created: if end == "EXCEEDED_LIMIT" && is_odd { created + lasts } else { created },
            ended: created + lasts,
            requeued,
            late,
            engine,
            end,
            partial: false,
            without_end: end == "EXCEEDED_LIMIT" && is_odd,
        },
    )
}

fn mishap() -> impl Strategy<Value = Mishap> {
    prop_oneof![
        Just(Mishap::Unreachable),
        Just(Mishap::Credentials),
        Just(Mishap::RateLimited(None)),
        (0_u64..900).prop_map(|after| Mishap::RateLimited(Some(after))),
        Just(Mishap::KilledBefore),
        Just(Mishap::KilledAfter),
        (0..30 * HOUR).prop_map(Mishap::Down),
        (-8 * HOUR..8 * HOUR).prop_map(Mishap::ClockMoves),
        Just(Mishap::NoDate),
        Just(Mishap::EmptyPage),
        Just(Mishap::OthersRefused),
    ]
}

/// A tenant that sorts as asked, or ignores that in one way or another.
fn sorted() -> impl Strategy<Value = Sorted> {
    prop_oneof![
        4 => Just(Sorted::AsAsked),
        2 => Just(Sorted::ByCreation),
        1 => Just(Sorted::Ascending),
        1 => Just(Sorted::InNoOrder),
    ]
}

/// The failures that were reported: how often each.
fn failures(news: &[News]) -> BTreeMap<String, u32> {
    let mut failures = BTreeMap::new();
    for one in news {
        if let News::Failed(reload) = one {
            *failures.entry(reload.id.clone()).or_default() += 1;
        }
    }
    failures
}

/// Whether each app fails, as somebody believes who reads what is reported.
fn believed(news: &[News]) -> BTreeMap<String, bool> {
    let mut fails = BTreeMap::new();
    for one in news {
        match one {
            News::Failed(reload) => drop(fails.insert(reload.app.clone(), true)),
            News::Succeeded { app, .. } => drop(fails.insert(app.clone(), false)),
            _ => {}
        }
    }
    fails
}

/// The last status of each app by the ends that the tenant names.
fn true_ends(plan: &[Planned]) -> BTreeMap<String, bool> {
    let at = |it: &Planned| if it.without_end { it.created } else { it.ended + it.engine };
    let mut ends: Vec<&Planned> = plan.iter().collect();
    ends.sort_by_key(|it| at(it));
    ends.into_iter().map(|it| (app(it.app), it.end != "SUCCEEDED")).collect()
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(40))]

    #[test]
    fn each_final_status_is_reported_once(
        plan in vec(planned(), 1..40),
        mishaps in btree_map(1_usize..1500, mishap(), 0..40),
        skew in -2 * HOUR..2 * HOUR,
        page in 1_usize..8,
        none_first in any::<bool>(),
        sorted in sorted(),
    ) {
        let tenant = Tenant::new(plan.clone(), mishaps, PollStart::Now);
        let mut tenant = tenant.with(skew, page, none_first).sorted(sorted);
        let last = plan.iter().map(Planned::listed_at).max().unwrap_or_default();
        // An end in the future is listed at once.
        tenant.run_until(last + 2 * HOUR);
        tenant.run_well(2 * HOUR);
        let bad = plan.iter().enumerate().filter(|(_, it)| it.end != "SUCCEEDED");
        let expected: BTreeMap<String, u32> = bad.map(|(number, _)| (id(number), 1)).collect();
        prop_assert_eq!(failures(&tenant.news), expected);
        let believed = believed(&tenant.news);
        for (app, fails) in true_ends(&plan) {
            prop_assert_eq!(believed.get(&app).copied().unwrap_or(false), fails, "{}", app);
        }
    }
}
