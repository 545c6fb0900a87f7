//! I/O. Binds the address of the local page, and serves it beside the agent.

use std::net::TcpListener;

use anyhow::{Context as _, Result};
use tokio_util::sync::CancellationToken;

use crate::agent::{self, PageNote};
use crate::config::worded::system;
use crate::config::{Listen, PageConfig};
use crate::web::tls::{self, Tls};
use crate::web::{self, PageAddress};

/// A bound address, and the keys of its TLS if other machines can reach it.
pub struct Bound {
    listener: TcpListener,
    tls: Option<Tls>,
}

/// Binds the configured address. Nothing about the page is fatal: cards are sent without it.
pub fn bind(page: &PageConfig) -> (Option<Bound>, PageNote) {
    let Listen::At(address) = page.listen else { return (None, PageNote::Off) };
    let tls = match tls::open(page) {
        Ok(tls) => tls,
        Err(why) => return (None, PageNote::Unserved(format!("not served: {why}"))),
    };
    let bound = TcpListener::bind(address).and_then(|listener| {
        listener.set_nonblocking(true)?;
        Ok((listener.local_addr()?, listener))
    });
    match bound {
        Ok((address, listener)) => {
            let note = PageNote::Served { address, is_tls: tls.is_some() };
            (Some(Bound { listener, tls }), note)
        }
        Err(error) => {
            let why = system(&error);
            let note = format!(
                "not served: cannot listen on {address}: {why}; set page.listen to a free port, or \
                 to \"\" for no page"
            );
            (None, PageNote::Unserved(note))
        }
    }
}

/// Serves until stopped, on a thread of its own: a slow view delays neither reading nor delivering.
pub async fn serve_beside(bound: Bound, place: PageAddress, stop: CancellationToken) -> Result<()> {
    let serve = move || {
        let runtime = tokio::runtime::Builder::new_current_thread()
            .enable_all()
            .build()
            .context("starting the runtime of the local page")?;
        let served = runtime.block_on(async {
            let listener = tokio::net::TcpListener::from_std(bound.listener)
                .context("listening for the local page")?;
            Ok(web::serve_over(listener, bound.tls, place, stop).await?)
        });
        // A reading that hangs on a disk must not delay the stop.
        runtime.shutdown_background();
        served
    };
    agent::beside("page", serve).await
}
