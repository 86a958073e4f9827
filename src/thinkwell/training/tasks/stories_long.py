"""Word problems of three steps, and the task of all word problems."""

from __future__ import annotations

from thinkwell.training.tasks.made import Asked, Made, Phrases, Talk
from thinkwell.training.tasks.stories import MIDDLE, SHORT, goods, told, within
from thinkwell.training.tasks.traces import digits

TWO_KINDS = Phrases(
    en=(
        "{A} buys {x} {g} at ${p} and {y} {h} at ${q}. {A} pays with ${z}. How much change is there?",
        "A pack of {g} costs ${p}, a pack of {h} ${q}. {A} takes {x} packs of {g} and {y} of {h} and gives ${z}. "
        "How much comes back?",
        "{A} has ${z}. After buying {x} {g} for ${p} each and {y} {h} for ${q} each, how much is left?",
    ),
    fr=(
        "{A} achète {x} {g} à {p} € et {y} {h} à {q} €, et paie avec {z} €. Combien lui rend-on ?",
        "Un paquet de {g} coûte {p} €, un paquet de {h} {q} €. {A} prend {x} paquets de {g} et {y} de {h} et donne "
        "{z} €. Combien lui rend-on ?",
        "{A} a {z} €. Après l'achat de {x} {g} à {p} € pièce et de {y} {h} à {q} € pièce, combien lui reste-t-il ?",
    ),
)
SAVING = Phrases(
    en=(
        "{A} has ${x}, saves ${y} a week for {w} weeks and then spends ${z}. How much does {A} have now?",
        "There are ${x} in a money box. {A} adds ${y} each week for {w} weeks, then takes out ${z}. How much is in it?",
        "{A} starts with ${x} and earns ${y} a day for {w} days, then pays ${z}. How much is left?",
    ),
    fr=(
        "{A} a {x} €, épargne {y} € par semaine pendant {w} semaines, puis dépense {z} €. Combien lui reste-t-il ?",
        "Il y a {x} € dans une tirelire. {A} y met {y} € par semaine pendant {w} semaines, puis en retire {z} €. "
        "Combien y a-t-il dedans ?",
        "{A} commence avec {x} € et gagne {y} € par jour pendant {w} jours, puis paie {z} €. Combien reste-t-il ?",
    ),
)
THREE_AGES = Phrases(
    en=(
        "{A} is {x} years old. {B} is {k} times as old. {C} is {y} years younger than {B}. How old are all three together?",
        "{B} is {k} times as old as {A}, who is {x}. {C} is {y} years younger than {B}. What is the sum of the three ages?",
    ),
    fr=(
        "{A} a {x} ans. {B} a {k} fois cet âge. {C} a {y} ans de moins que {B}. Quel âge ont les trois ensemble ?",
        "{B} a {k} fois l'âge de {A}, qui a {x} ans. {C} a {y} ans de moins que {B}. Quelle est la somme des trois âges ?",
    ),
)
DISCOUNT = Phrases(
    en=(
        "A coat costs ${x}. It is {p}% off. What does {A} pay?",
        "{A} buys a bike for ${x} with a discount of {p}%. How much is the bike now?",
        "The price of a phone was ${x}. It falls by {p}%. What is the new price?",
        "What do I pay for shoes at ${x} with {p}% off?",
    ),
    fr=(
        "Un manteau coûte {x} €. Il y a {p} % de remise. Combien paie {A} ?",
        "{A} achète un vélo à {x} € avec une remise de {p} %. Combien coûte le vélo maintenant ?",
        "Le prix d'un téléphone était de {x} €. Il baisse de {p} %. Quel est le nouveau prix ?",
        "Combien vais-je payer des chaussures à {x} € avec {p} % de remise ?",
    ),
)
TANK = Phrases(
    en=(
        "A tank of {z} litres holds {x} litres. A tap adds {y} litres a minute. After how many minutes is it full?",
        "{A} fills a pool of {z} litres. There are {x} litres in it, and {y} litres come each minute. How many minutes does it take?",
        "A barrel has {x} of {z} litres in it. How many minutes to fill it at {y} litres a minute?",
    ),
    fr=(
        "Un réservoir de {z} litres contient {x} litres. Un robinet ajoute {y} litres par minute. En combien de minutes est-il plein ?",
        "{A} remplit un bassin de {z} litres. Il en contient déjà {x} et il arrive {y} litres par minute. Combien de minutes faut-il ?",
        "Un tonneau contient {x} litres sur {z}. En combien de minutes le remplit-on à {y} litres par minute ?",
    ),
)
FUEL = Phrases(
    en=(
        "A car needs {x} litres for 100 km. A litre costs ${p}. What does the fuel for {d} km cost?",
        "{A} drives {d} km. The car uses {x} litres per 100 km, at ${p} a litre. How much is the fuel?",
    ),
    fr=(
        "Une voiture consomme {x} litres aux 100 km. Le litre coûte {p} €. Combien coûte le carburant pour {d} km ?",
        "{A} fait {d} km. Sa voiture consomme {x} litres aux 100 km, à {p} € le litre. Combien coûte le carburant ?",
    ),
)
MEET = Phrases(
    en=(
        "Two trains leave the same station in opposite directions, at {x} and {y} km/h. How far apart are they after {t} hours?",
        "{A} rides east at {x} km/h and {B} west at {y} km/h. What is the distance between them after {t} hours?",
        "Two cars start towards each other at {x} and {y} km/h and meet after {t} hours. How far apart were they at first?",
    ),
    fr=(
        "Deux trains quittent la même gare en sens opposés, à {x} et {y} km/h. Quelle distance les sépare après {t} heures ?",
        "{A} roule vers le nord à {x} km/h et {B} vers le sud à {y} km/h. Quelle distance les sépare après {t} heures ?",
        "Deux voitures roulent l'une vers l'autre à {x} et {y} km/h et se croisent après {t} heures. "
        "Quelle distance les séparait au début ?",
    ),
)
RECIPE = Phrases(
    en=(
        "A recipe for {x} people takes {z} g of flour. How much flour is needed for {y} people?",
        "For {x} people {A} needs {z} g of rice. How many grams for {y} people?",
        "{A} cooks {z} g of pasta for {x} people. How much would it be for {y}?",
    ),
    fr=(
        "Une recette pour {x} personnes demande {z} g de farine. Combien de farine faut-il pour {y} personnes ?",
        "Pour {x} personnes, {A} prend {z} g de riz. Combien de grammes pour {y} personnes ?",
        "{A} fait cuire {z} g de pâtes pour {x} personnes. Combien en faudrait-il pour {y} ?",
    ),
)
SEATS = Phrases(
    en=(
        "A hall has {x} rows of {y} seats. {p} seats are taken, then {q} people leave. How many seats are free?",
        "{A} counts {x} rows with {y} chairs. {p} people sit down and {q} get up again. How many chairs are empty?",
    ),
    fr=(
        "Une salle a {x} rangées de {y} places. {p} places sont prises, puis {q} personnes partent. Combien de places sont libres ?",
        "{A} compte {x} rangées de {y} chaises. {p} personnes se mettent sur une chaise et {q} se lèvent. Combien de chaises sont vides ?",
    ),
)
WORK = Phrases(
    en=(
        "{A} earns ${x} an hour and works {y} hours a day for {d} days. ${z} go to tax. How much is left?",
        "At ${x} an hour, {y} hours a day, {d} days: what does {A} keep after ${z} of tax?",
    ),
    fr=(
        "{A} gagne {x} € de l'heure et travaille {y} heures par jour pendant {d} jours. {z} € partent en impôts. Combien reste-t-il ?",
        "À {x} € de l'heure, {y} heures par jour, {d} jours : combien garde {A} après {z} € d'impôts ?",
    ),
)


def two_kinds(talk: Talk) -> Asked:
    x, y, p, q = within(talk, 2, 6), within(talk, 2, 6), within(talk, 2, 9), within(talk, 2, 9)
    cost = x * p + y * q
    z = talk.pick([n for n in (20, 50, 100, 150) if n > cost])
    g = goods(talk)
    h = talk.pick([other for other in (goods(talk) for _ in range(9)) if other != g] or ["stylos"])
    thought = ("Both prices, their sum, then the change from {z}.", "Les deux prix, leur somme, puis la monnaie sur {z}.")
    steps = [*digits.multiply(x, p), *digits.multiply(y, q), *digits.add(x * p, y * q), *digits.subtract(z, cost)]
    parts = {"A": talk.names(1)[0], "g": g, "h": h, "x": x, "y": y, "p": p, "q": q, "z": z}
    return told(talk, TWO_KINDS, thought, steps, z - cost, "$", **parts)


def saving(talk: Talk) -> Asked:
    x, y, w = within(talk, 5, 90), within(talk, 3, 20), within(talk, 3, 9)
    z = within(talk, 5, x + y * w - 1)
    thought = ("What comes in {w} times, plus {x}, minus {z}.", "Ce qui arrive {w} fois, plus {x}, moins {z}.")
    steps = [*digits.multiply(y, w), *digits.add(x, y * w), *digits.subtract(x + y * w, z)]
    return told(talk, SAVING, thought, steps, x + y * w - z, "$", A=talk.names(1)[0], x=x, y=y, w=w, z=z)


def three_ages(talk: Talk) -> Asked:
    a, b, c = talk.names(3)
    x, k = within(talk, 5, 20), within(talk, 2, 4)
    y = within(talk, 2, x)
    thought = ("First {B}, then {C}, then the sum of the three.", "D'abord {B}, puis {C}, puis la somme des trois.")
    steps = [*digits.multiply(x, k), *digits.subtract(x * k, y), *digits.add(x, x * k)]
    steps += digits.add(x + x * k, x * k - y)
    unit = talk.of("years", "ans")
    return told(talk, THREE_AGES, thought, steps, x + 2 * x * k - y, unit, A=a, B=b, C=c, x=x, k=k, y=y)


def discount(talk: Talk) -> Asked:
    p = talk.pick((5, 10, 15, 20, 25, 30, 40, 50))
    x = within(talk, 2, 30) * 20
    off = x * p // 100
    thought = ("{p}% of {x} comes off.", "On enlève {p} % de {x}.")
    steps = [*digits.multiply(x, p), f"{x * p} / 100 = {off}", *digits.subtract(x, off)]
    return told(talk, DISCOUNT, thought, steps, x - off, "$", A=talk.names(1)[0], x=x, p=str(p))


def tank(talk: Talk) -> Asked:
    y, t, x = within(talk, 2, 12), within(talk, 4, 60), within(talk, 5, 200)
    z = x + y * t
    thought = ("What is missing, then how many times {y}.", "Ce qui manque, puis combien de fois {y}.")
    steps = [*digits.subtract(z, x), *digits.divide(y * t, y)]
    return told(talk, TANK, thought, steps, t, "minutes", A=talk.names(1)[0], x=x, y=y, z=z)


def fuel(talk: Talk) -> Asked:
    x, hundreds, p = within(talk, 4, 9), within(talk, 2, 9), 2
    d = hundreds * 100
    thought = ("{d} km are {n} times 100 km; litres, then the price.", "{d} km font {n} fois 100 km ; les litres, puis le prix.")
    steps = [*digits.multiply(x, hundreds), *digits.multiply(x * hundreds, p)]
    plain = tuple(text.replace("{n}", str(hundreds)) for text in thought)
    price = x * hundreds * p
    return told(talk, FUEL, (plain[0], plain[1]), steps, price, "$", A=talk.names(1)[0], x=x, p=p, d=d)


def meet(talk: Talk) -> Asked:
    a, b = talk.names(2)
    x, y, t = within(talk, 4, 24) * 5, within(talk, 4, 24) * 5, within(talk, 2, 6)
    thought = ("Each hour {x} and {y} km, for {t} hours.", "Chaque heure {x} et {y} km, pendant {t} heures.")
    steps = [*digits.add(x, y), *digits.multiply(x + y, t)]
    return told(talk, MEET, thought, steps, (x + y) * t, "km", A=a, B=b, x=x, y=y, t=t)


def recipe(talk: Talk) -> Asked:
    x, one = within(talk, 2, 8), within(talk, 4, 24) * 5
    y = talk.pick([n for n in range(2, 13) if n != x])
    thought = ("Grams for one person, then for {y}.", "Les grammes pour une personne, puis pour {y}.")
    steps = [*digits.divide(x * one, x), *digits.multiply(one, y)]
    return told(talk, RECIPE, thought, steps, one * y, "g", A=talk.names(1)[0], x=x, y=y, z=x * one)


def seats(talk: Talk) -> Asked:
    x, y = within(talk, 4, 15), within(talk, 6, 20)
    p = within(talk, x * y // 3, x * y - 1)
    q = within(talk, 2, min(p - 1, 30))
    thought = ("All seats, minus {p}, plus {q}.", "Toutes les places, moins {p}, plus {q}.")
    steps = [*digits.multiply(x, y), *digits.subtract(x * y, p), *digits.add(x * y - p, q)]
    return told(talk, SEATS, thought, steps, x * y - p + q, "", A=talk.names(1)[0], x=x, y=y, p=p, q=q)


def work(talk: Talk) -> Asked:
    x, y, d = within(talk, 9, 25), within(talk, 3, 8), within(talk, 2, 6)
    z = within(talk, 10, x * y)
    thought = ("One day, then {d} days, then {z} less.", "Un jour, puis {d} jours, puis {z} de moins.")
    steps = [*digits.multiply(x, y), *digits.multiply(x * y, d), *digits.subtract(x * y * d, z)]
    return told(talk, WORK, thought, steps, x * y * d - z, "$", A=talk.names(1)[0], x=x, y=y, d=d, z=z)


LONG = (two_kinds, saving, three_ages, discount, tank, fuel, meet, recipe, seats, work)
STORIES = Made("stories", SHORT, (*SHORT[2:4], *MIDDLE), (*MIDDLE, *LONG, *LONG))
