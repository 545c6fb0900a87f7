//! Pure. Words that contain a word for a secret and name something else, as data.

/// Words, and pairs of parts of a name, that are no secret: `bypass`, `PassThrough`, `KeyFigure`.
pub(crate) const NEVER: &str = " \
    alpenpass alpinepass appass apwd backstagepass bandpass boardingpass brennerpass bypass compass \
    credentialsuser credentialuser daypass dirtysecret dreipass encompass exitpass faehrpass \
    familysecret firstpass forwardpass fährpass geheimakte geheimakten geheimbund geheimdienst \
    geheimdienste geheimfach geheimgang geheimhaltung geheimrat geheimrezept geheimsache \
    geheimsprache geheimstufe geheimtipp geheimtipps gotthardpass highpass impfpass jahrespass \
    keypassage lowpass midpass monatspass motcle motclé motscle motsclé mountainpass multipass \
    onepass opensecret overpass palabraclave palabrasclave palavraschave parkingpass parolachiave \
    parolechiave passaccuracy passamt passanteil passback passband passbild passbook passbooks \
    passby passcatcher passcompletion passcriteria passcriterion passfahrt passfail passfailed \
    passfilter passflag passfoto passgenau passgrade passgrades passheight passhoehe passholder \
    passholders passhöhe passindicator passinhaber passkontrolle passline passmark passmarks passno \
    passnummer passons passover passpct passpercent passpercentage passphoto passprobability \
    passquote passrating passratio passresult passresults passroad passroute passrush passscore \
    passscores passstelle passstrasse passstraße passthreshold passthrough passthru passturn \
    passwordless passworthinweis passyards passyear passzahl pinanzahl pinball pinboard pinboards \
    pinchart pincolor pincolour pincouleur pincount pincushion pindiagram pindrop pinfarbe pinhead \
    pinhole pinicon pinlayout pinmap pinmaps pinmur pinnadel pinnut pinout pinpad pinpoint \
    pinpoints pinsize pinstripe pinstyle pintablero pintail pinterest pinup pinwall pinwalls \
    pinwand pinwheel reisepass saisonpass seasonpass secondpass secretadmirer secretagent \
    secretagents secretballot secretgarden secrethideout secretingredient secretingredients \
    secretisland secretlake secretlevel secretmeeting secretmenu secretobancario secretocomercial \
    secretoprofesional secretpassage secretpolice secretrecipe secretrecipes secretsanta \
    secretsauce secretshopper secretshoppers secretsociety secretvalley secretweapon \
    segretobancario segretoprofessionale singlepass skipass surpass swimpass tagespass thirdpass \
    ticketsystem tickettool tradesecret trespass twopass underpass wanderpass worstsecret zweipass ";
