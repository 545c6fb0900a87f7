//! Pure. Words for secrets that often name other things, so that the value decides, as data.

/// Weak words, which often name other things, so that the value decides.
pub(crate) const WEAK: &[&str] = &[
    "aanmeldgegevens",
    "anmeldedaten",
    "aspnetsessionid",
    "assertion",
    "auth",
    "bearer",
    "connectsid",
    "cred",
    "credenciais",
    "credenciales",
    "credential",
    "credentials",
    "credenziali",
    "creds",
    "csrf",
    "hexkey",
    "identifiants",
    "inloggegevens",
    "jeton",
    "jwt",
    "licencekey",
    "licensekey",
    "lizenzschluessel",
    "lizenzschlüssel",
    "losung",
    "pat",
    "proxysessionid",
    "qliksession",
    "qlikticket",
    "restkey",
    "salt",
    "samlresponse",
    "sas",
    "serialkey",
    "sessid",
    "sessionid",
    "sessiontoken",
    "sig",
    "signature",
    "symboliclink",
    "ticket",
    "tok",
    "token",
    "tokens",
    "vaccess",
    "vcode",
    "vkey",
    "vsession",
    "xqliksession",
    "xsrf",
    "zugang",
    "zugangsdaten",
    "zugriffsdaten",
    "токен",
];

/// The word for a key in many languages: weak, and rarely that of a secret.
pub(crate) const KEYS: &[&str] = &[
    "anahtar",
    "atslēga",
    "avain",
    "chave",
    "cheie",
    "clef",
    "clé",
    "ključ",
    "klíč",
    "kulcs",
    "kľúč",
    "llave",
    "nyckel",
    "nøgle",
    "nøkkel",
    "raktas",
    "schlüssel",
    "sleutel",
    "võti",
    "κλειδί",
    "ключ",
];

/// More weak words that nearly always name other things: the value has to look random.
pub(crate) const RARELY_SECRET: &str = " \
    appid de id key klucz losung proxysessionid restkey salt serial serialkey session session-id \
    session_id sessionid sitzungs-id v_code v_key vaccess vcode vkey vrestkey vsalt vsession zugang ";

/// Words of two parts that are no secret: a key word.
pub(crate) const NO_PAIRS: &[[&str; 2]] = &[
    ["parola", "chiave"],
    ["parole", "chiave"],
    ["palabra", "clave"],
    ["palabras", "clave"],
    ["palavra", "chave"],
    ["palavras", "chave"],
    ["mot", "clé"],
    ["mots", "clé"],
    ["mots", "clés"],
];

/// Whose password `x_p` is: `vSA_P`.
pub(crate) const OWNERS_OF_P: &[&str] =
    &["adm", "admin", "db", "ora", "root", "sa", "sap", "sql", "svc", "user", "usr"];

/// Words for secret numbers.
pub(crate) const PINS: &[&str] = &[
    "accesscode",
    "accesspin",
    "activationcode",
    "authcode",
    "authorizationcode",
    "authpin",
    "backupcode",
    "codepin",
    "codigodeacceso",
    "cvc",
    "cvv",
    "códigodeacceso",
    "códigopin",
    "einmalcode",
    "entsperrcode",
    "freischaltcode",
    "kodpin",
    "logincode",
    "mfa",
    "mfacode",
    "mtan",
    "otp",
    "otpcode",
    "pairingcode",
    "pin",
    "pincode",
    "pinkod",
    "pinkode",
    "pinkoodi",
    "pinnumber",
    "pinnummer",
    "puk",
    "recoverycode",
    "resetcode",
    "securecode",
    "securitycode",
    "sicherheitscode",
    "smscode",
    "smstan",
    "tan",
    "tancode",
    "totp",
    "unlockcode",
    "verificationcode",
    "zugangscode",
    "пин",
];

/// Names of passwords and keys that are keys of things as well.
pub(crate) const OF_THINGS: &str =
    " chave chaves chiave chiavi clave claves cle clé clés klucz llave llaves parola parole ключ ";

/// Keys that are often those of rows: their values may be names of columns.
pub(crate) const DATA_KEYS: &[&str] = &[
    "accountkey",
    "appkey",
    "applicationkey",
    "clientkey",
    "masterkey",
    "schluessel",
    "schlüssel",
    "serverkey",
    "servicekey",
    "sharedkey",
    "tokenkey",
    "userkey",
    "userkeys",
];

/// Parts behind a word for a secret that say what of it is shown; the value decides.
pub(crate) const ABOUT_OR_NOT: &str = " \
    ansicht bericht consulta dimension dimensions expression formel formula formule header informe \
    leyenda measure measures medida mensaje message messages mesure query rapport report requete \
    requête text texte texto view vista vue warning warnings warnung ";

/// Parts behind a word for a secret that say which of several it is.
pub(crate) const KINDS: &str = " alt live neu qa raw stage staging str string uat val value wert ";
