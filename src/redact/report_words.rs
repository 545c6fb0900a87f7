//! Pure. The words with which scripts report what they load, as data in many languages.

/// What a number before it counts: rows, files, users, seconds.
pub(crate) const COUNTED: &str = " \
    abgelaufen abgelaufene accounts apps archivos benutzer campos caracteres caractères cargadas \
    cargados champs characters chargée chargées chargés chars comptes created cuentas datei \
    dateien days deleted duplicates días encontradas entry entrée erreurs errores errors expired \
    exported exportiert failures fehler feld felder fetched fichiers field fields file files \
    found gb gefunden geladen gelesen gelöscht geschrieben gespeichert geändert go h heures horas \
    hours importadas imported importiert importées inserted item items jours kb keys ko konten \
    leídas leídos line loaded lues lus línea mb min minuten minutes mo ms of orphans page pages \
    percent procesadas processed prozent páginas read registro rejected s sec secondes seconds \
    segundos seite seiten sekunden skipped std stored stunden stück tabellen tablas table tables \
    tage tagen tasks tb traitées trouvées updated user users usuarios utenti utilisateurs values \
    verarbeitet von warnings werte zeichen übersprungen ";

/// Words for rows of a table, which follow no password.
pub(crate) const ROWS: &str = " \
    datensatz datensätze eintrag einträge enregistrement enregistrements entradas entries entrées \
    fila filas ligne lignes lineas lines linhas líneas rader record records regels registros \
    righe rijen rivit row rows satz sätze wierszy zeile zeilen řádků ";

/// First words of a report on a table.
pub(crate) const PROGRESS: &str = " \
    abgeschlossen aktualisiert archivo beendet cargada cargadas cargado cargados cargando \
    chargement chargé chargée chargées chargés complete completed concatenated created datei done \
    dropped démarré eliminada eliminado enregistré enregistrée erstellt exported exportiert fertig \
    fetched fichier file finished found gefunden geladen gelesen gelöscht geschrieben gespeichert \
    gestartet guardada guardado ignoré ignorée importada importado imported importiert importé \
    importée iniciado joined lade lecture lese leyendo leídas leído leídos listo loaded loading lu \
    lues lus mapped ok omitida omitido procesada procesado processed read reading refreshed \
    reloaded renamed saved skipped speichere start started stored storing supprimé supprimée \
    tabelle tabla table terminada terminado terminé terminée traité traitée verarbeitet verbunden \
    verworfen written wrote übersprungen ";

/// Words behind the first one of a report, before a file or a table.
pub(crate) const SOURCES: &str =
    " a als as aus con dans de depuis desde du en from hasta in into mit nach to vers von with ";

/// Words before a comparison of two variables.
pub(crate) const BRANCHES: &str = " and elseif if not or unless until when while ";
