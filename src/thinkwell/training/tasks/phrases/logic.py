"""Riddles in words: how people ask them. Data only."""

from __future__ import annotations

from thinkwell.training.tasks.phrases import Phrases

WHO = Phrases(
    en=("Who is {p}?", "Who comes {p}?", "So who is {p} of the {n}?", "Which of them is {p}?"),
    fr=("Qui est {p} ?", "Qui vient {p} ?", "Alors, qui est {p} sur les {n} ?", "Lequel est {p} ?"),
)
TRUTH = Phrases(
    en=(
        "True or false: {s}?",
        "Is this true or false? {S}.",
        'Is the statement "{s}" true or false?',
        "{S}. True or false?",
        "Decide whether this is true or false: {s}.",
        "Is it true or false that {s}?",
        "Tell me if this is true or false: {s}.",
        "What is the truth value (true or false) of: {s}?",
    ),
    fr=(
        "Vrai ou faux : {s} ?",
        "Est-ce vrai ou faux ? {S}.",
        "La phrase « {s} » est-elle vraie ou fausse ? Réponds vrai ou faux.",
        "{S}. Vrai ou faux ?",
        "Dis si c'est vrai ou faux : {s}.",
        "C'est vrai ou faux ? {S}.",
        "Réponds par vrai ou faux : {s}.",
        "Vrai ou faux, à ton avis : {s} ?",
    ),
)
LIARS = Phrases(
    en=(
        "{A} and {B} each always lie or always tell the truth. {A} says: {p}. {B} says: {q}. Who lies?",
        "Of {A} and {B}, each always tells the truth or always lies. {A}: {p}. {B}: {q}. Who is lying?",
        "On an island people always lie or never lie. {A} says {p}, {B} says {q}. Which of the two lies?",
        "A riddle: {A} says {p}. {B} says {q}. Each of them always lies or never does. Who lies?",
    ),
    fr=(
        "{A} et {B} mentent toujours ou disent toujours la vérité. {A} dit : {p}. {B} dit : {q}. Qui ment ?",
        "Chacun, {A} comme {B}, ment toujours ou jamais. {A} : {p}. {B} : {q}. Qui ment ?",
        "Sur une île, chacun ment toujours ou jamais. {A} dit : {p}. {B} dit : {q}. Lequel des deux ment ?",
        "Une énigme : {A} dit : {p}. {B} dit : {q}. Chacun ment toujours ou jamais. Qui ment ?",
    ),
)
NEXT = Phrases(
    en=(
        "What comes next: {l}, ...?",
        "What is the next number: {l}?",
        "Which number follows {l}?",
        "Continue the sequence: {l}, ?",
        "Find the next number in the sequence {l}.",
        "{l}, ? What is the missing number?",
        "what number comes after {l}?",
        "The sequence goes {l}. What is next?",
    ),
    fr=(
        "Quel est le nombre suivant : {l}, ... ?",
        "Quel nombre vient après {l} ?",
        "Continue la suite : {l}, ?",
        "Trouve le nombre suivant de la suite {l}.",
        "{l}, ? Quel nombre manque-t-il ?",
        "La suite est {l}. Quel est le prochain nombre ?",
        "Quel nombre suit {l} ?",
        "Complète la suite : {l}, ...",
    ),
)
ODD = Phrases(
    en=(
        "Which number does not belong: {l}?",
        "Which is the odd one out: {l}?",
        "Find the number that doesn't fit: {l}.",
        "One of these numbers does not fit: {l}. Which one?",
        "Odd one out? {l}",
        "Which of these is different from the others: {l}?",
        "{l}: which number is the odd one out?",
        "Which number in {l} breaks the rule?",
    ),
    fr=(
        "Quel est l'intrus : {l} ?",
        "Trouve l'intrus : {l}.",
        "Quel nombre ne va pas avec les autres : {l} ?",
        "Un de ces nombres est un intrus : {l}. Lequel ?",
        "Cherche l'intrus parmi {l}.",
        "Lequel de ces nombres est différent des autres : {l} ?",
        "{l} : quel est l'intrus ?",
        "Quel nombre de {l} ne suit pas la règle ?",
    ),
)
