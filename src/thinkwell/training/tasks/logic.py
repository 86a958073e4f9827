"""Logic: syllogisms, people in a row, true and false, who lies, what comes next, what does not belong."""

from __future__ import annotations

from itertools import product

from thinkwell.training.tasks.comparison import rows_of
from thinkwell.training.tasks.made import Asked, Kind, Made, Phrases, Talk
from thinkwell.training.tasks.traces import digits
from thinkwell.training.tasks.words import EN_GENDERS, FR_GENDERS

NONSENSE = tuple("blip zork wug fep glorp mib norg plim tove vorp drell kib lorn snig trub".split())
# Each is one of the next: singular, plural.
EN_TRIPLES = (
    (("poodle", "poodles"), ("dog", "dogs"), ("mammal", "mammals")),
    (("tulip", "tulips"), ("flower", "flowers"), ("plant", "plants")),
    (("salmon", "salmon"), ("fish", "fish"), ("swimmer", "swimmers")),
    (("baker", "bakers"), ("worker", "workers"), ("person", "people")),
    (("violin", "violins"), ("string instrument", "string instruments"), ("instrument", "instruments")),
    (("square", "squares"), ("rectangle", "rectangles"), ("shape", "shapes")),
)
FR_TRIPLES = (
    (("caniche", "caniches"), ("chien", "chiens"), ("mammifère", "mammifères")),
    (("boulanger", "boulangers"), ("commerçant", "commerçants"), ("travailleur", "travailleurs")),
    (("saumon", "saumons"), ("poisson", "poissons"), ("nageur", "nageurs")),
    (("violon", "violons"), ("instrument", "instruments"), ("objet", "objets")),
    (("carré", "carrés"), ("rectangle", "rectangles"), ("dessin", "dessins")),
    (("pigeon", "pigeons"), ("volatile", "volatiles"), ("vertébré", "vertébrés")),
)


def _kinds(talk: Talk) -> tuple[tuple[str, str], ...]:
    if talk.random.random() < 0.7:
        return tuple((word, f"{word}s") for word in talk.random.sample(NONSENSE, 3))
    return talk.pick(talk.of(EN_TRIPLES, FR_TRIPLES))


def _one(talk: Talk, word: str) -> str:
    return talk.of("an " if word[0] in "aeiou" else "a ", "un ") + word


def syllogisms(count: int) -> Kind:
    """``count`` premises that lead on, of which the last may say "no"."""

    def ask(talk: Talk) -> Asked:
        kinds = _kinds(talk)[: count + 1] if count < 3 else _kinds(talk)
        names = [n for n, woman in talk.of(EN_GENDERS, FR_GENDERS).items() if not woman]
        name = talk.pick(names)
        form = talk.pick(("yes", "yes", "no", "not", "unknown"))
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
                ("Oui, non ou on ne sait pas ?", "Réponds par oui, non ou on ne sait pas.", "Peut-on le savoir ?", ""),
            )
        )
        opening = talk.of(f"Does it follow? {question}", f"Est-ce que cela suit ? {question}")
        prompt = " ".join([*told, question, *([hint] if hint else [])])
        return Asked(prompt, [opening, *steps], answer, "choice", {"options": [yes, no, unknown]})

    return ask


# before, after, the row as a whole; in English and French
ROWS = (
    (("{a} finished before {b}.", "{b} finished after {a}."), ("{a} arrive avant {b}.", "{b} arrive après {a}.")),
    (("{a} is ahead of {b} in the line.", "{b} is behind {a} in the line."), ("Dans la file, {a} est devant {b}.", "Dans la file, {b} est derrière {a}.")),
    (("{a} sits to the left of {b}.", "{b} sits to the right of {a}."), ("{a} est à gauche de {b}.", "{b} est à droite de {a}.")),
)  # fmt: skip
PLACES = (
    ("first", "second", "third", "fourth", "fifth"),
    ("en premier", "en deuxième", "en troisième", "en quatrième", "en cinquième"),
)
WHO = Phrases(
    en=("Who is {p}?", "Who comes {p}?", "So who is {p} of the {n}?", "Which of them is {p}?"),
    fr=("Qui est {p} ?", "Qui vient {p} ?", "Alors, qui est {p} sur les {n} ?", "Lequel est {p} ?"),
)
FROM_LEFT = (" from the left", " en partant de la gauche")


def rows(count: int) -> Kind:
    def ask(talk: Talk) -> Asked:
        kind = talk.random.randrange(len(ROWS))
        names = talk.random.sample([n for n, woman in talk.of(EN_GENDERS, FR_GENDERS).items() if not woman], count)
        pairs = list(zip(names, names[1:], strict=False))
        talk.random.shuffle(pairs)
        before, after = talk.of(*ROWS[kind])
        told = [(before if talk.random.random() < 0.6 else after).format(a=a, b=b) for a, b in pairs]
        at = talk.random.randrange(count)
        place = talk.of(*PLACES)[at] + (talk.of(*FROM_LEFT) if kind == 2 else "")
        opening = talk.of(f"I put the {count} in a row and look who is {place}.", f"Je range les {count} et je regarde qui est {place}.")
        numbered = " ".join(f"{i} {name}" for i, name in enumerate(names, 1))
        lines = [opening, ", ".join(f"{a} > {b}" for a, b in pairs), *rows_of(pairs), numbered]
        prompt = f"{' '.join(told)} {talk.say(WHO, p=place, n=count)}"
        return Asked(prompt, lines, names[at], "choice", {"options": sorted(names)})

    return ask


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


def _claim(talk: Talk) -> tuple[str, bool, str]:
    """A small statement, whether it holds, and what shows it."""
    true = talk.random.random() < 0.5
    kind = talk.random.randrange(3)
    a, b = talk.random.randint(2, 20), talk.random.randint(2, 9)
    if kind == 0:
        said = a + b if true else a + b + talk.pick((-2, -1, 1, 2))
        return f"{a} + {b} = {said}", true, f"{a} + {b} = {a + b}"
    if kind == 1:
        a, b = talk.random.sample(range(1, 100), 2)
        low, high = sorted((a, b))
        said_sign = talk.pick("<>")
        left, right = (low, high) if (said_sign == "<") == true else (high, low)
        return f"{left} {said_sign} {right}", true, f"{left} {'<' if left < right else '>'} {right}"
    n = talk.random.randint(2, 99)
    even = n % 2 == 0
    says_even = even == true
    word = talk.of("even" if says_even else "odd", "pair" if says_even else "impair")
    shown = talk.of(f"{n} ends in {n % 10}", f"{n} finit par {n % 10}")
    return talk.of(f"{n} is {word}", f"{n} est {word}"), true, shown


def truths(count: int, negated: bool) -> Kind:
    def ask(talk: Talk) -> Asked:
        yes, no = talk.of(("true", "false"), ("vrai", "faux"))
        said, lines, values = [], [], []
        for _ in range(count):
            text, true, shown = _claim(talk)
            line = f"{shown}{talk.of(':', ' :')} {yes if true else no}"
            if negated and talk.random.random() < 0.5:
                text = talk.of(f"it is not true that {text}", f"il n'est pas vrai que {text}")
                true = not true
                line += f", {talk.of('not', 'non')} -> {yes if true else no}"
            said.append(text)
            lines.append(line)
            values.append(true)
        result, statement = values[0], said[0]
        for value, text in zip(values[1:], said[1:], strict=True):
            both = talk.random.random() < 0.5
            word = talk.of("and" if both else "or", "et" if both else "ou")
            after = (result and value) if both else (result or value)
            left, right = (yes if it else no for it in (result, value))
            lines.append(f"{left} {word} {right} -> {yes if after else no}")
            result, statement = after, f"{statement} {word} {text}"
        opening = talk.of("I check each part.", "Je vérifie chaque partie.") if count > 1 else talk.of("I check it.", "Je vérifie.")
        prompt = talk.say(TRUTH, s=statement, S=statement[0].upper() + statement[1:])
        answer = (yes if result else no).capitalize()
        return Asked(prompt, [opening, *lines], answer, "choice", {"options": [yes, no]})

    return ask


# What one of two may say, and when it holds: of (I am honest, the other is honest).
SAYINGS = (
    (("{b} lies", "{b} ment"), lambda me, other: not other),
    (("{b} tells the truth", "{b} dit la vérité"), lambda me, other: other),
    (("we both lie", "nous mentons tous les deux"), lambda me, other: not me and not other),
    (("we both tell the truth", "nous disons tous les deux la vérité"), lambda me, other: me and other),
    (("at least one of us lies", "au moins un de nous deux ment"), lambda me, other: not (me and other)),
    (("exactly one of us lies", "un seul de nous deux ment"), lambda me, other: me != other),
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


def liars(talk: Talk) -> Asked:
    a, b = talk.random.sample([n for n, woman in talk.of(EN_GENDERS, FR_GENDERS).items() if not woman], 2)
    while True:
        (p, holds_p), (q, holds_q) = talk.pick(SAYINGS), talk.pick(SAYINGS)
        fits = [(x, y) for x, y in product((True, False), repeat=2) if holds_p(x, y) == x and holds_q(y, x) == y]
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
    return Asked(talk.say(LIARS, A=a, B=b, **quoted), lines, answer, "choice", {"options": options})


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


def steps_by(talk: Talk) -> Asked:
    """The same step each time."""
    start, step, count = talk.random.randint(1, 60), talk.random.randint(2, 15), talk.pick((4, 5))
    if talk.random.random() < 0.3:
        start, step = start + step * count, -step
    numbers = [start + step * at for at in range(count)]
    opening = talk.of("I look at the steps.", "Je regarde les écarts.")
    lines = [f"{b} - {a} = {step}" if step > 0 else f"{a} - {b} = {-step}" for a, b in zip(numbers, numbers[1:3], strict=False)]
    last = digits.add(numbers[-1], step) if step > 0 else digits.subtract(numbers[-1], -step)
    return _next(talk, numbers, [opening, *lines, *last], start + step * count)


def _next(talk: Talk, numbers: list[int], lines: list[str], answer: int) -> Asked:
    return Asked(talk.say(NEXT, l=", ".join(map(str, numbers))), lines, str(answer))


def factors(talk: Talk) -> Asked:
    """Times the same each time."""
    start, by = talk.random.randint(1, 12), talk.pick((2, 2, 3, 4, 5, 10))
    count = 4 if by < 4 else 3
    numbers = [start * by**at for at in range(count)]
    if talk.random.random() < 0.3:
        numbers = [start * by ** (count - at) for at in range(count)]
        lines = [f"{numbers[0]} / {numbers[1]} = {by}", f"{numbers[1]} / {numbers[2]} = {by}"]
        lines += digits.divide(numbers[-1], by)
        answer = start
    else:
        lines = [f"{numbers[1]} / {numbers[0]} = {by}", f"{numbers[2]} / {numbers[1]} = {by}"]
        lines += digits.multiply(numbers[-1], by)
        answer = numbers[-1] * by
    opening = talk.of("The steps differ, so I look at the factors.", "Les écarts changent, donc je regarde les facteurs.")
    return _next(talk, numbers, [opening, *lines], answer)


def growing(talk: Talk) -> Asked:
    """The steps grow by the same each time."""
    value, step, more = talk.random.randint(1, 30), talk.random.randint(1, 8), talk.random.randint(1, 5)
    numbers, lines = [value], [talk.of("I look at how the steps grow.", "Je regarde comment les écarts grandissent.")]
    for at in range(4):
        numbers.append(numbers[-1] + step + more * at)
        lines.append(f"{numbers[-1]} - {numbers[-2]} = {step + more * at}")
    after = step + more * 4
    lines += [f"{step + more * 3} + {more} = {after}", *digits.add(numbers[-1], after)]
    return _next(talk, numbers, lines, numbers[-1] + after)


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
RULES = (
    (("even", "pairs"), lambda n: n % 2 == 0),
    (("odd", "impairs"), lambda n: n % 2 == 1),
    (("multiples of 5", "multiples de 5"), lambda n: n % 5 == 0),
    (("multiples of 10", "multiples de 10"), lambda n: n % 10 == 0),
    (("two digits long", "de deux chiffres"), lambda n: 10 <= n <= 99),
    (("one digit long", "d'un chiffre"), lambda n: n < 10),
)  # fmt: skip


def odd_ones(count: int) -> Kind:
    def ask(talk: Talk) -> Asked:
        while True:
            (words, rule), high = talk.pick(RULES), talk.pick((30, 99, 150))
            good = [n for n in range(1, high + 1) if rule(n)]
            bad = [n for n in range(1, high + 1) if not rule(n)]
            if len(good) < count or not bad:
                continue
            numbers = [*talk.random.sample(good, count - 1), talk.pick(bad)]
            out = numbers[-1]
            talk.random.shuffle(numbers)
            # One answer only: no other of these rules may single out another number.
            others = [[n for n in numbers if not test(n)] for _, test in RULES]
            if all(len(some) != 1 or some == [out] for some in others):
                break
        word = talk.of(*words)
        yes, no = talk.of(("yes", "no"), ("oui", "non"))
        rule_line = talk.of(f"Most are {word}.", f"Presque tous sont {word}.")
        checks = ", ".join(f"{n} {yes if rule(n) else no}" for n in numbers)
        opening = talk.of("I look for what all but one share.", "Je cherche ce que tous sauf un partagent.")
        asked = talk.say(ODD, l=", ".join(map(str, numbers)))
        options = [str(n) for n in numbers]
        return Asked(asked, [opening, rule_line, checks], str(out), "choice", {"options": options})

    return ask


LOGIC = Made(
    "logic",
    (syllogisms(1), rows(3), truths(1, negated=False), truths(2, negated=False), steps_by, odd_ones(4)),
    (syllogisms(2), rows(3), rows(4), truths(2, negated=True), steps_by, factors, odd_ones(5), liars),
    (syllogisms(2), rows(4), rows(5), truths(3, negated=True), growing, factors, odd_ones(5), liars),
)
