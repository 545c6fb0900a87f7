use super::*;

#[test]
fn each_list_is_sorted_and_has_no_word_twice() {
    let lists = [
        ABOUT_ENDINGS,
        BEFORE,
        COOKIES,
        DATA_KEYS,
        HEADERS,
        INSIDE,
        IN_QUERIES,
        KEYS,
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
        ABOUT_OR_NOT,
        ACCEPTED,
        ARTICLES,
        AS,
        AUXILIARIES,
        BRANCHES,
        CHANGES,
        COMPLAINTS,
        COPULAS,
        COUNTED,
        GIVEN,
        GRAMMAR,
        KINDS,
        NEGATIONS,
        NEVER,
        NUMBERED,
        OF,
        OF_THINGS,
        PLACES,
        PROGRESS,
        RARELY_SECRET,
        REFUSED,
        REMARKS,
        SCHEMES,
        SOURCES,
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
