"""Spanish: the words of the plain page."""

WORDS: dict[str, str] = {
    "composer.notice": "Está hablando con una IA. Puede equivocarse: compruebe lo importante.",
    "composer.label": "Su pregunta",
    "action.send": "Enviar",
    "action.stop": "Detener",
    "action.answerNow": "Responder ya",
    "welcome.title": "¿Sobre qué reflexionamos?",
    "turn.you": "Su pregunta",
    "turn.site": "Respuesta",
    "nav.new": "Nueva conversación",
    "nav.label": "Conversaciones",
    "nav.untitled": "Sin título",
    "turn.place": "Ocupa el puesto {position} de {waiting} en la cola",
    "turn.placeHint": (
        "La respuesta empezará sola. Puede cerrar esta página: la respuesta se guarda y estará aquí "
        "cuando vuelva."
    ),
    "turn.engineStarting": (
        "El modelo se está iniciando. Su pregunta queda guardada y se responderá en cuanto esté listo."
    ),
    "turn.engineDown": (
        "El modelo se ha detenido y se está reiniciando. Su pregunta queda guardada; si tarda mucho, se "
        "le avisará."
    ),
    "turn.reading": "Leyendo la pregunta…",
    "turn.atLimit": "La respuesta llegó a su longitud máxima.",
    "turn.stopped": "Detenida aquí.",
    "turn.stoppedByOperator": "El administrador de este sitio detuvo la respuesta.",
    "turn.stoppedByReader": "Detenida porque ya nadie la leía.",
    "turn.interrupted": "El sitio se detuvo durante la respuesta; esto es lo que llegó a decir.",
    "turn.nothing": "No se escribió ninguna respuesta.",
    "line.starts": "Empieza en aproximadamente {time}",
    "line.soon": "En cualquier momento",
    "line.most": "{start}; 9\u00a0de cada\u00a010 empiezan en {time} como máximo",
    "line.goesOn": "Continúa en aproximadamente {time}",
    "line.lighter": "Han pasado antes personas que han usado menos el servicio.",
    "line.cameBack": "Falló una máquina; las respuestas que estaba escribiendo van primero.",
    "line.paused": "En pausa por los demás.",
    "thought.busy": "Reflexión breve: el sitio está muy solicitado.",
    "thought.lengthened": "La reflexión continúa, como pidió.",
    "receipt.ended.person": "por usted",
    "receipt.ended.load": "antes, por los demás",
    "receipt.row.thought": "Reflexión",
    "receipt.row.ended": "Fin de la reflexión",
    "time.seconds": "{seconds} s",
    "time.minutes": "{minutes} min {seconds} s",
    "receipt.label": "Recibo",
    "receipt.question": "pregunta {count}",
    "receipt.questionCached": "pregunta {count} ({cached} en caché)",
    "receipt.thought": "reflexión {count}",
    "receipt.answer": "respuesta {count}",
    "receipt.rate": "{rate} tokens/s",
    "receipt.waited": "espera {time}",
    "receipt.row.total": "En total",
    "error.not_found": "Eso ya no está aquí, o no es suyo.",
    "error.conflict": "Está ocupado con otra cosa. Vuelva a intentarlo en un momento.",
    "error.too_large": "Eso es demasiado largo para este sitio.",
    "error.context_length_exceeded": (
        "La conversación es más larga de lo que el modelo puede leer. Empiece una nueva o pregunte más "
        "brevemente."
    ),
    "error.line_full": "La cola está llena en este momento. Vuelva a intentarlo dentro de un rato.",
    "error.engine_unavailable": (
        "El modelo se está iniciando o no está accesible. Vuelva a intentarlo en un momento."
    ),
    "error.engine_refused": "El modelo no aceptó esta pregunta.",
    "error.engine_broken": "El modelo se interrumpió. Vuelva a intentarlo.",
    "error.engine_stalled": "El modelo ha dejado de responder. Vuelva a intentarlo.",
    "error.storage_full": (
        "El sitio no tiene más espacio para guardar conversaciones. Su administrador debe liberarlo."
    ),
    "error.storage_unavailable": (
        "El sitio no puede guardar conversaciones en este momento. Vuelva a intentarlo en un momento."
    ),
    "error.interrupted": "El sitio se detuvo durante la respuesta. Vuelva a intentarlo.",
    "error.other": "Algo salió mal. Vuelva a intentarlo.",
    "plain.title": "Sin JavaScript",
    "plain.lead": "Este es el acceso sencillo: no necesita scripts y funciona en todos los navegadores.",
    "plain.full": "La página completa, con JavaScript",
    "plain.recent": "Sus conversaciones",
    "plain.more": "Seguir preguntando",
    "plain.languages": "Idiomas",
    "plain.back": "Volver",
    "plain.leftOut": "La conversación es larga: esta vez no se leyeron sus mensajes más antiguos.",
    "plain.running": "Esta respuesta aún se está escribiendo. Recargue la página para seguir leyendo.",
    "plain.empty": "La pregunta está vacía.",
    "plain.stale": "Este formulario es demasiado antiguo o viene de otra página. Vuelva a preguntar aquí.",
    "plain.share": (
        "Hay muchas personas preguntando ahora. Aquí comparte una parte de la máquina con todos los de su "
        "red: se le responderá, quizá más tarde que en la página completa."
    ),
    "plain.price": "precio {amount}",
    "plain.free": "gratis",
    "plain.energy": "energía {amount}",
    "plain.energyGuess": "energía aprox. {amount}",
    "plain.behind": "después de los demás, por estar agotada la cuota",
    "error.forbidden": "Eso no está permitido aquí; no se ha hecho nada.",
    "error.blocked": "El administrador de este sitio no acepta preguntas desde aquí.",
    "error.over_quota": "Su cuota está agotada por ahora. Vuelva a preguntar más tarde.",
    "error.too_many_at_once": "Ya hay demasiadas preguntas suyas en espera. Espere antes una respuesta.",
    "receipt.ended.budget": "en la longitud que eligió",
    "receipt.ended.site": "en el máximo que permite este sitio",
    "line.withinQuota": "Han pasado antes personas que no han agotado su cuota.",
    "line.behind": "Su cuota está agotada, así que los demás van primero.",
    "line.behindUntil": "Su cuota está agotada, así que los demás van primero. Se renueva: {when}.",
    "error.too_many_tries": "Han fallado demasiados intentos. Espere un poco antes del siguiente.",
    "error.wrong_sign_in": (
        "El nombre, la contraseña o la llave de acceso no coincide. Vuelva a intentarlo."
    ),
    "error.name_taken": "Ese nombre ya está en uso. Elija otro.",
    "error.link_used": "Ese enlace ya se usó o es demasiado antiguo. Pida uno nuevo.",
    "error.not_signed_in": "Eso es solo para miembros. Inicie sesión primero.",
    "error.budget_spent": "El presupuesto de esta clave está agotado. Su titular puede ampliarlo.",
    "error.out_of_scope": "Esta clave no tiene permiso para eso.",
    "error.proof_refused": (
        "No se aceptó el cálculo de su navegador. No se ha perdido nada; usted conserva su puesto."
    ),
    "error.log_expired": "El desarrollo de esta respuesta ya no se conserva. Recargue la página.",
    "error.againAt": "{problem} De nuevo posible: {when}.",
    "error.sign_in_over": (
        "Ese inicio de sesión ha caducado o se empezó en otro navegador. Empiece de nuevo."
    ),
    "error.provider_unavailable": (
        "No se puede acceder al inicio de sesión de su organización. Vuelva a intentarlo en un momento."
    ),
    "error.provider_broken": (
        "El inicio de sesión de su organización dio una respuesta no válida. No se ha cambiado nada; "
        "avise a quien lo administra."
    ),
}
