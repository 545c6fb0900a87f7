//! Pure. Tokens that are recognised by their vendor's format.

use crate::redact::near::Near::{self, Dotted, Word};
use crate::redact::spans::Spans;

/// The characters of the rest of a token.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Rest {
    Hex,
    /// Letters and digits.
    Word,
    /// Upper-case letters and digits.
    Upper,
    /// Letters, digits, `_`, `-`.
    Url,
    /// The same with dots, slashes, `+`, `=`.
    Any,
}

/// The prefix of a token, the characters after it, and their least number.
struct Format {
    begins: &'static str,
    rest: Rest,
    least: usize,
    /// The exact length of the rest, if known.
    most: usize,
}

const fn format(begins: &'static str, rest: Rest, least: usize) -> Format {
    Format { begins, rest, least, most: usize::MAX }
}

const fn exact(begins: &'static str, rest: Rest, least: usize) -> Format {
    Format { begins, rest, least, most: least }
}

const FORMATS: &[Format] = &[
    // Code and packages.
    format("glpat-", Rest::Any, 10),
    format("gldt-", Rest::Any, 10),
    format("glrt-", Rest::Any, 10),
    format("glptt-", Rest::Any, 10),
    format("glft-", Rest::Url, 10),
    format("glcbt-", Rest::Url, 10),
    format("glsoat-", Rest::Url, 10),
    format("glimt-", Rest::Url, 10),
    format("glagent-", Rest::Url, 10),
    format("gloas-", Rest::Url, 10),
    format("glffct-", Rest::Url, 10),
    format("GR1348941", Rest::Url, 16),
    format("ghp_", Rest::Word, 16),
    format("gho_", Rest::Word, 16),
    format("ghu_", Rest::Word, 16),
    format("ghs_", Rest::Any, 16),
    format("ghr_", Rest::Word, 16),
    format("github_pat_", Rest::Url, 16),
    format("npm_", Rest::Word, 24),
    format("pypi-AgE", Rest::Url, 10),
    format("rubygems_", Rest::Hex, 32),
    format("dckr_pat_", Rest::Url, 16),
    format("dckr_oat_", Rest::Url, 16),
    format("oy2", Rest::Word, 43),
    format("AKCp", Rest::Word, 40),
    format("cmVmdGtu", Rest::Word, 32),
    format("CLOJARS_", Rest::Word, 32),
    format("ATATT3", Rest::Any, 20),
    format("ATCTT3", Rest::Any, 20),
    format("ATBB", Rest::Word, 24),
    format("BBDC-", Rest::Any, 20),
    format("squ_", Rest::Word, 30),
    format("sqp_", Rest::Word, 30),
    format("sqa_", Rest::Word, 30),
    format("sgp_", Rest::Url, 32),
    format("lin_api_", Rest::Word, 20),
    format("lin_oauth_", Rest::Word, 20),
    format("figd_", Rest::Url, 20),
    format("PMAK-", Rest::Url, 20),
    format("API-", Rest::Upper, 25),
    format("tfp_", Rest::Any, 30),
    format("ntn_", Rest::Word, 30),
    format("secret_", Rest::Word, 40),
    format("pul-", Rest::Hex, 32),
    format("bkua_", Rest::Word, 32),
    format("CCIPAT_", Rest::Url, 32),
    format("CCIPRJ_", Rest::Url, 32),
    // Clouds.
    exact("AKIA", Rest::Upper, 16),
    exact("ASIA", Rest::Upper, 16),
    exact("ABIA", Rest::Upper, 16),
    exact("ACCA", Rest::Upper, 16),
    exact("AROA", Rest::Upper, 17),
    exact("AIDA", Rest::Upper, 17),
    format("ABSK", Rest::Any, 60),
    format("amzn.mws.", Rest::Url, 20),
    format("AIza", Rest::Url, 30),
    format("GOCSPX-", Rest::Url, 16),
    format("ya29.", Rest::Any, 10),
    format("1//0", Rest::Url, 30),
    format("LTAI", Rest::Word, 12),
    format("AKID", Rest::Word, 30),
    format("dop_v1_", Rest::Hex, 32),
    format("doo_v1_", Rest::Hex, 32),
    format("dor_v1_", Rest::Hex, 32),
    format("dapi", Rest::Hex, 32),
    format("dkea", Rest::Hex, 32),
    format("dose", Rest::Hex, 32),
    format("HRKU-", Rest::Url, 20),
    format("fo1_", Rest::Url, 30),
    format("fm1r_", Rest::Any, 40),
    format("fm2_", Rest::Any, 40),
    format("pscale_tkn_", Rest::Any, 20),
    format("pscale_pw_", Rest::Any, 20),
    format("pscale_oauth_", Rest::Any, 20),
    format("sbp_", Rest::Hex, 32),
    format("vercel_", Rest::Word, 20),
    format("nfp_", Rest::Word, 30),
    format("hvs.", Rest::Url, 20),
    format("hvb.", Rest::Url, 20),
    format("hvr.", Rest::Url, 20),
    format("sha256~", Rest::Url, 30),
    format("dp.pt.", Rest::Word, 20),
    format("dp.st.", Rest::Any, 20),
    format("dp.ct.", Rest::Word, 20),
    format("dp.sa.", Rest::Word, 20),
    format("dp.scim.", Rest::Word, 20),
    format("dp.audit.", Rest::Word, 20),
    format("ops_eyJ", Rest::Any, 20),
    format("A3-", Rest::Url, 26),
    format("AGE-SECRET-KEY-1", Rest::Upper, 30),
    format("r8_", Rest::Word, 30),
    format("v1.0-", Rest::Url, 100),
    format("cfut_", Rest::Word, 30),
    format("tskey-", Rest::Url, 12),
    format("tk-us-", Rest::Url, 30),
    format("ico-", Rest::Word, 32),
    format("AQVN", Rest::Url, 35),
    format("0.A", Rest::Any, 40),
    format("1.A", Rest::Any, 40),
    // Chat.
    format("xoxb-", Rest::Url, 10),
    format("xoxp-", Rest::Url, 10),
    format("xoxa-", Rest::Url, 10),
    format("xoxr-", Rest::Url, 10),
    format("xoxs-", Rest::Url, 10),
    format("xoxo-", Rest::Url, 10),
    format("xoxe-", Rest::Url, 10),
    format("xoxe.", Rest::Any, 10),
    format("xoxc-", Rest::Url, 10),
    format("xoxd-", Rest::Any, 10),
    format("xapp-", Rest::Url, 10),
    format("xwfp-", Rest::Url, 10),
    format("SG.", Rest::Any, 20),
    exact("SK", Rest::Hex, 32),
    exact("AC", Rest::Hex, 32),
    format("xkeysib-", Rest::Url, 32),
    format("xsmtpsib-", Rest::Url, 32),
    exact("key-", Rest::Hex, 32),
    format("EAAC", Rest::Word, 30),
    format("EAAA", Rest::Url, 22),
    format("EAAM", Rest::Word, 30),
    format("re_", Rest::Url, 30),
    format("mfa.", Rest::Url, 60),
    format("AAAAAAAAAAAAAAAAAAAAA", Rest::Any, 40),
    // Payment and shops.
    format("sk_live_", Rest::Word, 10),
    format("sk_test_", Rest::Word, 10),
    format("rk_live_", Rest::Word, 10),
    format("rk_test_", Rest::Word, 10),
    format("sk_prod_", Rest::Word, 10),
    format("rk_prod_", Rest::Word, 10),
    format("whsec_", Rest::Any, 16),
    format("shpat_", Rest::Hex, 16),
    format("shpca_", Rest::Hex, 16),
    format("shppa_", Rest::Hex, 16),
    format("shpss_", Rest::Hex, 16),
    format("shptka_", Rest::Hex, 16),
    format("sq0atp-", Rest::Url, 16),
    format("sq0csp-", Rest::Url, 16),
    format("sq0idp-", Rest::Url, 16),
    format("access_token$", Rest::Any, 20),
    format("EZAK", Rest::Word, 54),
    format("EZTK", Rest::Word, 54),
    format("duffel_live_", Rest::Any, 30),
    format("duffel_test_", Rest::Any, 30),
    format("shippo_live_", Rest::Hex, 32),
    format("shippo_test_", Rest::Hex, 32),
    format("FLWSECK_TEST-", Rest::Url, 12),
    format("FLWSECK-", Rest::Url, 12),
    format("live_", Rest::Word, 35),
    format("pat-na1-", Rest::Url, 30),
    format("pat-na2-", Rest::Url, 30),
    format("pat-eu1-", Rest::Url, 30),
    format("pat-ap1-", Rest::Url, 30),
    // Monitoring and machine learning.
    format("glsa_", Rest::Url, 16),
    format("glc_", Rest::Any, 20),
    format("NRAK-", Rest::Word, 20),
    format("NRJS-", Rest::Hex, 16),
    format("NRII-", Rest::Url, 20),
    format("NRAA-", Rest::Url, 20),
    format("NRRA-", Rest::Url, 20),
    format("sntrys_", Rest::Any, 20),
    format("sntryu_", Rest::Hex, 32),
    format("dt0c01.", Rest::Any, 24),
    format("dt0s01.", Rest::Any, 24),
    format("dt0s16.", Rest::Any, 24),
    format("phx_", Rest::Word, 30),
    format("phc_", Rest::Word, 30),
    format("pdus+", Rest::Any, 20),
    format("ddp_", Rest::Word, 20),
    format("eyJrIjoi", Rest::Any, 30),
    format("hf_", Rest::Word, 20),
    format("api_org_", Rest::Word, 20),
    format("sk-proj-", Rest::Url, 16),
    format("sk-svcacct-", Rest::Url, 16),
    format("sk-admin-", Rest::Url, 16),
    format("sk-ant-", Rest::Url, 16),
    format("sk-or-v1-", Rest::Hex, 32),
    format("sk-lf-", Rest::Url, 20),
    format("sk-", Rest::Word, 32),
    format("pplx-", Rest::Word, 32),
    format("gsk_", Rest::Word, 32),
    format("xai-", Rest::Word, 32),
    format("lsv2_pt_", Rest::Url, 24),
    format("lsv2_sk_", Rest::Url, 24),
    format("pcsk_", Rest::Url, 24),
    format("esecret_", Rest::Url, 20),
    format("nvapi-", Rest::Url, 30),
    format("sl.", Rest::Url, 30),
    format("rdme_", Rest::Word, 30),
    format("pnu_", Rest::Word, 30),
    format("dnkey-", Rest::Url, 30),
    format("ver1-", Rest::Any, 60),
    format("fio-u-", Rest::Any, 30),
    format("CFPAT-", Rest::Url, 30),
    format("keytab_", Rest::Word, 40),
    format("dG9rOi", Rest::Any, 40),
    format("dd_", Rest::Hex, 32),
    format("s.", Rest::Word, 24),
    format("4b1d", Rest::Word, 38),
    format("EAAE", Rest::Url, 50),
    format("shpit_", Rest::Hex, 16),
    format("slk_", Rest::Word, 40),
    format("zpka_", Rest::Word, 20),
    format("ptr_", Rest::Any, 40),
    format("ROBLOX_", Rest::Any, 60),
    format("flb_live_", Rest::Word, 20),
    format("mgmt_", Rest::Word, 40),
    format("waka_", Rest::Url, 30),
    format("sfp_", Rest::Word, 30),
    format("ver:1:", Rest::Any, 60),
];

/// The prefixes of tokens, by format number.
pub(crate) fn beginnings() -> impl Iterator<Item = &'static str> {
    FORMATS.iter().map(|format| format.begins)
}

/// Hides a token of format `number`, whose prefix is at `at`. Returns the number of bytes examined.
pub(crate) fn hide(text: &str, number: usize, at: usize, spans: &mut Spans) -> usize {
    let format = &FORMATS[number];
    if !text[at..].starts_with(format.begins)
        || text[..at].ends_with(|c: char| {
            c.is_alphanumeric() || c == '_' || (c == '-' && format.begins.len() < 6)
        })
    {
        return 0;
    }
    let start = at + format.begins.len();
    let bytes = &text.as_bytes()[start..];
    let len = bytes.iter().position(|byte| !belongs(format.rest, *byte)).unwrap_or(bytes.len());
    let ends = |len: usize| bytes.get(len).is_none_or(|byte| !byte.is_ascii_alphanumeric());
    let run = &text[start..start + len];
    let run = run.trim_end_matches(['.', '/', '-']);
    // Tokens have digits or letters of both cases; words do not.
    let odd = run.bytes().any(|c| c.is_ascii_digit())
        || (run.bytes().any(|c| c.is_ascii_lowercase())
            && run.bytes().any(|c| c.is_ascii_uppercase()))
        || (run.bytes().all(|c| !c.is_ascii_lowercase()) && run.len() > 15);
    // A hash may begin like a token whose prefix is of hex digits.
    let is_hash = format.rest != Rest::Hex
        && text[at..start + run.len()].bytes().all(|byte| byte.is_ascii_hexdigit());
    if is_hash {
        return len;
    }
    if run.len() >= format.least && run.len() <= format.most && ends(len) && odd && !is_words(run) {
        spans.hide(text, at, start + run.len());
    }
    len
}

/// `risk-assessment-2026-final`: joined words and numbers.
fn is_words(run: &str) -> bool {
    let mut parts = run.split(['-', '_', '.']);
    let plain = |part: &str| {
        part.bytes().all(|c| c.is_ascii_lowercase())
            || part.bytes().all(|c| c.is_ascii_digit()) && part.len() < 5
    };
    run.contains(['-', '_', '.']) && parts.all(plain)
}

fn belongs(rest: Rest, byte: u8) -> bool {
    match rest {
        Rest::Hex => byte.is_ascii_hexdigit(),
        Rest::Word => byte.is_ascii_alphanumeric(),
        Rest::Upper => byte.is_ascii_uppercase() || byte.is_ascii_digit(),
        Rest::Url => byte.is_ascii_alphanumeric() || b"_-".contains(&byte),
        Rest::Any => byte.is_ascii_alphanumeric() || b"_-./+=".contains(&byte),
    }
}

/// Regexes for tokens that are recognised by a part inside; the first group is hidden.
pub(crate) const WITHIN: &[(Near, &str)] = &[
    // A JSON web token, complete or truncated.
    (Word("eyj"), r"(?-u:\b)(eyJ[A-Za-z0-9_-]{4,}(?:\.\.?[A-Za-z0-9_-]+)+(?:\.[A-Za-z0-9_-]*)*)"),
    (Word("eyj"), r"(?-u:\b)(eyJ(?:hbGci|0eXAi|raWQi|hcHAi|lbmMi|4NXQi)[A-Za-z0-9_-]{8,})"),
    // Snowflake.
    (Word("-hint:"), r"(?-u:\b)(ver:[0-9]+-hint:[0-9]+-[A-Za-z0-9+/=_-]{12,})"),
    (Word("zxlk"), r"(?-u:\b)(ZXlK[A-Za-z0-9+/]{30,}=*)"),
    // Secrets of Entra apps: three characters, a digit, `Q~`.
    (Word("q~"), r"(?:^|[^A-Za-z0-9_~.-])([A-Za-z0-9_~.-]{3}[0-9]Q~[A-Za-z0-9_~.-]{20,})"),
    // Jasypt, and Salesforce sessions.
    (Word("enc("), r"(?-u:\b)ENC\(([A-Za-z0-9+/=]{12,})\)?"),
    (Word("00d"), r"(?-u:\b)(00D[A-Za-z0-9]{9,15}![A-Za-z0-9._]{5,})"),
    (Word(".atlasv1."), r"([A-Za-z0-9]{10,}\.atlasv1\.[A-Za-z0-9_=-]{20,})"),
    (Word("-us"), r"(?-u:\b)([0-9a-f]{32}-us[0-9]{1,2})(?-u:\b)"),
    // Telegram and Discord bots.
    (Word(":aa"), r"(?:^|[^0-9A-Za-z])((?:bot)?[0-9]{6,12}:AA[A-Za-z0-9_-]{30,})"),
    (Dotted, r"(?-u:\b)([MNO][A-Za-z0-9_-]{22,27}\.[A-Za-z0-9_-]{6}\.[A-Za-z0-9_-]{25,})"),
    // Okta: begins with two zeros.
    (Word("00"), r"(?-u:\b)(00[A-Za-z][A-Za-z0-9_-]{39})(?:[^A-Za-z0-9_-]|$)"),
    // Password hashes.
    (
        Word("$"),
        r"(\$(?:2[abxy]?|1|5|6|7|y|gy|apr1|argon2i?d?|scrypt|pbkdf2[a-z0-9-]*|md5|sha1|bcrypt|P|H|S)\$[A-Za-z0-9./+=,$_-]{8,})",
    ),
    (
        Word("scram-sha-"),
        r"(SCRAM-SHA-[0-9]+\$[0-9]+:[A-Za-z0-9+/=]+\$[A-Za-z0-9+/=]+:[A-Za-z0-9+/=]+)",
    ),
    (Word("{s"), r"\{S?SHA(?:256|384|512)?\}([A-Za-z0-9+/=]{8,})"),
    (Word("{s"), r"\{SMD5\}([A-Za-z0-9+/=]{8,})"),
    (Word("{md5"), r"\{MD5\}([A-Za-z0-9+/=]{8,})"),
    (Word("{crypt"), r"\{CRYPT\}([A-Za-z0-9+/=.$]{8,})"),
    (Word("pbkdf2"), r"((?:django_)?pbkdf2[_:-]sha[0-9]+[:$][0-9]+[:$][A-Za-z0-9./+=$:_-]{8,})"),
    (Word("scrypt"), r"(scrypt:[0-9]+:[0-9]+:[0-9]+\$[A-Za-z0-9./+=$:_-]{8,})"),
    (Word(":::"), r":([0-9a-fA-F]{32}:[0-9a-fA-F]{32}):::"),
    (Word("otpauth"), r#"otpauth://[^\s"']*?[?&]secret=([A-Za-z2-7=]+)"#),
];
