"""Names and things that questions are about, in both languages. Data only."""

from __future__ import annotations

# True: a girl's or a woman's.
EN_GENDERS = {
    **dict.fromkeys("Anna Carla Emma Grace Iris Kate Mia Olga Rosa Tina Lucy Nora Zoe Maya Ruth".split(), True),
    **dict.fromkeys("Ben David Farid Henry Jack Leo Noah Peter Sam Victor Tom Omar Hugo Alex Max".split(), False),
}
# All begin with a consonant that is spoken, so that "de" keeps its vowel.
FR_GENDERS = {
    **dict.fromkeys("Marie Sophie Julie Nadia Camille Sarah Manon Zoé Léa Fatou Claire Lina Jeanne".split(), True),
    **dict.fromkeys("Paul Lucas Karim Thomas Pierre Mehdi Louis Gabriel Nicolas Marc Simon Victor".split(), False),
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
EN_GOODS = tuple("apples pears pens books eggs candles stickers cards balloons tickets cookies stamps".split())
FR_GOODS = tuple("pommes poires stylos livres bougies billets cartes ballons tickets biscuits timbres".split())

# For spelling: words that people know, without accents, so that a letter is a letter.
EN_WORDS = tuple(
    """strawberry banana cherry orange pepper tomato potato carrot cabbage lettuce mushroom onion garlic butter
    cheese bottle letter kitchen garden window summer winter spring autumn weather mountain river bridge island
    forest tree flower grass cloud thunder rabbit kangaroo elephant giraffe monkey parrot penguin dolphin turtle
    spider butterfly balloon football basketball swimming running cycling music guitar piano violin trumpet
    library school teacher student lesson homework pencil eraser notebook computer keyboard internet message
    engine rocket planet saturn jupiter mercury galaxy station airport railway traffic bicycle scooter harbour
    doctor nurse hospital medicine family sister brother mother father daughter children neighbour village
    address committee success possess assess tomorrow necessary occurrence embarrass accommodate bookkeeper
    mississippi tennessee alabama barcelona amsterdam copenhagen canada colorado cinnamon vanilla chocolate
    raspberry blueberry blackberry cranberry pineapple avocado coconut papaya banter puzzle jigsaw question
    answer reason number seven eleven thirteen nineteen hundred thousand million fraction decimal addition
    morning evening midnight calendar january february december wednesday thursday saturday holiday birthday""".split()
)
FR_WORDS = tuple(
    """banane cerise orange poivron tomate carotte salade champignon oignon beurre fromage bouteille lettre cuisine
    jardin printemps automne montagne pont rivage arbre fleur nuage orage lapin kangourou girafe singe
    perroquet pingouin dauphin tortue papillon ballon football natation course musique guitare piano violon
    trompette professeur examen crayon gomme cahier ordinateur clavier message moteur planche
    galaxie voiture camion bicyclette trottinette docteur famille cousine cousin
    village voisin adresse comment commission succession assise demain bonjour bonsoir merci maintenant
    quelquefois toujours jamais longtemps ensemble pourquoi nombre quatorze quinze seize trente
    quarante cinquante soixante cent mille million fraction addition soustraction multiplication division matin
    minuit calendrier janvier juillet septembre octobre novembre mercredi vendredi samedi dimanche vacances
    anniversaire chocolat vanille cannelle framboise groseille noisette amande pamplemousse ananas avocat
    chaussette chaussure pantalon chemise manteau casquette parapluie balle poussette marionnette anticonstitutionnel
    grenouille hirondelle coccinelle libellule sauterelle abricot citron melon raisin concombre courgette
    aubergine radis navet betterave canard poulet dindon cheval mouton agneau renard sanglier marmotte""".split()
)

EN_KINDS = {
    "animals": tuple("dog cat horse cow sheep lion tiger rabbit duck wolf bear mouse goat frog".split()),
    "fruits": tuple("apple pear banana cherry grape lemon orange plum peach mango kiwi melon".split()),
    "colours": tuple("red blue green yellow black white pink brown grey purple".split()),
    "vehicles": tuple("car bus train bike truck plane boat tram scooter van".split()),
    "tools": tuple("hammer saw drill wrench shovel rake pliers axe".split()),
    "musical instruments": tuple("piano guitar violin flute drum trumpet harp cello".split()),
    "clothes": tuple("shirt coat hat sock scarf dress skirt jacket".split()),
}  # fmt: skip
FR_KINDS = {
    "animaux": tuple("chien chat cheval vache mouton lion tigre lapin canard loup ours souris grenouille".split()),
    "fruits": tuple("pomme poire banane cerise raisin citron orange prune mangue kiwi melon fraise".split()),
    "couleurs": tuple("rouge bleu vert jaune noir blanc rose marron gris violet".split()),
    "véhicules": tuple("voiture bus train moto camion avion bateau tramway trottinette".split()),
    "outils": tuple("marteau scie perceuse tournevis pelle pince hache râteau".split()),
    "instruments de musique": tuple("piano guitare violon flûte tambour trompette harpe".split()),
    "vêtements": tuple("chemise manteau chapeau chaussette écharpe robe jupe veste".split()),
}  # fmt: skip
EN_SINGULAR = dict(
    zip(EN_KINDS, ("animal", "fruit", "colour", "vehicle", "tool", "instrument", "piece of clothing"), strict=True)
)
FR_SINGULAR = dict(
    zip(FR_KINDS, ("animal", "fruit", "couleur", "véhicule", "outil", "instrument", "vêtement"), strict=True)
)
