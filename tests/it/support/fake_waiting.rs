//! Teams behind the flow whose cards wait, on a loopback port: the flow that Footman wrote is run for each
//! request, and people press the button.

#![expect(clippy::unwrap_used, reason = "a test may stop at once")]

use std::sync::{Arc, Mutex};

use serde_json::{Map, Value, json};

use crate::support::fake_teams::{Answer, FakeTeams, Post};
use crate::support::flow_run::{Status, run};
use crate::support::world::texts_of;

/// When each button is pressed.
const PRESSED: &str = "2026-11-23T06:55:10.4182931Z";

/// One message in the channel.
#[derive(Clone, Debug, Default)]
pub(crate) struct Message {
    /// What it shows.
    pub(crate) shown: Vec<String>,
    /// The titles of the card's own buttons.
    pub(crate) buttons: Vec<String>,
    /// The texts of the replies, as HTML.
    pub(crate) replies: Vec<String>,
    /// Whether a run waits for an answer to it.
    pub(crate) waits: bool,
    card: Value,
    request: Value,
}

impl Message {
    pub(crate) fn shows(&self, text: &str) -> bool {
        self.shown.iter().any(|known| known.contains(text))
    }

    /// The card that it shows.
    pub(crate) fn card(&self) -> String {
        self.card.to_string()
    }

    fn write(&mut self, card: Value) {
        self.shown = texts_of(&card["body"]);
        let actions = card["actions"].as_array().into_iter().flatten();
        self.buttons = actions.map(|it| it["title"].as_str().unwrap().to_owned()).collect();
        self.card = card;
    }
}

/// What happens to a card that waits.
enum Event<'e> {
    PressedBy(&'e str),
    TimeOut,
}

/// The running flow.
pub(crate) struct FakeWaiting {
    definition: Arc<Value>,
    messages: Arc<Mutex<Vec<Message>>>,
}

impl FakeWaiting {
    /// Runs this definition for each request to this Teams, which answers at once.
    pub(crate) fn behind(teams: &FakeTeams, definition: Value) -> Self {
        let flow = Self { definition: Arc::new(definition), messages: Arc::default() };
        let (definition, messages) = (Arc::clone(&flow.definition), Arc::clone(&flow.messages));
        teams.answer_by(move |post: &Post| {
            // A look at the server is no run.
            if let Ok(request) = serde_json::from_str(&post.body) {
                start(&definition, &request, &mut messages.lock().unwrap());
            }
            Answer::Status(202)
        });
        flow
    }

    pub(crate) fn messages(&self) -> Vec<Message> {
        self.messages.lock().unwrap().clone()
    }

    /// Somebody presses the button of a message; returns how the run ended.
    pub(crate) fn press(&self, n: usize, who: &str) -> Status {
        self.resume(n, &Event::PressedBy(who))
    }

    /// Nobody pressed it in time.
    pub(crate) fn time_out(&self, n: usize) -> Status {
        self.resume(n, &Event::TimeOut)
    }

    fn resume(&self, n: usize, event: &Event<'_>) -> Status {
        let mut messages = self.messages.lock().unwrap();
        let message = &mut messages[n];
        assert!(std::mem::take(&mut message.waits), "nothing waits for {:?}", message.shown);
        let request = message.request.clone();
        let title = message.buttons[0].clone();
        let mut teams = |operation: &str, parameters: &Map<String, Value>| match operation {
            "PostCardAndWaitForResponse" => match event {
                Event::TimeOut => (Status::TimedOut, Value::Null),
                Event::PressedBy(who) => {
                    // The card is replaced by a text.
                    message.write(
                        json!({ "body": [{ "text": parameters["body/body/updateMessage"] }] }),
                    );
                    (Status::Succeeded, answer(n, who, &title))
                }
            },
            "UpdateCardInConversation" => {
                assert_eq!(parameters["body/messageId"], n.to_string());
                message.write(parsed(&parameters["body/messageBody"]));
                (Status::Succeeded, json!({ "id": n.to_string() }))
            }
            "ReplyWithMessageToConversation" => {
                assert_eq!(parameters["body/parentMessageId"], n.to_string());
                message.replies.push(parameters["body/messageBody"].as_str().unwrap().to_owned());
                (Status::Succeeded, json!({ "id": "1" }))
            }
            other => panic!("{other} after the answer"),
        };
        run(&self.definition, &request, &mut teams)
    }
}

/// Posts the card of a request.
fn start(definition: &Value, request: &Value, messages: &mut Vec<Message>) {
    let mut posted = Message { request: request.clone(), ..Message::default() };
    let mut teams = |operation: &str, parameters: &Map<String, Value>| match operation {
        "PostCardAndWaitForResponse" => {
            posted.write(parsed(&parameters["body/body/messageBody"]));
            let submits = posted.card.to_string().matches("\"Action.Submit\"").count();
            assert_eq!(submits, 1, "{}", posted.card);
            posted.waits = true;
            (Status::Waiting, Value::Null)
        }
        "PostCardToConversation" => {
            posted.write(parsed(&parameters["body/messageBody"]));
            // Its button would fail.
            assert!(!posted.card.to_string().contains("\"Action.Submit\""), "{}", posted.card);
            (Status::Succeeded, json!({ "id": "1" }))
        }
        other => panic!("{other} before an answer"),
    };
    let status = run(definition, request, &mut teams);
    assert!(status != Status::Failed, "{request}");
    messages.push(posted);
}

fn parsed(card: &Value) -> Value {
    serde_json::from_str(card.as_str().expect("a card is a text")).unwrap()
}

fn answer(n: usize, who: &str, title: &str) -> Value {
    json!({
        "responder": { "displayName": who, "email": "anna.berg@example.com", "tenantId": "x" },
        "responseTime": PRESSED,
        "submitActionId": title,
        "messageId": n.to_string(),
        "data": {},
    })
}
