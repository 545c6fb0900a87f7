//! Serves a folder of cards as the local page, for looking at them and for the browser tests.
//!
//! `cargo run --example page -- FOLDER [ADDRESS]`; prints the page's address.

use std::path::PathBuf;

use anyhow::Context;
use footman::web::{PageAddress, serve};
use tokio::net::TcpListener;
use tokio_util::sync::CancellationToken;

#[tokio::main(flavor = "current_thread")]
#[expect(clippy::print_stdout, reason = "the browser test reads the address from here")]
async fn main() -> anyhow::Result<()> {
    let mut args = std::env::args().skip(1);
    let cards = PathBuf::from(args.next().context("which folder of cards?")?);
    let address = args.next().unwrap_or_else(|| "127.0.0.1:0".to_owned());
    let listener = TcpListener::bind(&address).await.with_context(|| format!("bind {address}"))?;
    println!("http://{}/", listener.local_addr()?);
    let state_dir = cards.clone();
    let place = PageAddress {
        cards,
        state_dir,
        node: "qlik-node-1".into(),
        environment: Some("demo".into()),
    };
    Ok(serve(listener, place, CancellationToken::new()).await?)
}
