//! Serves a folder of cards as the deliveries of the local page, for looking at them and for the browser tests.
//!
//! `cargo run --example page -- FOLDER STATE [ADDRESS]`: each `*.json` in FOLDER is one delivery, the
//! later name the newer, in a state that is made in the folder STATE; prints the page's address.

use std::path::{Path, PathBuf};

use anyhow::Context;
use footman::clock;
use footman::commit::{About, Attention, Commit, Delivery, Form, Reason};
use footman::detection::Severity;
use footman::ids::NoticeId;
use footman::metrics::Counts;
use footman::outbox::Change;
use footman::state::Store;
use footman::web::{PageAddress, serve};
use tokio::net::TcpListener;
use tokio_util::sync::CancellationToken;

#[tokio::main(flavor = "current_thread")]
#[expect(clippy::print_stdout, reason = "the browser test reads the address from here")]
async fn main() -> anyhow::Result<()> {
    let mut args = std::env::args().skip(1);
    let cards = PathBuf::from(args.next().context("which folder of cards?")?);
    let state_dir = PathBuf::from(args.next().context("which folder for the state?")?);
    let address = args.next().unwrap_or_else(|| "127.0.0.1:0".to_owned());
    deliver(&cards, &state_dir)?;
    let listener = TcpListener::bind(&address).await.with_context(|| format!("bind {address}"))?;
    println!("http://{}/", listener.local_addr()?);
    let place = PageAddress {
        state_dir,
        node: "qlik-node-1".into(),
        environment: Some("demo".into()),
        timezone: jiff::tz::TimeZone::system(),
        language: footman::config::Language::English,
        url: None,
        desk: None,
        pulse: std::sync::Arc::default(),
    };
    Ok(serve(listener, place, CancellationToken::new()).await?)
}

/// Stores each card as a delivery that was accepted.
fn deliver(cards: &Path, state_dir: &Path) -> anyhow::Result<()> {
    let mut names = Vec::new();
    for entry in std::fs::read_dir(cards).context("listing the cards")? {
        names.push(entry?.path());
    }
    names.retain(|path| path.extension().is_some_and(|extension| extension == "json"));
    names.sort();
    let now = clock::now();
    let (mut store, _) = Store::open(state_dir, now)?;
    for path in names {
        let id = path.file_name().map(|name| name.to_string_lossy().into_owned());
        let id = id.unwrap_or_default();
        let envelope: serde_json::Value = serde_json::from_slice(&std::fs::read(&path)?)?;
        let card = envelope["attachments"][0]["content"].to_string();
        let delivery = Delivery {
            id: id.clone().into(),
            notice_id: NoticeId::from(id.clone()),
            channel: "default".to_owned(),
            severity: Severity::Error,
            fingerprint: None,
            reason: Reason::Opened,
            form: Form::Card,
            summary: id.clone(),
            about: About::default(),
            payload: card.clone(),
            plain: card,
            created: now,
            attention: Attention::Normal,
            possible_repeat: false,
        };
        store.commit(now, &Commit { deliveries: vec![delivery], ..Commit::default() })?;
        store.begin_sending(now, &id.clone().into())?;
        store.settle(
            now,
            &id.clone().into(),
            &Change::Accepted { receipt: None },
            &Counts::default(),
            &[],
        )?;
    }
    Ok(())
}
