//! Pure. Secrets in statements: SQL, Oracle logons, Qlik connections.

/// A sign in lower case, and a regex whose matched groups are all hidden.
pub(crate) const STATEMENTS: &[(&str, &str)] = &[
    (
        "identified",
        r#"(?i)identified\s+(?:with\s+\S+\s+)?(?:by|as)\s+(?:values\s+|password\s+)?(?:"((?:[^"]|"")+)"?|'((?:[^']|'')+)'?|([^\s;'",)]+))"#,
    ),
    ("identified", r#"(?i)identified\s+by\s+\S+\s+replace\s+("[^"]+"|'[^']+'|[^\s;'",)]+)"#),
    ("password", r"(?i)(?-u:\b)(?:old_)?password\s*(?:=\s*)?\(\s*[Nn]?'((?:[^']|'')+)'"),
    ("password for", r"(?i)password\s+for\s+\S+\s+(?:to|=)\s+[Nn]?'((?:[^']|'')+)'"),
    (
        "sp_addlogin",
        r"(?i)sp_addlogin\s+(?:@[a-z0-9_]+\s*=\s*)?[Nn]?'[^']*'\s*,\s*(?:@[a-z0-9_]+\s*=\s*)?[Nn]?'((?:[^']|'')+)'",
    ),
    (
        "sp_password",
        r"(?i)sp_password\s+(?:@[a-z0-9_]+\s*=\s*)?(?:[Nn]?'((?:[^']|'')*)'|null)\s*,\s*(?:@[a-z0-9_]+\s*=\s*)?[Nn]?'((?:[^']|'')+)'",
    ),
    (
        "sp_addlinkedsrvlogin",
        r"(?i)sp_addlinkedsrvlogin\s+(?:[^,]+,){4}\s*(?:@[a-z0-9_]+\s*=\s*)?[Nn]?'((?:[^']|'')+)'",
    ),
    (
        "openrowset",
        r"(?i)openrowset\s*\(\s*'[^']*'\s*,\s*'[^']*'\s*;\s*'[^']*'\s*;\s*'((?:[^']|'')*)'",
    ),
    (
        "using",
        r#"(?i)(?-u:\b)connect\s+(?:to\s+\S+\s+)?user\s+\S+\s+using\s+(?:"([^"]+)"|'([^']+)'|([^\s;'",)]+))"#,
    ),
    // `wrong credentials: sa / X`.
    ("credentials", CREDENTIALS),
    ("zugangsdaten", CREDENTIALS),
    ("anmeldedaten", CREDENTIALS),
    ("identifiants", CREDENTIALS),
    ("credenciales", CREDENTIALS),
    ("credenciais", CREDENTIALS),
    ("credenziali", CREDENTIALS),
    ("bypassphrase", r"(?i)bypassphrase\s*\(\s*[Nn]?'((?:[^']|'')+)'"),
    ("pwdencrypt", r"(?i)pwd(?:encrypt|compare)\s*\(\s*[Nn]?'((?:[^']|'')+)'"),
    (
        "crypt(",
        r"(?i)(?-u:\b)(?:crypt|pgp_sym_(?:en|de)crypt|aes_(?:en|de)crypt|des_(?:en|de)crypt)\s*\(\s*'((?:[^']|'')+)'\s*,\s*gen_salt",
    ),
    ("sym_", r"(?i)pgp_sym_(?:en|de)crypt\s*\(\s*[^,]+,\s*'((?:[^']|'')+)'"),
    ("aes_", r"(?i)aes_(?:en|de)crypt\s*\(\s*[^,]+,\s*'((?:[^']|'')+)'"),
    // An Oracle logon after a tool or alone.
    (
        "/",
        r#"(?i)(?:^|\W)(?:(?:sqlplusw?|sqlcl|sql|expdp|impdp|exp|imp|sqlldr|rman|connect|conn|target|catalog|auxiliary|adrci|dgmgrl|orapwd|logon|log on with|-l|-s|-silent|dblink)(?:\.exe)?(?:["']?\s+|["'])|(?:userid\s*=|thin:|oci:)\s*)(?:(?:-\S+|target|as)\s+)*["']?[a-z][a-z0-9_$#.]*(?:\[[^\]]+\])?/(?:"([^"\n]+)"|([^\s/@"';]+))"#,
    ),
    (
        "/",
        r#"(?i)["'][a-z][a-z0-9_$#.]*/([^\s/@"';]+(?:[ ][^\s/@"';]+)*)@(?://)?[a-z][a-z0-9_.:/-]*["']"#,
    ),
    (
        "/",
        r#"(?i)(?:^|[\s"'=(\[:])[a-z][a-z0-9_$#]*/("[^"\n]+"|[^\s/@"';<>=]*[0-9!#$%&*?~^][^\s/@"';<>=]*)@(?://|\()?[a-z][a-z0-9_.-]*(?::[0-9]+)?(?:/[a-z0-9_.]+)?(?:$|[\s"';,)\]:=])"#,
    ),
    // Teradata, and a registry value.
    (".logon", r"(?i)\.logon\s+(?:[^\s/,]+/)?[^\s/,]+,([^\s;]+)"),
    (
        "reg_",
        r#"(?i)/v\s+\S*(?:passw|pwd|secret|token|apikey)\S*\s+/t\s+reg_\w+\s+/d\s+(?:"([^"]+)"|(\S+))"#,
    ),
    // Cisco devices.
    ("password 7", r"(?i)password 7 ([0-9a-f]{6,})"),
    ("key 7", r"(?i)key 7 ([0-9a-f]{6,})"),
    // Qlik's own: encrypted, but usable by anyone who has the log.
    (
        IS,
        r#"(?i)(?-u:\b)x?(?:userid|password|pwd)\s+is\s+(?:"([^"]+)"?|'([^']+)'?|([^\s;,)\]'"]+))"#,
    ),
    ("xuserid", r#"(?i)(?-u:\b)xuserid\s*=\s*(?:"([^"]+)"?|'([^']+)'?|([^\s;,)\]'"]+))"#),
    (
        "%2",
        r#"(?i)(?:queryheaders|queryparameters|bodyparameters|addmissingqueryparameters)=[^;\n]*?(?:authorization|[a-z0-9_-]*(?:key|token|secret|pass|pwd|auth|sig)[a-z0-9_-]*)%2((?:[^;"'%\n]|%[^1])+)"#,
    ),
    // The password file of PostgreSQL.
    (
        ":",
        r"(?m)(?:^|[\s=\x22'])(?:[A-Za-z*][A-Za-z0-9*._-]*|[0-9.]{7,15}):(?:[0-9]{4,5}|\*):[A-Za-z0-9_*-]+:[A-Za-z0-9_*.@-]+:([^\s:\x22']+)(?:$|[\s\x22'])",
    ),
];

/// The sign of Qlik's own sentences. It is a word of each language, so what is before it decides.
const IS: &str = "is ";

/// Whether the sign at `at` may belong to this statement.
pub(crate) fn may_match(text: &str, at: usize, statement: usize) -> bool {
    STATEMENTS[statement].0 != IS || {
        // After `userid`, `password` or `pwd`.
        let before = text[..at].trim_end();
        before.len() < at && before.ends_with(['d', 'D'])
    }
}

/// A user and a password after a word for both.
const CREDENTIALS: &str = r#"(?i)(?:credentials|zugangsdaten|anmeldedaten|identifiants|credenciales|credenciais|credenziali)(?:\s+\w+)?\s*(?::|=|\s(?:are|were|sind|lauten|sont|son|sono))\s*["'(]?[a-z][\w.@\\-]*\s*[/:]\s*([^\s"'<>;,()/]*[0-9!#$%&*?~^][^\s"'<>;,()/]*)"#;
