use super::*;

#[test]
fn a_problem_that_ends_before_it_is_handed_over_is_not_reported() {
    let mut problems = FileProblems::default();
    let (path, error) = (Path::new("a.log"), Error::from(ErrorKind::PermissionDenied));
    problems.report(unreadable(path, &error));
    problems.resolve(path);
    assert_eq!(problems.take(), (Vec::new(), vec![path.to_owned()]));
    problems.report(unreadable(path, &error));
    assert_eq!(problems.take().0.len(), 1, "the next one is");
}
