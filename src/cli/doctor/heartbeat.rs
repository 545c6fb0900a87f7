//! I/O. Checks whether the dead man's switch can be reached; no heartbeat is sent.

use crate::channels::ping::Ping;
use crate::cli::doctor::{DoctorFinding, FindingLevel};
use crate::config::Settings;

const AREA: &str = "heartbeat";

pub(crate) async fn test(settings: &Settings) -> Option<DoctorFinding> {
    let url = settings.heartbeat.url.clone()?;
    let shown = url.to_string();
    let ping = match Ping::new(url) {
        Ok(ping) => ping,
        Err(error) => {
            let what = format!("{:#}", anyhow::Error::from(error));
            let todo = "check proxy variables and the certificates of this machine";
            return Some(DoctorFinding::odd(AREA, FindingLevel::Bad, what, todo));
        }
    };
    Some(match ping.reach().await {
        Ok(status) => DoctorFinding::well(AREA, format!("{shown} responds ({status})")),
        Err(why) => DoctorFinding::odd(
            AREA,
            FindingLevel::Unreachable,
            format!("{shown} cannot be reached: {why}"),
            "allow HTTPS from this machine to that host: check proxy, firewall, and the certificate authority of a proxy that inspects TLS",
        ),
    })
}
