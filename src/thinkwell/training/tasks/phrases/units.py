"""Units in words: how people ask for a conversion, and how a thought begins. Data only."""

from __future__ import annotations

from thinkwell.training.tasks.phrases import Phrases

CONVERT = Phrases(
    en=(
        "How many {to} are {x} {of}?",
        "How many {to} is {x} {of}?",
        "Convert {x} {of} to {to}.",
        "Convert {x} {of} into {to}.",
        "What is {x} {of} in {to}?",
        "{x} {of} in {to}?",
        "{x} {of} = how many {to}?",
        "How much is {x} {of} in {to}?",
        "Write {x} {of} in {to}.",
        "How many {to} do {x} {of} make?",
    ),
    fr=(
        "Convertis {x} {of} en {to}.",
        "Combien font {x} {of} en {to} ?",
        "{x} {of} en {to} ?",
        "{x} {of} = combien de {to} ?",
        "Combien valent {x} {of} en {to} ?",
        "Donne {x} {of} en {to}.",
        "Peux-tu convertir {x} {of} en {to} ?",
        "Ça fait combien en {to}, {x} {of} ?",
        "Exprime {x} {of} en {to}.",
        "Que donnent {x} {of} en {to} ?",
    ),
)
DOWN = Phrases(
    en=("1 {big} is {n} {small}, so I multiply {x} by {n}.", "There are {n} {small} in 1 {big}."),
    fr=("1 {big} fait {n} {small}, donc je multiplie {x} par {n}.", "Il y a {n} {small} dans 1 {big}."),
)
UP = Phrases(
    en=("{n} {small} are 1 {big}, so I divide {x} by {n}.", "1 {big} has {n} {small}: I divide."),
    fr=(
        "{n} {small} font 1 {big}, donc je divise {x} par {n}.",
        "Dans 1 {big} il y a {n} {small} : je divise.",
    ),
)
MIXED = Phrases(
    en=(
        "How many minutes are {h} hours and {m} minutes?",
        "Convert {h} h {m} min to minutes.",
        "How many minutes is {h} h {m}?",
        "A film lasts {h} hours and {m} minutes. How many minutes is that?",
        "What is {h} hours {m} minutes in minutes?",
        "{h} h {m} min in minutes?",
        "The trip took {h} h {m} min. How many minutes in all?",
        "Write {h} hours and {m} minutes as minutes.",
    ),
    fr=(
        "Combien de minutes y a-t-il dans {h} heures et {m} minutes ?",
        "Convertis {h} h {m} min en minutes.",
        "Combien de minutes font {h} h {m} ?",
        "Un film dure {h} heures et {m} minutes. Combien de minutes cela fait-il ?",
        "{h} h {m} min en minutes ?",
        "Le trajet a duré {h} h {m} min. Combien de minutes en tout ?",
        "Écris {h} heures et {m} minutes en minutes.",
        "Ça fait combien de minutes, {h} heures {m} ?",
    ),
)
MIXED_THOUGHT = Phrases(
    en=("Each hour has 60 minutes, and {m} more.", "{h} hours in minutes, then {m} minutes more."),
    fr=("Chaque heure a 60 minutes, plus {m}.", "Les {h} heures en minutes, puis {m} minutes de plus."),
)
SPLIT = Phrases(
    en=(
        "How many hours and minutes are {x} minutes?",
        "Convert {x} minutes to hours and minutes.",
        "What is {x} min in hours and minutes?",
        "{x} minutes in hours and minutes?",
        "A film lasts {x} minutes. How long is that in hours and minutes?",
        "Write {x} minutes as hours and minutes.",
        "I waited {x} minutes. How much is that in hours and minutes?",
        "How long is {x} min in h and min?",
    ),
    fr=(
        "Combien d'heures et de minutes font {x} minutes ?",
        "Convertis {x} minutes en heures et minutes.",
        "Combien font {x} min en heures et minutes ?",
        "{x} minutes en heures et minutes ?",
        "Un film dure {x} minutes. Combien d'heures et de minutes cela fait-il ?",
        "Écris {x} minutes en heures et minutes.",
        "J'ai attendu {x} minutes. Ça fait combien en heures et minutes ?",
        "Que donnent {x} min en h et min ?",
    ),
)
SPLIT_THOUGHT = Phrases(
    en=("How many times 60 in {x}, and what is left?", "I take whole hours of 60 minutes out of {x}."),
    fr=("Combien de fois 60 dans {x}, et que reste-t-il ?", "Je retire des heures de 60 minutes de {x}."),
)
HEAT = Phrases(
    en=(
        "What is {x} °{a} in {b}?",
        "Convert {x} °{a} to {b}.",
        "How much is {x} degrees {A} in {b}?",
        "It is {x} °{a} outside. What is that in {b}?",
        "{x} °{a} in {b}?",
        "What is {x} degrees {A} in degrees {b}?",
        "Turn {x} °{a} into {b}.",
        "How warm is {x} °{a} in {b}?",
    ),
    fr=(
        "Combien font {x} °{a} en {b} ?",
        "Convertis {x} °{a} en {b}.",
        "Combien font {x} degrés {A} en {b} ?",
        "Il fait {x} °{a} dehors. Combien est-ce en {b} ?",
        "{x} °{a} en {b} ?",
        "Que donnent {x} degrés {A} en degrés {b} ?",
        "Peux-tu convertir {x} °{a} en {b} ?",
        "Ça fait combien en {b}, {x} °{a} ?",
    ),
)
SPEED = Phrases(
    en=(
        "How far does a car go in {t} at {v} km/h?",
        "A train runs at {v} km/h. How many kilometres does it cover in {t}?",
        "I drive at {v} km/h for {t}. How many km is that?",
        "At {v} km/h, what distance do you cover in {t}?",
        "A bus goes {v} km/h. How far is it after {t}?",
        "What distance is {t} at {v} km/h?",
        "If I go {v} km/h for {t}, how far do I get?",
        "How many kilometres in {t} at {v} km/h?",
    ),
    fr=(
        "Quelle distance parcourt une voiture en {t} à {v} km/h ?",
        "Un train roule à {v} km/h. Combien de kilomètres parcourt-il en {t} ?",
        "Je roule à {v} km/h pendant {t}. Combien de km cela fait-il ?",
        "À {v} km/h, quelle distance parcourt-on en {t} ?",
        "Un bus roule à {v} km/h. Quelle distance fait-il en {t} ?",
        "Si je roule à {v} km/h pendant {t}, quelle distance je fais ?",
        "Combien de kilomètres en {t} à {v} km/h ?",
        "Quelle distance font {t} à {v} km/h ?",
    ),
)
PACE = Phrases(
    en=(
        "Convert {x} {a} to {b}.",
        "What is {x} {a} in {b}?",
        "{x} {a} in {b}?",
        "How many {b} is {x} {a}?",
        "How fast is {x} {a} in {b}?",
        "A runner goes {x} {a}. What is that in {b}?",
        "Write {x} {a} in {b}.",
        "The wind blows at {x} {a}. How much is that in {b}?",
    ),
    fr=(
        "Convertis {x} {a} en {b}.",
        "Combien font {x} {a} en {b} ?",
        "{x} {a} en {b} ?",
        "Exprime {x} {a} en {b}.",
        "Le vent souffle à {x} {a}. Combien est-ce en {b} ?",
        "Un coureur va à {x} {a}. Quelle est sa vitesse en {b} ?",
        "Que donnent {x} {a} en {b} ?",
        "Ça fait combien en {b}, {x} {a} ?",
    ),
)
MONEY = Phrases(
    en=(
        "How many cents are ${x}?",
        "Convert ${x} to cents.",
        "What is ${x} in cents?",
        "I have ${x}. How many cents is that?",
        "How many cents do I need to pay ${x}?",
        "{x} dollars in cents?",
        "{x} euros are how many cents?",
        "A book costs {x} euros. How much is that in cents?",
    ),
    fr=(
        "Combien de centimes font {x} € ?",
        "Convertis {x} € en centimes.",
        "Combien font {x} euros en centimes ?",
        "J'ai {x} €. Combien de centimes cela fait-il ?",
        "{x} euros en centimes ?",
        "Un livre coûte {x} €. Combien est-ce en centimes ?",
        "Combien de centimes faut-il pour payer {x} € ?",
        "Ça fait combien de centimes, {x} euros ?",
    ),
)
