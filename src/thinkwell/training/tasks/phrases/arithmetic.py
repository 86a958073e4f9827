"""Sums in words: how people ask for them, and how a thought begins. Data only."""

from __future__ import annotations

from thinkwell.training.tasks.phrases import Phrases

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
WITH_REST = Phrases(
    en=(
        "Divide {a} by {b} with remainder.",
        "What is {a} divided by {b}, with remainder?",
        "Give quotient and remainder of {a} / {b}.",
        "{a} / {b} with remainder?",
        "What are the quotient and the remainder of {a} divided by {b}?",
        "Do the whole division {a} ÷ {b} and tell me the remainder too.",
        "How many times does {b} fit into {a}, and what remains?",
        "Calculate {a} ÷ {b} as quotient and remainder.",
    ),
    fr=(
        "Divise {a} par {b} avec le reste.",
        "Combien font {a} divisé par {b}, avec le reste ?",
        "Donne le quotient et le reste de {a} / {b}.",
        "{a} / {b} avec reste ?",
        "Quels sont le quotient et le reste de la division de {a} par {b} ?",
        "Pose la division euclidienne de {a} par {b}.",
        "Combien de fois {b} dans {a}, et que reste-t-il ?",
        "Effectue la division de {a} par {b} : quotient et reste.",
    ),
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
        "{a} modulo {b}, ça fait combien ?",
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
        "Que vaut {p} % de {n} ?",
        "Calcule {p} % de {n}.",
        "Ça fait combien, {p} % de {n} ?",
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
    fr=(
        "J'additionne les {n} nombres et je divise par {n}.",
        "Il y a {n} nombres : la somme, divisée par {n}.",
    ),
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
