"""Word problems of one and two steps, as they are told. Data only."""

from __future__ import annotations

from thinkwell.training.tasks.phrases import Phrases

GETS = Phrases(
    en=(
        "{A} has {x} {g} and buys {y} more. How many {g} does {A} have now?",
        "{A} had {x} {g}. {B} gives {A} {y} more. How many {g} are there now?",
        "There are {x} {g} on the table. {A} puts {y} more there. How many {g} are on the table?",
        "{A} found {x} {g} yesterday and {y} today. How many {g} in all?",
    ),
    fr=(
        "{A} a {x} {g} et en achète encore {y}. Combien de {g} a {A} maintenant ?",
        "{A} avait {x} {g}. {B} lui en donne {y} de plus. Combien y a-t-il de {g} maintenant ?",
        "Il y a {x} {g} sur la table. {A} en pose {y} de plus. Combien de {g} y a-t-il sur la table ?",
        "{A} a trouvé {x} {g} hier et {y} aujourd'hui. Combien de {g} en tout ?",
    ),
)
LOSES = Phrases(
    en=(
        "{A} has {x} {g} and gives {y} to {B}. How many {g} are left?",
        "There were {x} {g} in a box. {A} took {y} of them. How many {g} are still in the box?",
        "{A} had {x} {g} and lost {y}. How many {g} does {A} have left?",
        "A shop has {x} {g}. It sells {y}. How many {g} remain?",
    ),
    fr=(
        "{A} a {x} {g} et en donne {y} à {B}. Combien de {g} lui reste-t-il ?",
        "Il y avait {x} {g} dans une boîte. {A} en a pris {y}. Combien de {g} reste-t-il dans la boîte ?",
        "{A} avait {x} {g} et en a perdu {y}. Combien de {g} a-t-{he} encore ?",
        "Un magasin a {x} {g}. Il en vend {y}. Combien de {g} reste-t-il ?",
    ),
)
BOXES = Phrases(
    en=(
        "There are {x} boxes with {y} {g} each. How many {g} are there in all?",
        "{A} has {x} bags. Each bag holds {y} {g}. How many {g} does {A} have?",
        "A box holds {y} {g}. How many {g} are in {x} boxes?",
        "{A} fills {x} shelves with {y} {g} each. How many {g} is that?",
    ),
    fr=(
        "Il y a {x} boîtes de {y} {g} chacune. Combien de {g} y a-t-il en tout ?",
        "{A} a {x} sacs. Chaque sac contient {y} {g}. Combien de {g} a {A} ?",
        "Une boîte contient {y} {g}. Combien de {g} y a-t-il dans {x} boîtes ?",
        "{A} remplit {x} tiroirs avec {y} {g} chacun. Combien de {g} cela fait-il ?",
    ),
)
SHARES = Phrases(
    en=(
        "{y} children share {x} {g} equally. How many {g} does each child get?",
        "{A} puts {x} {g} into {y} boxes, the same number in each. How many {g} are in one box?",
        "{x} {g} are shared among {y} friends. How many does each get?",
        "{A} has {x} {g} for {y} guests. How many {g} are there for each guest?",
    ),
    fr=(
        "{y} enfants se partagent {x} {g}. Combien de {g} reçoit chaque enfant ?",
        "{A} range {x} {g} dans {y} boîtes, autant dans chacune. Combien de {g} y a-t-il dans une boîte ?",
        "On partage {x} {g} entre {y} amis. Combien chacun en reçoit-il ?",
        "{A} a {x} {g} pour {y} invités. Combien de {g} y a-t-il pour chaque invité ?",
    ),
)
OLDER = Phrases(
    en=(
        "{A} is {x} years old. {B} is {y} years older. How old is {B}?",
        "{A} is {x}. {B} is {y} years older than {A}. What is the age of {B}?",
        "How old will {A} be in {y} years if {A} is {x} now?",
        "{A} is {x} years old today. How old will {A} be in {y} years?",
    ),
    fr=(
        "{A} a {x} ans. {B} a {y} ans de plus. Quel âge a {B} ?",
        "{A} a {x} ans et {B} {y} ans de plus que {A}. Quel est l'âge de {B} ?",
        "Quel âge aura {A} dans {y} ans, si {A} a {x} ans aujourd'hui ?",
        "{A} a {x} ans. Quel âge aura-t-{he} dans {y} ans ?",
    ),
)
CHANGE = Phrases(
    en=(
        "{A} buys {x} {g} at ${y} each and pays with ${z}. How much change does {A} get?",
        "One ticket costs ${y}. {A} buys {x} tickets and pays with ${z}. How much comes back?",
        "{A} has ${z} and buys {x} {g} for ${y} each. How much money is left?",
        "If I buy {x} {g} at {y} dollars each and give {z} dollars, what is my change?",
    ),
    fr=(
        "{A} achète {x} {g} à {y} € pièce et paie avec {z} €. Combien lui rend-on ?",
        "Un ticket coûte {y} €. {A} achète {x} tickets et donne {z} €. Combien lui rend-on ?",
        "{A} a {z} € et achète {x} {g} à {y} € pièce. Combien d'argent lui reste-t-il ?",
        "Si j'achète {x} {g} à {y} euros pièce et que je donne {z} euros, combien me rend-on ?",
    ),
)
EATEN = Phrases(
    en=(
        "{A} has {x} boxes of {y} {g}. {A} gives away {z} {g}. How many {g} are left?",
        "There are {x} bags with {y} {g} each. {z} {g} get lost. How many remain?",
        "A shop gets {x} boxes of {y} {g} and sells {z}. How many {g} does it still have?",
    ),
    fr=(
        "{A} a {x} boîtes de {y} {g}. {he1} en donne {z}. Combien de {g} reste-t-il ?",
        "Il y a {x} sacs de {y} {g}. On perd {z} {g}. Combien en reste-t-il ?",
        "Un magasin reçoit {x} boîtes de {y} {g} et en vend {z}. Combien de {g} a-t-il encore ?",
    ),
)
TOGETHER = Phrases(
    en=(
        "{A} has {x} {g}. {B} has {y} more than {A}. How many do they have together?",
        "{B} has {y} {g} more than {A}, who has {x}. How many {g} do both have in all?",
        "{A} collected {x} {g} and {B} {y} more than {A}. How many {g} together?",
    ),
    fr=(
        "{A} a {x} {g}. {B} en a {y} de plus. Combien en ont-ils à deux ?",
        "{B} a {y} {g} de plus que {A}, qui en a {x}. Combien de {g} ont-ils en tout ?",
        "{A} a ramassé {x} {g} et {B} {y} de plus. Combien de {g} cela fait-il ensemble ?",
    ),
)
TIMES = Phrases(
    en=(
        "{A} has {x} {g}. {B} has {y} times as many. How many do they have together?",
        "{B} has {y} times as many {g} as {A}. {A} has {x}. How many {g} in all?",
        "{A} read {x} pages and {B} read {y} times as many. How many pages did they read together?",
    ),
    fr=(
        "{A} a {x} {g}. {B} en a {y} fois plus. Combien en ont-ils à deux ?",
        "{B} a {y} fois plus de {g} que {A}, qui en a {x}. Combien de {g} en tout ?",
        "{A} a lu {x} pages et {B} {y} fois plus. Combien de pages ont-ils lues ensemble ?",
    ),
)
BOOK = Phrases(
    en=(
        "A book has {z} pages. {A} reads {x} pages a day for {y} days. How many pages are left?",
        "{A} reads {x} pages each day. After {y} days, how many of {z} pages remain?",
        "{A} has to read {z} pages and does {x} a day. How many are left after {y} days?",
    ),
    fr=(
        "Un livre a {z} pages. {A} lit {x} pages par jour pendant {y} jours. Combien de pages reste-t-il ?",
        "{A} lit {x} pages par jour. Après {y} jours, combien de pages reste-t-il sur {z} ?",
        "{A} doit lire {z} pages et en lit {x} par jour. Combien en reste-t-il après {y} jours ?",
    ),
)
UNIT_PRICE = Phrases(
    en=(
        "{x} {g} cost ${z}. How much do {y} {g} cost?",
        "If {x} {g} cost {z} dollars, what is the price of {y} {g}?",
        "{A} paid ${z} for {x} {g}. How much would {y} cost?",
    ),
    fr=(
        "{x} {g} coûtent {z} €. Combien coûtent {y} {g} ?",
        "Si {x} {g} coûtent {z} euros, quel est le prix de {y} {g} ?",
        "{A} a payé {z} € pour {x} {g}. Combien coûteraient {y} {g} ?",
    ),
)
DRIVE = Phrases(
    en=(
        "{A} drives {y} hours at {x} km/h and then {z} km more. How far is that in all?",
        "A bus goes {x} km/h for {y} hours, then another {z} km. How many km is that?",
        "{A} rides {x} km an hour for {y} hours and walks {z} km. What is the whole distance?",
    ),
    fr=(
        "{A} roule {y} heures à {x} km/h, puis encore {z} km. Quelle distance cela fait-il en tout ?",
        "Un bus roule à {x} km/h pendant {y} heures, puis fait encore {z} km. Combien de km en tout ?",
        "{A} fait {x} km par heure pendant {y} heures, puis marche {z} km. Quelle est la distance totale ?",
    ),
)
