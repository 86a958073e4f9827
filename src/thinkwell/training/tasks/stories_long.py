"""Word problems of three steps, and the task of all word problems."""

from __future__ import annotations

from thinkwell.training.tasks.made import Asked, Made, Talk
from thinkwell.training.tasks.phrases import stories_long as said
from thinkwell.training.tasks.stories import MIDDLE, SHORT, goods, told, within
from thinkwell.training.tasks.traces import digits


def two_kinds(talk: Talk) -> Asked:
    x, y, p, q = within(talk, 2, 6), within(talk, 2, 6), within(talk, 2, 9), within(talk, 2, 9)
    cost = x * p + y * q
    z = talk.pick([n for n in (20, 50, 100, 150) if n > cost])
    g = goods(talk)
    h = talk.pick([other for other in (goods(talk) for _ in range(9)) if other != g] or ["stylos"])
    thought = (
        "Both prices, their sum, then the change from {z}.",
        "Les deux prix, leur somme, puis la monnaie sur {z}.",
    )
    steps = [
        *digits.multiply(x, p),
        *digits.multiply(y, q),
        *digits.add(x * p, y * q),
        *digits.subtract(z, cost),
    ]
    parts = {"A": talk.names(1)[0], "g": g, "h": h, "x": x, "y": y, "p": p, "q": q, "z": z}
    return told(talk, said.TWO_KINDS, thought, steps, z - cost, "$", **parts)


def saving(talk: Talk) -> Asked:
    x, y, w = within(talk, 5, 90), within(talk, 3, 20), within(talk, 3, 9)
    z = within(talk, 5, x + y * w - 1)
    thought = (
        "What comes in {w} times, plus {x}, minus {z}.",
        "Ce qui arrive {w} fois, plus {x}, moins {z}.",
    )
    steps = [*digits.multiply(y, w), *digits.add(x, y * w), *digits.subtract(x + y * w, z)]
    return told(talk, said.SAVING, thought, steps, x + y * w - z, "$", A=talk.names(1)[0], x=x, y=y, w=w, z=z)


def three_ages(talk: Talk) -> Asked:
    a, b, c = talk.names(3)
    x, k = within(talk, 5, 20), within(talk, 2, 4)
    y = within(talk, 2, x)
    thought = (
        "First {B}, then {C}, then the sum of the three.",
        "D'abord {B}, puis {C}, puis la somme des trois.",
    )
    steps = [*digits.multiply(x, k), *digits.subtract(x * k, y), *digits.add(x, x * k)]
    steps += digits.add(x + x * k, x * k - y)
    unit = talk.of("years", "ans")
    return told(talk, said.THREE_AGES, thought, steps, x + 2 * x * k - y, unit, A=a, B=b, C=c, x=x, k=k, y=y)


def discount(talk: Talk) -> Asked:
    p = talk.pick((5, 10, 15, 20, 25, 30, 40, 50))
    x = within(talk, 2, 30) * 20
    off = x * p // 100
    thought = ("{p}% of {x} comes off.", "On enlève {p} % de {x}.")
    steps = [*digits.multiply(x, p), f"{x * p} / 100 = {off}", *digits.subtract(x, off)]
    return told(talk, said.DISCOUNT, thought, steps, x - off, "$", A=talk.names(1)[0], x=x, p=str(p))


def tank(talk: Talk) -> Asked:
    y, t, x = within(talk, 2, 12), within(talk, 4, 60), within(talk, 5, 200)
    z = x + y * t
    thought = ("What is missing, then how many times {y}.", "Ce qui manque, puis combien de fois {y}.")
    steps = [*digits.subtract(z, x), *digits.divide(y * t, y)]
    return told(talk, said.TANK, thought, steps, t, "minutes", A=talk.names(1)[0], x=x, y=y, z=z)


def fuel(talk: Talk) -> Asked:
    x, hundreds, p = within(talk, 4, 9), within(talk, 2, 9), 2
    d = hundreds * 100
    thought = (
        "{d} km are {n} times 100 km; litres, then the price.",
        "{d} km font {n} fois 100 km ; les litres, puis le prix.",
    )
    steps = [*digits.multiply(x, hundreds), *digits.multiply(x * hundreds, p)]
    plain = tuple(text.replace("{n}", str(hundreds)) for text in thought)
    price = x * hundreds * p
    return told(talk, said.FUEL, (plain[0], plain[1]), steps, price, "$", A=talk.names(1)[0], x=x, p=p, d=d)


def meet(talk: Talk) -> Asked:
    a, b = talk.names(2)
    x, y, t = within(talk, 4, 24) * 5, within(talk, 4, 24) * 5, within(talk, 2, 6)
    thought = ("Each hour {x} and {y} km, for {t} hours.", "Chaque heure {x} et {y} km, pendant {t} heures.")
    steps = [*digits.add(x, y), *digits.multiply(x + y, t)]
    return told(talk, said.MEET, thought, steps, (x + y) * t, "km", A=a, B=b, x=x, y=y, t=t)


def recipe(talk: Talk) -> Asked:
    x, one = within(talk, 2, 8), within(talk, 4, 24) * 5
    y = talk.pick([n for n in range(2, 13) if n != x])
    thought = ("Grams for one person, then for {y}.", "Les grammes pour une personne, puis pour {y}.")
    steps = [*digits.divide(x * one, x), *digits.multiply(one, y)]
    return told(talk, said.RECIPE, thought, steps, one * y, "g", A=talk.names(1)[0], x=x, y=y, z=x * one)


def seats(talk: Talk) -> Asked:
    x, y = within(talk, 4, 15), within(talk, 6, 20)
    p = within(talk, x * y // 3, x * y - 1)
    q = within(talk, 2, min(p - 1, 30))
    thought = ("All seats, minus {p}, plus {q}.", "Toutes les places, moins {p}, plus {q}.")
    steps = [*digits.multiply(x, y), *digits.subtract(x * y, p), *digits.add(x * y - p, q)]
    return told(talk, said.SEATS, thought, steps, x * y - p + q, "", A=talk.names(1)[0], x=x, y=y, p=p, q=q)


def work(talk: Talk) -> Asked:
    x, y, d = within(talk, 9, 25), within(talk, 3, 8), within(talk, 2, 6)
    z = within(talk, 10, x * y)
    thought = ("One day, then {d} days, then {z} less.", "Un jour, puis {d} jours, puis {z} de moins.")
    steps = [*digits.multiply(x, y), *digits.multiply(x * y, d), *digits.subtract(x * y * d, z)]
    return told(talk, said.WORK, thought, steps, x * y * d - z, "$", A=talk.names(1)[0], x=x, y=y, d=d, z=z)


LONG = (two_kinds, saving, three_ages, discount, tank, fuel, meet, recipe, seats, work)
STORIES = Made("stories", SHORT, (*SHORT[2:4], *MIDDLE), (*MIDDLE, *LONG, *LONG))
