"""Italian: the words of the plain page."""

WORDS: dict[str, str] = {
    "composer.notice": "Sta parlando con un’IA. Può sbagliare: verifichi ciò che conta.",
    "composer.label": "La sua domanda",
    "action.send": "Invia",
    "action.stop": "Interrompi",
    "action.answerNow": "Rispondi ora",
    "welcome.title": "Su che cosa ragioniamo?",
    "turn.you": "La sua domanda",
    "turn.site": "Risposta",
    "nav.new": "Nuova conversazione",
    "nav.label": "Conversazioni",
    "nav.untitled": "Senza titolo",
    "turn.place": "Il suo posto in coda: {position} di {waiting}",
    "turn.placeHint": (
        "La risposta comincerà da sola. Può chiudere questa pagina: la risposta viene conservata e sarà "
        "qui al suo ritorno."
    ),
    "turn.engineStarting": (
        "Il modello si sta avviando. La sua domanda è conservata e avrà risposta appena sarà pronto."
    ),
    "turn.engineDown": (
        "Il modello si è fermato e viene riavviato. La sua domanda è conservata; se ci vorrà molto, la "
        "avviseremo."
    ),
    "turn.reading": "Lettura della domanda…",
    "turn.atLimit": "La risposta ha raggiunto la lunghezza massima.",
    "turn.stopped": "Interrotta qui.",
    "turn.stoppedByOperator": "Il gestore del sito ha interrotto la risposta.",
    "turn.stoppedByReader": "Interrotta, perché nessuno la leggeva più.",
    "turn.interrupted": "Il sito si è fermato durante la risposta; questo è quanto è stato detto.",
    "turn.nothing": "Non è stata scritta alcuna risposta.",
    "line.starts": "Inizia tra circa {time}",
    "line.soon": "Da un momento all’altro",
    "line.most": "{start}; 9 su 10 iniziano entro {time}",
    "line.goesOn": "Riprende tra circa {time}",
    "line.lighter": "Sono passate prima persone che hanno usato meno il sito.",
    "line.cameBack": "Una macchina si è guastata; le risposte che stava scrivendo hanno la precedenza.",
    "line.paused": "In pausa per gli altri.",
    "thought.busy": "Ragionamento breve: il sito è molto richiesto.",
    "thought.lengthened": "Il ragionamento continua, come richiesto.",
    "receipt.ended.person": "su sua richiesta",
    "receipt.ended.load": "in anticipo, per gli altri",
    "receipt.row.thought": "Ragionamento",
    "receipt.row.ended": "Fine del ragionamento",
    "time.seconds": "{seconds} s",
    "time.minutes": "{minutes} min {seconds} s",
    "receipt.label": "Ricevuta",
    "receipt.question": "domanda {count}",
    "receipt.questionCached": "domanda {count} (di cui {cached} in cache)",
    "receipt.thought": "ragionamento {count}",
    "receipt.answer": "risposta {count}",
    "receipt.rate": "{rate} token/s",
    "receipt.waited": "attesa {time}",
    "receipt.row.total": "In tutto",
    "error.not_found": "Non è più qui, oppure non è suo.",
    "error.conflict": "È occupato con altro. Riprovi tra un momento.",
    "error.too_large": "È troppo lungo per questo sito.",
    "error.context_length_exceeded": (
        "La conversazione è più lunga di quanto il modello possa leggere. Ne inizi una nuova o faccia una "
        "domanda più breve."
    ),
    "error.line_full": "La coda al momento è piena. Riprovi tra un po’.",
    "error.engine_unavailable": "Il modello si sta avviando o non è raggiungibile. Riprovi tra un momento.",
    "error.engine_refused": "Il modello non ha accettato questa domanda.",
    "error.engine_broken": "Il modello si è interrotto. Riprovi.",
    "error.engine_stalled": "Il modello non risponde più. Riprovi.",
    "error.storage_full": (
        "Il sito non ha più spazio per conservare le conversazioni. Il gestore deve liberarne."
    ),
    "error.storage_unavailable": (
        "Al momento il sito non può conservare le conversazioni. Riprovi tra un momento."
    ),
    "error.interrupted": "Il sito si è fermato durante la risposta. Riprovi.",
    "error.other": "Qualcosa è andato storto. Riprovi.",
    "plain.title": "Senza JavaScript",
    "plain.lead": "Questo è l’accesso semplice: non richiede script e funziona in ogni browser.",
    "plain.full": "La pagina completa, con JavaScript",
    "plain.recent": "Le sue conversazioni",
    "plain.more": "Continui a chiedere",
    "plain.languages": "Lingue",
    "plain.back": "Indietro",
    "plain.leftOut": "La conversazione è lunga: questa volta i messaggi più vecchi non sono stati letti.",
    "plain.running": "Questa risposta è ancora in corso. Ricarichi la pagina per leggere il seguito.",
    "plain.empty": "La domanda è vuota.",
    "plain.stale": "Questo modulo è troppo vecchio, oppure viene da un’altra pagina. Ripeta qui la domanda.",
    "plain.share": (
        "In questo momento molte persone fanno domande. Qui condivide una parte della macchina con tutta la "
        "sua rete: la risposta arriverà, forse più tardi che nella pagina completa."
    ),
    "plain.price": "prezzo {amount}",
    "plain.free": "gratuito",
    "plain.energy": "energia {amount}",
    "plain.energyGuess": "energia circa {amount}",
    "plain.behind": "dopo gli altri, perché la quota era esaurita",
    "error.forbidden": "Qui non è consentito: non è stato fatto nulla.",
    "error.blocked": "Il gestore di questo sito non accetta domande da qui.",
    "error.over_quota": "Per ora la sua quota è esaurita. Riprovi più tardi.",
    "error.too_many_at_once": (
        "Ha in attesa più domande di quante il sito ne accetti insieme. Attenda prima una risposta."
    ),
    "receipt.ended.budget": "alla durata scelta da lei",
    "receipt.ended.site": "al massimo consentito dal sito",
    "line.withinQuota": "Sono passate prima persone che non hanno esaurito la quota.",
    "line.behind": "La sua quota è esaurita: gli altri passano prima.",
    "line.behindUntil": "La sua quota è esaurita: gli altri passano prima. Rinnovo: {when}.",
    "error.too_many_tries": "Troppi tentativi non riusciti. Attenda un po’ prima del prossimo.",
    "error.wrong_sign_in": "Il nome, la password o la passkey non corrisponde. Riprovi.",
    "error.name_taken": "Questo nome è già in uso. Ne scelga un altro.",
    "error.link_used": "Questo link è già stato usato o è troppo vecchio. Ne chieda uno nuovo.",
    "error.not_signed_in": "È riservato ai membri. Prima effettui l’accesso.",
    "error.budget_spent": "Il budget di questa chiave è esaurito. Chi la possiede può aumentarlo.",
    "error.out_of_scope": "Questa chiave non è autorizzata a farlo.",
    "error.proof_refused": (
        "Il calcolo del suo browser non è stato accettato. Nulla è perduto; il suo posto resta suo."
    ),
    "error.log_expired": "Lo svolgimento di questa risposta non è più conservato. Ricarichi la pagina.",
    "error.againAt": "{problem} Di nuovo possibile: {when}.",
    "error.sign_in_over": "Questo accesso è scaduto, oppure è iniziato in un altro browser. Lo ricominci.",
    "error.provider_unavailable": (
        "L’accesso della sua organizzazione non è raggiungibile. Riprovi tra un momento."
    ),
    "error.provider_broken": (
        "L’accesso della sua organizzazione ha dato una risposta non valida. Nulla è cambiato; avvisi chi lo "
        "gestisce."
    ),
}
