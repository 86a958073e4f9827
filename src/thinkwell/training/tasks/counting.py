"""Counting: letters and vowels of a word, words of a sentence, digits of a number, items of a kind."""

from __future__ import annotations

from thinkwell.training.tasks.made import Asked, Kind, Made, Phrases, Talk
from thinkwell.training.tasks.words import (
    EN_KINDS,
    EN_NAMES,
    EN_SINGULAR,
    EN_WORDS,
    FR_KINDS,
    FR_NAMES,
    FR_SINGULAR,
    FR_WORDS,
)

LETTERS = Phrases(
    en=(
        'How many "{c}" are in "{w}"?',
        "How many {c} in {w}?",
        "How many {c}'s are there in {w}?",
        "How many times does the letter {c} appear in {w}?",
        "Count the letter {c} in the word {w}.",
        "How often does {c} occur in '{w}'?",
        "how many letters {c} does {w} have?",
        "In the word \"{w}\", how many {C}s are there?",
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
    fr=("J'épelle {w} et je compte chaque {c}.", "Lettre par lettre, je compte {c} :", "Je cherche {c} dans {w}."),
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
    en=("I spell {w} and count.", "Letter by letter:"), fr=("J'épelle {w} en comptant.", "Lettre par lettre :")
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
    en=("I count word by word.", "Each word gets a number:"), fr=("Je compte mot par mot.", "Je numérote chaque mot :")
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
    en=("I look at each: {one} or not?", "One by one, counting {k}:"), fr=("Je regarde chaque mot : {one} ou non ?", "Un par un, je compte les {k} :")
)
# An orange is a colour too, a kiwi a bird, and with a plane wood is worked.
OF_TWO_KINDS = ("orange", "rose", "marron", "plum", "violet", "prune", "kiwi", "plane", "drill")
EN_PARTS = (
    tuple("the|my|this|our|a|that|her|his".split("|")),
    tuple("small|old|happy|red|very tall|quiet|young|hungry|brave|funny|tired|clever".split("|")),
    tuple("dog|teacher|boat|neighbour|child|king|robot|bird|farmer|doctor|train|bear".split("|")),
    tuple("sleeps|waits|sings|walks home|eats an apple|reads a book|runs fast|laughs|tells a story|is late".split("|")),
    tuple("|in the garden|every morning|near the river|on Monday|after lunch|with a friend|at night|again".split("|")),
)
FR_PARTS = (
    tuple("le|mon|ce|notre|un|ton|votre|leur".split("|")),
    tuple("petit|vieux|gentil|grand|très jeune|brave|joli|curieux|drôle de|pauvre".split("|")),
    tuple("chien|voisin|bateau|professeur|garçon|roi|robot|lapin|fermier|docteur|train|loup".split("|")),
    tuple("dort|attend|chante|rentre chez lui|mange une pomme|lit un livre|court vite|rit|raconte une histoire|est en retard".split("|")),
    tuple("|dans le jardin|chaque matin|près du pont|le lundi|avec un ami|la nuit|encore|sous la pluie".split("|")),
)  # fmt: skip


def _counted(text: str, wanted: str) -> tuple[str, int]:
    """``s t r 1 a w b e r 2 r 3 y`` for r: each one that counts has its number behind it."""
    parts: list[str] = []
    count = 0
    for c in text:
        parts.append(c)
        if c in wanted:
            count += 1
            parts.append(str(count))
    return " ".join(parts), count


def letters(talk: Talk) -> Asked:
    w = talk.pick(talk.of(EN_WORDS, FR_WORDS))
    absent = talk.random.random() < 0.08
    c = talk.pick("abcdefghijklmnopqrstuvwxyz") if absent else talk.pick(w)
    if not absent and talk.random.random() < 0.5:
        c = max(sorted(set(w)), key=w.count)
    line, count = _counted(w, c)
    typed = w.capitalize() if talk.random.random() < 0.1 else w
    return Asked(talk.say(LETTERS, w=typed, c=c, C=c.upper()), [talk.say(LETTERS_THOUGHT, w=w, c=c), line], str(count))


def length(talk: Talk) -> Asked:
    w = talk.pick(talk.of(EN_WORDS, FR_WORDS))
    line = " ".join(f"{c} {i}" for i, c in enumerate(w, 1))
    return Asked(talk.say(LENGTH, w=w), [talk.say(LENGTH_THOUGHT, w=w), line], str(len(w)))


def vowels(talk: Talk) -> Asked:
    w = talk.pick(talk.of(EN_WORDS, FR_WORDS))
    line, count = _counted(w, talk.of("aeiou", "aeiouy"))
    return Asked(talk.say(VOWELS, w=w), [talk.say(VOWELS_THOUGHT, w=w), line], str(count))


def digit_runs(size: int) -> Kind:
    def ask(talk: Talk) -> Asked:
        few = talk.random.sample("0123456789", 3)
        w = talk.pick("123456789") + "".join(talk.pick(few) for _ in range(size - 1))
        c = talk.pick(few)
        line, count = _numbered(w, c)
        return Asked(talk.say(DIGITS, w=w, c=c), [talk.say(DIGITS_THOUGHT, w=w, c=c), line], str(count))

    return ask


def _numbered(text: str, wanted: str) -> tuple[str, int]:
    """``1 7: (1) 2 7: (2)``: the counts in brackets, for here the things counted are digits too."""
    parts: list[str] = []
    count = 0
    for c in text:
        count += c == wanted
        parts.append(f"{c} ({count})" if c == wanted else c)
    return " ".join(parts), count


def sentences(talk: Talk) -> Asked:
    who, how, what, does, where = (talk.pick(part) for part in talk.of(EN_PARTS, FR_PARTS))
    if talk.random.random() < 0.25:
        words = f"{talk.pick(talk.of(EN_NAMES, FR_NAMES))} {does} {where}".split()
    else:
        words = f"{who} {how} {what} {does} {where}".split()
    if not talk.fr and words[0] == "a" and words[1][0] in "aeiou":
        words[0] = "an"
    s = " ".join(words)
    line = " ".join(f"{word} {i}" for i, word in enumerate(words, 1))
    s = s[0].upper() + s[1:]
    return Asked(talk.say(SENTENCE, s=s), [talk.say(SENTENCE_THOUGHT), line], str(len(words)))


def items(size: int) -> Kind:
    def ask(talk: Talk) -> Asked:
        kinds, singular = talk.of((EN_KINDS, EN_SINGULAR), (FR_KINDS, FR_SINGULAR))
        k = talk.pick(tuple(kinds))
        count = talk.random.randint(1, size - 2)
        hits = talk.random.sample(kinds[k], min(count, len(kinds[k])))
        others = [w for name, words in kinds.items() if name != k for w in words if w not in kinds[k]]
        others = [w for w in others if w not in OF_TWO_KINDS]
        listed = [*hits, *talk.random.sample(others, size - len(hits))]
        talk.random.shuffle(listed)
        found = 0
        parts: list[str] = []
        for word in listed:
            found += word in hits
            parts.append(f"{word} {found}" if word in hits else f"{word} {talk.of('no', 'non')}")
        d = "d'" if k[0] in "aeiou" else "de "
        asked = talk.say(ITEMS, k=k, l=", ".join(listed), d=d)
        return Asked(asked, [talk.say(ITEMS_THOUGHT, k=k, one=singular[k]), ", ".join(parts)], str(len(hits)))

    return ask


COUNTING = Made(
    "counting",
    (letters, length, digit_runs(5), items(5)),
    (letters, vowels, length, digit_runs(8), items(7), sentences),
    (letters, vowels, digit_runs(12), items(9), sentences, sentences),
)
