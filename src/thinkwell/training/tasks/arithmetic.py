"""Sums as people ask for them: the four operations, chains, percentages, averages."""

from __future__ import annotations

from decimal import Decimal

from thinkwell.training.tasks.made import Asked, Kind, Made, Phrases, Talk
from thinkwell.training.tasks.traces import digits

SUM = Phrases(
    en=(
        "What is {a} + {b}?",
        "What is {a} plus {b}?",
        "How much is {a} and {b} together?",
        "Add {a} and {b}.",
        "{a} + {b}",
        "{a}+{b}=?",
        "Calculate {a} + {b}.",
        "What do you get if you add {b} to {a}?",
        "What is the sum of {a} and {b}?",
        "Can you add {a} and {b}?",
        "How much does {a} + {b} make?",
        "Work out {a} + {b}.",
    ),
    fr=(
        "Combien font {a} + {b} ?",
        "Combien font {a} plus {b} ?",
        "Combien font {a} et {b} ensemble ?",
        "Additionne {a} et {b}.",
        "{a} + {b}",
        "{a}+{b}=?",
        "Calcule {a} + {b}.",
        "Quel est le total de {a} et {b} ?",
        "Quelle est la somme de {a} et de {b} ?",
        "Peux-tu additionner {a} et {b} ?",
        "Ça fait combien, {a} + {b} ?",
        "Combien obtient-on en ajoutant {b} à {a} ?",
    ),
)
SUM_THOUGHT = Phrases(
    en=("I need the total of {a} and {b}.", "Add {a} and {b}.", "{a} and {b} are to be added."),
    fr=("Je dois additionner {a} et {b}.", "Il faut la somme de {a} et {b}.", "J'ajoute {b} à {a}."),
)
DIFFERENCE = Phrases(
    en=(
        "What is {a} - {b}?",
        "What is {a} minus {b}?",
        "Subtract {b} from {a}.",
        "{a} - {b}",
        "{a}-{b}=?",
        "Calculate {a} - {b}.",
        "What is left if you take {b} away from {a}?",
        "What is the difference between {a} and {b}?",
        "How much is {a} minus {b}?",
        "Take {b} away from {a}. What do you get?",
        "Work out {a} - {b}.",
    ),
    fr=(
        "Combien font {a} - {b} ?",
        "Combien font {a} moins {b} ?",
        "Soustrais {b} de {a}.",
        "{a} - {b}",
        "{a}-{b}=?",
        "Calcule {a} - {b}.",
        "Que reste-t-il si on enlève {b} à {a} ?",
        "Quelle est la différence entre {a} et {b} ?",
        "Ça fait combien, {a} moins {b} ?",
        "Si je retire {b} de {a}, combien reste-t-il ?",
    ),
)
DIFFERENCE_THOUGHT = Phrases(
    en=("I take {b} away from {a}.", "I need {a} minus {b}.", "{b} is to be taken from {a}."),
    fr=("Je dois enlever {b} à {a}.", "Il faut {a} moins {b}.", "Je retire {b} de {a}."),
)
PRODUCT = Phrases(
    en=(
        "What is {a} * {b}?",
        "What is {a} times {b}?",
        "Multiply {a} by {b}.",
        "{a} x {b}",
        "{a} × {b} = ?",
        "Calculate {a} * {b}.",
        "How much is {a} times {b}?",
        "What is the product of {a} and {b}?",
        "What do you get if you multiply {a} by {b}?",
        "Work out {a} × {b}.",
    ),
    fr=(
        "Combien font {a} * {b} ?",
        "Combien font {a} fois {b} ?",
        "Multiplie {a} par {b}.",
        "{a} x {b}",
        "{a} × {b} = ?",
        "Calcule {a} × {b}.",
        "Ça fait combien, {a} fois {b} ?",
        "Quel est le produit de {a} et de {b} ?",
        "Combien obtient-on en multipliant {a} par {b} ?",
        "Donne le résultat de {a} fois {b}.",
    ),
)
PRODUCT_THOUGHT = Phrases(
    en=("I multiply {a} by {b}.", "I need {a} times {b}."),
    fr=("Je dois multiplier {a} par {b}.", "Il faut {a} fois {b}."),
)
QUOTIENT = Phrases(
    en=(
        "What is {a} / {b}?",
        "What is {a} divided by {b}?",
        "Divide {a} by {b}.",
        "{a} / {b}",
        "{a} ÷ {b} = ?",
        "Calculate {a} / {b}.",
        "How many times does {b} go into {a}?",
        "How much is {a} divided by {b}?",
        "What do you get if you divide {a} by {b}?",
        "Work out {a} ÷ {b}.",
    ),
    fr=(
        "Combien font {a} / {b} ?",
        "Combien font {a} divisé par {b} ?",
        "Divise {a} par {b}.",
        "{a} / {b}",
        "{a} ÷ {b} = ?",
        "Calcule {a} : {b}.",
        "Combien de fois {b} dans {a} ?",
        "Ça fait combien, {a} divisé par {b} ?",
        "Quel est le quotient de {a} par {b} ?",
        "Combien obtient-on en divisant {a} par {b} ?",
    ),
)
QUOTIENT_THOUGHT = Phrases(
    en=("I divide {a} by {b}.", "How many times is {b} in {a}?"),
    fr=("Je dois diviser {a} par {b}.", "Combien de fois {b} dans {a} ?"),
)
REMAINDER = Phrases(
    en=(
        "What is the remainder of {a} divided by {b}?",
        "What is the remainder when {a} is divided by {b}?",
        "Divide {a} by {b}. What is left over?",
        "{a} mod {b}",
        "If I divide {a} by {b}, what remains?",
        "What is {a} modulo {b}?",
        "Find the remainder of {a} / {b}.",
        "How much is left over when {b} goes into {a}?",
    ),
    fr=(
        "Quel est le reste de la division de {a} par {b} ?",
        "Quel est le reste quand on divise {a} par {b} ?",
        "Divise {a} par {b}. Combien reste-t-il ?",
        "{a} modulo {b}",
        "Si je divise {a} par {b}, que reste-t-il ?",
        "Combien vaut {a} modulo {b} ?",
        "Trouve le reste de {a} : {b}.",
        "Donne le reste de la division euclidienne de {a} par {b}.",
    ),
)
REMAINDER_THOUGHT = Phrases(
    en=("I divide {a} by {b} and keep what is left.", "What is left of {a} after whole {b}s?"),
    fr=("Je divise {a} par {b} et je garde le reste.", "Il faut le reste de {a} par {b}."),
)
PERCENT = Phrases(
    en=(
        "What is {p}% of {n}?",
        "what's {p} percent of {n}?",
        "Calculate {p}% of {n}.",
        "How much is {p} % of {n}?",
        "{p}% of {n}",
        "Find {p} percent of {n}.",
        "I need {p}% of {n}.",
        "Take {p}% of {n}. What do you get?",
    ),
    fr=(
        "Combien font {p} % de {n} ?",
        "Quel est {p} % de {n} ?",
        "Calcule {p} % de {n}.",
        "Combien vaut {p} % de {n} ?",
        "{p} % de {n}",
        "{p}% de {n} = ?",
        "Trouve {p} pour cent de {n}.",
        "Je cherche {p} % de {n}.",
    ),
)
PERCENT_THOUGHT = Phrases(
    en=("{p}% of {n} is {n} * {p} / 100.", "I take {p} hundredths of {n}."),
    fr=("{p} % de {n}, c'est {n} * {p} / 100.", "Je prends {p} centièmes de {n}."),
)
SHARE = Phrases(
    en=(
        "What percentage of {n} is {k}?",
        "{k} is what percent of {n}?",
        "What percent is {k} out of {n}?",
        "I got {k} points out of {n}. What percentage is that?",
        "Express {k} out of {n} as a percentage.",
        "{k} of {n} people said yes. How many percent is that?",
        "How many percent of {n} is {k}?",
        "{k}/{n} in percent?",
    ),
    fr=(
        "Quel pourcentage de {n} représente {k} ?",
        "{k} sur {n}, ça fait quel pourcentage ?",
        "J'ai eu {k} points sur {n}. Quel pourcentage est-ce ?",
        "Exprime {k} sur {n} en pourcentage.",
        "{k} personnes sur {n} ont dit oui. Quel est le pourcentage ?",
        "Combien de pour cent de {n} font {k} ?",
        "{k}/{n} en pour cent ?",
        "Que représente {k} sur {n} en pourcentage ?",
    ),
)
SHARE_THOUGHT = Phrases(
    en=("The part is {k} of {n}; I need it of 100.", "{k} of {n}: how many is that of 100?"),
    fr=("La part est {k} sur {n} ; il la faut sur 100.", "{k} sur {n} : combien est-ce sur 100 ?"),
)
AVERAGE = Phrases(
    en=(
        "What is the average of {list}?",
        "What is the mean of {list}?",
        "Find the average of these numbers: {plain}.",
        "Calculate the mean of {list}.",
        "average of {plain}?",
        "My marks are {list}. What is my average?",
        "The last temperatures were {list} degrees. What was the average?",
        "What's the average: {plain}?",
    ),
    fr=(
        "Quelle est la moyenne de {list} ?",
        "Calcule la moyenne de {list}.",
        "Trouve la moyenne de ces nombres : {plain}.",
        "Quelle est la moyenne des nombres {list} ?",
        "Moyenne de {plain} ?",
        "J'ai eu {list} comme notes. Quelle est ma moyenne ?",
        "Il a fait {list} degrés ces derniers jours. Quelle est la moyenne ?",
        "Quelle moyenne donnent les nombres {plain} ?",
    ),
)
AVERAGE_THOUGHT = Phrases(
    en=("I add the {n} numbers and divide by {n}.", "There are {n} numbers: their sum, divided by {n}."),
    fr=("J'additionne les {n} nombres et je divise par {n}.", "Il y a {n} nombres : la somme, divisée par {n}."),
)
CHAIN = Phrases(
    en=(
        "State the final answer to the following arithmetic problem: {e} =",
        "What is {e}?",
        "{e} = ?",
        "{e}",
        "Calculate {e}.",
        "How much is {e}?",
        "Solve {e}.",
        "{e} =",
        "Work out {e}.",
        "What does {e} make?",
        "Compute {e} please.",
        "What's the result of {e}?",
    ),
    fr=(
        "Donne le résultat de ce calcul : {e} =",
        "Combien font {e} ?",
        "{e} = ?",
        "{e}",
        "Calcule {e}.",
        "Ça fait combien, {e} ?",
        "Quel est le résultat de {e} ?",
        "{e} =",
        "Combien fait {e} ?",
        "Effectue {e}.",
        "Calcule {e}, s'il te plaît.",
        "Combien vaut {e} ?",
    ),
)
CHAIN_THOUGHT = Phrases(
    en=("I go from left to right.", "Step by step, from the left.", "I need the value of {e}."),
    fr=("Je calcule de gauche à droite.", "Pas à pas, depuis la gauche.", "Je cherche la valeur de {e}."),
)


def sums(low: int, high: int) -> Kind:
    def ask(talk: Talk) -> Asked:
        a, b = talk.random.randint(low, high), talk.random.randint(low, high)
        return _plain(talk, SUM, SUM_THOUGHT, (a, b), digits.add(a, b), a + b)

    return ask


def differences(low: int, high: int) -> Kind:
    def ask(talk: Talk) -> Asked:
        a, b = sorted((talk.random.randint(low, high), talk.random.randint(low, high)), reverse=True)
        return _plain(talk, DIFFERENCE, DIFFERENCE_THOUGHT, (a, b), digits.subtract(a, b), a - b)

    return ask


def products(left: tuple[int, int], right: tuple[int, int]) -> Kind:
    def ask(talk: Talk) -> Asked:
        a, b = talk.random.randint(*left), talk.random.randint(*right)
        return _plain(talk, PRODUCT, PRODUCT_THOUGHT, (a, b), digits.multiply(a, b), a * b)

    return ask


def quotients(by: tuple[int, int], result: tuple[int, int]) -> Kind:
    def ask(talk: Talk) -> Asked:
        b, q = talk.random.randint(*by), talk.random.randint(*result)
        return _plain(talk, QUOTIENT, QUOTIENT_THOUGHT, (q * b, b), digits.divide(q * b, b), q)

    return ask


def remainders(by: tuple[int, int], result: tuple[int, int]) -> Kind:
    def ask(talk: Talk) -> Asked:
        b, q = talk.random.randint(*by), talk.random.randint(*result)
        a = q * b + talk.random.randint(1, b - 1)
        return _plain(talk, REMAINDER, REMAINDER_THOUGHT, (a, b), digits.divide(a, b), a % b)

    return ask


def _plain(
    talk: Talk, ask: Phrases, thought: Phrases, numbers: tuple[int, int], lines: list[str], result: int
) -> Asked:
    template = talk.pick(getattr(ask, talk.language))
    words = not any(sign in template for sign in ("+", "*", "/", "×", "÷", " : ", " x ", "-{", "- {"))
    typed = {name: talk.typed(n, words=words) for name, n in zip("ab", numbers, strict=True)}
    shown = dict(zip("ab", numbers, strict=True))
    return Asked(template.format(**typed), [talk.say(thought, **shown), *lines], talk.grouped(result))


def decimals(talk: Talk) -> Asked:
    a, b = (Decimal(talk.random.randint(11, 999)) / talk.pick((10, 100)) for _ in "ab")
    plus = talk.random.random() < 0.5
    if not plus:
        a, b = max(a, b), min(a, b)
    lines = talk.lines(digits.add(a, b) if plus else digits.subtract(a, b))
    ask, thought = (SUM, SUM_THOUGHT) if plus else (DIFFERENCE, DIFFERENCE_THOUGHT)
    parts = {"a": talk.show(a), "b": talk.show(b)}
    result = talk.show(a + b if plus else a - b)
    return Asked(talk.say(ask, **parts), [talk.say(thought, **parts), *lines], result, "number")


def percents(easy: bool) -> Kind:
    def ask(talk: Talk) -> Asked:
        p = talk.pick((10, 20, 25, 30, 40, 50, 60, 75)) if easy else talk.random.randint(2, 95)
        n = talk.random.randint(1, 40) * 20 if easy else talk.random.randint(20, 900)
        value = Decimal(n * p) / 100
        end = f"{n * p} / 100 = {talk.show(value)}"
        parts = {"p": p, "n": n}
        lines = [talk.say(PERCENT_THOUGHT, **parts), *digits.multiply(n, p), end]
        return Asked(talk.say(PERCENT, **parts), lines, talk.show(value), "number")

    return ask


def shares(talk: Talk) -> Asked:
    n = talk.pick((10, 20, 25, 50, 200, 300, 400, 500))
    one = max(n // 100, 1)
    k = one * talk.random.randint(1, n // one - 1)
    steps = (
        [f"{n} / {one} = 100", *digits.divide(k, one)]
        if one > 1
        else [f"100 / {n} = {100 // n}", *digits.multiply(k, 100 // n)]
    )
    lines = [talk.say(SHARE_THOUGHT, k=k, n=n), *steps]
    return Asked(talk.say(SHARE, k=k, n=n), lines, talk.of(f"{k * 100 // n}%", f"{k * 100 // n} %"))


def averages(low: int, high: int, counts: tuple[int, ...]) -> Kind:
    def ask(talk: Talk) -> Asked:
        count = talk.pick(counts)
        numbers = [talk.random.randint(low, high) for _ in range(count)]
        numbers[-1] -= sum(numbers) % count
        if numbers[-1] < 1:
            numbers[-1] += count
        total = numbers[0]
        lines = [talk.say(AVERAGE_THOUGHT, n=count)]
        for n in numbers[1:]:
            lines += digits.add(total, n)
            total += n
        texts = [str(n) for n in numbers]
        ask = talk.say(AVERAGE, list=talk.listed(texts), plain=", ".join(texts))
        return Asked(ask, [*lines, *digits.divide(total, count)], talk.grouped(total // count))

    return ask


def chains(terms: tuple[int, ...], most_digits: int) -> Kind:
    """As reasoning-gym's ``chain_sum`` asks, and as people do: terms of one length, signs by chance."""

    def ask(talk: Talk) -> Asked:
        size = talk.random.randint(1, most_digits)
        low = 10 ** (size - 1) if size > 1 else 0
        numbers = [talk.random.randint(low, 10**size - 1) for _ in range(talk.pick(terms))]
        expression, total = str(numbers[0]), numbers[0]
        steps: list[str] = []
        for n in numbers[1:]:
            plus = talk.random.random() < 0.5
            steps += digits.add(total, n) if plus else digits.subtract(total, n)
            total += n if plus else -n
            expression += f" {'+' if plus else '-'} {n}"
        typed = expression.replace(" ", "") if talk.random.random() < 0.1 else expression
        return Asked(talk.say(CHAIN, e=typed), [talk.say(CHAIN_THOUGHT, e=expression), *steps], str(total))

    return ask


ARITHMETIC = Made(
    "arithmetic",
    (sums(2, 20), differences(1, 20), products((2, 9), (2, 9)), quotients((2, 9), (2, 9)), chains((2,), 2)),
    (
        sums(11, 99),
        differences(11, 99),
        products((11, 99), (2, 9)),
        quotients((2, 9), (11, 40)),
        remainders((3, 9), (2, 12)),
        percents(easy=True),
        averages(2, 30, (2, 3)),
        chains((2, 3, 4), 2),
        chains((2, 3, 4), 2),
    ),
    (
        sums(100, 9999),
        differences(100, 9999),
        products((11, 99), (11, 99)),
        products((101, 999), (2, 9)),
        quotients((3, 9), (50, 400)),
        remainders((4, 12), (20, 90)),
        percents(easy=False),
        shares,
        averages(10, 90, (3, 4, 5)),
        decimals,
        chains((3, 4, 5, 6), 3),
    ),
)
