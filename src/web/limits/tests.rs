use super::*;

fn at(seconds: i64) -> Timestamp {
    Timestamp::from_second(seconds).unwrap()
}

#[test]
fn an_address_has_its_own_minute() {
    let mut limit = RateLimit::new(2);
    let (one, two): (IpAddr, IpAddr) = ("10.0.0.1".parse().unwrap(), "10.0.0.2".parse().unwrap());
    assert!(limit.takes(at(0), one) && limit.takes(at(1), one));
    assert!(!limit.takes(at(59), one));
    assert!(limit.takes(at(59), two));
    assert!(limit.takes(at(60), one));
}

#[test]
fn addresses_of_one_network_share_a_limit_and_memory_is_bounded() {
    let mut limit = RateLimit::new(1);
    assert!(limit.takes(at(0), "2001:db8::1".parse().unwrap()));
    assert!(!limit.takes(at(0), "2001:db8::2".parse().unwrap()));
    assert!(limit.takes(at(0), "2001:db8:0:1::2".parse().unwrap()));
    assert!(limit.takes(at(0), "::ffff:10.0.0.9".parse().unwrap()));
    assert!(!limit.takes(at(0), "10.0.0.9".parse().unwrap()));
    for n in 0..50_000_u32 {
        limit.takes(at(0), IpAddr::from(n.to_be_bytes()));
    }
    assert!(limit.known.len() <= MOST);
}
