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

/// Words of a sentence that says that a secret was refused.
pub(crate) const REFUSED: &str = " wrong incorrect invalid expired rejected refused denied revoked bad mismatch mismatched unauthorized locked disabled stale leaked compromised \
    falsch falsches ungültig ungültiges abgelaufen abgelehnt gesperrt widerrufen verweigert fehlerhaft inkorrekt stimmt \
    incorrecte invalide expiré expirée erroné erronée refusé refusée faux fausse périmé rejeté rejetée révoqué \
    incorrecta incorrecto inválida inválido caducada caducado errónea erróneo rechazada vencida expirada expirado caducó expiró \
    errata errato sbagliata sbagliato scaduta scaduto rifiutata invalida invalido \
    incorreta incorreto errada errado expirou recusada rejeitada \
    onjuist onjuiste ongeldig ongeldige verlopen fout foute verkeerd geweigerd afgewezen \
    fel felaktigt felaktig ogiltigt ogiltig utgånget utgången feil ugyldig utløpt forkert udløbet afvist avvist nekad \
    väärä virheellinen vanhentunut hylätty vale aegunud kehtetu \
    nieprawidłowe nieprawidłowy błędne błędny niepoprawne niepoprawny wygasło wygasł odrzucone odrzucony nieważne \
    nesprávné nesprávne neplatné chybné vypršelo vypršalo odmítnuto \
    helytelen hibás érvénytelen lejárt rossz elutasítva \
    greșită incorectă expirată invalidă gresita respinsă \
    pogrešna pogrešno netočna neispravna nevažeća istekla napačno neveljavno poteklo \
    nepareiza nederīga neteisingas negaliojantis baigėsi beidzies beigusies \
    неверный неверен неправильный истёк истек истекла недействителен недействительный неверна отклонён отклонен просрочен устарел \
    невірний неправильний недійсний грешна невалидна изтекла погрешна истекла \
    yanlış hatalı geçersiz λάθος λανθασμένος λανθασμένη άκυρος έληξε salah sai mali okerra gabim vigane ";

/// Words that refuse a secret where a negation is before them.
pub(crate) const ACCEPTED: &str = " valid correct accepted right working works recognized recognised matching allowed known \
    gültig korrekt richtig akzeptiert valide accepté correcte válida válido correcta correcto aceptada aceptado valida valido corretta corretto \
    accettata correta correto aceita geldig juist correct giltigt giltig gyldig rigtigt riktig godkänt prawidłowe poprawne ważne správné platné \
    верный правильный действителен принят верен подходит stimmt ";

/// Words of a negation.
pub(crate) const NEGATIONS: &str = " not no non nicht n'est pas não não nie ne не ikke inte niet ei nem nu isn't wasn't doesn't nije neni není nav nėra değil ";

/// Words between a secret and what is said of it.
pub(crate) const AUXILIARIES: &str = " is was has have had been be are were being seems appears already now does did just \
    ist war wurde ist hat sei bereits est a été était es está ha sido fue era è stata stato era foi é está estava \
    werd wordt heeft är har blev er var on oli jest był został zostało jest je byl bylo este a fost är ir yra е есть был было az ";

/// Words that say that somebody gave a password, not what it is.
pub(crate) const GIVEN: &str = " saisi saisie fourni fournie entré introduit renseigné indiqué introducida ingresada proporcionada informada digitada fornecida \
    inserita fornita immessa podane wpisane wprowadzone zadané ingevoerde ingevoerd opgegeven angivet angett inmatade oppgitt indtastet syötetty annettu \
    введён введен указан введенный указанный eingegebene eingegebenes angegebene angegebenes megadott introdusă girilen \
    encryption database manager vault recovery login logon access wizard screen window service server client sync change update hashing column user \
    verschlüsselung verwaltung serveur base fichier politique servidor archivo fichero política archivio base baza файл политика ";

/// Words between a secret and the word for it: `use X as the password`.
pub(crate) const AS: &str = " as als comme como come jako som som как kui kao ca ";

/// Words before a secret that is used as a password.
pub(crate) const USES: &str = " use used using uses try tried enter entered set sent with mit verwende benutze nutze nimm utilisez utiliser utilise avec use usa usar utilice utilizar \
    con com inserisci gebruik met użyj z använd med brug bruk käytä použijte folosiți használja используйте kullan ";

/// Words between `as` and the name.
pub(crate) const ARTICLES: &str = " the a an your my its our new old sa initial temporary current admin mot de votre le la el una il das dein ihr neues het een nytt ditt din nowe hasła \
    качестве нового db service default first ";

/// Words that may have a number behind a password: `Password Hash2`.
pub(crate) const NUMBERED: &str =
    " hash salt sheet spalte feld tabelle step schritt page user app task node db col row zeile ";

/// Things that have a key which is no secret: `clave de producto`.
pub(crate) const THINGS: &str = " producto productos producte articulo artículo cliente clientes pedido orden registro búsqueda busqueda tabla campo columna región region \
    prodotto articolo ordine ricerca tabella campo colonna produit article commande recherche table champ colonne ligne lecture produto artigo linha \
    ordenación ordenacion tri ordinamento ordenação partición idioma país material centro empresa продукта товара заказа таблицы produktu tabeli zamówienia ";

/// Words behind a password that say where it belongs, so that they are no part of it.
pub(crate) const PLACES: &str = " host server database db dsn port client user uid login system sysnr lang table field error code line row at in on url via target \
    benutzer rechner datenbank tabelle feld zeile fehler serveur hôte utilisateur base servidor usuario base utente failed failure group order limit where \
    retry retries attempt attempts version app task node ";

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
    "llave de acceso",
    "llave de api",
    "llave secreta",
    "clau d'accés",
    "clau d'api",
    "clau secreta",
    "frase segreta",
    "frase secreta",
    "palabra secreta",
    "parola segreta",
    "security answer",
    "secret answer",
    "antwort auf die sicherheitsfrage",
    "réponse secrète",
    "respuesta secreta",
    "risposta segreta",
    "resposta secreta",
    "facal-faire",
    "focal-faire",
    "facal faire",
    "ger-kuzh",
    "kata kunci",
    "neno la siri",
    "ფრაზა",
    "parol so'z",
    "нууц үг",
    "ពាក្យសម្ងាត់",
    "ລະຫັດຜ່ານ",
    "စကားဝှက်",
    "পাসকোড",
    "የይለፍ ቃል",
    "lykilorð",
    "aðgangsorð",
    "p/w",
    "p.w.",
    "ｐａｓｓｗｏｒｄ",
    "ｐａｓｓｗｄ",
    "ｐｗｄ",
    "ｔｏｋｅｎ",
    "ｓｅｃｒｅｔ",
    "p a s s w o r d",
    "p a s s w o r t",
    "k e n n w o r t",
    "p a s s w d",
    "p w d",
    "s e c r e t",
];

/// Names of several words whose value decides, as in [`crate::redact::words::WEAK`].
pub(crate) const WEAK_PHRASES: &[&str] = &[
    "session id",
    "sitzungs-id",
    "id de session",
    "id de sesión",
    "id sessione",
    "id da sessão",
    "license key",
    "licence key",
    "lizenzschlüssel",
    "clé de licence",
    "clave de licencia",
    "chave de licença",
    "chiave di licenza",
    "licentiesleutel",
    "licensnyckel",
    "klucz licencyjny",
    "лицензионный ключ",
    "ライセンスキー",
    "serial key",
];
