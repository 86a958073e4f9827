"""Logic: syllogisms, people in a row, true and false, who lies, what comes next, what does not belong."""

from __future__ import annotations

from collections.abc import Callable
from itertools import pairwise, product

from thinkwell.training.tasks.comparison import rows_of
from thinkwell.training.tasks.made import Asked, Kind, Made, Talk
from thinkwell.training.tasks.phrases import logic as said
from thinkwell.training.tasks.sequences import factors, growing, odd_ones, steps_by
from thinkwell.training.tasks.words import EN_GENDERS, FR_GENDERS

NONSENSE = (
    "blip",
    "zork",
    "wug",
    "fep",
    "glorp",
    "mib",
    "norg",
    "plim",
    "tove",
    "vorp",
    "drell",
    "kib",
    "lorn",
    "snig",
    "trub",
)
# Each is one of the next: singular, plural.
EN_TRIPLES = (
    (("poodle", "poodles"), ("dog", "dogs"), ("mammal", "mammals")),
    (("baker", "bakers"), ("worker", "workers"), ("person", "people")),
    (("canary", "canaries"), ("bird", "birds"), ("animal", "animals")),
    (("violinist", "violinists"), ("musician", "musicians"), ("artist", "artists")),
    (("surgeon", "surgeons"), ("doctor", "doctors"), ("graduate", "graduates")),
    (("Parisian", "Parisians"), ("city dweller", "city dwellers"), ("voter", "voters")),
)
FR_TRIPLES = (
    (("caniche", "caniches"), ("chien", "chiens"), ("mammifère", "mammifères")),
    (("boulanger", "boulangers"), ("commerçant", "commerçants"), ("travailleur", "travailleurs")),
    (("canari", "canaris"), ("volatile", "volatiles"), ("vertébré", "vertébrés")),
    (("violoniste", "violonistes"), ("musicien", "musiciens"), ("artiste", "artistes")),
    (("chirurgien", "chirurgiens"), ("médecin", "médecins"), ("diplômé", "diplômés")),
    (("Breton", "Bretons"), ("Français", "Français"), ("voyageur", "voyageurs")),
)


def _kinds(talk: Talk) -> tuple[tuple[tuple[str, str], ...], bool]:
    """Three, each one of the next, and whether they are real."""
    if talk.random.random() < 0.7:
        return tuple((word, f"{word}s") for word in talk.random.sample(NONSENSE, 3)), False
    return talk.pick(talk.of(EN_TRIPLES, FR_TRIPLES)), True


def _one(talk: Talk, word: str) -> str:
    return talk.of("an " if word[0] in "aeio" else "a ", "un ") + word


def syllogisms(count: int) -> Kind:
    """``count`` premises that lead on, of which the last may say "no"."""

    def ask(talk: Talk) -> Asked:
        kinds, real = _kinds(talk)
        names = [n for n, woman in talk.of(EN_GENDERS, FR_GENDERS).items() if not woman]
        name = talk.pick(names)
        form = talk.pick(("yes", "yes", "yes" if real else "no", "not", "unknown"))
        first, last = kinds[0], kinds[count]
        told, steps = [], []
        for at in range(count):
            a, b = kinds[at], kinds[at + 1]
            none = form == "no" and at == count - 1
            every = (
                (f"No {a[0]} is {_one(talk, b[0])}.", f"Aucun {a[0]} n'est un {b[0]}.")
                if none
                else (f"All {a[1]} are {b[1]}.", f"Tous les {a[1]} sont des {b[1]}.")
            )
            told.append(talk.of(*every))
            not_one = talk.of(f"not {_one(talk, b[0])}", f"pas un {b[0]}")
            steps.append(f"{a[0]} -> {not_one if none else b[0]}")
        question = talk.of(f"Is {name} {_one(talk, last[0])}?", f"{name} est-il un {last[0]} ?")
        yes, no, unknown = talk.of(("Yes", "No", "Unknown"), ("Oui", "Non", "On ne sait pas"))
        if form in ("yes", "no"):
            told.append(talk.of(f"{name} is {_one(talk, first[0])}.", f"{name} est un {first[0]}."))
            steps.insert(0, f"{name} -> {first[0]}")
            answer = yes if form == "yes" else no
        elif form == "not":
            told.append(talk.of(f"{name} is not {_one(talk, last[0])}.", f"{name} n'est pas un {last[0]}."))
            question = talk.of(f"Is {name} {_one(talk, first[0])}?", f"{name} est-il un {first[0]} ?")
            steps.append(
                talk.of(
                    f"{_one(talk, first[0]).capitalize()} would be {_one(talk, last[0])}; {name} is not.",
                    f"Un {first[0]} serait un {last[0]} ; {name} ne l'est pas.",
                )
            )
            answer = no
        else:
            told.append(talk.of(f"{name} is {_one(talk, last[0])}.", f"{name} est un {last[0]}."))
            question = talk.of(f"Is {name} {_one(talk, first[0])}?", f"{name} est-il un {first[0]} ?")
            steps.append(
                talk.of(
                    f"{name} -> {last[0]}, but that does not lead back to {first[0]}.",
                    f"{name} -> {last[0]}, mais cela ne ramène pas à {first[0]}.",
                )
            )
            answer = unknown
        if talk.random.random() < 0.4:
            talk.random.shuffle(told)
        hint = talk.pick(
            talk.of(
                ("Yes, no or unknown?", "Answer yes, no or unknown.", "Can we know?", ""),
                (
                    "Oui, non ou on ne sait pas ?",
                    "Réponds par oui, non ou on ne sait pas.",
                    "Peut-on le savoir ?",
                    "",
                ),
            )
        )
        opening = talk.of(f"Does it follow? {question}", f"Peut-on le conclure ? {question}")
        prompt = " ".join([*told, question, *([hint] if hint else [])])
        return Asked(prompt, [opening, *steps], answer, "choice", {"options": [yes, no, unknown]})

    return ask


# before, after, the row as a whole; in English and French
ROWS = (
    (
        ("{a} finished before {b}.", "{b} finished after {a}."),
        ("{a} arrive avant {b}.", "{b} arrive après {a}."),
    ),
    (
        ("{a} is ahead of {b} in the line.", "{b} is behind {a} in the line."),
        ("Dans la file, {a} est devant {b}.", "Dans la file, {b} est derrière {a}."),
    ),
    (
        ("{a} sits to the left of {b}.", "{b} sits to the right of {a}."),
        ("{a} est à gauche de {b}.", "{b} est à droite de {a}."),
    ),
)
PLACES = (
    ("first", "second", "third", "fourth", "fifth"),
    ("en premier", "en deuxième", "en troisième", "en quatrième", "en cinquième"),
)
FROM_LEFT = (" from the left", " en partant de la gauche")


def rows(count: int) -> Kind:
    def ask(talk: Talk) -> Asked:
        kind = talk.random.randrange(len(ROWS))
        names = talk.random.sample(
            [n for n, woman in talk.of(EN_GENDERS, FR_GENDERS).items() if not woman], count
        )
        pairs = list(pairwise(names))
        talk.random.shuffle(pairs)
        before, after = talk.of(*ROWS[kind])
        told = [(before if talk.random.random() < 0.6 else after).format(a=a, b=b) for a, b in pairs]
        at = talk.random.randrange(count)
        place = talk.of(*PLACES)[at] + (talk.of(*FROM_LEFT) if kind == 2 else "")
        opening = talk.of(
            f"I put the {count} in a row and look for who is {place}.",
            f"Je range les {count} et je regarde qui est {place}.",
        )
        numbered = " ".join(f"{i} {name}" for i, name in enumerate(names, 1))
        lines = [opening, ", ".join(f"{a} > {b}" for a, b in pairs), *rows_of(pairs), numbered]
        prompt = f"{' '.join(told)} {talk.say(said.WHO, p=place, n=count)}"
        return Asked(prompt, lines, names[at], "choice", {"options": sorted(names)})

    return ask


def _claim(talk: Talk) -> tuple[str, str, bool, str]:
    """A small statement, its opposite, whether it holds, and what shows it."""
    true = talk.random.random() < 0.5
    kind = talk.random.randrange(3)
    if kind == 0:
        a, b = talk.random.randint(2, 20), talk.random.randint(2, 9)
        total = a + b if true else a + b + talk.pick((-2, -1, 1, 2))
        opposite = talk.of(f"{a} + {b} is not {total}", f"{a} + {b} ne fait pas {total}")
        return f"{a} + {b} = {total}", opposite, true, f"{a} + {b} = {a + b}"
    if kind == 1:
        low, high = sorted(talk.random.sample(range(1, 100), 2))
        more = talk.random.random() < 0.5
        left, right = (high, low) if more == true else (low, high)
        word = talk.of("greater" if more else "less", "plus grand" if more else "plus petit")
        opposite = talk.of(f"{left} is not {word} than {right}", f"{left} n'est pas {word} que {right}")
        shown = f"{left} {'<' if left < right else '>'} {right}"
        return f"{left} {'>' if more else '<'} {right}", opposite, true, shown
    n = talk.random.randint(2, 99)
    word = talk.of("even", "pair") if (n % 2 == 0) == true else talk.of("odd", "impair")
    shown = talk.of(f"{n} ends in {n % 10}", f"{n} finit par {n % 10}")
    return (
        talk.of(f"{n} is {word}", f"{n} est {word}"),
        talk.of(f"{n} is not {word}", f"{n} n'est pas {word}"),
        true,
        shown,
    )


def truths(count: int, negated: bool) -> Kind:
    """One word joins all parts, so that nobody needs to know which of two binds closer."""

    def ask(talk: Talk) -> Asked:
        yes, no = talk.of(("true", "false"), ("vrai", "faux"))
        texts, lines, values = [], [], []
        for _ in range(count):
            text, opposite, true, shown = _claim(talk)
            line = f"{shown}{talk.of(':', ' :')} {yes if true else no}"
            if negated and talk.random.random() < 0.4:
                text, true = opposite, not true
                line += f", {talk.of('not', 'non')} -> {yes if true else no}"
            texts.append(text)
            lines.append(line)
            values.append(true)
        both = talk.random.random() < 0.5
        word = talk.of("and" if both else "or", "et" if both else "ou")
        result = all(values) if both else any(values)
        if count > 1:
            lines.append(f"{f' {word} '.join(yes if it else no for it in values)} -> {yes if result else no}")
        opening = talk.of("I check each part.", "Je vérifie chaque partie.")
        if count == 1:
            opening = talk.of("I check it.", "Je vérifie.")
        statement = f" {word} ".join(texts)
        prompt = talk.say(said.TRUTH, s=statement, S=statement[0].upper() + statement[1:])
        return Asked(
            prompt, [opening, *lines], (yes if result else no).capitalize(), "choice", {"options": [yes, no]}
        )

    return ask


# What one of two may say, and when it holds: of (I am honest, the other is honest).
SAYINGS: tuple[tuple[tuple[str, str], Callable[[bool, bool], bool]], ...] = (
    (("{b} lies", "{b} ment"), lambda me, other: not other),
    (("{b} tells the truth", "{b} dit la vérité"), lambda me, other: other),
    (("we both lie", "nous mentons tous les deux"), lambda me, other: not me and not other),
    (("we both tell the truth", "nous disons tous les deux la vérité"), lambda me, other: me and other),
    (("at least one of us lies", "au moins un de nous deux ment"), lambda me, other: not (me and other)),
    (("exactly one of us lies", "un seul de nous deux ment"), lambda me, other: me != other),
)


def liars(talk: Talk) -> Asked:
    a, b = talk.random.sample([n for n, woman in talk.of(EN_GENDERS, FR_GENDERS).items() if not woman], 2)
    while True:
        (p, holds_p), (q, holds_q) = talk.pick(SAYINGS), talk.pick(SAYINGS)
        fits = [
            (x, y) for x, y in product((True, False), repeat=2) if holds_p(x, y) == x and holds_q(y, x) == y
        ]
        if len(fits) == 1:
            break
    honest, lies = talk.of(("honest", "lies"), ("honnête", "ment"))
    right, wrong = talk.of(("holds", "fails"), ("juste", "faux"))
    lines = [talk.of("I try each case until one fits.", "J'essaie chaque cas jusqu'à ce qu'un convienne.")]
    quote_a, quote_b = (talk.of(*it) for it in (p, q))
    for x, y in product((True, False), repeat=2):
        case = f"{a} {honest if x else lies}, {b} {honest if y else lies}{talk.of(':', ' :')} "
        said_a = f"{a} {right if holds_p(x, y) else wrong}"
        if holds_p(x, y) != x:
            lines.append(case + said_a + talk.of(", no", ", non"))
            continue
        said_b = f"{b} {right if holds_q(y, x) else wrong}"
        fit = holds_q(y, x) == y
        lines.append(f"{case}{said_a}, {said_b}, {talk.of('yes' if fit else 'no', 'oui' if fit else 'non')}")
        if fit:
            break
    both, nobody = talk.of(("Both", "Nobody"), ("Les deux", "Personne"))
    answer = {(True, True): nobody, (True, False): b, (False, True): a, (False, False): both}[fits[0]]
    quoted = {"p": f'"{quote_a.format(b=b)}"', "q": f'"{quote_b.format(b=a)}"'}
    if talk.fr:
        quoted = {name: f"« {text[1:-1]} »" for name, text in quoted.items()}
    options = [a, b, both, nobody]
    return Asked(talk.say(said.LIARS, A=a, B=b, **quoted), lines, answer, "choice", {"options": options})


LOGIC = Made(
    "logic",
    (syllogisms(1), rows(3), truths(1, negated=False), truths(2, negated=False), steps_by, odd_ones(4)),
    (syllogisms(2), rows(3), rows(4), truths(2, negated=True), steps_by, factors, odd_ones(5), liars),
    (syllogisms(2), rows(4), rows(5), truths(3, negated=True), growing, factors, odd_ones(5), liars),
)
