//! I/O. Checks whether each channel can be reached; no card is posted.
//!
//! The request is a HEAD for the root of the webhook's server, through the same proxy and with the
//! same certificates as a card: the flow behind the webhook does not run.

use jiff::SignedDuration;

use crate::channels::Channel;
use crate::cli::doctor::{Finding, Level};
use crate::clock;
use crate::config::{self, Settings};

const AREA: &str = "channels";
/// With a larger deviation cards show wrong times, and tokens and certificates may be refused.
const CLOCK_SLACK: SignedDuration = SignedDuration::from_mins(2);
const PROXY_VARIABLES: [&str; 3] = ["HTTPS_PROXY", "HTTP_PROXY", "ALL_PROXY"];

pub(in crate::cli::doctor) async fn test(settings: &Settings) -> Vec<Finding> {
    let mut findings = vec![proxy()];
    for (name, channel) in &settings.channels {
        if settings.refused.contains(name) {
            let what = format!("{name}: its webhook cannot be used");
            let todo = "correct the webhook first; the problem is listed with the configuration";
            findings.push(Finding::untested(AREA, what, todo));
            continue;
        }
        findings.extend(one(name, channel, settings).await);
    }
    findings
}

async fn one(name: &str, channel: &config::Channel, settings: &Settings) -> Vec<Finding> {
    let shown = channel.destination.to_string();
    let sender = match Channel::open(name, &channel.destination, &settings.state_dir) {
        Ok(Channel::Teams(sender)) => sender,
        Ok(Channel::Local(_)) => {
            let what = format!("{name} has no webhook: its cards are kept on this machine");
            let todo = "set FOOTMAN_TEAMS_WEBHOOK, or webhook-file of the channel";
            return vec![Finding::odd(AREA, Level::Note, what, todo)];
        }
        Err(error) => {
            let error = anyhow::Error::from(error);
            let what = format!("{name}: {error:#}");
            let todo = "check proxy variables and the certificates of this machine";
            return vec![Finding::odd(AREA, Level::Bad, what, todo)];
        }
    };
    match sender.reach().await {
        Ok(reached) => {
            let what = format!("{name}: {shown} responds ({})", reached.status);
            let far = reached.date.map(|date| clock::now().duration_since(date));
            std::iter::once(Finding::well(AREA, what)).chain(far.map(clock_of)).collect()
        }
        Err(why) => vec![Finding::odd(
            AREA,
            Level::Unreachable,
            format!("{name}: {shown} cannot be reached: {why}"),
            "allow HTTPS from this machine to that host: check proxy, firewall, and the certificate authority of a proxy that inspects TLS",
        )],
    }
}

fn clock_of(far: SignedDuration) -> Finding {
    if far.abs() <= CLOCK_SLACK {
        return Finding::well(AREA, "this machine's clock agrees with the server's");
    }
    let far = SignedDuration::from_secs(far.as_secs());
    let what = format!("this machine's clock differs from the server's by {far:#}");
    Finding::odd(AREA, Level::Note, what, "synchronize the clock with a time server")
}

/// Without the proxy's address, which may contain a password.
fn proxy() -> Finding {
    let is_set = |name: &&str| {
        [(*name).to_owned(), name.to_ascii_lowercase()]
            .iter()
            .any(|name| std::env::var_os(name).is_some_and(|value| !value.is_empty()))
    };
    let set: Vec<&str> = PROXY_VARIABLES.into_iter().filter(|name| is_set(name)).collect();
    if set.is_empty() {
        let system = if cfg!(windows) { "from the system settings, if any" } else { "none" };
        return Finding::well(AREA, format!("proxy: {system}"));
    }
    Finding::well(AREA, format!("proxy: from {}", set.join(", ")))
}
