"""Names and things that questions are about, in both languages. Data only."""

from __future__ import annotations


def _listed(text: str) -> tuple[str, ...]:
    return tuple(text.split())


# True: a girl's or a woman's.
EN_GENDERS = {
    **dict.fromkeys(
        _listed("Anna Carla Emma Grace Iris Kate Mia Olga Rosa Tina Lucy Nora Zoe Maya Ruth"), True
    ),
    **dict.fromkeys(
        _listed("Ben David Farid Henry Jack Leo Noah Peter Sam Victor Tom Omar Hugo Alex Max"), False
    ),
}
# All begin with a consonant that is spoken, so that "de" keeps its vowel.
FR_GENDERS = {
    **dict.fromkeys(
        _listed("Marie Sophie Julie Nadia Camille Sarah Manon Zoé Léa Fatou Claire Lina Jeanne"), True
    ),
    **dict.fromkeys(
        _listed("Paul Lucas Karim Thomas Pierre Mehdi Louis Gabriel Nicolas Marc Simon Victor"), False
    ),
}
EN_NAMES = tuple(EN_GENDERS)
FR_NAMES = tuple(FR_GENDERS)

EN_DAYS = ("Monday", "Tuesday", "Wednesday", "Thursday", "Friday", "Saturday", "Sunday")
FR_DAYS = ("lundi", "mardi", "mercredi", "jeudi", "vendredi", "samedi", "dimanche")
EN_MONTHS = (
    "January", "February", "March", "April", "May", "June",
    "July", "August", "September", "October", "November", "December",
)  # fmt: skip
FR_MONTHS = (
    "janvier", "février", "mars", "avril", "mai", "juin",
    "juillet", "août", "septembre", "octobre", "novembre", "décembre",
)  # fmt: skip

# Plurals; in French after "de" as well.
EN_GOODS = _listed("apples pears pens books eggs candles stickers cards balloons tickets cookies stamps")
FR_GOODS = _listed("pommes poires stylos livres bougies billets cartes ballons tickets biscuits timbres")

# For spelling: words that people know, without accents, so that a letter is a letter.
EN_WORDS = _listed(
    """strawberry banana cherry orange pepper tomato potato carrot cabbage lettuce mushroom onion garlic
    butter cheese bottle letter kitchen garden window summer winter spring autumn weather mountain river
    bridge island forest tree flower grass cloud thunder rabbit kangaroo elephant giraffe monkey parrot
    penguin dolphin turtle spider butterfly balloon football basketball swimming running cycling music
    guitar piano violin trumpet library school teacher student lesson homework pencil eraser notebook
    computer keyboard internet message engine rocket planet saturn jupiter mercury galaxy station airport
    railway traffic bicycle scooter harbour doctor nurse hospital medicine family sister brother mother father
    daughter children neighbour village address committee success possess assess tomorrow necessary
    occurrence embarrass accommodate bookkeeper mississippi tennessee alabama barcelona amsterdam
    copenhagen canada colorado cinnamon vanilla chocolate raspberry blueberry blackberry cranberry
    pineapple avocado coconut papaya banter puzzle jigsaw question answer reason number seven eleven
    thirteen nineteen hundred thousand million fraction decimal addition morning evening midnight
    calendar january february december wednesday thursday saturday holiday birthday"""
)
FR_WORDS = _listed(
    """banane cerise orange poivron tomate carotte salade champignon oignon beurre fromage bouteille lettre
    cuisine jardin printemps automne montagne pont rivage arbre fleur nuage orage lapin kangourou girafe
    singe perroquet pingouin dauphin tortue papillon ballon football natation course musique guitare
    piano violon trompette professeur examen crayon gomme cahier ordinateur clavier message moteur
    planche galaxie voiture camion bicyclette trottinette docteur famille cousine cousin village voisin
    adresse comment commission succession assise demain bonjour bonsoir merci maintenant quelquefois
    toujours jamais longtemps ensemble pourquoi nombre quatorze quinze seize trente quarante cinquante
    soixante cent mille million fraction addition soustraction multiplication division matin minuit
    calendrier janvier juillet septembre octobre novembre mercredi vendredi samedi dimanche vacances
    anniversaire chocolat vanille cannelle framboise groseille noisette amande pamplemousse ananas
    avocat chaussette chaussure pantalon chemise manteau casquette parapluie balle poussette marionnette
    anticonstitutionnel grenouille hirondelle coccinelle libellule sauterelle abricot citron melon
    raisin concombre courgette aubergine radis navet betterave canard poulet dindon cheval mouton agneau
    renard sanglier marmotte"""
)

EN_KINDS = {
    "animals": _listed("dog cat horse cow sheep lion tiger rabbit duck wolf bear mouse goat frog"),
    "fruits": _listed("apple pear banana cherry grape lemon orange plum peach mango kiwi melon"),
    "colours": _listed("red blue green yellow black white pink brown grey purple"),
    "vehicles": _listed("car bus train bike truck plane boat tram scooter van"),
    "tools": _listed("hammer saw drill wrench shovel rake pliers axe"),
    "musical instruments": _listed("piano guitar violin flute drum trumpet harp cello"),
    "clothes": _listed("shirt coat hat sock scarf dress skirt jacket"),
}  # fmt: skip
FR_KINDS = {
    "animaux": _listed("chien chat cheval vache mouton lion tigre lapin canard loup ours souris grenouille"),
    "fruits": _listed("pomme poire banane cerise raisin citron orange prune mangue kiwi melon fraise"),
    "couleurs": _listed("rouge bleu vert jaune noir blanc rose marron gris violet"),
    "véhicules": _listed("voiture bus train moto camion avion bateau tramway trottinette"),
    "outils": _listed("marteau scie perceuse tournevis pelle pince hache râteau"),
    "instruments de musique": _listed("piano guitare violon flûte tambour trompette harpe"),
    "vêtements": _listed("chemise manteau chapeau chaussette écharpe robe jupe veste"),
}  # fmt: skip
EN_SINGULAR = dict(
    zip(
        EN_KINDS,
        ("animal", "fruit", "colour", "vehicle", "tool", "instrument", "piece of clothing"),
        strict=True,
    )
)
FR_SINGULAR = dict(
    zip(FR_KINDS, ("animal", "fruit", "couleur", "véhicule", "outil", "instrument", "vêtement"), strict=True)
)
