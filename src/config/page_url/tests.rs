use super::*;

#[test]
fn the_address_of_the_page_is_https_or_of_this_machine() {
    for good in [
        "https://footman.example.com",
        "https://footman.example.com:8443/",
        "http://127.0.0.1:8640",
        "http://localhost:8640/",
        "http://[::1]:8640",
        "https://10.1.2.3",
    ] {
        assert_eq!(page_url_fault(good), None, "{good}");
    }
    for (wrong, why) in [
        ("http://footman.example.com", "begins with `http:`"),
        ("http://127.0.0.1.example.com", "begins with `http:`"),
        ("http://10.1.2.3:8640", "begins with `http:`"),
        ("footman.example.com", "not a web address"),
        ("javascript:alert(1)", "not a web address"),
        ("ftp://localhost", "not a web address"),
        ("https://me:secret@footman.example.com", "a user name or a password"),
        ("https://footman.example.com/?a=b", "after `?` or `#`"),
        ("https://footman.example.com/#x", "after `?` or `#`"),
        ("https://example.com/footman", "has a path"),
        ("", "not a web address"),
    ] {
        let (message, _) = page_url_fault(wrong).expect(wrong);
        assert!(message.contains(why), "{wrong}: {message}");
        assert!(!message.contains("secret"));
    }
}
