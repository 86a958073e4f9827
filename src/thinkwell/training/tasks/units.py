"""Units: lengths, masses, volumes, times, temperatures, money, speeds."""

from __future__ import annotations

from decimal import Decimal

from thinkwell.training.tasks.made import Asked, Kind, Made, Talk
from thinkwell.training.tasks.phrases import units as said
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
        ask = talk.say(
            said.CONVERT, x=talk.show(x), of=names[of] if long else of, to=names[to] if long else to
        )
        parts = {"big": big, "small": small, "n": n, "x": talk.show(x)}
        thought = talk.say(said.DOWN if down else said.UP, **parts)
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
    thought = talk.say(said.DOWN if down else said.UP, big=big, small=small, n=60, x=x)
    line = digits.multiply(x, 60) if down else [f"{x} / 10 = {x // 10}", *digits.divide(x // 10, 6)]
    return Asked(talk.say(said.CONVERT, x=x, of=names[of], to=names[to]), [thought, *line], f"{value} {to}")


def mixed(talk: Talk) -> Asked:
    h, m = talk.random.randint(2, 12), talk.random.randint(1, 59)
    lines = [*digits.multiply(h, 60), *digits.add(h * 60, m)]
    return Asked(
        talk.say(said.MIXED, h=h, m=m), [talk.say(said.MIXED_THOUGHT, h=h, m=m), *lines], f"{h * 60 + m} min"
    )


def split(talk: Talk) -> Asked:
    x = talk.random.randint(2, 9) * 60 + talk.random.randint(1, 59)
    h, m = divmod(x, 60)
    lines = [talk.say(said.SPLIT_THOUGHT, x=x), f"{h} * 60 = {h * 60}", *digits.subtract(x, h * 60)]
    return Asked(talk.say(said.SPLIT, x=x), lines, f"{h} h {m} min", "text")


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
        return Asked(talk.say(said.HEAT, **parts), [rule, *lines], f"{f} °F")
    f = c * 9 // 5 + 32
    parts = {"x": f, "a": "F", "A": "Fahrenheit", "b": "Celsius"}
    rule = talk.of(
        f"From {f} °F to Celsius: minus 32, by 9, times 5.",
        f"De {f} °F en Celsius : moins 32, divisé par 9, fois 5.",
    )
    lines = [*digits.subtract(f, 32), f"{f - 32} / 9 = {(f - 32) // 9}", *digits.multiply((f - 32) // 9, 5)]
    return Asked(talk.say(said.HEAT, **parts), [rule, *lines], f"{c} °C")


def distance(talk: Talk) -> Asked:
    v = talk.random.randint(2, 26) * 5
    minutes = talk.pick([m for m in (10, 12, 15, 20, 30, 45, 90, 120, 180, 240) if v * m % 60 == 0])
    whole = minutes % 60 == 0
    hours = minutes // 60
    t = talk.of(f"{hours} hours", f"{hours} heures") if whole else f"{minutes} minutes"
    km = v * minutes // 60
    if whole:
        thought = talk.of(
            f"Each hour is {v} km; there are {hours}.", f"Chaque heure, {v} km ; il y en a {hours}."
        )
        lines = digits.multiply(v, hours)
    else:
        thought = talk.of(
            f"In 60 minutes it is {v} km; I need {minutes} minutes.",
            f"En 60 minutes, {v} km ; il faut pour {minutes} minutes.",
        )
        product = v * minutes
        lines = [*digits.multiply(v, minutes), f"{product} / 10 = {product // 10}"]
        lines += digits.divide(product // 10, 6)
    return Asked(talk.say(said.SPEED, v=v, t=t), [thought, *lines], f"{km} km")


def pace(talk: Talk) -> Asked:
    mps = talk.random.randint(1, 12) * 5
    kmh = mps * 36 // 10
    if talk.random.random() < 0.5:
        thought = talk.of("1 m/s is 3.6 km/h.", "1 m/s fait 3,6 km/h.")
        lines = [*digits.multiply(mps, 36), f"{mps * 36} / 10 = {kmh}"]
        return Asked(talk.say(said.PACE, x=mps, a="m/s", b="km/h"), [thought, *lines], f"{kmh} km/h")
    thought = talk.of("3.6 km/h is 1 m/s.", "3,6 km/h font 1 m/s.")
    lines = [f"{kmh} * 10 = {kmh * 10}", *digits.divide(kmh * 10, 36)]
    return Asked(talk.say(said.PACE, x=kmh, a="km/h", b="m/s"), [thought, *lines], f"{mps} m/s")


def money(talk: Talk) -> Asked:
    cents = talk.random.randint(101, 9999)
    x = Decimal(cents) / 100
    shown = f"{x:.2f}".replace(".", talk.of(".", ","))
    thought = talk.of(
        f"100 cents make one, so {shown} times 100.", f"1 euro fait 100 centimes : {shown} fois 100."
    )
    unit = talk.of("cents", "centimes")
    return Asked(talk.say(said.MONEY, x=shown), [thought, f"{shown} * 100 = {cents}"], f"{cents} {unit}")


UNITS = Made(
    "units",
    (convert(exact=True), clock),
    (convert(exact=False), convert(exact=False), clock, money, mixed),
    (convert(exact=False), money, mixed, split, heat, distance, pace),
)
