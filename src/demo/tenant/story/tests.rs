//! What the demo shows of a tenant is found by polling it.

use std::sync::Arc;

use tokio::net::TcpListener;

use super::*;
use crate::cloud::{Client, LookedUp, NamedTenant, Next, PollStart, Poller, Polling, describe};
use crate::commit::StoredRows;
use crate::config::Tenant;
use crate::demo::tenant::API_KEY;

#[tokio::test]
async fn each_step_of_the_story_is_found_with_requests_that_are_described() {
    let tenant = CloudTenant::new(world());
    let listener = TcpListener::bind(("127.0.0.1", 0)).await.unwrap();
    let url: url::Url = format!("http://{}/", listener.local_addr().unwrap()).parse().unwrap();
    let stop = CancellationToken::new();
    let every = Duration::from_secs(30);
    let polling = async {
        let mut client = Client::new(Tenant::simulated(url.clone(), API_KEY, every)).unwrap();
        let every = SignedDuration::try_from(every).unwrap();
        let mut poller =
            Poller::restore("acme", Polling::new(every, PollStart::Now), &StoredRows::default());
        let (mut now, mut news) = (clock::now(), Vec::new());
        for step in std::iter::once(None).chain(STEPS.map(Some)) {
            if let Some((_, _, _, change)) = step {
                change(&mut tenant.world(), clock::now());
            }
            let mut n_polls = 0;
            while n_polls < 3 {
                match poller.next(now) {
                    Next::Ask(request) => poller.take(now, client.ask(&request).await),
                    Next::Found(found) => news.extend(found.news),
                    Next::Wait(until) => (now, n_polls) = (until, n_polls + 1),
                }
            }
        }
        stop.cancel();
        let named = NamedTenant { tenant: Arc::from("acme"), url: url.clone() };
        describe(now, &named, &news, &LookedUp::default())
    };
    let (served, detections) = tokio::join!(tenant.serve(listener, stop.clone()), polling);
    served.unwrap();
    let patterns: Vec<String> = detections.iter().map(|it| it.pattern.to_string()).collect();
    let expected = [
        "cloud-reload-failed",
        "cloud-limit-exceeded",
        "cloud-reload-succeeded",
        "cloud-reload-canceled",
    ];
    assert_eq!(patterns, expected);
    assert_eq!(tenant.world().violations, [""; 0]);
}
