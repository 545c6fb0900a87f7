//! I/O. Checks the account, the clock, and what is monitored besides logs.

use std::path::Path;

use jiff::SignedDuration;

use crate::agent;
use crate::cli::account;
use crate::cli::doctor::{DoctorFinding, FindingLevel};
use crate::clock;
use crate::config::{Language, Settings};
use crate::detection::ServiceState;
use crate::observe::source::{NodeProbe, SnapshotSource, exported};
use crate::observe::{Service, StartType};
use crate::qlik::certificate::Certificate;
use crate::render::{Site, amount};

/// A certificate that expires within this time is reported.
const SOON: SignedDuration = SignedDuration::from_hours(30 * 24);

/// The account that runs this process.
pub(crate) fn account() -> String {
    account::name().unwrap_or_else(|| "this account".to_owned())
}

pub(crate) fn identity(settings: &Settings, site: &Site) -> Vec<DoctorFinding> {
    let area = "machine";
    let zone = settings.timezone.clone();
    let zone_name = zone
        .iana_name()
        .unwrap_or(if zone.is_unknown() { "unknown" } else { "unnamed" })
        .to_owned();
    let local = clock::now().to_zoned_datetime(zone).strftime("%a %d %b %Y %H:%M:%S");
    let version = env!("CARGO_PKG_VERSION");
    let system = format!("{} {}", std::env::consts::OS, std::env::consts::ARCH);
    let clock = format!("clock {local}, time zone {zone_name}");
    let clock = if settings.timezone.is_unknown() {
        DoctorFinding::odd(
            area,
            FindingLevel::Note,
            clock,
            "set `timezone`, unless times in UTC are right",
        )
    } else {
        DoctorFinding::well(area, clock)
    };
    let mut findings = vec![
        DoctorFinding::well(area, format!("footman {version} on {system}, node {}", site.node)),
        DoctorFinding::well(
            area,
            format!("running as {}: rights are checked for this account", account()),
        ),
        clock,
    ];
    // A tenant names its own addresses.
    let has_node = settings.log_root.is_some() || settings.tenants.is_empty();
    if let Some(url) = &site.url {
        findings.push(DoctorFinding::well(area, format!("links on cards lead to {url}")));
    } else if has_node {
        let what = "no Host.cfg next to the log root: cards have no links";
        let todo = "set `site-url` if cards should have links";
        findings.push(DoctorFinding::odd(area, FindingLevel::Note, what, todo));
    }
    findings
}

pub(crate) fn watched(settings: &Settings, site: &Site) -> Vec<DoctorFinding> {
    let certificates = settings.log_root.as_deref().map(exported);
    let others = settings.watch.others.to_vec();
    let snapshots = NodeProbe::new(
        SnapshotSource::System,
        site.node.clone(),
        others,
        agent::measured(settings),
        certificates,
    )
    .take_snapshots(false, None);
    let mut findings = Vec::new();
    for snapshot in snapshots {
        if settings.watch.services {
            findings.extend(services(&snapshot.host, snapshot.services.as_deref()));
        }
        let gauge = |gauge: &crate::observe::Gauge| {
            let name = gauge.what.name().replacen('/', " ", 1);
            let what = format!(
                "{name} {:.0} % used, {}",
                gauge.used,
                amount(&gauge.amount, Language::English)
            );
            DoctorFinding::well("gauges", what)
        };
        findings.extend(snapshot.gauges.iter().map(gauge));
        findings.extend(snapshot.certificates.iter().flatten().map(certificate));
        if cfg!(windows) && snapshot.host == site.node && snapshot.certificates.is_none() {
            let todo = "let this account read the certificates of the machine";
            let what = "the certificates cannot be read";
            findings.push(DoctorFinding::untested("certificates", what, todo));
        }
    }
    let folders = settings.watch.folders.iter().filter(|folder| !Path::new(folder).is_dir());
    findings.extend(folders.map(|folder| {
        let what = format!("the folder {folder} of `node.folders` does not exist");
        DoctorFinding::odd(
            "gauges",
            FindingLevel::Note,
            what,
            "correct it, or make the share available",
        )
    }));
    findings
}

fn services(host: &str, services: Option<&[Service]>) -> Vec<DoctorFinding> {
    let area = "services";
    let Some(services) = services else {
        if cfg!(not(windows)) {
            let what = "the services of Qlik Sense: they are watched on Windows only";
            return vec![DoctorFinding::untested(
                area,
                what,
                "run Footman on the Windows node for them",
            )];
        }
        let what = format!("{} cannot query the services of {host}", account());
        let todo = "grant the account access to the service control manager there, or remove the machine from `node.others`";
        return vec![DoctorFinding::odd(area, FindingLevel::Bad, what, todo)];
    };
    if services.is_empty() {
        let what = format!("no Qlik Sense service is installed on {host}");
        return vec![DoctorFinding::odd(
            area,
            FindingLevel::Note,
            what,
            "nothing, if this is not a Qlik Sense node",
        )];
    }
    let one = |service: &Service| {
        let what = format!("{host}: {} is {:?}", service.display_name, service.state);
        let expected = service.start == StartType::Automatic;
        if expected && service.state != ServiceState::Running {
            DoctorFinding::odd(
                area,
                FindingLevel::Note,
                what,
                "it starts automatically but is not running: start it",
            )
        } else {
            DoctorFinding::well(area, what)
        }
    };
    services.iter().map(one).collect()
}

fn certificate(one: &Certificate) -> DoctorFinding {
    let area = "certificates";
    let what = format!("{} expires on {}", one.subject, one.expires.strftime("%-d %B %Y"));
    if one.expires.duration_since(clock::now()) > SOON {
        DoctorFinding::well(area, what)
    } else {
        DoctorFinding::odd(
            area,
            FindingLevel::Note,
            what,
            "renew it, unless a newer one has replaced it",
        )
    }
}
