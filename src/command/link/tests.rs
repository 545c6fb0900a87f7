use super::*;

const PRINT: &str = "4f2c1d9ab03e5577";

fn key(byte: u8) -> LinkKey {
    let secret = [byte; KEY_BYTES];
    LinkKey { id: format!("{byte:08x}"), secret, made: Timestamp::UNIX_EPOCH }
}

fn at(seconds: i64) -> Timestamp {
    Timestamp::from_second(1_800_000_000 + seconds).unwrap()
}

#[test]
fn a_token_names_its_incident_and_its_end() {
    let token = sign(&key(1), PRINT, at(0));
    let known = verify(&[key(2), key(1)], &token).expect("signed by the second key");
    assert_eq!(known, Token { fingerprint: PRINT.into(), expires: at(24 * 3600), key: key(1) });
    assert_eq!(token.len(), unsigned(PRINT).len(), "a card does not grow when it is signed");
}

#[test]
fn no_changed_token_is_accepted() {
    let token = sign(&key(1), PRINT, at(0));
    for place in 0..token.len() {
        for byte in [b'0', b'f', b'-', b'A', b'\n'] {
            let mut changed = token.clone().into_bytes();
            if changed[place] == byte {
                continue;
            }
            changed[place] = byte;
            let changed = String::from_utf8(changed).unwrap();
            assert_eq!(verify(&[key(1)], &changed), None, "{changed}");
        }
    }
    for wrong in ["", "-", "---", "a-b-c-d", &unsigned(PRINT), &token[1..], &format!("{token}0")] {
        assert_eq!(verify(&[key(1)], wrong), None, "{wrong}");
    }
    assert_eq!(verify(&[key(2)], &token), None, "the key that signed it is gone");
    let same_id = LinkKey { secret: [9; KEY_BYTES], ..key(1) };
    assert_eq!(verify(&[same_id], &token), None, "another key under the same id");
}

#[test]
fn a_form_token_holds_for_its_time_and_its_scope_only() {
    let (secret, within) = ([7; KEY_BYTES], SignedDuration::from_mins(15));
    let made = stamp(&secret, "one", "ab", at(0));
    let holds = |scope, seconds| is_stamp(&secret, scope, &made, at(seconds), within);
    assert!(holds("one", 0) && holds("one", 14 * 60) && holds("one", 15 * 60));
    assert!(!holds("one", 17 * 60), "after 15 minutes");
    assert!(!holds("two", 0), "for another link");
    assert!(!holds("one", -300), "from the future");
    assert!(!is_stamp(&[8; KEY_BYTES], "one", &made, at(0), within), "of another key");
    assert_ne!(made, stamp(&secret, "one", "cd", at(0)), "two forms of one minute");
    assert!(!holds_other_salt(&secret, &made), "the salt is signed");
    for wrong in ["", "-", "--", "zz--00", "7fffffffffffffff--00", "-8000000000000000--00"] {
        assert!(!is_stamp(&secret, "one", wrong, at(0), within), "{wrong}");
    }
}

fn holds_other_salt(secret: &[u8], made: &str) -> bool {
    let other = made.replacen("-ab-", "-cd-", 1);
    is_stamp(secret, "one", &other, at(0), SignedDuration::from_mins(15))
}

#[test]
fn only_the_tokens_of_its_own_incident_are_signed_in_a_card() {
    let other = unsigned("ffffffffffffffff");
    let card = format!("{{\"url\":\"https://x/r/{}\",\"text\":\"{other}\"}}", unsigned(PRINT));
    let signed = sign_card(&card, &key(1), PRINT, at(0));
    assert!(signed.contains(&other) && !signed.contains(&unsigned(PRINT)), "{signed}");
    assert_eq!(signed.len(), card.len());
}

#[test]
fn hex_digits_are_read_back() {
    assert_eq!(unhex(&hex(&[0, 1, 0xab, 0xff])), Some(vec![0, 1, 0xab, 0xff]));
    for wrong in ["0", "0g", "AB", "é"] {
        assert_eq!(unhex(wrong), None, "{wrong}");
    }
}
