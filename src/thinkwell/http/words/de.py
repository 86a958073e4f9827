"""German: the words of the plain page."""

WORDS: dict[str, str] = {
    "composer.notice": "Sie sprechen mit einer KI. Sie kann sich irren: Prüfen Sie, was wichtig ist.",
    "composer.label": "Ihre Frage",
    "action.send": "Senden",
    "action.stop": "Stoppen",
    "action.answerNow": "Jetzt antworten",
    "welcome.title": "Worüber denken wir nach?",
    "turn.you": "Ihre Frage",
    "turn.site": "Antwort",
    "nav.new": "Neues Gespräch",
    "nav.label": "Gespräche",
    "nav.untitled": "Ohne Titel",
    "turn.place": "Sie sind Nummer {position} von {waiting} in der Warteschlange",
    "turn.placeHint": (
        "Die Antwort beginnt von selbst. Sie können diese Seite schließen: Die Antwort wird gespeichert "
        "und ist da, wenn Sie wiederkommen."
    ),
    "turn.engineStarting": (
        "Das Modell startet. Ihre Frage ist vorgemerkt und wird beantwortet, sobald es bereit ist."
    ),
    "turn.engineDown": (
        "Das Modell ist ausgefallen und wird neu gestartet. Ihre Frage ist vorgemerkt; falls es lange "
        "dauert, erfahren Sie es hier."
    ),
    "turn.reading": "Frage wird gelesen\u00a0…",
    "turn.atLimit": "Die Antwort hat ihre Höchstlänge erreicht.",
    "turn.stopped": "Hier gestoppt.",
    "turn.stoppedByOperator": "Der Betreiber dieser Website hat die Antwort gestoppt.",
    "turn.stoppedByReader": "Gestoppt, weil niemand mehr mitlas.",
    "turn.interrupted": "Die Website wurde während der Antwort beendet; so weit war sie gekommen.",
    "turn.nothing": "Es wurde keine Antwort geschrieben.",
    "line.starts": "Beginnt in etwa {time}",
    "line.soon": "Gleich geht es los",
    "line.most": "{start}; 9\u00a0von\u00a010 beginnen innerhalb von {time}",
    "line.goesOn": "Geht in etwa {time} weiter",
    "line.lighter": "Andere, die weniger genutzt haben, kamen dazwischen.",
    "line.cameBack": "Ein Rechner ist ausgefallen; die Antworten, die er gerade schrieb, kommen zuerst.",
    "line.paused": "Pause für andere.",
    "thought.busy": "Kurze Überlegung: Gerade ist viel los.",
    "thought.lengthened": "Die Überlegung geht weiter, wie gewünscht.",
    "receipt.ended.person": "von Ihnen",
    "receipt.ended.load": "vorzeitig, für andere",
    "receipt.row.thought": "Überlegung",
    "receipt.row.ended": "Überlegung beendet",
    "time.seconds": "{seconds} s",
    "time.minutes": "{minutes} min {seconds} s",
    "receipt.label": "Beleg",
    "receipt.question": "Frage {count}",
    "receipt.questionCached": "Frage {count} (davon {cached} im Cache)",
    "receipt.thought": "Überlegung {count}",
    "receipt.answer": "Antwort {count}",
    "receipt.rate": "{rate} Token/s",
    "receipt.waited": "{time} gewartet",
    "receipt.row.total": "Insgesamt",
    "error.not_found": "Das gibt es hier nicht mehr, oder es gehört nicht Ihnen.",
    "error.conflict": "Hier läuft gerade etwas anderes. Versuchen Sie es gleich noch einmal.",
    "error.too_large": "Das ist zu lang für diese Website.",
    "error.context_length_exceeded": (
        "Das Gespräch ist länger, als das Modell lesen kann. Beginnen Sie ein neues oder fragen Sie kürzer."
    ),
    "error.line_full": "Die Warteschlange ist gerade voll. Versuchen Sie es in Kürze noch einmal.",
    "error.engine_unavailable": (
        "Das Modell startet oder ist nicht erreichbar. Versuchen Sie es gleich noch einmal."
    ),
    "error.engine_refused": "Das Modell hat diese Frage nicht angenommen.",
    "error.engine_broken": "Das Modell hat abgebrochen. Versuchen Sie es erneut.",
    "error.engine_stalled": "Das Modell antwortet nicht mehr. Versuchen Sie es erneut.",
    "error.storage_full": (
        "Auf der Website ist kein Platz mehr für Gespräche. Der Betreiber muss Platz schaffen."
    ),
    "error.storage_unavailable": (
        "Die Website kann Gespräche gerade nicht speichern. Versuchen Sie es gleich noch einmal."
    ),
    "error.interrupted": "Die Website wurde während der Antwort beendet. Versuchen Sie es erneut.",
    "error.other": "Etwas ist schiefgegangen. Versuchen Sie es erneut.",
    "plain.title": "Ohne JavaScript",
    "plain.lead": "Das ist der einfache Zugang: Er braucht kein Skript und funktioniert in jedem Browser.",
    "plain.full": "Die vollständige Seite, mit JavaScript",
    "plain.recent": "Ihre Gespräche",
    "plain.more": "Weiter fragen",
    "plain.languages": "Sprachen",
    "plain.back": "Zurück",
    "plain.leftOut": "Das Gespräch ist lang: Seine ältesten Nachrichten wurden diesmal nicht gelesen.",
    "plain.running": "Diese Antwort wird noch geschrieben. Laden Sie die Seite neu, um weiterzulesen.",
    "plain.empty": "Die Frage ist leer.",
    "plain.stale": (
        "Dieses Formular ist zu alt oder kam von einer anderen Seite. Fragen Sie hier noch einmal."
    ),
    "plain.share": (
        "Gerade fragen viele. Hier teilen Sie sich einen Teil des Rechners mit allen in Ihrem Netzwerk: "
        "Sie bekommen eine Antwort, vielleicht später als auf der vollständigen Seite."
    ),
    "plain.price": "Preis {amount}",
    "plain.free": "kostenlos",
    "plain.energy": "Energie {amount}",
    "plain.energyGuess": "Energie etwa {amount}",
    "plain.behind": "nach den anderen, da das Kontingent aufgebraucht war",
    "error.forbidden": "Das ist hier nicht erlaubt; es wurde nichts getan.",
    "error.blocked": "Der Betreiber dieser Website nimmt von hier keine Fragen an.",
    "error.over_quota": "Ihr Kontingent ist vorerst aufgebraucht. Fragen Sie später wieder.",
    "error.too_many_at_once": "Es warten schon zu viele Ihrer Fragen. Warten Sie zuerst eine Antwort ab.",
    "receipt.ended.budget": "bei der von Ihnen gewählten Länge",
    "receipt.ended.site": "bei der zulässigen Höchstlänge",
    "line.withinQuota": "Andere, deren Kontingent noch reicht, kamen dazwischen.",
    "line.behind": "Ihr Kontingent ist aufgebraucht, deshalb kommen die anderen zuerst.",
    "line.behindUntil": (
        "Ihr Kontingent ist aufgebraucht, deshalb kommen die anderen zuerst. Es erneuert sich: {when}."
    ),
    "error.too_many_tries": "Zu viele Versuche sind fehlgeschlagen. Warten Sie etwas bis zum nächsten.",
    "error.wrong_sign_in": "Name, Passwort oder Passkey stimmt nicht. Versuchen Sie es erneut.",
    "error.name_taken": "Dieser Name ist schon vergeben. Wählen Sie einen anderen.",
    "error.link_used": "Dieser Link wurde schon benutzt oder ist zu alt. Bitten Sie um einen neuen.",
    "error.not_signed_in": "Das ist Mitgliedern vorbehalten. Melden Sie sich zuerst an.",
    "error.budget_spent": (
        "Das Budget dieses Schlüssels ist aufgebraucht. Wem der Schlüssel gehört, kann es erhöhen."
    ),
    "error.out_of_scope": "Dieser Schlüssel ist dazu nicht berechtigt.",
    "error.proof_refused": (
        "Die Berechnung Ihres Browsers wurde nicht angenommen. Nichts ist verloren; Sie behalten Ihren Platz."
    ),
    "error.log_expired": "Der Verlauf dieser Antwort ist nicht mehr gespeichert. Laden Sie die Seite neu.",
    "error.againAt": "{problem} Wieder möglich: {when}.",
    "error.sign_in_over": (
        "Diese Anmeldung ist abgelaufen oder wurde in einem anderen Browser begonnen. Beginnen Sie neu."
    ),
    "error.provider_unavailable": (
        "Die Anmeldung Ihrer Organisation ist nicht erreichbar. Versuchen Sie es gleich noch einmal."
    ),
    "error.provider_broken": (
        "Die Anmeldung Ihrer Organisation gab eine ungültige Antwort. Nichts wurde geändert; informieren "
        "Sie deren Betreiber."
    ),
}
