//! Pure. The words of sentences about secrets, as data in many languages.

/// Complaints before the name: the text after the colon is a reason, unless it looks like a secret.
pub(crate) const COMPLAINTS: &str = " invalid wrong bad incorrect missing expired unknown illegal unexpected expected failed \
    no empty weak ungültiges falsches incorrecta inválida incorrect invalide error fehler errore erreur rejected the ";

/// Words of a parser: the text after its `token` is source code.
pub(crate) const GRAMMAR: &str =
    " unexpected expected syntax parse parser near current next last lookahead offending ";

/// Words that join a name and its value in a sentence.
pub(crate) const COPULAS: &str = " is was are were equals be ist war lautet lautete sei est était es era é foi è fu er var var: är \
    on oli jest był było byl je bylo bylo: byla fue este este: была был было это — является eşittir idi volt az egy nimmt \
    ir és е є është da yra yw ialah adalah هي هو היא הוא ist: is: was: es: est: é: è: är: er: on: je: jest: lautet: = := => -> ";

/// Words between the name and its owner.
pub(crate) const OF: &str = " за for of that which between zwischen entre mellan między between to für fuer von vom des der dem zu zum pour de du d' del della dello di da do dos das \
    para per por voor van naar för av till til for af på fra dla na od pro z k uživatele uzivatele użytkownika użytkownika konta utilisateur \
    user account database db login для от к пользователя için kullanıcı ait käyttäjälle käyttäjän tilille usuario usuário benutzer \
    gebruiker användare bruger bruker l' la le el il the users korisnika користувача потребителя потребител lietotāja kasutaja ";

/// Verbs of a change, after which `to` joins the name and its value.
pub(crate) const CHANGES: &str = " set sets change changed changes changing reset resets update updated rotated setting updating gesetzt geändert \
    auf changé cambiada alterada zmieniono ";

/// Words before the name after which a bare value may follow.
pub(crate) const WITH: &str = " with using and und mit avec con com med met z s sa i og och ja e y et und: pass use used using: user login logon ";

/// First words of statements about a secret, which are not secrets.
pub(crate) const REMARKS: &str = " a an the this that these your my our its his her no not none null nil undefined true false yes off \
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
    none: command permission cannot mindestens höchstens windows basic ntlm kerberos negotiate digest oauth oauth2 saml jwt bearer anonymous integrated sspi ldap spnego \
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

/// Endings of words in statements about a secret.
pub(crate) const REMARK_ENDINGS: &[&str] = &[
    "ed", "ing", "able", "ible", "ive", "ous", "ent", "ly", "less", "ful", "ary", "ig", "lich",
    "bar", "ado", "ada", "ido", "ida", "ato", "ata", "uto", "uta", "ito", "ita", "é", "ée", "né",
    "ne", "ный", "ен", "но", "на", "igt", "et", "ed:", "ült", "nut", "llinen", "wne", "owa", "too",
    "mış", "miş", "siz", "sız", "ired",
];

/// Second parts of compounds that are about a password, such as its policy.
pub(crate) const ABOUT_ENDINGS: &[&str] = &[
    "richtlin",
    "länge",
    "laenge",
    "ablauf",
    "alter",
    "änderung",
    "aenderung",
    "hinweis",
    "feld",
    "stärke",
    "staerke",
    "prüfung",
    "pruefung",
    "abfrage",
    "eingabe",
    "datei",
    "manager",
    "schutz",
    "geschützt",
    "verlauf",
    "komplex",
    "regel",
    "vorgabe",
    "rücksetz",
    "zurücksetz",
    "wechsel",
    "gültig",
    "verwalt",
    "beleid",
    "lengte",
    "veld",
    "sterkte",
    "policy",
    "längd",
    "fält",
    "byte",
    "politik",
    "lengde",
    "længde",
    "felt",
    "bytte",
    "krav",
    "krav",
    "expir",
];

/// Names of several words.
pub(crate) const PHRASES: &[&str] = &[
    "mot de passe",
    "κωδικός πρόσβασης",
    "κωδικός",
    "kata sandi",
    "құпия сөз",
    "құпиясөз",
    "पासवर्ड",
    "পাসওয়ার্ড",
    "கடவுச்சொல்",
    "పాస్‌వర్డ్",
    "focal faire",
    "one-time code",
    "one time code",
    "kata laluan",
    "mật khẩu",
    "كلمة المرور",
    "كلمة السر",
    "رمز عبور",
    "گذرواژه",
    "ntlm hash",
    "nt hash",
    "lm hash",
    "mots de passe",
    "palavra passe",
    "palavra de passe",
    "parola d'ordine",
    "pass word",
    "pass phrase",
    "pass code",
    "frase de paso",
    "codice di accesso",
    "chiave di accesso",
    "code secret",
    "code d'accès",
    "clé api",
    "clé d'api",
    "clé d'accès",
    "clé secrète",
    "clé privée",
    "clave de acceso",
    "clave de api",
    "clave secreta",
    "clave privada",
    "chave de acesso",
    "chave de api",
    "chave secreta",
    "código pin",
    "codigo pin",
    "ключ api",
    "api ключ",
    "api-ключ",
    "секретный ключ",
    "mot-de-passe",
    "api schlüssel",
    "api-schlüssel",
    "geheimer schlüssel",
    "privater schlüssel",
    "zugriffsschlüssel",
    "api-nyckel",
    "api-nøkkel",
    "api-nøgle",
    "api-sleutel",
    "api-avain",
    "klucz api",
    "klíč api",
    "tajný klíč",
    "chiave api",
    "chiave segreta",
    "api anahtarı",
    "gizli anahtar",
    "geheime sleutel",
    "api キー",
    "apiキー",
    "api 密钥",
    "api密钥",
    "api 키",
    "api키",
];
