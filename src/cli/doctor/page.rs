//! I/O. Whether the local page can be served where it is configured.

use std::io;
use std::net::SocketAddr;

use tokio::net::TcpSocket;

use crate::agent::{PAGE_NOTE, PageNote};
use crate::cli::doctor::{DoctorFinding, FindingLevel};
use crate::clock;
use crate::config::worded::system;
use crate::config::{Listen, Settings};
use crate::state::{Reader, Vitals};
use crate::web::tls;

const AREA: &str = "page";

/// Without a page there is nothing to check.
pub(crate) fn test(settings: &Settings) -> Option<DoctorFinding> {
    let Listen::At(address) = settings.page.listen else { return None };
    let bad =
        |what: String, todo: &str| Some(DoctorFinding::odd(AREA, FindingLevel::Bad, what, todo));
    if let Err(why) = tls::open(&settings.page) {
        let what = format!("the page is not served: {why}");
        return bad(what, "correct the section [page], or set page.listen to \"\" for no page");
    }
    if is_served(settings, address) {
        return Some(DoctorFinding::well(
            AREA,
            format!("{address} is served by the running agent"),
        ));
    }
    match bind(address) {
        Ok(()) => Some(DoctorFinding::well(AREA, format!("{address} is free for the page"))),
        Err(error) => {
            let what = format!("the page cannot be served on {address}: {}", system(&error));
            bad(what, "set page.listen to a free port, or to \"\" for no page")
        }
    }
}

/// Whether the agent of this state is alive and serves its page there.
fn is_served(settings: &Settings, address: SocketAddr) -> bool {
    let is_alive = || Vitals::read(&settings.state_dir, clock::now()).signs.locked != Some(false);
    let note = || Reader::open(&settings.state_dir).and_then(|reader| reader.note(PAGE_NOTE)).ok();
    let is_there = |note: String| PageNote::read(&note).address() == Some(address);
    note().flatten().is_some_and(is_there) && is_alive()
}

/// Binds the address for a moment, without listening: nobody can connect meanwhile.
fn bind(address: SocketAddr) -> io::Result<()> {
    let socket = if address.is_ipv4() { TcpSocket::new_v4() } else { TcpSocket::new_v6() }?;
    // As the agent does; on Windows it would take the address away from another program.
    #[cfg(unix)]
    socket.set_reuseaddr(true)?;
    socket.bind(address)
}
