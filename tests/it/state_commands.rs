//! Commands for deliveries, as the state file takes them.

use footman::command::{Action, Command, CommandOrigin, Refusal};
use footman::commit::{Commit, Delivery, RowChange, RowKey, TableName};
use footman::outbox::Pending;
use footman::state::Reader;
use tempfile::TempDir;

use crate::state::{delivery, now, open, with_deliveries};

/// A crash in between would leave an incident that counts as notified, without a card.
#[test]
fn a_delivery_is_given_up_together_with_what_follows_from_it() {
    let dir = TempDir::new().unwrap();
    let mut store = open(dir.path());
    store.commit(now(), &with_deliveries(&["n1", "n2"])).unwrap();
    let drop = |id: &str| Command {
        id: format!("drop {id}").into(),
        at: now(),
        by: "Anna".to_owned(),
        origin: CommandOrigin::CommandLine,
        action: Action::DeliveryDrop { delivery: id.to_owned() },
    };
    let found = store.commanded_delivery(&drop("n1@ops")).unwrap();
    assert_eq!(found, Ok(Pending::new(&delivery("n1"))));
    assert_eq!(store.commanded_delivery(&drop("n3")).unwrap(), Err(Refusal::UnknownDelivery));

    // What follows cannot be written: nothing is.
    let other = Delivery { payload: "another".to_owned(), ..delivery("n2") };
    let impossible = Commit { deliveries: vec![other], ..Commit::default() };
    assert!(store.command_delivery(now(), &drop("n1@ops"), &impossible).is_err());
    let reader = Reader::open(dir.path()).unwrap();
    assert_eq!(reader.pending().unwrap().len(), 2);
    assert_eq!(reader.command_result("drop n1@ops").unwrap(), None);

    let key = RowKey::new(TableName::Incidents, "f1");
    let row = RowChange::Put { key: key.clone(), json: "{}".to_owned() };
    let follows = Commit { rows: vec![row], ..Commit::default() };
    assert_eq!(store.command_delivery(now(), &drop("n1@ops"), &follows).unwrap(), Ok(None));
    assert_eq!(reader.pending().unwrap().len(), 1);
    assert_eq!(reader.rows().unwrap().get(&key), Some("{}"));
    // A refused command changes nothing.
    let row = RowChange::Delete { key: key.clone() };
    let follows = Commit { rows: vec![row], ..Commit::default() };
    let again = Command { id: "again".into(), ..drop("n1@ops") };
    let refused = store.command_delivery(now(), &again, &follows).unwrap();
    assert_eq!(refused, Err(Refusal::UnknownDelivery));
    assert_eq!(reader.rows().unwrap().get(&key), Some("{}"));
}
