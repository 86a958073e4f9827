"""The numbers game, as TinyZero and people ask it. Data only."""

from __future__ import annotations

from thinkwell.training.tasks.phrases import Phrases

ASK = Phrases(
    en=(
        "Using the numbers [{l}], create an equation that equals {t}. You can use basic arithmetic "
        "operations "
        "(+, -, *, /) and each number can only be used once.",
        "Using the numbers {l}, make {t}. Use each number exactly once, with + - * /.",
        "Make {t} from {l}. Each number once, with +, -, * and /.",
        "How can I get {t} from the numbers {l}? Each number must be used once.",
        "Countdown: numbers {l}, target {t}.",
        "Use {l} and the operations + - * / to reach {t}. Every number is used once.",
        "Find an equation with {l} that equals {t}, each number used once.",
        "Combine {l} with + - * / so that the result is {t}. Use all of them, each once.",
    ),
    fr=(
        "Avec les nombres [{l}], écris un calcul qui vaut {t}. Tu peux utiliser +, -, * et /, et chaque "
        "nombre une "
        "seule fois.",
        "Avec les nombres {l}, obtiens {t}. Utilise chaque nombre exactement une fois, avec + - * /.",
        "Fais {t} avec {l}. Chaque nombre une fois, avec +, -, * et /.",
        "Comment obtenir {t} avec les nombres {l} ? Chaque nombre doit servir une fois.",
        "Le compte est bon : nombres {l}, cible {t}.",
        "Utilise {l} et les opérations + - * / pour atteindre {t}. Chaque nombre sert une fois.",
        "Trouve un calcul avec {l} qui donne {t}, chaque nombre une seule fois.",
        "Combine {l} avec + - * / pour que le résultat soit {t}. Utilise-les tous, une fois chacun.",
    ),
)
THOUGHT = Phrases(
    en=("I need {t} from {l}.", "{l} shall make {t}.", "Let me make {t} from {l}."),
    fr=("Il me faut {t} avec {l}.", "Je dois faire {t} avec {l}.", "Je cherche {t} avec {l}."),
)
