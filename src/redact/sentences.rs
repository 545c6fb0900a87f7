//! Pure. The words of sentences about secrets, as data in many languages.

/// Complaints before the name: the text after the colon is a reason, unless it looks like a secret.
pub(crate) const COMPLAINTS: &str = " \
    bad empty erreur error errore expected expired failed falsches fehler illegal incorrect \
    incorrecta invalid invalide inválida missing no rejected the unexpected ungültiges unknown weak \
    wrong ";

/// Words of a parser: the text after its `token` is source code.
pub(crate) const GRAMMAR: &str =
    " current expected last lookahead near next offending parse parser syntax unexpected ";

/// Words that join a name and its value in a sentence.
pub(crate) const COPULAS: &str = " \
    -> := = => adalah are az be byl byla bylo bylo: był było da egy equals er er: era es es: est \
    est: este este: eşittir foi fu fue ialah idi ir is is: ist ist: je je: jest jest: lautet \
    lautet: lautete nimmt oli on on: sei var var: volt war was was: were yra yw är är: è è: é é: és \
    était është был была было е это является є הוא היא هو هي — ";

/// Words between the name and its owner.
pub(crate) const OF: &str = " \
    account af ait användare av benutzer between bruger bruker d' da das database db de del della \
    dello dem der des di dla do dos du el entre for fra fuer för für gebruiker il için k kasutaja \
    konta korisnika kullanıcı käyttäjälle käyttäjän l' la le lietotāja login mellan między na naar \
    od of para per por pour pro på that the til tilille till to user users usuario usuário \
    utilisateur uzivatele użytkownika uživatele van vom von voor which z zu zum zwischen для за к \
    користувача от пользователя потребител потребителя ";

/// Verbs of a change, after which `to` joins the name and its value.
pub(crate) const CHANGES: &str = " \
    alterada auf cambiada change changed changes changing changé gesetzt geändert reset resets \
    rotated set sets setting update updated updating zmieniono ";

/// Words before the name after which a bare value may follow.
pub(crate) const WITH: &str = " \
    and avec com con e et i ja login logon med met mit och og pass s sa und und: use used user \
    using using: with y z ";

/// Words of a sentence that says that a secret was refused.
pub(crate) const REFUSED: &str = " \
    abgelaufen abgelehnt aegunud afgewezen afvist avvist bad baigėsi beidzies beigusies błędne \
    błędny caducada caducado caducó chybné compromised denied disabled elutasítva errada errado \
    errata errato erroné erronée errónea erróneo expirada expirado expirată expired expirou expiré \
    expirée expiró falsch falsches fausse faux fehlerhaft feil fel felaktig felaktigt forkert fout \
    foute gabim gesperrt geweigerd geçersiz gresita greșită hatalı helytelen hibás hylätty \
    incorectă incorrect incorrecta incorrecte incorrecto incorreta incorreto inkorrekt invalid \
    invalida invalide invalido invalidă inválida inválido istekla kehtetu leaked lejárt locked mali \
    mismatch mismatched napačno nederīga negaliojantis neispravna nekad nepareiza neplatné \
    nesprávne nesprávné neteisingas netočna nevažeća neveljavno niepoprawne niepoprawny \
    nieprawidłowe nieprawidłowy nieważne odmítnuto odrzucone odrzucony ogiltig ogiltigt okerra \
    ongeldig ongeldige onjuist onjuiste pogrešna pogrešno poteklo périmé rechazada recusada refused \
    refusé refusée rejected rejeitada rejeté rejetée respinsă revoked rifiutata rossz révoqué sai \
    salah sbagliata sbagliato scaduta scaduto stale stimmt udløbet ugyldig unauthorized ungültig \
    ungültiges utgången utgånget utløpt vale vanhentunut vencida verkeerd verlopen verweigert \
    vigane virheellinen vypršalo vypršelo väärä widerrufen wrong wygasł wygasło yanlış érvénytelen \
    άκυρος έληξε λάθος λανθασμένη λανθασμένος грешна изтекла истек истекла истёк невалидна неверен \
    неверна неверный невірний недействителен недействительный недійсний неправильний неправильный \
    отклонен отклонён погрешна просрочен устарел ";

/// Words that refuse a secret where a negation is before them.
pub(crate) const ACCEPTED: &str = " \
    accepted accepté accettata aceita aceptada aceptado akzeptiert allowed correct correcta \
    correcte correcto correta correto corretta corretto geldig giltig giltigt godkänt gyldig gültig \
    juist known korrekt matching platné poprawne prawidłowe recognised recognized richtig right \
    rigtigt riktig správné stimmt valid valida valide valido válida válido ważne working works \
    верен верный действителен подходит правильный принят ";

/// Words of a negation.
pub(crate) const NEGATIONS: &str = " \
    değil doesn't ei ikke inte isn't n'est nav ne nem neni není nicht nie niet nije no non not nu \
    não nėra pas wasn't не ";

/// Words between a secret and what is said of it.
pub(crate) const AUXILIARIES: &str = " \
    a already appears are az be been being bereits blev byl bylo był did does er era es est estava \
    este está foi fost fue ha had har has hat have heeft ir is ist je jest just now oli on seems \
    sei sido stata stato var war was werd were wordt wurde yra został zostało är è é était été был \
    было е есть ";

/// Words that say that somebody gave a password, not what it is.
pub(crate) const GIVEN: &str = " \
    access angegebene angegebenes angett angivet annettu archivio archivo base baza change client \
    column database digitada eingegebene eingegebenes encryption entré fichero fichier fornecida \
    fornita fourni fournie girilen hashing immessa indiqué indtastet informada ingevoerd ingevoerde \
    ingresada inmatade inserita introducida introduit introdusă login logon manager megadott \
    opgegeven oppgitt podane politique política proporcionada recovery renseigné saisi saisie \
    screen server serveur service servidor sync syötetty update user vault verschlüsselung \
    verwaltung window wizard wpisane wprowadzone zadané введен введенный введён политика указан \
    указанный файл ";

/// Words between a secret and the word for it: `use X as the password`.
pub(crate) const AS: &str = " als as ca come comme como jako kao kui som как ";

/// Words before a secret that is used as a password.
pub(crate) const USES: &str = " \
    använd avec benutze brug bruk com con enter entered folosiți gebruik használja inserisci kullan \
    käytä med met mit nimm nutze použijte sent set tried try usa usar use used uses using utilice \
    utilise utiliser utilisez utilizar użyj verwende with z используйте ";

/// Words between `as` and the name.
pub(crate) const ARTICLES: &str = " \
    a admin an current das db de default dein din ditt een el first hasła het ihr il initial its la \
    le mot my neues new nowe nytt old our sa service temporary the una votre your качестве нового ";

/// Words that may have a number behind a password: `Password Hash2`.
pub(crate) const NUMBERED: &str =
    " app col db feld hash node page row salt schritt sheet spalte step tabelle task user zeile ";

/// Things that have a key which is no secret: `clave de producto`.
pub(crate) const THINGS: &str = " \
    article articolo articulo artigo artículo busqueda búsqueda campo candidata centro champ \
    cliente clientes colonna colonne columna commande compuesta empresa esterna estrangeira \
    etrangere externa externe foranea foránea idioma lecture ligne linha material natural orden \
    ordenacion ordenación ordenação ordinamento ordine partición país pedido primaire primaria \
    primary primário prodotto producte producto productos produit produktu produto recherche region \
    registro región ricerca secondaire secundaria subrogada tabeli tabella tabla table tri unica \
    unique zamówienia étrangère única заказа продукта таблицы товара ";

/// Words behind a password that say where it belongs, so that they are no part of it.
pub(crate) const PLACES: &str = " \
    app at attempt attempts base benutzer client code database datenbank db dsn error failed \
    failure fehler feld field group host hôte in lang limit line login node on order port rechner \
    retries retry row server serveur servidor sysnr system tabelle table target task uid url user \
    usuario utente utilisateur version via where zeile ";

/// First words of statements about a secret, which are not secrets.
pub(crate) const REMARKS: &str = " \
    a abgelaufen about absent accepted account after again all allowed also always an and anonymous \
    any are as ask at authentication authorization available bad basic bearer because been before \
    beginnt begins bei being bereits between blank boş but by błędne caduca caducada caducado can \
    cannot case-sensitive changed check clause column command confidential configured contact \
    correct corretta count darf das default deleted demasiado denied deprecated der deve did didn't \
    die different digest disabled do does doesn't doldu don't each een ei ein eine el empty enabled \
    encrypted endet ends enter entered equal er erforderlich erfragen errata errato erroné erronée \
    error errónea es est está every expected expira expirada expire expired expires expiring \
    expirou expiry expiré expirée failed failure falsch false faux fehlerhaft fehlt feil fel \
    felaktig felaktigt field foi for forbidden forkert found fout fragen from för generated gerekli \
    gesperrt geändert geçersiz gilt given gültig ha had has hashed hatalı have he header her here \
    het hidden his how höchstens identical identifier if ignored ikke in incorrect incorrecta \
    incorrecte incorrecto incorreta incorreto inte integrated invalid invalid: invalide inválida \
    inválido is isn't ist it its je jest jwt kann kein keine kerberos key kommt korrekt krävs la \
    ldap le least leeg leer length les less liegt liian limited locked long los läuft mandatory \
    masked may might mindestens mismatch mismatched missing moet more most muito musi muss must \
    musí my n'est name needed negotiate není neplatné nesprávné never nicht nie niepoprawne \
    nieprawidłowe niet nil no noch non none none: not now ntlm null não oauth oauth2 obbligatoria \
    obligatoire obligatoria obrigatória of off ogiltigt ok okay on one ongeldig onjuist only \
    optional or our pas password passwords permission please policy povinné present private \
    protected provided prázdné public puste påkrevd påkrævet příliš refused rejected released \
    removed requerida required requis requise reset reset: revoked richtig rotated same saml saved \
    sbagliata scaduta scaduto secret see sehr sensitive set she short should shown siehe sind soll \
    some sont specified spnego sspi starts steht still stored string strong subject supplied süresi \
    te text than that the there these they this to token tokens tomt too trop troppo true try two \
    tyhjä type udløbet ugyldig un una unavailable unbekannt undefined une unexpected ungültig \
    unknown unset unsupported unused up updated use used user users utgånget utløpt vaaditaan vacía \
    valable valid valid: valida validation value vanhentunut vazia vea vence vencida ver verlopen \
    verplicht very vide virheellinen visible voir vuota vypršelo väärä véase war was wasn't we weak \
    were what when where while who why will windows wird with without would wrong wurde wygasło \
    wymagane yanlış yes yet you your zbyt zu är è должен истек истёк не неверен неверный \
    недействителен неправильный обязателен просрочен пустой слишком устарел ";

/// Endings of words in statements about a secret.
pub(crate) const REMARK_ENDINGS: &[&str] = &[
    "able", "ada", "ado", "ary", "ata", "ato", "bar", "ed", "ed:", "ent", "et", "ful", "ible",
    "ida", "ido", "ig", "igt", "ing", "ired", "ita", "ito", "ive", "less", "lich", "llinen", "ly",
    "miş", "mış", "ne", "nut", "né", "ous", "owa", "siz", "sız", "too", "uta", "uto", "wne", "é",
    "ée", "ült", "ен", "на", "но", "ный",
];

/// Second parts of compounds that are about a password, such as its policy.
pub(crate) const ABOUT_ENDINGS: &[&str] = &[
    "abfrage",
    "ablauf",
    "aenderung",
    "alter",
    "beleid",
    "byte",
    "bytte",
    "datei",
    "datum",
    "eingabe",
    "expir",
    "feld",
    "felt",
    "fält",
    "geschützt",
    "gültig",
    "hinweis",
    "historie",
    "komplex",
    "krav",
    "laenge",
    "lengde",
    "lengte",
    "längd",
    "länge",
    "længde",
    "manager",
    "meldung",
    "policy",
    "politik",
    "pruefung",
    "prüfung",
    "regel",
    "richtlin",
    "rücksetz",
    "schutz",
    "spalte",
    "staerke",
    "stand",
    "status",
    "sterkte",
    "stärke",
    "tabelle",
    "tage",
    "titel",
    "typ",
    "veld",
    "verlauf",
    "verwalt",
    "vorgabe",
    "wechsel",
    "zaehler",
    "zurücksetz",
    "zähler",
    "änderung",
];

/// Names of several words.
pub(crate) const PHRASES: &[&str] = &[
    "antwort auf die sicherheitsfrage",
    "api anahtarı",
    "api schlüssel",
    "api ключ",
    "api キー",
    "api 密钥",
    "api 키",
    "api-avain",
    "api-nyckel",
    "api-nøgle",
    "api-nøkkel",
    "api-schlüssel",
    "api-sleutel",
    "api-ключ",
    "apiキー",
    "api密钥",
    "api키",
    "aðgangsorð",
    "chave de acesso",
    "chave de api",
    "chave secreta",
    "chiave api",
    "chiave di accesso",
    "chiave segreta",
    "clau d'accés",
    "clau d'api",
    "clau secreta",
    "clave de acceso",
    "clave de api",
    "clave privada",
    "clave secreta",
    "clef d'accès",
    "clef d'api",
    "clef privée",
    "clef secrète",
    "clé api",
    "clé d'accès",
    "clé d'api",
    "clé privée",
    "clé secrète",
    "code d'accès",
    "code secret",
    "codice di accesso",
    "codigo pin",
    "código pin",
    "facal faire",
    "facal-faire",
    "focal faire",
    "focal-faire",
    "frase de paso",
    "frase secreta",
    "frase segreta",
    "geheime sleutel",
    "geheimer schlüssel",
    "ger-kuzh",
    "gizli anahtar",
    "k e n n w o r t",
    "kata kunci",
    "kata laluan",
    "kata sandi",
    "klucz api",
    "klíč api",
    "llave de acceso",
    "llave de api",
    "llave secreta",
    "lm hash",
    "lykilorð",
    "mot de passe",
    "mot secret",
    "mot-de-passe",
    "mots de passe",
    "mật khẩu",
    "neno la siri",
    "nt hash",
    "ntlm hash",
    "one time code",
    "one-time code",
    "p a s s w d",
    "p a s s w o r d",
    "p a s s w o r t",
    "p w d",
    "p.w.",
    "p/w",
    "palabra de acceso",
    "palabra de paso",
    "palabra secreta",
    "palavra de passe",
    "palavra passe",
    "parol so'z",
    "parola d'ordine",
    "parola segreta",
    "pass code",
    "pass phrase",
    "pass word",
    "privater schlüssel",
    "resposta secreta",
    "respuesta secreta",
    "risposta segreta",
    "réponse secrète",
    "s e c r e t",
    "secret answer",
    "security answer",
    "tajný klíč",
    "zugriffsschlüssel",
    "κωδικός",
    "κωδικός πρόσβασης",
    "ключ api",
    "нууц үг",
    "секретный ключ",
    "құпия сөз",
    "құпиясөз",
    "رمز عبور",
    "كلمة السر",
    "كلمة المرور",
    "گذرواژه",
    "पासवर्ड",
    "পাসওয়ার্ড",
    "পাসকোড",
    "கடவுச்சொல்",
    "పాస్‌వర్డ్",
    "ລະຫັດຜ່ານ",
    "စကားဝှက်",
    "ფრაზა",
    "የይለፍ ቃል",
    "ពាក្យសម្ងាត់",
    "ｐａｓｓｗｄ",
    "ｐａｓｓｗｏｒｄ",
    "ｐｗｄ",
    "ｓｅｃｒｅｔ",
    "ｔｏｋｅｎ",
];

/// Names of several words whose value decides, as in [`crate::redact::words::WEAK`].
pub(crate) const WEAK_PHRASES: &[&str] = &[
    "access token",
    "auth token",
    "chave de licença",
    "chiave di licenza",
    "clave de licencia",
    "clé de licence",
    "ficha de acceso",
    "ficha de acesso",
    "gettone d'accesso",
    "gettone di accesso",
    "id da sessão",
    "id de sesión",
    "id de session",
    "id sessione",
    "jeton d'acces",
    "jeton d'accès",
    "jeton d'api",
    "jeton de session",
    "klucz licencyjny",
    "licence key",
    "license key",
    "licensnyckel",
    "licentiesleutel",
    "lizenzschlüssel",
    "serial key",
    "session id",
    "sitzungs-id",
    "token d'accesso",
    "token d'accès",
    "token de acceso",
    "token de acesso",
    "token de sesión",
    "token di accesso",
    "лицензионный ключ",
    "ライセンスキー",
];
