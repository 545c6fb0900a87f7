use super::*;

#[test]
fn each_list_is_sorted_and_has_no_word_twice() {
    let lists = [
        ABOUT_ENDINGS,
        BEFORE,
        COOKIES,
        HEADERS,
        INSIDE,
        IN_QUERIES,
        KEYS,
        NEVER,
        OWNERS_OF_P,
        PHRASES,
        PINS,
        REMARK_ENDINGS,
        UNSPACED,
        WEAK,
        WEAK_PHRASES,
        WHOLE,
    ];
    let in_texts = [
        ABOUT,
        ABOUT_BEFORE,
        ACCEPTED,
        ARTICLES,
        AS,
        AUXILIARIES,
        CHANGES,
        COMPLAINTS,
        COPULAS,
        GIVEN,
        GRAMMAR,
        NEGATIONS,
        NUMBERED,
        OF,
        PLACES,
        RARELY_SECRET,
        REFUSED,
        REMARKS,
        SCHEMES,
        STAND_INS,
        THINGS,
        USES,
        WITH,
    ];
    let split = in_texts.map(|text| text.split_whitespace().collect::<Vec<_>>());
    let all = lists.into_iter().chain(split.iter().map(Vec::as_slice));
    let wrong: Vec<_> =
        all.flat_map(|list| list.windows(2)).filter(|pair| pair[0] >= pair[1]).collect();
    assert!(wrong.is_empty(), "{wrong:?}");
}
