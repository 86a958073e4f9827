"""French: the words of the plain page."""

WORDS: dict[str, str] = {
    "composer.notice": "Vous parlez à une IA. Elle peut se tromper : vérifiez ce qui compte.",
    "composer.label": "Votre question",
    "action.send": "Envoyer",
    "action.stop": "Arrêter",
    "action.answerNow": "Répondre maintenant",
    "welcome.title": "À quoi réfléchissons-nous ?",
    "turn.you": "Votre question",
    "turn.site": "Réponse",
    "nav.new": "Nouvelle conversation",
    "nav.label": "Conversations",
    "nav.untitled": "Sans titre",
    "turn.place": "Vous êtes au rang {position} sur {waiting} dans la file",
    "turn.placeHint": (
        "La réponse commencera d’elle-même. Vous pouvez fermer cette page : la réponse est gardée, et "
        "sera là à votre retour."
    ),
    "turn.engineStarting": (
        "Le modèle démarre. Votre question est gardée ; la réponse viendra dès qu’il sera prêt."
    ),
    "turn.engineDown": (
        "Le modèle s’est arrêté et redémarre. Votre question est gardée ; si cela dure, nous vous le dirons."
    ),
    "turn.reading": "Lecture de la question…",
    "turn.atLimit": "La réponse a atteint sa longueur maximale.",
    "turn.stopped": "Arrêtée ici.",
    "turn.stoppedByOperator": "L’exploitant du site a arrêté la réponse.",
    "turn.stoppedByReader": "Arrêtée, car plus personne ne lisait.",
    "turn.interrupted": "Le site s’est arrêté pendant la réponse ; voici ce qui a été dit.",
    "turn.nothing": "Aucune réponse n’a été écrite.",
    "line.starts": "Début dans environ {time}",
    "line.soon": "D’un instant à l’autre",
    "line.most": "{start} ; 9\u00a0sur\u00a010 commencent en {time} au plus",
    "line.goesOn": "Reprise dans environ {time}",
    "line.lighter": "Des personnes qui ont moins utilisé le site sont passées avant.",
    "line.cameBack": "Une machine est tombée ; les réponses qu’elle écrivait passent en premier.",
    "line.paused": "En pause pour les autres.",
    "thought.busy": "Réflexion courte : le site est très demandé.",
    "thought.lengthened": "La réflexion continue, à votre demande.",
    "receipt.ended.person": "à votre demande",
    "receipt.ended.load": "plus tôt, pour les autres",
    "receipt.row.thought": "Réflexion",
    "receipt.row.ended": "Fin de la réflexion",
    "time.seconds": "{seconds} s",
    "time.minutes": "{minutes} min {seconds} s",
    "receipt.label": "Reçu",
    "receipt.question": "question {count}",
    "receipt.questionCached": "question {count} (dont {cached} en cache)",
    "receipt.thought": "réflexion {count}",
    "receipt.answer": "réponse {count}",
    "receipt.rate": "{rate} jetons/s",
    "receipt.waited": "attente {time}",
    "receipt.row.total": "En tout",
    "error.not_found": "Cela n’existe plus, ou n’est pas à vous.",
    "error.conflict": "C’est occupé par autre chose. Réessayez dans un instant.",
    "error.too_large": "C’est trop long pour ce site.",
    "error.context_length_exceeded": (
        "La conversation dépasse ce que le modèle peut lire. Commencez-en une nouvelle ou posez une "
        "question plus courte."
    ),
    "error.line_full": "La file est pleine pour le moment. Réessayez dans un petit moment.",
    "error.engine_unavailable": "Le modèle démarre ou est injoignable. Réessayez dans un instant.",
    "error.engine_refused": "Le modèle n’a pas accepté cette question.",
    "error.engine_broken": "Le modèle s’est interrompu. Réessayez.",
    "error.engine_stalled": "Le modèle ne répond plus. Réessayez.",
    "error.storage_full": (
        "Le site n’a plus de place pour garder les conversations. Son exploitant doit en libérer."
    ),
    "error.storage_unavailable": (
        "Le site ne peut pas garder les conversations pour le moment. Réessayez dans un instant."
    ),
    "error.interrupted": "Le site s’est arrêté pendant la réponse. Réessayez.",
    "error.other": "Une erreur s’est produite. Réessayez.",
    "plain.title": "Sans JavaScript",
    "plain.lead": "Voici l’accès simple : sans script, il marche dans tous les navigateurs.",
    "plain.full": "La page complète, avec JavaScript",
    "plain.recent": "Vos conversations",
    "plain.more": "Poursuivre",
    "plain.languages": "Langues",
    "plain.back": "Retour",
    "plain.leftOut": (
        "La conversation est longue : ses messages les plus anciens n’ont pas été lus cette fois."
    ),
    "plain.running": "Cette réponse est encore en cours. Rechargez la page pour lire la suite.",
    "plain.empty": "La question est vide.",
    "plain.stale": "Ce formulaire est trop ancien, ou vient d’une autre page. Posez votre question ici.",
    "plain.share": (
        "Beaucoup de personnes posent des questions en ce moment. Ici, vous partagez une part de la "
        "machine avec tout votre réseau : vous aurez une réponse, peut-être plus tard que sur la page "
        "complète."
    ),
    "plain.price": "prix {amount}",
    "plain.free": "gratuit",
    "plain.energy": "énergie {amount}",
    "plain.energyGuess": "énergie environ {amount}",
    "plain.behind": "après les autres, car le quota est épuisé",
    "error.forbidden": "Ce n’est pas permis ici ; rien n’a été fait.",
    "error.blocked": "L’exploitant de ce site n’accepte pas de questions venant d’ici.",
    "error.over_quota": "Votre quota est épuisé pour le moment. Réessayez plus tard.",
    "error.too_many_at_once": "Trop de vos questions attendent déjà. Attendez d’abord une réponse.",
    "receipt.ended.budget": "à la longueur que vous avez choisie",
    "receipt.ended.site": "à la longueur que le site permet",
    "line.withinQuota": "Des personnes dont le quota n’est pas épuisé sont passées avant.",
    "line.behind": "Votre quota est épuisé : les autres passent d’abord.",
    "line.behindUntil": "Votre quota est épuisé : les autres passent d’abord. Renouvellement : {when}.",
    "error.too_many_tries": "Trop d’essais ont échoué. Attendez un peu avant le prochain.",
    "error.wrong_sign_in": "Ce nom, ce mot de passe ou cette clé d’accès ne convient pas. Réessayez.",
    "error.name_taken": "Ce nom est déjà pris. Choisissez-en un autre.",
    "error.link_used": "Ce lien a déjà servi, ou il est trop ancien. Demandez-en un nouveau.",
    "error.not_signed_in": "C’est réservé aux membres. Connectez-vous d’abord.",
    "error.budget_spent": "Le budget de cette clé est épuisé. Son propriétaire peut l’augmenter.",
    "error.out_of_scope": "Cette clé n’en a pas le droit.",
    "error.proof_refused": (
        "Le calcul de votre navigateur n’a pas été accepté. Rien n’est perdu ; vous gardez votre place."
    ),
    "error.log_expired": "Le déroulement de cette réponse n’est plus conservé. Rechargez la page.",
    "error.againAt": "{problem} De nouveau possible : {when}.",
    "error.sign_in_over": (
        "Cette connexion est terminée, ou elle a été commencée dans un autre navigateur. Recommencez."
    ),
    "error.provider_unavailable": (
        "La connexion de votre organisation est injoignable. Réessayez dans un instant."
    ),
    "error.provider_broken": (
        "La connexion de votre organisation a donné une réponse qui ne tient pas. Rien n’a changé ; "
        "prévenez son exploitant."
    ),
}
