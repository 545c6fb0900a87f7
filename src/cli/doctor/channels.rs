//! I/O. Checks whether each channel can be reached; no card is posted.
//!
//! The request is a HEAD for the root of the webhook's server, through the same proxy and with the
//! same certificates as a card: the flow behind the webhook does not run.

mod proxy;

use jiff::SignedDuration;

use crate::channels::OpenChannel;
use crate::cli::doctor::{DoctorFinding, FindingLevel};
use crate::cli::test_send::webhook_hint;
use crate::clock;
use crate::config::load::Env;
use crate::config::{self, ChannelKind, Config, Settings};

pub(crate) const AREA: &str = "channels";
/// With a larger deviation cards show wrong times, and tokens and certificates may be refused.
const CLOCK_SLACK: SignedDuration = SignedDuration::from_mins(2);

pub(crate) async fn test(settings: &Settings) -> Vec<DoctorFinding> {
    let env = Env::of_process();
    let mut findings = proxy::variables(&env);
    let is_proxy_well = findings.iter().all(|it| it.level < FindingLevel::NotTested);
    let mut through = Vec::new();
    for (name, channel) in &settings.channels {
        if settings.refused.contains(name) {
            let what = format!("{name}: its webhook cannot be used");
            let todo = "correct the webhook first; the problem is listed with the configuration";
            findings.push(DoctorFinding::untested(AREA, what, todo));
            continue;
        }
        let of_channel = one(name, channel, settings).await;
        let is_reached = of_channel.iter().all(|it| it.level < FindingLevel::NotTested);
        // A proxy of its own says nothing about that of the machine.
        if let (Some(webhook), None) = (channel.destination.webhook(), &channel.connection.proxy) {
            through.extend(proxy::of(&webhook.server()).map(|proxy| (proxy, is_reached)));
        }
        findings.extend(of_channel);
    }
    if through.is_empty() && is_proxy_well {
        findings.extend(proxy::unused(&env));
    }
    findings.extend(proxy::used(&through));
    findings
}

/// Whether the configuration says so, in contrast to a channel whose webhook is missing.
fn is_local_by_choice(name: &str, settings: &Settings) -> bool {
    let (config, _) = Config::parse(&settings.written);
    config.channel.get(name).is_some_and(|channel| channel.kind == Some(ChannelKind::Local))
}

async fn one(name: &str, channel: &config::Channel, settings: &Settings) -> Vec<DoctorFinding> {
    let mut shown = channel.destination.to_string();
    if let Some(proxy) = &channel.connection.proxy {
        let host = proxy.host_str().unwrap_or_default();
        shown = format!("{shown}, through the proxy {host}");
    }
    let opened = match OpenChannel::open(name, channel, &settings.state_dir) {
        Ok(opened) => opened,
        Err(error) => {
            let error = anyhow::Error::from(error);
            let what = format!("{name}: {error:#}");
            let todo = "check proxy variables and the certificates of this machine";
            return vec![DoctorFinding::odd(AREA, FindingLevel::Bad, what, todo)];
        }
    };
    let sender = match &opened {
        OpenChannel::Teams(sender) => sender,
        OpenChannel::Flow(flow) => flow.sender(),
        OpenChannel::Local(_) => {
            let what = format!("{name} has no webhook: its cards are kept on this machine");
            if is_local_by_choice(name, settings) {
                let what = format!("{name} is local: its cards are kept on this machine");
                return vec![DoctorFinding::well(AREA, what)];
            }
            return vec![DoctorFinding::odd(AREA, FindingLevel::Note, what, &webhook_hint(name))];
        }
    };
    match sender.reach().await {
        Ok(reached) => {
            let what = format!("{name}: {shown} responds ({})", reached.status);
            let far = reached.date.map(|date| clock::now().duration_since(date));
            std::iter::once(DoctorFinding::well(AREA, what)).chain(far.map(clock_of)).collect()
        }
        Err(why) => {
            let what = format!("{name}: {shown} cannot be reached: {why}");
            let todo = why.kind.map(|kind| kind.remedy_of_channel(name, &channel.connection));
            let todo = todo.as_deref().unwrap_or(
                "allow HTTPS from this machine to that host: check proxy, firewall, and the \
                 certificate authority of a proxy that inspects TLS",
            );
            vec![DoctorFinding::odd(AREA, FindingLevel::Unreachable, what, todo)]
        }
    }
}

fn clock_of(far: SignedDuration) -> DoctorFinding {
    if far.abs() <= CLOCK_SLACK {
        return DoctorFinding::well(AREA, "this machine's clock agrees with the server's");
    }
    let far = SignedDuration::from_secs(far.as_secs());
    let what = format!("this machine's clock differs from the server's by {far:#}");
    DoctorFinding::odd(AREA, FindingLevel::Note, what, "synchronize the clock with a time server")
}
