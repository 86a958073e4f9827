"""Portuguese: the words of the plain page."""

WORDS: dict[str, str] = {
    "composer.notice": "Quem responde é uma IA. Ela pode errar: verifique o que for importante.",
    "composer.label": "A sua pergunta",
    "action.send": "Enviar",
    "action.stop": "Parar",
    "action.answerNow": "Responder agora",
    "welcome.title": "Em que vamos pensar?",
    "turn.you": "A sua pergunta",
    "turn.site": "Resposta",
    "nav.new": "Nova conversa",
    "nav.label": "Conversas",
    "nav.untitled": "Sem título",
    "turn.place": "O seu lugar na fila: {position} de {waiting}",
    "turn.placeHint": (
        "A resposta começa sozinha. Pode fechar esta página: a resposta fica guardada e "
        "estará aqui quando voltar."
    ),
    "turn.engineStarting": (
        "O modelo ainda não está pronto. A sua pergunta fica guardada e terá resposta assim que ele ficar "
        "pronto."
    ),
    "turn.engineDown": (
        "O modelo parou e será reiniciado. A sua pergunta fica guardada; se demorar muito, haverá um aviso."
    ),
    "turn.reading": "Leitura da pergunta…",
    "turn.atLimit": "A resposta atingiu o limite de tamanho.",
    "turn.stopped": "Interrompida aqui.",
    "turn.stoppedByOperator": "O operador do site interrompeu a resposta.",
    "turn.stoppedByReader": "Interrompida, porque ninguém mais a lia.",
    "turn.interrupted": "O site parou durante a resposta; isto é o que foi dito.",
    "turn.nothing": "Nenhuma resposta foi escrita.",
    "line.starts": "Começa daqui a cerca de {time}",
    "line.soon": "A qualquer momento",
    "line.most": "{start}; 9 em cada 10 começam em {time}, no máximo",
    "line.goesOn": "Continua daqui a cerca de {time}",
    "line.lighter": "Pessoas que usaram menos o site passaram à frente.",
    "line.cameBack": "Uma máquina falhou; as respostas que ela escrevia passaram para a frente.",
    "line.paused": "Em pausa para dar a vez.",
    "thought.busy": "Raciocínio curto: o site está muito ocupado.",
    "thought.lengthened": "O raciocínio continua, a seu pedido.",
    "receipt.ended.person": "a seu pedido",
    "receipt.ended.load": "mais cedo, para dar a vez",
    "receipt.row.thought": "Raciocínio",
    "receipt.row.ended": "Fim do raciocínio",
    "time.seconds": "{seconds} s",
    "time.minutes": "{minutes} min {seconds} s",
    "receipt.label": "Recibo",
    "receipt.question": "pergunta {count}",
    "receipt.questionCached": "pergunta {count} ({cached} em cache)",
    "receipt.thought": "raciocínio {count}",
    "receipt.answer": "resposta {count}",
    "receipt.rate": "{rate} tokens/s",
    "receipt.waited": "espera {time}",
    "receipt.row.total": "No total",
    "error.not_found": "Isso não está mais aqui, ou não é seu.",
    "error.conflict": "Está ocupado com outra coisa. Tente de novo daqui a um momento.",
    "error.too_large": "É longo demais para este site.",
    "error.context_length_exceeded": (
        "A conversa é mais longa do que o modelo consegue ler. Comece outra ou faça uma pergunta mais curta."
    ),
    "error.line_full": "A fila está cheia agora. Tente de novo daqui a pouco.",
    "error.engine_unavailable": (
        "O modelo ainda não está pronto ou não responde. Tente de novo daqui a um momento."
    ),
    "error.engine_refused": "O modelo não aceitou esta pergunta.",
    "error.engine_broken": "O modelo parou antes do fim. Tente de novo.",
    "error.engine_stalled": "O modelo deixou de responder. Tente de novo.",
    "error.storage_full": (
        "O site não tem mais espaço para guardar conversas. O operador precisa abrir espaço."
    ),
    "error.storage_unavailable": (
        "Neste momento o site não consegue guardar conversas. Tente de novo daqui a um momento."
    ),
    "error.interrupted": "O site parou durante a resposta. Tente de novo.",
    "error.other": "Ocorreu um erro. Tente de novo.",
    "plain.title": "Sem JavaScript",
    "plain.lead": "Esta é a entrada simples: não precisa de scripts e funciona em qualquer navegador.",
    "plain.full": "A página completa, com JavaScript",
    "plain.recent": "As suas conversas",
    "plain.more": "Continuar a perguntar",
    "plain.languages": "Idiomas",
    "plain.back": "Voltar",
    "plain.leftOut": "A conversa é longa: as mensagens mais antigas não foram lidas desta vez.",
    "plain.running": "Esta resposta ainda está em curso. Recarregue a página para ler a continuação.",
    "plain.empty": "A pergunta está vazia.",
    "plain.stale": "Este formulário é antigo demais, ou veio de outra página. Pergunte de novo aqui.",
    "plain.share": (
        "Há muitas perguntas neste momento. Aqui, uma parte da máquina serve para toda a sua rede: a "
        "resposta virá, talvez mais tarde do que na página completa."
    ),
    "plain.price": "preço {amount}",
    "plain.free": "gratuito",
    "plain.energy": "energia {amount}",
    "plain.energyGuess": "energia cerca de {amount}",
    "plain.behind": "depois das outras pessoas, porque a quota estava esgotada",
    "error.forbidden": "Isso não é permitido aqui; nada foi feito.",
    "error.blocked": "O operador deste site não aceita perguntas daqui.",
    "error.over_quota": "A sua quota está esgotada por agora. Tente de novo mais tarde.",
    "error.too_many_at_once": (
        "Há mais perguntas suas em espera do que este site aceita de uma vez. Espere primeiro por uma "
        "resposta."
    ),
    "receipt.ended.budget": "na duração escolhida",
    "receipt.ended.site": "no máximo que o site permite",
    "line.withinQuota": "Pessoas que não esgotaram a quota passaram à frente.",
    "line.behind": "A sua quota está esgotada: as outras pessoas passam primeiro.",
    "line.behindUntil": "A sua quota está esgotada: as outras pessoas passam primeiro. Renovação: {when}.",
    "error.too_many_tries": "Muitas tentativas falharam. Espere um pouco antes da próxima.",
    "error.wrong_sign_in": "O nome, a senha ou a chave de acesso não está certo. Tente de novo.",
    "error.name_taken": "Esse nome já está em uso. Escolha outro.",
    "error.link_used": "Esse link já foi usado ou é antigo demais. Peça um novo.",
    "error.not_signed_in": "Isso é para membros. Entre primeiro.",
    "error.budget_spent": "O orçamento desta chave está esgotado. Quem a possui pode aumentá-lo.",
    "error.out_of_scope": "Esta chave não tem permissão para isso.",
    "error.proof_refused": (
        "O cálculo do seu navegador não passou na verificação. Nada se perdeu; o seu lugar continua guardado."
    ),
    "error.log_expired": "O percurso desta resposta não está mais guardado. Recarregue a página.",
    "error.againAt": "{problem} Possível de novo: {when}.",
    "error.sign_in_over": "Este acesso já terminou, ou foi iniciado em outro navegador. Recomece.",
    "error.provider_unavailable": (
        "Não é possível chegar ao acesso da sua organização. Tente de novo daqui a um momento."
    ),
    "error.provider_broken": (
        "O acesso da sua organização deu uma resposta que não é válida. Nada mudou; avise quem o opera."
    ),
}
