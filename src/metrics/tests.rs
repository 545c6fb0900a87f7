use super::*;

#[test]
fn the_text_form_of_each_counter_is_read_as_that_counter() {
    let channel = "ops.night".to_owned();
    let mut counters: Vec<Counter> = Single::ALL.into_iter().map(Counter::One).collect();
    counters.extend(CounterSet::ALL.map(|set| set.of("a.b")));
    counters.push(Counter::OfChannel { result: "accepted".into(), channel });
    counters.push(Counter::Other("of-tomorrow".into()));
    for counter in counters {
        assert_eq!(Counter::parse(&counter.to_string()), counter);
    }
    assert_eq!(Counter::parse("suppressed.same-run"), CounterSet::Suppressions.of("same-run"));
}
