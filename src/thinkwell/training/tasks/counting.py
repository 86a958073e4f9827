"""Counting: letters and vowels of a word, words of a sentence, digits of a number, items of a kind."""

from __future__ import annotations

from thinkwell.training.tasks.made import Asked, Kind, Made, Talk
from thinkwell.training.tasks.phrases import counting as said
from thinkwell.training.tasks.words import (
    EN_GOODS,
    EN_KINDS,
    EN_NAMES,
    EN_SINGULAR,
    EN_WORDS,
    FR_GOODS,
    FR_KINDS,
    FR_NAMES,
    FR_SINGULAR,
    FR_WORDS,
)

# An orange is a colour too, a kiwi a bird, and with a plane wood is worked.
OF_TWO_KINDS = ("orange", "rose", "marron", "plum", "violet", "prune", "kiwi", "plane", "drill")
EN_PARTS = (
    ("the", "my", "this", "our", "a", "that", "her", "his"),
    (
        "small",
        "old",
        "happy",
        "red",
        "very tall",
        "quiet",
        "young",
        "hungry",
        "brave",
        "funny",
        "tired",
        "clever",
    ),
    (
        "dog",
        "teacher",
        "boat",
        "neighbour",
        "child",
        "king",
        "robot",
        "bird",
        "farmer",
        "doctor",
        "train",
        "bear",
    ),
    (
        "sleeps",
        "waits",
        "sings",
        "walks home",
        "eats an apple",
        "reads a book",
        "runs fast",
        "laughs",
        "tells a story",
        "is late",
    ),
    (
        "",
        "in the garden",
        "every morning",
        "near the river",
        "on Monday",
        "after lunch",
        "with a friend",
        "at night",
        "again",
    ),
)
FR_PARTS = (
    ("le", "mon", "ce", "notre", "un", "ton", "votre", "leur"),
    ("petit", "vieux", "gentil", "grand", "très jeune", "brave", "joli", "curieux", "drôle de", "pauvre"),
    (
        "chien",
        "voisin",
        "bateau",
        "professeur",
        "garçon",
        "roi",
        "robot",
        "lapin",
        "fermier",
        "docteur",
        "train",
        "loup",
    ),
    (
        "dort",
        "attend",
        "chante",
        "rentre chez lui",
        "mange une pomme",
        "lit un livre",
        "court vite",
        "rit",
        "raconte une histoire",
        "est en retard",
    ),
    (
        "",
        "dans le jardin",
        "chaque matin",
        "près du pont",
        "le lundi",
        "avec un ami",
        "la nuit",
        "encore",
        "sous la pluie",
    ),
)


SYLLABLES = (
    "ba",
    "be",
    "bi",
    "bo",
    "bra",
    "da",
    "de",
    "do",
    "dri",
    "fa",
    "fi",
    "flo",
    "ga",
    "go",
    "gri",
    "ha",
    "ho",
    "ka",
    "ki",
    "klo",
    "la",
    "le",
    "li",
    "lo",
    "lu",
    "ma",
    "me",
    "mi",
    "mo",
    "mu",
    "na",
    "ne",
    "ni",
    "no",
    "pa",
    "pe",
    "plo",
    "po",
    "pra",
    "ra",
    "re",
    "ri",
    "ro",
    "sa",
    "se",
    "shi",
    "so",
    "sta",
    "ta",
    "te",
    "ti",
    "to",
    "tra",
    "va",
    "ve",
    "vi",
    "wa",
    "zo",
)
ENDINGS = ("", "", "n", "r", "s", "t", "l", "nt", "st", "ck", "ss", "tte")


def spelled(talk: Talk) -> str:
    """A word that people know, a thing, a name, or one that nobody knows: letters are in all of them."""
    chance = talk.random.random()
    if chance < 0.6:
        return talk.pick(talk.of(EN_WORDS, FR_WORDS))
    if chance < 0.7:
        return talk.pick(talk.of(EN_GOODS, FR_GOODS))
    if chance < 0.8:
        return talk.pick([name for name in talk.of(EN_NAMES, FR_NAMES) if name.isascii()]).lower()
    return "".join(talk.pick(SYLLABLES) for _ in range(talk.random.randint(2, 4))) + talk.pick(ENDINGS)


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
    w = spelled(talk)
    absent = talk.random.random() < 0.08
    c = talk.pick("abcdefghijklmnopqrstuvwxyz") if absent else talk.pick(w)
    if not absent and talk.random.random() < 0.5:
        c = max(sorted(set(w)), key=w.count)
    line, count = _counted(w, c)
    typed = w.capitalize() if talk.random.random() < 0.1 else w
    return Asked(
        talk.say(said.LETTERS, w=typed, c=c, C=c.upper()),
        [talk.say(said.LETTERS_THOUGHT, w=w, c=c), line],
        str(count),
    )


def length(talk: Talk) -> Asked:
    w = spelled(talk)
    line = " ".join(f"{c} {i}" for i, c in enumerate(w, 1))
    return Asked(talk.say(said.LENGTH, w=w), [talk.say(said.LENGTH_THOUGHT, w=w), line], str(len(w)))


def vowels(talk: Talk) -> Asked:
    w = spelled(talk)
    line, count = _counted(w, talk.of("aeiou", "aeiouy"))
    return Asked(talk.say(said.VOWELS, w=w), [talk.say(said.VOWELS_THOUGHT, w=w), line], str(count))


def digit_runs(size: int) -> Kind:
    def ask(talk: Talk) -> Asked:
        few = talk.random.sample("0123456789", 3)
        w = talk.pick("123456789") + "".join(talk.pick(few) for _ in range(size - 1))
        c = talk.pick(few)
        line, count = _numbered(w, c)
        return Asked(
            talk.say(said.DIGITS, w=w, c=c), [talk.say(said.DIGITS_THOUGHT, w=w, c=c), line], str(count)
        )

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
    return Asked(talk.say(said.SENTENCE, s=s), [talk.say(said.SENTENCE_THOUGHT), line], str(len(words)))


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
        asked = talk.say(said.ITEMS, k=k, l=", ".join(listed), d=d)
        return Asked(
            asked, [talk.say(said.ITEMS_THOUGHT, k=k, one=singular[k]), ", ".join(parts)], str(len(hits))
        )

    return ask


COUNTING = Made(
    "counting",
    (letters, length, digit_runs(5), items(5)),
    (letters, vowels, length, digit_runs(8), items(7), sentences),
    (letters, vowels, digit_runs(12), items(9), sentences, sentences),
)
