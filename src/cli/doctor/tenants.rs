//! I/O. Checks each tenant of Qlik Cloud: the identity, its rights, the clock, one page of reloads.

use jiff::SignedDuration;

use crate::cli::doctor::{DoctorFinding, FindingLevel};
use crate::clock::{self, Timestamp};
use crate::cloud::{Checkup, Client, Fault, check_up};
use crate::config::worded::NetworkKind;
use crate::config::{Language, Settings, Tenant};
use crate::detection::TenantRefusal;
use crate::render::tenant_fault;

pub(crate) const AREA: &str = "cloud";
/// A key that expires within this time is reported.
const SOON: SignedDuration = SignedDuration::from_hours(14 * 24);
/// Polling uses the tenant's clock only; a larger deviation makes ages on cards wrong.
const CLOCK_SLACK: SignedDuration = SignedDuration::from_mins(5);
/// The number of requests that one user may send to a tenant in a minute.
const PER_MINUTE: u64 = 1000;

pub(crate) async fn test(settings: &Settings) -> Vec<DoctorFinding> {
    let mut findings = Vec::new();
    for (name, tenant) in &settings.tenants {
        match Client::new(tenant.clone()) {
            Ok(mut client) => {
                findings.extend(key_of(name, &client));
                let checkup = check_up(&mut client).await;
                findings.extend(all_of(name, tenant, &checkup));
            }
            Err(why) => {
                let todo = "check proxy variables and the certificates of this machine";
                findings.push(DoctorFinding::odd(
                    AREA,
                    FindingLevel::Bad,
                    format!("{name}: {why}"),
                    todo,
                ));
            }
        }
    }
    findings
}

/// Whether the API key expires soon.
fn key_of(name: &str, client: &Client) -> Option<DoctorFinding> {
    let on = client.key_expires()?;
    let left = on.duration_since(clock::now());
    let day = on.strftime("%-d %B %Y");
    let todo = "create a new key for the same user, and write it where the configuration says";
    Some(if left <= SignedDuration::ZERO {
        DoctorFinding::odd(
            AREA,
            FindingLevel::Bad,
            format!("{name}: the API key expired on {day}"),
            todo,
        )
    } else if left <= SOON {
        DoctorFinding::odd(
            AREA,
            FindingLevel::Note,
            format!("{name}: the API key expires on {day}"),
            todo,
        )
    } else {
        DoctorFinding::well(AREA, format!("{name}: the API key is good until {day}"))
    })
}

fn all_of(name: &str, tenant: &Tenant, checkup: &Checkup) -> Vec<DoctorFinding> {
    let mut findings = Vec::new();
    findings.push(match &checkup.user {
        Ok(user) => DoctorFinding::well(AREA, format!("{name}: {} answers {user}", tenant.url)),
        Err(fault) => refused(name, fault),
    });
    if checkup.user.as_ref().is_err_and(|fault| is_hopeless(fault.refusal)) {
        return findings;
    }
    match &checkup.reloads {
        Ok(page) => {
            let n = page.n_reloads;
            let first = if n == 100 { "100 or more".to_owned() } else { n.to_string() };
            findings.push(DoctorFinding::well(AREA, format!("{name}: {first} reloads are listed")));
            findings.extend(page.is_unordered.then(|| unordered(name)));
            findings.extend(page.date.map(|date| clock_of(name, date)));
            findings.push(DoctorFinding::well(AREA, rate(name, tenant, checkup)));
        }
        Err(fault) => findings.push(refused(name, fault)),
    }
    findings.push(match &checkup.tasks {
        Ok(n) => DoctorFinding::well(AREA, format!("{name}: {n} tasks on the first page")),
        Err(fault) => DoctorFinding::odd(
            AREA,
            FindingLevel::Note,
            format!("{name}: tasks cannot be listed: {}", tenant_fault(&fault.why, Language::English)),
            "give the user the right to list tasks; without it, a task that Qlik Cloud switches off is not reported",
        ),
    });
    findings
}

/// Whether further requests would be refused in the same way.
fn is_hopeless(refusal: TenantRefusal) -> bool {
    matches!(refusal, TenantRefusal::Credentials | TenantRefusal::Unreachable)
}

fn refused(name: &str, fault: &Fault) -> DoctorFinding {
    let (level, todo) = match fault.refusal {
        TenantRefusal::Credentials => (
            FindingLevel::Bad,
            "create a new API key, or a new secret of the OAuth client, and write it where the configuration says; the old one has expired, was revoked, or belongs to another tenant",
        ),
        TenantRefusal::Rights => (
            FindingLevel::Bad,
            "give the user of the key, or the OAuth client, the role Tenant Admin: only it lists the reloads of the whole tenant",
        ),
        TenantRefusal::RateLimited => (
            FindingLevel::NotTested,
            "wait a minute and run this again; if it persists, give Footman a user of its own",
        ),
        TenantRefusal::Request => (
            FindingLevel::Bad,
            "install the newest version of Footman: the tenant does not accept what this one asks",
        ),
        TenantRefusal::NotFound => {
            (FindingLevel::Bad, "check tenant-url: it is the address at which people open Qlik Cloud")
        }
        TenantRefusal::Unreachable => (
            FindingLevel::Unreachable,
            fault.network.map_or(
                "check tenant-url, and allow HTTPS from this machine to that host: proxy, firewall, certificates",
                NetworkKind::remedy,
            ),
        ),
    };
    DoctorFinding::odd(
        AREA,
        level,
        format!("{name}: {}", tenant_fault(&fault.why, Language::English)),
        todo,
    )
}

fn unordered(name: &str) -> DoctorFinding {
    let what = format!("{name}: reloads are listed in another order than asked for");
    let todo = "install the newest version of Footman; until then nothing is lost, but polling reads more: if requests are refused as too many, write every = \"5m\"";
    DoctorFinding::odd(AREA, FindingLevel::Note, what, todo)
}

fn clock_of(name: &str, date: Timestamp) -> DoctorFinding {
    let far = clock::now().duration_since(date);
    if far.abs() <= CLOCK_SLACK {
        return DoctorFinding::well(
            AREA,
            format!("{name}: this machine's clock agrees with the tenant's"),
        );
    }
    let far = SignedDuration::from_secs(far.as_secs());
    let what = format!("{name}: this machine's clock differs from the tenant's by {far:#}");
    let todo = "synchronize the clock with a time server; reloads are found all the same";
    DoctorFinding::odd(AREA, FindingLevel::Note, what, todo)
}

/// How much of the rate limit is left, or how much of it polling uses.
fn rate(name: &str, tenant: &Tenant, checkup: &Checkup) -> String {
    if let Some(left) = checkup.left {
        return format!("{name}: {left} requests are left of the rate limit");
    }
    // One list for each poll, and one of active reloads in each minute.
    let polls = 60_000 / u64::try_from(tenant.every.0.as_millis().max(1)).unwrap_or(u64::MAX);
    let takes = polls + polls.min(1) + 1;
    format!(
        "{name}: polling takes about {takes} of {PER_MINUTE} requests a minute; the tenant does not say how many are left"
    )
}
