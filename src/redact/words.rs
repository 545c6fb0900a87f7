//! Pure. The words of secrets as data: what they are called, what is said of them, in many languages.

/// Found anywhere inside a part of a name.
pub(super) const INSIDE: &[&str] = &[
    "passw", "passphrase", "passcode", "passkey", "passord", "passwor", "paswoord", "kennwort", "contrase",
    "wachtwoord", "losenord", "lösenord", "lo\u{308}senord", "palavrapasse", "motdepasse", "salasana",
    "tunnussana", "adgangskod", "kodeord", "kodord", "hasło", "hasła", "hasłe", "haslo", "heslo", "hesla",
    "парол", "şifre", "sifre", "s\u{327}ifre", "parolad", "senha", "jelszo", "jelszó", "lozinka",
    "κωδικό", "пасворд", "jsessionid", "phpsessid", "aspsessionid", "requestverificationtoken",
    "geheimnis", "geheimzahl", "zugangscode", "privatkey", "privatekey",
];

/// Words of scripts without blanks between words: found anywhere, and the name ends with them.
pub(super) const UNSPACED: &[&str] = &[
    "パスワード", "ﾊﾟｽﾜｰﾄﾞ", "暗証番号", "暗証", "合言葉", "秘密鍵", "密码", "密碼", "口令", "密钥", "密鑰", "暗号", "비밀번호",
    "암호", "패스워드", "비번", "아피키", "访问令牌", "令牌", "トークン", "토큰", "รหัสผ่าน", "パスコード",
];

/// A whole part, or parts that follow each other, also behind one of `BEFORE`.
pub(super) const WHOLE: &[&str] = &[
    "pwd", "pwds", "pw", "pass", "mdp", "motpasse", "clave", "claves", "contrasena", "parola", "sifra", "psw", "pswd",
    "pword", "passwd", "pwrd", "psswd", "losen", "lösen", "secret", "secrets", "psk", "parole", "parol", "chiave",
    "chiaveapi", "chiavesegreta", "segreto", "segredo", "secreto", "geheim", "hemlighet", "salaisuus", "tajne",
    "cléapi", "cleapi", "clédapi", "clésecrète", "codesecret", "kod", "apikey", "apikeys", "apischluessel",
    "apischlüssel", "schluessel", "accesskey", "accountkey", "privatekey", "secretkey", "authkey", "userkey",
    "masterkey", "encryptionkey", "decryptionkey", "validationkey", "sharedkey", "sharedaccesskey",
    "subscriptionkey", "functionskey", "functionkey", "signingkey", "signkey", "appkey", "applicationkey",
    "consumerkey", "storagekey", "sessionkey", "securitykey", "sshkey", "rsakey", "aeskey", "hmackey", "cryptokey",
    "cryptkey", "integrationkey", "writekey", "readkey", "adminkey", "deploykey", "webhookkey", "serverkey",
    "servicekey", "clientkey", "authenticationkey", "authorizationkey", "fastlykey", "datadogkey", "ddkey", "gckey",
    "secretvalue", "secretaccess", "presharedkey", "networkkey", "wpakey", "tokenkey", "apisecret", "apitoken",
    "cheieapi", "klucz", "kluczapi", "apinyckel", "apinøkkel", "apiklíč", "apiavain", "llaveapi", "claveapi",
    "chaveapi", "chavesecreta", "chavedeacesso", "clavesecreta", "clavedeacceso", "clavedeapi", "chavedeapi",
    "clédapi", "clédaccès", "storagesas", "personalaccesstoken", "accesspassword",
    "licensesecret", "xoauth2", "keyvaultsecret", "credentialsecret", "palavrachave", "frasesecreta",
];

/// What is weaker: many things are called so that are no secret, so that the value counts.
pub(super) const WEAK: &[&str] = &[
    "token", "tokens", "auth", "sig", "signature", "sas", "credential", "credentials", "creds", "cred", "ticket",
    "csrf", "xsrf", "bearer", "jwt", "pat", "xqliksession", "qliksession", "aspnetsessionid", "connectsid", "sessid",
    "sessiontoken", "qlikticket", "samlresponse", "assertion", "jeton", "токен", "ключ", "symboliclink",
];

/// Names of several words.
pub(super) const PHRASES: &[&str] = &[
    "mot de passe", "mots de passe", "palavra passe", "palavra de passe", "parola d'ordine", "pass word", "pass phrase", "pass code", "frase de paso",
    "codice di accesso", "chiave di accesso", "code secret", "code d'accès", "clé api", "clé d'api", "clé d'accès", "clé secrète", "clé privée", "clave de acceso", "clave de api", "clave secreta",
    "clave privada", "chave de acesso", "chave de api", "chave secreta", "código pin", "codigo pin", "ключ api", "api ключ", "api-ключ", "секретный ключ", "mot-de-passe",
    "api schlüssel", "api-schlüssel", "geheimer schlüssel", "privater schlüssel", "zugriffsschlüssel", "api-nyckel", "api-nøkkel", "api-nøgle", "api-sleutel", "api-avain",
    "klucz api", "klíč api", "tajný klíč", "chiave api", "chiave segreta", "api anahtarı", "gizli anahtar", "geheime sleutel", "api キー", "apiキー", "api 密钥", "api密钥", "api 키", "api키",
];

/// Numbers that are secret.
pub(super) const PINS: &[&str] = &[
    "pin", "pincode", "otp", "totp", "mfacode", "accesscode", "securitycode", "authcode", "authorizationcode",
    "verificationcode", "activationcode", "recoverycode", "backupcode", "otpcode", "mfa", "cvv", "cvc", "puk", "tan",
    "zugangscode", "sicherheitscode", "codigodeacceso", "códigodeacceso", "пин", "pinkod", "pinkode", "pinkoodi",
];

/// Values of headers by these names are secret as a whole.
pub(super) const HEADERS: &[&str] =
    &["authorization", "authorisation", "proxyauthorization", "xauthorization", "autorisierung", "autorización"];

pub(super) const COOKIES: &[&str] = &["cookie", "cookies", "setcookie", "cookie2"];

/// In the query of a URL these are secrets, too.
pub(super) const IN_QUERIES: &[&str] =
    &["code", "key", "sig", "signature", "ticket", "auth", "sas", "hmac", "sid", "session", "sessionid", "jwt",
      "xamzsignature", "xamzcredential", "xgoogsignature", "xgoogcredential", "k"];

/// What stands right before one of `WHOLE` or `WEAK` in one part: `vpw`, `dbpass`, `rootpw`.
pub(super) const BEFORE: &[&str] = &[
    "v", "s", "g", "p", "l", "x", "m", "c", "str", "txt", "var", "my", "the", "db", "user", "usr", "root", "admin",
    "adm", "sa", "smtp", "mail", "email", "ftp", "sftp", "ssh", "pg", "mysql", "sql", "old", "new", "store", "key",
    "auth", "proxy", "http", "login", "logon", "client", "app", "ad", "ldap", "svc", "service", "access", "refresh",
    "session", "id", "api", "bearer", "csrf", "xsrf", "oauth", "web", "bot", "sys", "system", "conn", "connection",
    "master", "shared", "consumer", "let", "set", "rest", "qlik", "sap", "ora", "oracle", "host", "enc", "encrypted",
    "hashed", "plain", "cleartext", "temp", "tmp", "test", "prod", "dev", "bind", "trust", "truststore", "keystore",
    "private", "security", "secret", "personal", "job", "deploy", "webhook", "install", "device", "push", "sync",
    "sec", "jwt", "saml", "sso", "mfa", "signing", "encryption", "wifi", "wlan", "guest", "default", "initial",
    "current", "confirm", "repeat", "verify", "remote", "local", "backup", "archive", "zip", "pdf", "cert", "pfx",
    "schedule", "scheduler", "run", "as", "domain", "machine", "computer", "network", "net", "tls", "ssl", "vault",
];

/// Words that only look like one of `WHOLE` behind something.
pub(super) const NEVER: &[&str] = &[
    "bypass", "compass", "trespass", "surpass", "encompass", "overpass", "underpass", "lowpass", "highpass", "bandpass",
    "multipass", "singlepass", "passwordless", "passworthinweis", "apwd", "keypassage", "appass",
];

/// A part after the word says that the value is something about the secret.
pub(super) const ABOUT: &str = " expiry expired expires expire expiration expiring age length len size count counter counts \
    policy policies required requirement requirements optional file filename files path dir folder name names field \
    fields column columns type types url uri endpoint min max minimum maximum days date time timestamp attempts attempt retries retry \
    complexity never history enabled disabled status state valid validity validation validator error errors mode \
    provider format encoding lifetime ttl timeout limit budget usage used version manager prompt dialog label \
    protected protection changed change lastset last hint question settings config configuration class kind index \
    position pos issuer audience scope scopes algorithm alg method strategy service server port id ids uuid guid \
    ring bucket table page form box based authentication check checker checks verified verification strength generator \
    rotation match matches mismatch economics limits quota rate per stream cache provided present exists missing \
    failure failed failures expirydate notification reminder reset resets recovery ablauf gültigkeit länge richtlinie datei pfad anzahl typ \
    description desc group groups level rule rules source location ref reference arn uriprefix owner visible shown \
    supported support protocol scheme schema map mapping mappings kid created updated createdat updatedat \
    expiresin expiresat charset pattern regex mask masked placeholder tooltip title subject tag tags number usagecount ";

/// A part before the word says the same.
pub(super) const ABOUT_BEFORE: &str =
    " no not has is num n max min total forgot forgotten require requires required needs allow allowed show hide missing \
    per prompt completion input output unexpected expected next invalid by count without ";

/// A complaint before the word: what follows its colon is the reason, unless it looks like a secret.
pub(super) const COMPLAINTS: &str = " invalid wrong bad incorrect missing expired unknown illegal unexpected expected failed \
    no empty weak ungültiges falsches incorrecta inválida incorrect invalide error fehler errore erreur rejected the ";

/// What follows a parser's `token` is source text.
pub(super) const GRAMMAR: &str = " unexpected expected syntax parse parser near current next last lookahead offending ";

/// Words that join a name and its value in a sentence.
pub(super) const COPULAS: &str = " is was are were equals be ist war lautet lautete sei est était es era é foi è fu er var var: är \
    on oli jest był było byl je bylo bylo: byla fue este este: была был было это — является eşittir idi volt az egy nimmt \
    ist: is: was: es: est: é: è: är: er: on: je: jest: lautet: = := => -> ";

/// Words after which the value belongs to somebody or something.
pub(super) const OF: &str = " for of to für fuer von vom des der dem zu zum pour de du d' del della dello di da do dos das \
    para per por voor van naar för av till til for af på fra dla na od pro z k uživatele uzivatele użytkownika użytkownika konta utilisateur \
    user account database db login для от к пользователя için kullanıcı ait käyttäjälle käyttäjän tilille usuario usuário benutzer \
    gebruiker användare bruger bruker l' la le el il the ";

/// Verbs of a change: `to` then joins the name and its value.
pub(super) const CHANGES: &str = " set sets change changed changes changing reset resets update updated rotated setting updating gesetzt geändert \
    auf changé cambiada alterada zmieniono ";

/// Words before the name after which a bare value may follow.
pub(super) const WITH: &str = " with using and und mit avec con com med met z s sa i og och ja e y et und: pass use used using: user login logon ";

/// First words of what is said of a secret, which are no secret.
pub(super) const SAID: &str = " a an the this that these your my our its his her no not none null nil undefined true false yes off \
    empty blank unset default required optional invalid valid incorrect correct wrong bad missing expired expiring expires \
    must should can cannot may might will would has have had is are was were been being too very never always only also still \
    now again yet user users account password passwords token tokens secret key name field value column string text type \
    at least most more less than between for from of in on to by with without and or but if when while because as after before \
    found denied refused rejected locked disabled enabled changed set reset stored encrypted hashed hidden masked protected \
    weak strong short long unknown unsupported failed failure error ok okay accepted allowed forbidden identifier expected unexpected \
    deprecated ignored unused used needed mandatory please enter check see use try contact same different identical equal all any some \
    each every one two up what how who where why it they we you he she there here do does did don't doesn't didn't isn't wasn't \
    mismatch mismatched updated rotated revoked generated provided supplied given entered configured specified present absent available \
    unavailable removed deleted saved shown visible case-sensitive sensitive confidential private public about subject limited \
    valid: invalid: count length policy expiry clause reset: released validation authentication authorization header \
    none: windows basic ntlm kerberos negotiate digest oauth oauth2 saml jwt bearer anonymous integrated sspi ldap spnego \
    ist sind war wird wurde muss darf kann soll nicht kein keine falsch ungültig abgelaufen leer erforderlich gesperrt zu geändert \
    läuft fehlt fehlerhaft richtig korrekt gültig unbekannt der die das ein eine bereits noch sehr \
    est sont n'est incorrect incorrecte invalide expiré expirée requis requise vide obligatoire erroné erronée faux le la les un une pas trop \
    es está incorrecta incorrecto inválida inválido ha caducado caducada vencida vacía requerida obligatoria errónea no el los una demasiado \
    incorreta incorreto expirou expirada vazia obrigatória não muito foi \
    is onjuist verlopen ongeldig verplicht leeg fout niet te het een moet \
    är felaktigt felaktig fel ogiltigt utgånget krävs tomt inte för er feil ugyldig utløpt påkrevd tomt ikke for forkert udløbet påkrævet \
    on vanhentunut väärä virheellinen vaaditaan tyhjä ei liian \
    jest nieprawidłowe niepoprawne wygasło błędne wymagane puste nie zbyt musi je neplatné nesprávné vypršelo povinné prázdné není příliš musí \
    è scaduta scaduto errata errato sbagliata non valida obbligatoria vuota corretta troppo deve \
    не неверный неправильный истек истёк недействителен пустой обязателен должен слишком устарел неверен просрочен \
    yanlış geçersiz hatalı boş gerekli süresi doldu ";

/// Endings of words that are said of a secret.
pub(super) const SAID_ENDINGS: &[&str] = &[
    "ed", "ing", "able", "ible", "ive", "ous", "ent", "ly", "less", "ful", "ary", "ig", "lich", "bar", "ado", "ada", "ido", "ida",
    "ato", "ata", "uto", "uta", "ito", "ita", "é", "ée", "né", "ne", "ный", "ен", "но", "на", "igt", "et", "ed:", "ült", "nut", "llinen",
    "wne", "owa", "too", "mış", "miş", "siz", "sız", "ired",
];

/// Values that stand for one, or for none.
pub(super) const STAND_INS: &str = " null none nil undefined true false yes no on off n/a na empty blank unset [] {} () '' redacted hidden \
    masked removed secret_here changeme_placeholder (null) nothing required optional ";

/// Schemes after which the credentials follow.
pub(super) const SCHEMES: &str = " bearer basic digest negotiate ntlm token apikey api-key aws4-hmac-sha256 sharedkey sharedkeylite \
    sharedaccesssignature hawk oauth kerberos googlelogin splunk ssws geniekey key jwt mac private-token aws klaviyo-api-key dpop gnap \
    scram-sha-256 vapid hoba mutual aws4-hmac-sha512 cookie ticket qlik pat zoho-oauthtoken discogs wssse wsse userpass ";
