//! I/O. Who and where this is, where the state is kept, and what is watched besides logs.

use jiff::SignedDuration;

use crate::agent;
use crate::cli::doctor::{Finding, Level};
use crate::clock;
use crate::config::Settings;
use crate::observe::source::{Eye, Source, exported};
use crate::observe::{Service, StartType, State};
use crate::qlik::certificate::Certificate;
use crate::render::Site;
use crate::state::{self, Reader};

/// What ends within this time is worth a look.
const SOON: SignedDuration = SignedDuration::from_hours(30 * 24);

/// The account that this process runs as.
pub(in crate::cli::doctor) fn account() -> String {
    let get = |name| std::env::var(name).ok().filter(|value| !value.is_empty());
    let user = get("USERNAME").or_else(|| get("USER")).or_else(|| get("LOGNAME"));
    let user = user.unwrap_or_else(|| "this account".to_owned());
    match get("USERDOMAIN") {
        Some(domain) => format!("{domain}\\{user}"),
        None => user,
    }
}

pub(in crate::cli::doctor) fn identity(settings: &Settings, site: &Site) -> Vec<Finding> {
    let area = "machine";
    let zone = settings.timezone.clone();
    let zone_name = zone.iana_name().unwrap_or("unnamed").to_owned();
    let local = clock::now().to_zoned_datetime(zone).strftime("%a %d %b %Y %H:%M:%S");
    let version = env!("CARGO_PKG_VERSION");
    let system = format!("{} {}", std::env::consts::OS, std::env::consts::ARCH);
    let mut findings = vec![
        Finding::well(area, format!("footman {version} on {system}, node {}", site.node)),
        Finding::well(area, format!("run by {}: rights are judged for this account", account())),
        Finding::well(area, format!("clock {local}, time zone {zone_name}")),
    ];
    findings.push(if let Some(url) = &site.url {
        Finding::well(area, format!("people open Qlik Sense at {url}"))
    } else {
        let what = "no Host.cfg beside the log root: cards have no links";
        Finding::odd(area, Level::Note, what, "set `site-url` if people should get links")
    });
    findings
}

pub(in crate::cli::doctor) fn state(settings: &Settings) -> Vec<Finding> {
    let area = "state";
    let folder = settings.state_dir.display();
    if let Err(error) = state::check_is_local(&settings.state_dir) {
        let todo = error.hint().unwrap_or("name a folder on a local disk as `state-dir`");
        return vec![Finding::odd(area, Level::Bad, error.to_string(), todo)];
    }
    let Ok(reader) = Reader::open(&settings.state_dir) else {
        let todo = "start Footman: `footman service start`, or `footman run` in a console";
        let what = format!("no state that {} can read in {folder}", account());
        return vec![Finding::odd(area, Level::Note, what, todo)];
    };
    let n_owed = reader.owed().map_or(0, |owed| owed.len());
    let version = reader.note("version").ok().flatten().unwrap_or_default();
    vec![Finding::well(area, format!("{folder}, written by {version}, {n_owed} cards owed"))]
}

pub(in crate::cli::doctor) fn watched(settings: &Settings, site: &Site) -> Vec<Finding> {
    let certificates = settings.log_root.as_deref().map(exported);
    let others = settings.watch.others.to_vec();
    let looks = Eye::new(
        Source::System,
        site.node.clone(),
        others,
        agent::measured(settings),
        certificates,
    )
    .look(false, None);
    let mut findings = Vec::new();
    for look in looks {
        findings.extend(services(&look.host, look.services.as_deref()));
        let gauge = |gauge: &crate::observe::Gauge| {
            let name = gauge.what.name().replacen('/', " ", 1);
            let what = format!("{name} {:.0} % used, {}", gauge.used, gauge.words);
            Finding::well("gauges", what)
        };
        findings.extend(look.gauges.iter().map(gauge));
        findings.extend(look.certificates.iter().flatten().map(certificate));
    }
    findings
}

fn services(host: &str, services: Option<&[Service]>) -> Vec<Finding> {
    let area = "services";
    let Some(services) = services else {
        if cfg!(not(windows)) {
            return vec![Finding::well(area, "only Windows tells of the services of Qlik Sense")];
        }
        let what = format!("the services of {host} cannot be asked by {}", account());
        let todo = "let the account ask the service control manager there, or take the machine out of `node.others`";
        return vec![Finding::odd(area, Level::Bad, what, todo)];
    };
    if services.is_empty() {
        let what = format!("no service of Qlik Sense is installed on {host}");
        return vec![Finding::odd(
            area,
            Level::Note,
            what,
            "nothing, if this is no Qlik Sense node",
        )];
    }
    let one = |service: &Service| {
        let what = format!("{host}: {} is {:?}", service.display_name, service.state);
        let expected = service.start == StartType::Automatic;
        if expected && service.state != State::Running {
            Finding::odd(
                area,
                Level::Note,
                what,
                "it starts automatically and does not run: start it",
            )
        } else {
            Finding::well(area, what)
        }
    };
    services.iter().map(one).collect()
}

fn certificate(one: &Certificate) -> Finding {
    let area = "certificates";
    let what = format!("{} ends on {}", one.subject, one.ends.strftime("%-d %B %Y"));
    if one.ends.duration_since(clock::now()) > SOON {
        Finding::well(area, what)
    } else {
        Finding::odd(area, Level::Note, what, "renew it, unless a newer one has taken its place")
    }
}
