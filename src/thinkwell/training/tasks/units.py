"""Units: lengths, masses, volumes, times, temperatures, money, speeds."""

from __future__ import annotations

from decimal import Decimal

from thinkwell.training.tasks.made import Asked, Kind, Made, Phrases, Talk
from thinkwell.training.tasks.traces import digits

# (large, small, how many small ones are one large one); symbols are the same in both languages.
METRIC = (
    ("km", "m", 1000),
    ("m", "cm", 100),
    ("cm", "mm", 10),
    ("m", "mm", 1000),
    ("kg", "g", 1000),
    ("t", "kg", 1000),
    ("g", "mg", 1000),
    ("L", "mL", 1000),
    ("L", "cL", 100),
    ("L", "dL", 10),
    ("m", "dm", 10),
)
NAMED = {
    "en": {
        "km": "kilometres", "m": "metres", "cm": "centimetres", "mm": "millimetres", "dm": "decimetres",
        "kg": "kilograms", "g": "grams", "t": "tonnes", "mg": "milligrams",
        "L": "litres", "mL": "millilitres", "cL": "centilitres", "dL": "decilitres",
        "h": "hours", "min": "minutes", "s": "seconds",
    },
    "fr": {
        "km": "kilomètres", "m": "mètres", "cm": "centimètres", "mm": "millimètres", "dm": "décimètres",
        "kg": "kilogrammes", "g": "grammes", "t": "tonnes", "mg": "milligrammes",
        "L": "litres", "mL": "millilitres", "cL": "centilitres", "dL": "décilitres",
        "h": "heures", "min": "minutes", "s": "secondes",
    },
}  # fmt: skip
CONVERT = Phrases(
    en=(
        "How many {to} are {x} {of}?",
        "How many {to} is {x} {of}?",
        "Convert {x} {of} to {to}.",
        "Convert {x} {of} into {to}.",
        "What is {x} {of} in {to}?",
        "{x} {of} in {to}?",
        "{x} {of} = ? {to}",
        "How much is {x} {of} in {to}?",
        "Write {x} {of} in {to}.",
        "How many {to} do {x} {of} make?",
    ),
    fr=(
        "Convertis {x} {of} en {to}.",
        "Combien font {x} {of} en {to} ?",
        "{x} {of} en {to} ?",
        "{x} {of} = ? {to}",
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
    fr=("{n} {small} font 1 {big}, donc je divise {x} par {n}.", "Dans 1 {big} il y a {n} {small} : je divise."),
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


def convert(exact: bool) -> Kind:
    """``exact``: whole numbers on both sides; else decimals too."""

    def ask(talk: Talk) -> Asked:
        big, small, n = talk.pick(METRIC)
        down = talk.random.random() < 0.5
        if exact:
            large = Decimal(talk.random.randint(2, 40))
        else:
            large = Decimal(talk.random.randint(1, 9999)) / talk.pick((10, 10, 100) if n > 10 else (10,))
        little = large * n
        x, value, of, to = (large, little, big, small) if down else (little, large, small, big)
        names = NAMED[talk.language]
        long = talk.random.random() < 0.6
        ask = talk.say(CONVERT, x=talk.show(x), of=names[of] if long else of, to=names[to] if long else to)
        parts = {"big": big, "small": small, "n": n, "x": talk.show(x)}
        thought = talk.say(DOWN if down else UP, **parts)
        line = f"{talk.show(x)} {'*' if down else '/'} {n} = {talk.show(value)}"
        return Asked(ask, [thought, line], f"{talk.grouped(value)} {to}", "number")

    return ask


def clock(talk: Talk) -> Asked:
    """Whole hours or minutes, up or down."""
    big, small = talk.pick((("h", "min"), ("min", "s")))
    count = talk.random.randint(2, 30)
    down = talk.random.random() < 0.5
    x, value, of, to = (count, count * 60, big, small) if down else (count * 60, count, small, big)
    names = NAMED[talk.language]
    thought = talk.say(DOWN if down else UP, big=big, small=small, n=60, x=x)
    line = digits.multiply(x, 60) if down else [f"{x} / 10 = {x // 10}", *digits.divide(x // 10, 6)]
    return Asked(talk.say(CONVERT, x=x, of=names[of], to=names[to]), [thought, *line], f"{value} {to}")


def mixed(talk: Talk) -> Asked:
    h, m = talk.random.randint(2, 12), talk.random.randint(1, 59)
    lines = [*digits.multiply(h, 60), *digits.add(h * 60, m)]
    return Asked(
        talk.say(MIXED, h=h, m=m), [talk.say(MIXED_THOUGHT, h=h, m=m), *lines], f"{h * 60 + m} min"
    )


def split(talk: Talk) -> Asked:
    x = talk.random.randint(2, 9) * 60 + talk.random.randint(1, 59)
    h, m = divmod(x, 60)
    lines = [talk.say(SPLIT_THOUGHT, x=x), f"{h} * 60 = {h * 60}", *digits.subtract(x, h * 60)]
    return Asked(talk.say(SPLIT, x=x), lines, f"{h} h {m} min", "text")


def heat(talk: Talk) -> Asked:
    c = talk.random.randint(-6, 60) * 5
    if talk.random.random() < 0.5:
        f = c * 9 // 5 + 32
        parts = {"x": c, "a": "C", "A": "Celsius", "b": "Fahrenheit"}
        rule = talk.of(
            f"From {c} °C to Fahrenheit: by 5, times 9, plus 32.",
            f"De {c} °C en Fahrenheit : divisé par 5, fois 9, plus 32.",
        )
        lines = [f"{c} / 5 = {c // 5}", *digits.multiply(c // 5, 9), *digits.add(c // 5 * 9, 32)]
        return Asked(talk.say(HEAT, **parts), [rule, *lines], f"{f} °F")
    f = c * 9 // 5 + 32
    parts = {"x": f, "a": "F", "A": "Fahrenheit", "b": "Celsius"}
    rule = talk.of(
        f"From {f} °F to Celsius: minus 32, by 9, times 5.",
        f"De {f} °F en Celsius : moins 32, divisé par 9, fois 5.",
    )
    lines = [*digits.subtract(f, 32), f"{f - 32} / 9 = {(f - 32) // 9}", *digits.multiply((f - 32) // 9, 5)]
    return Asked(talk.say(HEAT, **parts), [rule, *lines], f"{c} °C")


def distance(talk: Talk) -> Asked:
    v = talk.random.randint(2, 26) * 5
    minutes = talk.pick([m for m in (10, 12, 15, 20, 30, 45, 90, 120, 180, 240) if v * m % 60 == 0])
    whole = minutes % 60 == 0
    hours = minutes // 60
    t = talk.of(f"{hours} hours", f"{hours} heures") if whole else f"{minutes} minutes"
    km = v * minutes // 60
    if whole:
        thought = talk.of(f"Each hour is {v} km; there are {hours}.", f"Chaque heure, {v} km ; il y en a {hours}.")
        lines = digits.multiply(v, hours)
    else:
        thought = talk.of(
            f"In 60 minutes it is {v} km; I need {minutes} minutes.",
            f"En 60 minutes, {v} km ; il faut pour {minutes} minutes.",
        )
        product = v * minutes
        lines = [*digits.multiply(v, minutes), f"{product} / 10 = {product // 10}"]
        lines += digits.divide(product // 10, 6)
    return Asked(talk.say(SPEED, v=v, t=t), [thought, *lines], f"{km} km")


def pace(talk: Talk) -> Asked:
    mps = talk.random.randint(1, 12) * 5
    kmh = mps * 36 // 10
    if talk.random.random() < 0.5:
        thought = talk.of("1 m/s is 3.6 km/h.", "1 m/s fait 3,6 km/h.")
        lines = [*digits.multiply(mps, 36), f"{mps * 36} / 10 = {kmh}"]
        return Asked(talk.say(PACE, x=mps, a="m/s", b="km/h"), [thought, *lines], f"{kmh} km/h")
    thought = talk.of("3.6 km/h is 1 m/s.", "3,6 km/h font 1 m/s.")
    lines = [f"{kmh} * 10 = {kmh * 10}", *digits.divide(kmh * 10, 36)]
    return Asked(talk.say(PACE, x=kmh, a="km/h", b="m/s"), [thought, *lines], f"{mps} m/s")


def money(talk: Talk) -> Asked:
    cents = talk.random.randint(101, 9999)
    x = Decimal(cents) / 100
    shown = f"{x:.2f}".replace(".", talk.of(".", ","))
    thought = talk.of(f"100 cents make one, so {shown} times 100.", f"1 euro fait 100 centimes : {shown} fois 100.")
    unit = talk.of("cents", "centimes")
    return Asked(talk.say(MONEY, x=shown), [thought, f"{shown} * 100 = {cents}"], f"{cents} {unit}")


UNITS = Made(
    "units",
    (convert(exact=True), clock),
    (convert(exact=False), convert(exact=False), clock, money, mixed),
    (convert(exact=False), money, mixed, split, heat, distance, pace),
)
