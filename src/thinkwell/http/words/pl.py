"""Polish: the words of the plain page."""

WORDS: dict[str, str] = {
    "composer.notice": "To rozmowa z AI. Może się mylić: sprawdzaj to, co ważne.",
    "composer.label": "Twoje pytanie",
    "action.send": "Wyślij",
    "action.stop": "Zatrzymaj",
    "action.answerNow": "Odpowiedz teraz",
    "welcome.title": "Nad czym się zastanowimy?",
    "turn.you": "Pytanie",
    "turn.site": "Odpowiedź",
    "nav.new": "Nowa rozmowa",
    "nav.label": "Rozmowy",
    "nav.untitled": "Bez tytułu",
    "turn.place": "Miejsce w kolejce: {position} z {waiting}",
    "turn.placeHint": (
        "Odpowiedź zacznie się sama. Możesz zamknąć tę stronę: odpowiedź zostanie zachowana i "
        "będzie tu po powrocie."
    ),
    "turn.engineStarting": (
        "Model się uruchamia. Pytanie jest zachowane; odpowiedź zacznie się, gdy tylko model będzie gotowy."
    ),
    "turn.engineDown": (
        "Model się zatrzymał i jest uruchamiany ponownie. Pytanie jest zachowane; jeśli to potrwa, damy znać."
    ),
    "turn.reading": "Czytanie pytania…",
    "turn.atLimit": "Odpowiedź osiągnęła największą dozwoloną długość.",
    "turn.stopped": "Tu zatrzymano.",
    "turn.stoppedByOperator": "Operator serwisu zatrzymał odpowiedź.",
    "turn.stoppedByReader": "Zatrzymano, bo nikt już nie czytał.",
    "turn.interrupted": "Serwis przerwał pracę w trakcie odpowiedzi; oto, co zdążył napisać.",
    "turn.nothing": "Nie napisano odpowiedzi.",
    "line.starts": "Początek za około {time}",
    "line.soon": "Lada chwila",
    "line.most": "{start}; 9\u00a0na\u00a010 zaczyna się najdalej za {time}",
    "line.goesOn": "Ciąg dalszy za około {time}",
    "line.lighter": "Wcześniej weszły osoby, które wykorzystały mniej.",
    "line.cameBack": "Jedna z maszyn uległa awarii; odpowiedzi, które pisała, mają pierwszeństwo.",
    "line.paused": "Przerwa ze względu na innych.",
    "thought.busy": "Krótki namysł: w serwisie jest duży ruch.",
    "thought.lengthened": "Namysł trwa dalej, zgodnie z prośbą.",
    "receipt.ended.person": "na twoją prośbę",
    "receipt.ended.load": "wcześniej, ze względu na innych",
    "receipt.row.thought": "Namysł",
    "receipt.row.ended": "Koniec namysłu",
    "time.seconds": "{seconds} s",
    "time.minutes": "{minutes} min {seconds} s",
    "receipt.label": "Rachunek",
    "receipt.question": "pytanie {count}",
    "receipt.questionCached": "pytanie {count} (z pamięci {cached})",
    "receipt.thought": "namysł {count}",
    "receipt.answer": "odpowiedź {count}",
    "receipt.rate": "{rate} tokenów/s",
    "receipt.waited": "w kolejce {time}",
    "receipt.row.total": "Razem",
    "error.not_found": "Tego już tu nie ma albo należy do kogoś innego.",
    "error.conflict": "Trwa tu inna czynność. Spróbuj ponownie za chwilę.",
    "error.too_large": "To za długie dla tego serwisu.",
    "error.context_length_exceeded": (
        "Rozmowa jest dłuższa, niż model może przeczytać. Zacznij nową albo zadaj krótsze pytanie."
    ),
    "error.line_full": "Kolejka jest teraz pełna. Spróbuj ponownie za jakiś czas.",
    "error.engine_unavailable": "Model się uruchamia albo jest nieosiągalny. Spróbuj ponownie za chwilę.",
    "error.engine_refused": "Model nie przyjął tego pytania.",
    "error.engine_broken": "Model przerwał pracę. Spróbuj ponownie.",
    "error.engine_stalled": "Model zamilkł. Spróbuj ponownie.",
    "error.storage_full": "W serwisie brakuje miejsca na rozmowy. Operator musi je zwolnić.",
    "error.storage_unavailable": "Serwis nie może teraz zapisywać rozmów. Spróbuj ponownie za chwilę.",
    "error.interrupted": "Serwis przerwał pracę w trakcie odpowiedzi. Spróbuj ponownie.",
    "error.other": "Coś poszło nie tak. Spróbuj ponownie.",
    "plain.title": "Bez JavaScriptu",
    "plain.lead": "To prosta wersja strony: nie wymaga skryptów i działa w każdej przeglądarce.",
    "plain.full": "Pełna strona, z JavaScriptem",
    "plain.recent": "Twoje rozmowy",
    "plain.more": "Pytaj dalej",
    "plain.languages": "Języki",
    "plain.back": "Wstecz",
    "plain.leftOut": "Rozmowa jest długa: tym razem jej najstarsze wiadomości zostały pominięte.",
    "plain.running": "Ta odpowiedź jeszcze powstaje. Wczytaj stronę ponownie, aby czytać dalej.",
    "plain.empty": "Pytanie jest puste.",
    "plain.stale": "Ten formularz jest zbyt stary albo pochodzi z innej strony. Zadaj pytanie tutaj.",
    "plain.share": (
        "Wiele osób zadaje teraz pytania. Tutaj dzielisz jedną część maszyny ze wszystkimi w swojej sieci: "
        "odpowiedź przyjdzie, być może później niż na pełnej stronie."
    ),
    "plain.price": "cena {amount}",
    "plain.free": "bezpłatnie",
    "plain.energy": "energia {amount}",
    "plain.energyGuess": "energia około {amount}",
    "plain.behind": "po innych, bo przydział był wyczerpany",
    "error.forbidden": "To nie jest tu dozwolone, więc nic nie zrobiono.",
    "error.blocked": "Operator serwisu nie przyjmuje stąd pytań.",
    "error.over_quota": "Przydział jest na razie wyczerpany. Zapytaj później.",
    "error.too_many_at_once": (
        "Czeka już więcej twoich pytań, niż serwis przyjmuje naraz. Poczekaj najpierw na odpowiedź."
    ),
    "receipt.ended.budget": "przy wybranej długości",
    "receipt.ended.site": "na granicy dozwolonej w serwisie",
    "line.withinQuota": "Wcześniej weszły osoby, które nie wyczerpały przydziału.",
    "line.behind": "Przydział jest wyczerpany, więc inni mają pierwszeństwo.",
    "line.behindUntil": "Przydział jest wyczerpany, więc inni mają pierwszeństwo. Odnowienie: {when}.",
    "error.too_many_tries": "Zbyt wiele nieudanych prób. Odczekaj chwilę przed następną.",
    "error.wrong_sign_in": "Nazwa, hasło lub klucz dostępu się nie zgadza. Spróbuj ponownie.",
    "error.name_taken": "Ta nazwa jest już zajęta. Wybierz inną.",
    "error.link_used": "Ten link został już użyty albo jest zbyt stary. Poproś o nowy.",
    "error.not_signed_in": "To wymaga konta. Najpierw się zaloguj.",
    "error.budget_spent": "Budżet tego klucza jest wyczerpany. Właściciel może go zwiększyć.",
    "error.out_of_scope": "Ten klucz nie ma do tego uprawnień.",
    "error.proof_refused": (
        "Obliczenie przeglądarki nie zostało przyjęte. Nic nie przepadło; miejsce pozostaje zachowane."
    ),
    "error.log_expired": "Przebieg tej odpowiedzi nie jest już przechowywany. Wczytaj stronę ponownie.",
    "error.againAt": "{problem} Ponownie możliwe: {when}.",
    "error.sign_in_over": "To logowanie wygasło albo zaczęto je w innej przeglądarce. Zacznij od nowa.",
    "error.provider_unavailable": (
        "Logowanie twojej organizacji jest nieosiągalne. Spróbuj ponownie za chwilę."
    ),
    "error.provider_broken": (
        "Logowanie twojej organizacji dało nieprawidłową odpowiedź. Niczego nie zmieniono; powiadom jego "
        "operatora."
    ),
}
