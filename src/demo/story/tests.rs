use super::*;

fn refused(text: &str) -> String {
    let problem = Story::parse("my.story", text).unwrap_err();
    format!(
        "{}:{}:{} {} [{}] ({})",
        problem.file,
        problem.line(),
        problem.column(),
        problem.message,
        &text[problem.span.clone()],
        problem.hint.unwrap(),
    )
}

#[test]
fn the_built_in_story_fails_a_reload_at_once_and_repeats() {
    let story = Story::built_in();
    let first = story.scenes.iter().find_map(|(at, scene)| match scene {
        Scene::Reload { end: StoryEnd::Fails { .. }, .. } => Some(*at),
        _ => None,
    });
    assert!(first.unwrap() < Duration::from_secs(1));
    let (after, encore) = story.encore().unwrap();
    assert!(after >= Duration::from_mins(1));
    assert!(!encore.scenes.iter().any(|(_, scene)| *scene == Scene::StartUp));
}

#[test]
fn scenes_are_sorted_by_time() {
    let story = Story::parse(
        "s",
        concat!(
            "# a comment\n",
            "5 reload \"B # no comment\" fails \"one\\ntwo\" retries 2 then ok # a comment\n",
            "\n",
            "0.5 memory high\r\n",
            "9 again",
        ),
    );
    let fails = StoryEnd::Fails { error: "one\ntwo".to_owned(), retries: 2, then_ok: true };
    let reload = Scene::Reload { app: "B # no comment".to_owned(), end: fails };
    assert_eq!(
        story.unwrap(),
        Story {
            scenes: vec![
                (Duration::from_millis(500), Scene::Memory { critical: false }),
                (Duration::from_secs(5), reload),
            ],
            again: Some(Duration::from_secs(9)),
        }
    );
}

#[test]
fn the_built_in_story_shows_each_kind_of_answer() {
    let story = Story::built_in();
    let answers = |wanted: fn(&AnswerKind) -> bool| {
        let is_it = |scene: &Scene| matches!(scene, Scene::Answer(one) if wanted(&one.what));
        story.scenes.iter().filter(|(_, scene)| is_it(scene)).count()
    };
    assert_eq!(answers(|what| *what == AnswerKind::Acknowledge), 1);
    assert_eq!(answers(|what| matches!(what, AnswerKind::Silence { .. })), 1);
    assert_eq!(answers(|what| matches!(what, AnswerKind::Note { .. })), 1);
}

#[test]
fn a_mistake_is_reported_with_its_place_and_a_hint() {
    let mistakes = [
        refused("soon reload"),
        refused("-1 roll"),
        refused("0 roll\n1 relaod \"A\" ok"),
        refused("1 reload \"A"),
        refused("1 reload \"A\" bursts"),
        refused("1 reload \"A\" fails"),
        refused("1 reload \"A\" fails \"x\" retries many"),
        refused("1 reload \"A\" fails \"x\" retries 1 then bad"),
        refused("1 memory full"),
        refused("1 acknowledge \"A\""),
        refused("1 silence \"A\" by \"Anna\""),
        refused("1 silence \"A\" for ever by \"Anna\" \"x\""),
        refused("1 note \"A\" by \"Anna\""),
        refused("1 roll roll"),
        refused("1"),
    ];
    insta::assert_snapshot!(mistakes.join("\n"));
}
