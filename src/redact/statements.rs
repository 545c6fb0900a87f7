//! Pure. Secrets in statements: SQL, Oracle logons, Qlik connections.

use crate::redact::near::Near::{self, Colons, Logon, Text};

/// Where a regex is tried, and the regex, whose matched groups are all hidden.
pub(crate) const STATEMENTS: &[(Near, &str)] = &[
    (
        Text("identified"),
        r#"(?i)identified\s+(?:with\s+\S+\s+)?(?:by|as)\s+(?:values\s+|password\s+)?(?:"((?:[^"]|"")+)"?|'((?:[^']|'')+)'?|([^\s;'",)]+))"#,
    ),
    (Text("identified"), r#"(?i)identified\s+by\s+\S+\s+replace\s+("[^"]+"|'[^']+'|[^\s;'",)]+)"#),
    (Text("password"), r"(?i)(?-u:\b)(?:old_)?password\s*(?:=\s*)?\(\s*[Nn]?'((?:[^']|'')+)'"),
    (Text("password for"), r"(?i)password\s+for\s+\S+\s+(?:to|=)\s+[Nn]?'((?:[^']|'')+)'"),
    (
        Text("sp_addlogin"),
        r"(?i)sp_addlogin\s+(?:@[a-z0-9_]+\s*=\s*)?[Nn]?'[^']*'\s*,\s*(?:@[a-z0-9_]+\s*=\s*)?[Nn]?'((?:[^']|'')+)'",
    ),
    (
        Text("sp_password"),
        r"(?i)sp_password\s+(?:@[a-z0-9_]+\s*=\s*)?(?:[Nn]?'((?:[^']|'')*)'|null)\s*,\s*(?:@[a-z0-9_]+\s*=\s*)?[Nn]?'((?:[^']|'')+)'",
    ),
    (
        Text("sp_addlinkedsrvlogin"),
        r"(?i)sp_addlinkedsrvlogin\s+(?:[^,]+,){4}\s*(?:@[a-z0-9_]+\s*=\s*)?[Nn]?'((?:[^']|'')+)'",
    ),
    (
        Text("openrowset"),
        r"(?i)openrowset\s*\(\s*'[^']*'\s*,\s*'[^']*'\s*;\s*'[^']*'\s*;\s*'((?:[^']|'')*)'",
    ),
    (
        Text("using"),
        r#"(?i)(?-u:\b)connect\s+(?:to\s+\S+\s+)?user\s+\S+\s+using\s+(?:"([^"]+)"|'([^']+)'|([^\s;'",)]+))"#,
    ),
    // `wrong credentials: sa / X`.
    (Text("credentials"), CREDENTIALS),
    (Text("zugangsdaten"), CREDENTIALS),
    (Text("anmeldedaten"), CREDENTIALS),
    (Text("identifiants"), CREDENTIALS),
    (Text("credenciales"), CREDENTIALS),
    (Text("credenciais"), CREDENTIALS),
    (Text("credenziali"), CREDENTIALS),
    // `credentials (q:X) rejected`.
    (Text("credentials"), PAIR),
    (Text("zugangsdaten"), PAIR),
    (Text("anmeldedaten"), PAIR),
    (Text("identifiants"), PAIR),
    (Text("credenciales"), PAIR),
    (Text("credenciais"), PAIR),
    (Text("credenziali"), PAIR),
    // `LIB CONNECT TO 'q:X@dwh'`, `connecting with q/X`.
    (Text("connect to"), r#"(?i)connect\s+to\s+["'\[][a-z][\w.$-]*[:/]([^\s'"@/]+)@"#),
    (Text("connecting"), CONNECTING),
    (Text("connected"), CONNECTING),
    // `LIB CONNECT TO [REST (svc:X)]`, and what a user types in a session of FTP.
    (
        Text("connect to"),
        r#"(?i)connect\s+to\s+["'\[][^\]"'\n]*\([a-z][\w.\\-]*[:/]([^\s()]*[0-9!#$%&*?~^][^\s()]*)\)"#,
    ),
    (Text("ftp "), r#"(?i)(?-u:\b)ftp\s[^\n]*?[;&|"']\s*(?:echo\s+)?user\s+\S+\s+([^\s;&|"']+)"#),
    (Text("bypassphrase"), r"(?i)bypassphrase\s*\(\s*[Nn]?'((?:[^']|'')+)'"),
    (Text("pwdencrypt"), r"(?i)pwd(?:encrypt|compare)\s*\(\s*[Nn]?'((?:[^']|'')+)'"),
    (
        Text("crypt("),
        r"(?i)(?-u:\b)(?:crypt|pgp_sym_(?:en|de)crypt|aes_(?:en|de)crypt|des_(?:en|de)crypt)\s*\(\s*'((?:[^']|'')+)'\s*,\s*gen_salt",
    ),
    (Text("sym_"), r"(?i)pgp_sym_(?:en|de)crypt\s*\(\s*[^,]+,\s*'((?:[^']|'')+)'"),
    (Text("aes_"), r"(?i)aes_(?:en|de)crypt\s*\(\s*[^,]+,\s*'((?:[^']|'')+)'"),
    // An Oracle logon after a tool or alone.
    (
        Logon,
        r#"(?i)(?:^|\W)(?:(?:sqlplusw?|sqlcl|sql|expdp|impdp|exp|imp|sqlldr|rman|connect|conn|target|catalog|auxiliary|adrci|dgmgrl|orapwd|logon|log on with|-l|-s|-silent|dblink)(?:\.exe)?(?:["']?\s+|["'])|(?:userid\s*=|thin:|oci:)\s*)(?:(?:-\S+|target|as)\s+)*["']?[a-z][a-z0-9_$#.]*(?:\[[^\]]+\])?/(?:"([^"\n]+)"|([^\s/@"';]+))"#,
    ),
    (
        Logon,
        r#"(?i)["'][a-z][a-z0-9_$#.]*/([^\s/@"';]+(?:[ ][^\s/@"';]+)*)@(?://)?[a-z][a-z0-9_.:/-]*["']"#,
    ),
    (
        Logon,
        r#"(?i)(?:^|[\s"'=(\[:])[a-z][a-z0-9_$#]*/("[^"\n]+"|[^\s/@"';<>=]*[0-9!#$%&*?~^][^\s/@"';<>=]*)@(?://|\()?[a-z][a-z0-9_.-]*(?::[0-9]+)?(?:/[a-z0-9_.]+)?(?:$|[\s"';,)\]:=])"#,
    ),
    // Teradata, and a registry value.
    (
        Text("logon "),
        r"(?i)(?-u:\b)logon\s+(?:type\s*=\s*\w+\s*;\s*|[a-z][\w.-]*/)[a-z][\w.$-]*,([^\s;]+)",
    ),
    (Text(".logon"), r"(?i)\.logon\s+(?:[^\s/,]+/)?[^\s/,]+,([^\s;]+)"),
    (
        Text("reg_"),
        r#"(?i)/v\s+\S*(?:passw|pwd|secret|token|apikey)\S*\s+/t\s+reg_\w+\s+/d\s+(?:"([^"]+)"|(\S+))"#,
    ),
    // Credentials of HTTP without the name of their header.
    (Text("digest"), r#"(?i)(?-u:\b)digest\s[^\n]*?[\s,]response\s*=\s*["'\\]*([0-9a-f]{8,})"#),
    (Text("token "), r"(?i)(?-u:\b)token\s+([0-9a-f]{16,})(?-u:\b)"),
    // Cisco devices.
    (Text("password 7"), r"(?i)password 7 ([0-9a-f]{6,})"),
    (Text("key 7"), r"(?i)key 7 ([0-9a-f]{6,})"),
    // Qlik's own: encrypted, but usable by anyone who has the log.
    (Text("userid"), IS),
    (Text("password"), IS),
    (Text("pwd"), IS),
    (Text("xuserid"), r#"(?i)(?-u:\b)xuserid\s*=\s*(?:"([^"]+)"?|'([^']+)'?|([^\s;,)\]'"]+))"#),
    (
        Text("%2"),
        r#"(?i)(?:queryheaders|queryparameters|bodyparameters|addmissingqueryparameters)=[^;\n]*?(?:authorization|[a-z0-9_-]*(?:key|token|secret|pass|pwd|auth|sig)[a-z0-9_-]*)%2((?:[^;"'%\n]|%[^1])+)"#,
    ),
    // The password file of PostgreSQL.
    (
        Colons,
        r"(?m)(?:^|[\s=\x22'])(?:[A-Za-z*][A-Za-z0-9*._-]*|[0-9.]{7,15}):(?:[0-9]{4,5}|\*):[A-Za-z0-9_*-]+:[A-Za-z0-9_*.@-]+:([^\s:\x22']+)(?:$|[\s\x22'])",
    ),
];

/// A user id or a password in a sentence of Qlik Sense.
const IS: &str =
    r#"(?i)(?-u:\b)x?(?:userid|password|pwd)\s+is\s+(?:"([^"]+)"?|'([^']+)'?|([^\s;,)\]'"]+))"#;

/// A user and a password after a word for both.
const CREDENTIALS: &str = r#"(?i)(?:credentials|zugangsdaten|anmeldedaten|identifiants|credenciales|credenciais|credenziali)(?:\s+\w+)?\s*(?::|=|\s(?:are|were|sind|lauten|sont|son|sono))\s*["'(]?[a-z][\w.@\\-]*\s*[/:]\s*([^\s"'<>;,()/]*[0-9!#$%&*?~^][^\s"'<>;,()/]*)"#;

/// A user and a password directly after a word for both. The password has a letter, and a digit or a
/// sign.
const PAIR: &str = r#"(?i)(?:credentials|zugangsdaten|anmeldedaten|identifiants|credenciales|credenciais|credenziali)\s+["'(\[]?(?:[a-z][\w.@-]*["']?(?::|\s?/\s?)|(?:for|für|pour|para|per)\s+[a-z][\w.@-]*["']?\s/\s)["']?((?:[^\s"'<>;,()/\\]*[a-z][^\s"'<>;,()/\\]*[0-9!#$%&*?~^]|[^\s"'<>;,()/\\]*[0-9!#$%&*?~^][^\s"'<>;,()/\\]*[a-z])[^\s"'<>;,()/\\]*)"#;

/// A user and a password after a word for the connection; the password as in [`PAIR`].
const CONNECTING: &str = r#"(?i)connect(?:ing|ed)\s+(?:to\s+\S+\s+)?(?:with|as|using)\s+["'(]?[a-z][\w.@-]*\s?/\s?((?:[^\s"'<>;,()/\\]*[a-z][^\s"'<>;,()/\\]*[0-9!#$%&*?~^]|[^\s"'<>;,()/\\]*[0-9!#$%&*?~^][^\s"'<>;,()/\\]*[a-z])[^\s"'<>;,()/\\]*)"#;
