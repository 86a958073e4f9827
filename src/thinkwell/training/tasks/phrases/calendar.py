"""Dates and clock times in words: how people ask about them, and how a thought begins. Data only."""

from __future__ import annotations

from thinkwell.training.tasks.phrases import Phrases

LATER = Phrases(
    en=(
        "Today is {d}. What day of the week is it in {n} days?",
        "If today is {d}, what day will it be in {n} days?",
        "What weekday is {n} days after {d}?",
        "It is {d}. Which day is it {n} days from now?",
        "What day of the week comes {n} days after a {d}?",
        "{d} plus {n} days: which weekday?",
        "My parcel was sent on {d} and takes {n} days. On what weekday does it arrive?",
        "Which day is {n} days after {d}?",
    ),
    fr=(
        "Aujourd'hui, c'est {d}. Quel jour de la semaine serons-nous dans {n} jours ?",
        "Si nous sommes {d}, quel jour serons-nous dans {n} jours ?",
        "Quel jour de la semaine vient {n} jours après {d} ?",
        "On est {d}. Quel jour sera-t-on dans {n} jours ?",
        "Nous sommes {d}. Quel jour serons-nous {n} jours plus tard ?",
        "{d} plus {n} jours, ça donne quel jour ?",
        "Mon colis est parti {d} et met {n} jours. Quel jour de la semaine arrive-t-il ?",
        "Quel jour tombe {n} jours après {d} ?",
    ),
)
EARLIER = Phrases(
    en=(
        "Today is {d}. What day of the week was it {n} days ago?",
        "If today is {d}, what day was it {n} days ago?",
        "What weekday was {n} days before {d}?",
        "Which day comes {n} days before {d}?",
        "It is {d}. Which day was it {n} days earlier?",
        "{d} minus {n} days: which weekday?",
        "What day of the week is {n} days before a {d}?",
        "I came back on {d} after {n} days away. On which weekday did I leave?",
    ),
    fr=(
        "Aujourd'hui, c'est {d}. Quel jour était-ce il y a {n} jours ?",
        "Si nous sommes {d}, quel jour était-ce il y a {n} jours ?",
        "Quel jour de la semaine vient {n} jours avant {d} ?",
        "On est {d}. Quel jour était-on il y a {n} jours ?",
        "{d} moins {n} jours, ça donne quel jour ?",
        "Quel jour tombe {n} jours avant {d} ?",
        "Je suis rentré {d} après {n} jours d'absence. Quel jour de la semaine suis-je parti ?",
        "Nous sommes {d}. Quel jour étions-nous {n} jours plus tôt ?",
    ),
)
SMALL_STEP = Phrases(
    en=("I count {n} days from {d}.", "From {d}, {n} days:"),
    fr=("Je compte {n} jours à partir de {d}.", "Depuis {d}, {n} jours :"),
)
WEEKS = Phrases(
    en=("7 days lead to the same weekday, so I need {n} modulo 7.", "Whole weeks change nothing: {n} by 7."),
    fr=(
        "7 jours ramènent au même jour, donc il faut {n} modulo 7.",
        "Les semaines entières ne comptent pas : {n} par 7.",
    ),
)
BETWEEN = Phrases(
    en=(
        "How many days are there from {a} to {b}?",
        "How many days are between {a} and {b}?",
        "How many days is it from {a} until {b}?",
        "From {a} to {b}, how many days is that?",
        "Today is {a}. How many days until {b}?",
        "How many days after {a} is {b}?",
        "Count the days from {a} to {b}.",
        "My holiday starts on {b}. It is {a} now. How many days do I have to wait?",
    ),
    fr=(
        "Combien de jours y a-t-il du {a} au {b} ?",
        "Combien de jours séparent le {a} du {b} ?",
        "Du {a} au {b}, ça fait combien de jours ?",
        "Nous sommes le {a}. Combien de jours jusqu'au {b} ?",
        "Combien de jours après le {a} tombe le {b} ?",
        "Compte les jours du {a} au {b}.",
        "Mes vacances commencent le {b}. On est le {a}. Combien de jours dois-je attendre ?",
        "Combien de jours entre le {a} et le {b} ?",
    ),
)
BETWEEN_THOUGHT = Phrases(
    en=("I go month by month from {a} to {b}.", "Days left in the first month, then on to {b}."),
    fr=("Je vais mois par mois du {a} au {b}.", "Les jours qui restent du premier mois, puis jusqu'au {b}."),
)
YEARS_THOUGHT = Phrases(
    en=("From {a} to {b}: whole years first, then the rest.", "Whole years first, then on to {b}."),
    fr=(
        "Du {a} au {b} : d'abord les années entières, puis le reste.",
        "Les années entières, puis jusqu'au {b}.",
    ),
)
SAME_MONTH = Phrases(
    en=("Both are in the same month.", "One month, so I subtract the days."),
    fr=("Les deux sont dans le même mois.", "Un seul mois, donc je soustrais les jours."),
)
DATE_AFTER = Phrases(
    en=(
        "What date is {n} days after {a}?",
        "Which date is it {n} days after {a}?",
        "Today is {a}. What is the date in {n} days?",
        "If I start on {a}, what date is it after {n} days?",
        "{a} plus {n} days is which date?",
        "A visa from {a} is valid for {n} days. On which date does it end?",
        "What is the date {n} days from {a}?",
        "The library book is due {n} days after {a}. Which date is that?",
    ),
    fr=(
        "Quelle date vient {n} jours après le {a} ?",
        "Nous sommes le {a}. Quelle sera la date dans {n} jours ?",
        "Quelle date sera-t-on {n} jours après le {a} ?",
        "Le {a} plus {n} jours, ça donne quelle date ?",
        "Si je commence le {a}, à quelle date serai-je {n} jours plus tard ?",
        "Le livre est à rendre {n} jours après le {a}. Quelle date est-ce ?",
        "Quel jour tombe {n} jours après le {a} (jour et mois) ?",
        "Un billet pris le {a} vaut {n} jours. À quelle date expire-t-il ?",
    ),
)
DATE_THOUGHT = Phrases(
    en=("I add {n} days to {a} and watch the end of the month.", "From {a}, {n} days on."),
    fr=("J'ajoute {n} jours au {a} en surveillant la fin du mois.", "À partir du {a}, {n} jours de plus."),
)
PLUS = Phrases(
    en=(
        "It is {t}. What time is it in {d}?",
        "What time is it {d} after {t}?",
        "A film starts at {t} and lasts {d}. When does it end?",
        "The train leaves at {t} and takes {d}. When does it arrive?",
        "If it's {t} now, what time will it be in {d}?",
        "I start at {t} and work for {d}. When am I done?",
        "Add {d} to {t}.",
        "{t} plus {d}?",
    ),
    fr=(
        "Il est {t}. Quelle heure sera-t-il dans {d} ?",
        "Quelle heure sera-t-il {d} après {t} ?",
        "Un film commence à {t} et dure {d}. À quelle heure finit-il ?",
        "Le train part à {t} et met {d}. À quelle heure arrive-t-il ?",
        "S'il est {t}, quelle heure sera-t-il dans {d} ?",
        "Je commence à {t} et je travaille {d}. À quelle heure ai-je fini ?",
        "Ajoute {d} à {t}.",
        "{t} plus {d} ?",
    ),
)
PLUS_THOUGHT = Phrases(
    en=("I add {d} to {t}: minutes first.", "{t} and {d} more."),
    fr=("J'ajoute {d} à {t} : les minutes d'abord.", "{t}, et {d} de plus."),
)
LASTS = Phrases(
    en=(
        "How long is it from {t} to {u}?",
        "How much time passes between {t} and {u}?",
        "A film starts at {t} and ends at {u}. How long is it?",
        "The shop is open from {t} to {u}. How long is that?",
        "I left at {t} and arrived at {u}. How long did it take?",
        "From {t} until {u}, how many hours and minutes?",
        "How long does a meeting last that goes from {t} to {u}?",
        "{t} to {u}: how long?",
    ),
    fr=(
        "Combien de temps y a-t-il de {t} à {u} ?",
        "Combien de temps passe entre {t} et {u} ?",
        "Un film commence à {t} et finit à {u}. Combien de temps dure-t-il ?",
        "Le magasin est ouvert de {t} à {u}. Cela fait combien de temps ?",
        "Je suis parti à {t} et arrivé à {u}. Combien de temps a duré le trajet ?",
        "De {t} à {u}, combien d'heures et de minutes ?",
        "Combien de temps dure une réunion de {t} à {u} ?",
        "Quelle durée entre {t} et {u} ?",
    ),
)
LASTS_THOUGHT = Phrases(
    en=("I go from {t} to the next full hour, then on to {u}.",),
    fr=("Je vais de {t} à l'heure pleine suivante, puis jusqu'à {u}.",),
)
LEAP = Phrases(
    en=(
        "Is {y} a leap year?",
        "Was {y} a leap year or not?",
        "Is the year {y} a leap year?",
        "{y}: leap year, yes or no?",
        "Does {y} have 366 days?",
        "Does February have 29 days in {y}?",
        "Tell me if {y} is a leap year.",
        "Can you check whether {y} is a leap year?",
    ),
    fr=(
        "{y} est-elle une année bissextile ?",
        "Est-ce que {y} est une année bissextile ?",
        "L'année {y} est-elle bissextile ?",
        "{y} : année bissextile, oui ou non ?",
        "L'année {y} a-t-elle 366 jours ?",
        "Février a-t-il 29 jours en {y} ?",
        "Dis-moi si {y} est bissextile.",
        "Peux-tu vérifier si {y} est une année bissextile ?",
    ),
)
