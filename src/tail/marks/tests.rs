use super::*;

#[test]
fn each_combination_of_id_length_and_marks_has_a_verdict() {
    let known = Some((1, 7));
    let same = Some((1, 7));
    let other = Some((1, 8));
    let table = [
        // id now, length now, marks fit, verdict (100 bytes were consumed)
        (same, 100, true, MarkMatch::Same),
        (same, 250, true, MarkMatch::Same),
        (None, 250, true, MarkMatch::Same),
        (same, 99, true, MarkMatch::Truncated),
        (same, 0, false, MarkMatch::Truncated),
        (None, 0, false, MarkMatch::Truncated),
        (same, 100, false, MarkMatch::Rewritten),
        (same, 250, false, MarkMatch::Rewritten),
        (other, 100, true, MarkMatch::Lookalike),
        (other, 99, true, MarkMatch::Replaced),
        (other, 250, false, MarkMatch::Replaced),
    ];
    for (os_id, len, marks_fit, verdict) in table {
        let found = FileState { os_id, len, marks_fit };
        assert_eq!(judge(known, 100, found), verdict, "{found:?}");
    }
}

#[test]
fn a_mark_fits_its_own_bytes_only() {
    let mark = Mark::of(b"Sequence#\tTimestamp");
    assert!(mark.fits(b"Sequence#\tTimestamp"));
    assert!(!mark.fits(b"Sequence#\tTimestamq"));
    assert!(!mark.fits(b"Sequence#\tTimestam"));
}

#[test]
fn a_mark_is_stable_across_restarts_and_upgrades() {
    assert_eq!(Mark::of(b"abc"), Mark { len: 3, hash: 0xeacf_018f_bf16_78ba });
}
