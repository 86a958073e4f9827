"""Word problems of three steps, as they are told. Data only."""

from __future__ import annotations

from thinkwell.training.tasks.phrases import Phrases

TWO_KINDS = Phrases(
    en=(
        "{A} buys {x} {g} at ${p} and {y} {h} at ${q}. {A} pays with ${z}. How much change is there?",
        "A pack of {g} costs ${p}, a pack of {h} ${q}. {A} takes {x} packs of {g} and {y} of {h} and "
        "gives ${z}. "
        "How much comes back?",
        "{A} has ${z}. After buying {x} {g} for ${p} each and {y} {h} for ${q} each, how much is left?",
    ),
    fr=(
        "{A} achète {x} {g} à {p} € et {y} {h} à {q} €, et paie avec {z} €. Combien lui rend-on ?",
        "Un paquet de {g} coûte {p} €, un paquet de {h} {q} €. {A} prend {x} paquets de {g} et {y} de "
        "{h} et donne "
        "{z} €. Combien lui rend-on ?",
        "{A} a {z} €. Après l'achat de {x} {g} à {p} € pièce et de {y} {h} à {q} € pièce, combien lui "
        "reste-t-il ?",
    ),
)
SAVING = Phrases(
    en=(
        "{A} has ${x}, saves ${y} a week for {w} weeks and then spends ${z}. How much does {A} have now?",
        "There are ${x} in a money box. {A} adds ${y} each week for {w} weeks, then takes out ${z}. How "
        "much is in it?",
        "{A} starts with ${x} and earns ${y} a day for {w} days, then pays ${z}. How much is left?",
    ),
    fr=(
        "{A} a {x} €, épargne {y} € par semaine pendant {w} semaines, puis dépense {z} €. Combien lui "
        "reste-t-il ?",
        "Il y a {x} € dans une tirelire. {A} y met {y} € par semaine pendant {w} semaines, puis en "
        "retire {z} €. "
        "Combien y a-t-il dedans ?",
        "{A} commence avec {x} € et gagne {y} € par jour pendant {w} jours, puis paie {z} €. Combien "
        "reste-t-il ?",
    ),
)
THREE_AGES = Phrases(
    en=(
        "{A} is {x} years old. {B} is {k} times as old. {C} is {y} years younger than {B}. How old are "
        "all three together?",
        "{B} is {k} times as old as {A}, who is {x}. {C} is {y} years younger than {B}. What is the sum "
        "of the three ages?",
    ),
    fr=(
        "{A} a {x} ans. {B} a {k} fois cet âge. {C} a {y} ans de moins que {B}. Quel âge ont les trois "
        "ensemble ?",
        "{B} a {k} fois l'âge de {A}, qui a {x} ans. {C} a {y} ans de moins que {B}. Quelle est la somme "
        "des trois âges ?",
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
        "A tank of {z} litres holds {x} litres. A tap adds {y} litres a minute. After how many minutes "
        "is it full?",
        "{A} fills a pool of {z} litres. There are {x} litres in it, and {y} litres come each minute. "
        "How many minutes does it take?",
        "A barrel has {x} of {z} litres in it. How many minutes to fill it at {y} litres a minute?",
    ),
    fr=(
        "Un réservoir de {z} litres contient {x} litres. Un robinet ajoute {y} litres par minute. En "
        "combien de minutes est-il plein ?",
        "{A} remplit un bassin de {z} litres. Il en contient déjà {x} et il arrive {y} litres par "
        "minute. Combien de minutes faut-il ?",
        "Un tonneau contient {x} litres sur {z}. En combien de minutes le remplit-on à {y} litres par "
        "minute ?",
    ),
)
FUEL = Phrases(
    en=(
        "A car needs {x} litres for 100 km. A litre costs ${p}. What does the fuel for {d} km cost?",
        "{A} drives {d} km. The car uses {x} litres per 100 km, at ${p} a litre. How much is the fuel?",
    ),
    fr=(
        "Une voiture consomme {x} litres aux 100 km. Le litre coûte {p} €. Combien coûte le carburant "
        "pour {d} km ?",
        "{A} fait {d} km. Sa voiture consomme {x} litres aux 100 km, à {p} € le litre. Combien coûte le "
        "carburant ?",
    ),
)
MEET = Phrases(
    en=(
        "Two trains leave the same station in opposite directions, at {x} and {y} km/h. How far apart "
        "are they after {t} hours?",
        "{A} rides east at {x} km/h and {B} west at {y} km/h. What is the distance between them after "
        "{t} hours?",
        "Two cars start towards each other at {x} and {y} km/h and meet after {t} hours. How far apart "
        "were they at first?",
    ),
    fr=(
        "Deux trains quittent la même gare en sens opposés, à {x} et {y} km/h. Quelle distance les "
        "sépare après {t} heures ?",
        "{A} roule vers le nord à {x} km/h et {B} vers le sud à {y} km/h. Quelle distance les sépare "
        "après {t} heures ?",
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
        "Une recette pour {x} personnes demande {z} g de farine. Combien de farine faut-il pour {y} "
        "personnes ?",
        "Pour {x} personnes, {A} prend {z} g de riz. Combien de grammes pour {y} personnes ?",
        "{A} fait cuire {z} g de pâtes pour {x} personnes. Combien en faudrait-il pour {y} ?",
    ),
)
SEATS = Phrases(
    en=(
        "A hall has {x} rows of {y} seats. {p} seats are taken, then {q} people leave. How many seats "
        "are free?",
        "{A} counts {x} rows with {y} chairs. {p} people sit down and {q} get up again. How many chairs "
        "are empty?",
    ),
    fr=(
        "Une salle a {x} rangées de {y} places. {p} places sont prises, puis {q} personnes partent. "
        "Combien de places sont libres ?",
        "{A} compte {x} rangées de {y} chaises. {p} personnes se mettent sur une chaise et {q} se "
        "lèvent. Combien de chaises sont vides ?",
    ),
)
WORK = Phrases(
    en=(
        "{A} earns ${x} an hour and works {y} hours a day for {d} days. ${z} go to tax. How much is left?",
        "At ${x} an hour, {y} hours a day, {d} days: what does {A} keep after ${z} of tax?",
    ),
    fr=(
        "{A} gagne {x} € de l'heure et travaille {y} heures par jour pendant {d} jours. {z} € partent en "
        "impôts. Combien reste-t-il ?",
        "À {x} € de l'heure, {y} heures par jour, {d} jours : combien garde {A} après {z} € d'impôts ?",
    ),
)
