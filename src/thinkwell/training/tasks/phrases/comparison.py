"""Comparing in words: how people ask which is more, and how a thought begins. Data only."""

from __future__ import annotations

from thinkwell.training.tasks.phrases import Phrases

LARGER = Phrases(
    en=(
        "Which is larger, {a} or {b}?",
        "Which is bigger: {a} or {b}?",
        "What is greater, {a} or {b}?",
        "{a} or {b}, which one is bigger?",
        "which number is larger {a} or {b}?",
        "Which of {a} and {b} is greater?",
        "Is {a} or {b} the larger number?",
        "Compare {a} and {b}. Which is larger?",
    ),
    fr=(
        "Quel est le plus grand, {a} ou {b} ?",
        "Lequel est le plus grand : {a} ou {b} ?",
        "{a} ou {b}, lequel est le plus grand ?",
        "Quel nombre est le plus grand, {a} ou {b} ?",
        "Entre {a} et {b}, quel est le plus grand ?",
        "Compare {a} et {b}. Lequel est le plus grand ?",
        "Qu'est-ce qui est plus grand, {a} ou {b} ?",
        "Dis-moi quel nombre est le plus grand : {a} ou {b}.",
    ),
)
SMALLER = Phrases(
    en=(
        "Which is smaller, {a} or {b}?",
        "Which is less: {a} or {b}?",
        "{a} or {b}, which one is smaller?",
        "Which number is smaller, {a} or {b}?",
        "Which of {a} and {b} is less?",
        "Is {a} or {b} the smaller number?",
        "Compare {a} and {b}. Which is smaller?",
        "What is the lower number, {a} or {b}?",
    ),
    fr=(
        "Quel est le plus petit, {a} ou {b} ?",
        "Lequel est le plus petit : {a} ou {b} ?",
        "{a} ou {b}, lequel est le plus petit ?",
        "Quel nombre est le plus petit, {a} ou {b} ?",
        "Entre {a} et {b}, quel est le plus petit ?",
        "Compare {a} et {b}. Lequel est le plus petit ?",
        "Qu'est-ce qui est plus petit, {a} ou {b} ?",
        "Dis-moi quel nombre est le plus petit : {a} ou {b}.",
    ),
)
BIGGEST = Phrases(
    en=("I look for the larger of {a} and {b}.", "{a} or {b}: which is more?"),
    fr=("Je cherche le plus grand entre {a} et {b}.", "{a} ou {b} : lequel vaut plus ?"),
)
SMALLEST = Phrases(
    en=("I look for the smaller of {a} and {b}.", "{a} or {b}: which is less?"),
    fr=("Je cherche le plus petit entre {a} et {b}.", "{a} ou {b} : lequel vaut moins ?"),
)
ORDER = Phrases(
    en=(
        "Put these numbers in order from {x} to {y}: {l}.",
        "Sort these numbers from {x} to {y}: {l}",
        "Order {l} from {x} to {y}.",
        "Sort {l}, {x} first.",
        "Arrange {l} from {x} to {y}.",
        "Write {l} in order, {x} first.",
        "What is the order of {l} from {x} to {y}?",
        "Rank the numbers {l} from {x} to {y}.",
    ),
    fr=(
        "Range ces nombres du {x} au {y} : {l}.",
        "Trie ces nombres du {x} au {y} : {l}",
        "Classe {l} du {x} au {y}.",
        "Mets dans l'ordre, du {x} au {y} : {l}.",
        "Ordonne ces nombres du {x} au {y} : {l}.",
        "Peux-tu ranger {l} du {x} au {y} ?",
        "Écris {l} dans l'ordre, le {x} d'abord.",
        "Quel est l'ordre de {l}, du {x} au {y} ?",
    ),
)
ORDER_THOUGHT = Phrases(
    en=("I take the {x} each time.", "Each time the {x} of what is left:"),
    fr=("Je prends chaque fois le {x}.", "Chaque fois le {x} de ceux qui restent :"),
)
