"""Counting in words: how people ask for it, and how a thought begins. Data only."""

from __future__ import annotations

from thinkwell.training.tasks.phrases import Phrases

LETTERS = Phrases(
    en=(
        'How many "{c}" are in "{w}"?',
        "How many {c} in {w}?",
        "How many {c}'s are there in {w}?",
        "How many times does the letter {c} appear in {w}?",
        "Count the letter {c} in the word {w}.",
        "How often does {c} occur in '{w}'?",
        "how many letters {c} does {w} have?",
        'In the word "{w}", how many {C}s are there?',
        "The word {w} has how many {c}'s?",
        "Count the {c}s in {w}.",
    ),
    fr=(
        "Combien y a-t-il de « {c} » dans « {w} » ?",
        "Combien de {c} dans {w} ?",
        "Combien de fois la lettre {c} apparaît-elle dans {w} ?",
        "Compte la lettre {c} dans le mot {w}.",
        "Combien de lettres {c} y a-t-il dans le mot {w} ?",
        "Dans le mot « {w} », combien y a-t-il de {C} ?",
        "Le mot {w} contient combien de {c} ?",
        "Combien de fois trouve-t-on {c} dans {w} ?",
        "Compte les {c} dans {w}.",
        "Il y a combien de {c} dans « {w} » ?",
    ),
)
LETTERS_THOUGHT = Phrases(
    en=("I spell {w} and count each {c}.", "Letter by letter, counting {c}:", "I look for {c} in {w}."),
    fr=(
        "J'épelle {w} et je compte chaque {c}.",
        "Lettre par lettre, je compte {c} :",
        "Je cherche {c} dans {w}.",
    ),
)
LENGTH = Phrases(
    en=(
        "How many letters are in {w}?",
        'How many letters does "{w}" have?',
        "Count the letters of {w}.",
        "How long is the word {w}?",
        "What is the number of letters in '{w}'?",
        "How many letters in the word {w}?",
        "The word {w} has how many letters?",
        "how many characters in {w}?",
    ),
    fr=(
        "Combien de lettres y a-t-il dans {w} ?",
        "Combien de lettres a le mot « {w} » ?",
        "Compte les lettres de {w}.",
        "Combien de lettres dans le mot {w} ?",
        "Quel est le nombre de lettres du mot {w} ?",
        "Le mot {w} a combien de lettres ?",
        "De combien de lettres se compose « {w} » ?",
        "Il y a combien de lettres dans {w} ?",
    ),
)
LENGTH_THOUGHT = Phrases(
    en=("I spell {w} and count.", "Letter by letter:"),
    fr=("J'épelle {w} en comptant.", "Lettre par lettre :"),
)
VOWELS = Phrases(
    en=(
        "How many vowels are in {w}?",
        'How many vowels does "{w}" have?',
        "Count the vowels in {w}.",
        "How many vowels in the word {w}?",
        "What is the number of vowels in '{w}'?",
        "The word {w} has how many vowels?",
        "How many of the letters of {w} are vowels (a, e, i, o, u)?",
        "Count a, e, i, o, u in {w}.",
    ),
    fr=(
        "Combien de voyelles y a-t-il dans {w} ?",
        "Combien de voyelles a le mot « {w} » ?",
        "Compte les voyelles de {w}.",
        "Combien de voyelles dans le mot {w} ?",
        "Quel est le nombre de voyelles du mot {w} ?",
        "Le mot {w} a combien de voyelles ?",
        "Dans {w}, combien de lettres sont des voyelles ?",
        "Il y a combien de voyelles dans {w} ?",
    ),
)
VOWELS_THOUGHT = Phrases(
    en=("Vowels are a, e, i, o, u.", "I spell {w} and count a, e, i, o, u."),
    fr=("Les voyelles : a, e, i, o, u, y.", "J'épelle {w} et je compte a, e, i, o, u, y."),
)
DIGITS = Phrases(
    en=(
        "How many times does the digit {c} appear in {w}?",
        "How many {c}s are in {w}?",
        "Count the digit {c} in {w}.",
        "How often is {c} a digit of {w}?",
        "In the number {w}, how many {c}s are there?",
        "The number {w} contains how many {c}s?",
        "How many of the digits of {w} are {c}?",
        "Count the {c}s in the number {w}.",
    ),
    fr=(
        "Combien de fois le chiffre {c} apparaît-il dans {w} ?",
        "Combien de {c} y a-t-il dans {w} ?",
        "Compte le chiffre {c} dans {w}.",
        "Dans le nombre {w}, combien y a-t-il de {c} ?",
        "Le nombre {w} contient combien de {c} ?",
        "Combien de chiffres de {w} sont des {c} ?",
        "Combien de fois trouve-t-on {c} dans le nombre {w} ?",
        "Il y a combien de {c} dans {w} ?",
    ),
)
DIGITS_THOUGHT = Phrases(
    en=("Digit by digit, counting {c}:", "I go through {w} and count each {c}."),
    fr=("Chiffre par chiffre, je compte {c} :", "Je parcours {w} et je compte chaque {c}."),
)
SENTENCE = Phrases(
    en=(
        'How many words are in the sentence "{s}"?',
        'How many words does "{s}" have?',
        "Count the words: {s}",
        'Count the words in this sentence: "{s}"',
        'how many words are there in "{s}"?',
        "What is the number of words in: {s}",
        "How many words is this? {s}",
        'Number of words in "{s}"?',
    ),
    fr=(
        "Combien de mots y a-t-il dans la phrase « {s} » ?",
        "Combien de mots contient « {s} » ?",
        "Compte les mots : {s}",
        "Compte les mots de cette phrase : « {s} »",
        "Quel est le nombre de mots dans : {s}",
        "Il y a combien de mots dans « {s} » ?",
        "Combien de mots dans cette phrase ? {s}",
        "De combien de mots se compose « {s} » ?",
    ),
)
SENTENCE_THOUGHT = Phrases(
    en=("I count word by word.", "Each word gets a number:"),
    fr=("Je compte mot par mot.", "Je numérote chaque mot :"),
)
ITEMS = Phrases(
    en=(
        "How many {k} are in this list: {l}?",
        "How many of these are {k}: {l}?",
        "Count the {k}: {l}.",
        "I have this list: {l}. How many {k} are there?",
        "{l}: how many {k}?",
        "Here are some words: {l}. How many are {k}?",
        "How many {k} do you see here? {l}",
        "Tell me the number of {k} among {l}.",
    ),
    fr=(
        "Combien y a-t-il {d}{k} dans cette liste : {l} ?",
        "Combien de ces mots sont des {k} : {l} ?",
        "Compte les {k} : {l}.",
        "Voici une liste : {l}. Combien y a-t-il {d}{k} ?",
        "Combien {d}{k} ici : {l} ?",
        "Voici des mots : {l}. Combien désignent des {k} ?",
        "Combien {d}{k} vois-tu ? {l}",
        "Donne le nombre {d}{k} parmi : {l}.",
    ),
)
ITEMS_THOUGHT = Phrases(
    en=("I look at each: {one} or not?", "One by one, counting {k}:"),
    fr=("Je regarde chaque mot : {one} ou non ?", "Un par un, je compte les {k} :"),
)
