"""English: the words of the plain page."""

WORDS: dict[str, str] = {
    "composer.notice": "You are talking to an AI. It can be wrong: check what matters.",
    "composer.label": "Your question",
    "action.send": "Send",
    "action.stop": "Stop",
    "action.answerNow": "Answer now",
    "welcome.title": "What shall we think about?",
    "turn.you": "You asked",
    "turn.site": "Answer",
    "nav.new": "New conversation",
    "nav.label": "Conversations",
    "nav.untitled": "Untitled",
    "turn.place": "You are number {position} of {waiting} in line",
    "turn.placeHint": (
        "The answer starts by itself. You may close this page: "
        "it is kept, and will be here when you come back."
    ),
    "turn.engineStarting": (
        "The model is starting. Your question is kept, and answered as soon as it is ready."
    ),
    "turn.engineDown": (
        "The model has stopped and is being brought back. Your question is kept; if that takes long, you "
        "will be told."
    ),
    "turn.reading": "Reading the question…",
    "turn.atLimit": "The answer reached its length limit.",
    "turn.stopped": "Stopped here.",
    "turn.stoppedByOperator": "The operator of this site stopped the answer.",
    "turn.stoppedByReader": "Stopped, because nobody was reading any more.",
    "turn.interrupted": "The site stopped while answering; this is what was said.",
    "turn.nothing": "No answer was written.",
    "line.starts": "Starts in about {time}",
    "line.soon": "Any moment now",
    "line.most": "{start}; 9 of 10 start within {time}",
    "line.goesOn": "Goes on in about {time}",
    "line.lighter": "People who have used less came in between.",
    "line.cameBack": "A machine was lost; those whose answers it was writing were put first.",
    "line.paused": "Paused for others.",
    "thought.busy": "Short thinking: the site is busy.",
    "thought.lengthened": "It thinks on, as you asked.",
    "receipt.ended.person": "by you",
    "receipt.ended.load": "early, for others",
    "receipt.row.thought": "Thought",
    "receipt.row.ended": "Thought ended",
    "time.seconds": "{seconds} s",
    "time.minutes": "{minutes} min {seconds} s",
    "receipt.label": "Receipt",
    "receipt.question": "question {count}",
    "receipt.questionCached": "question {count} ({cached} cached)",
    "receipt.thought": "thought {count}",
    "receipt.answer": "answer {count}",
    "receipt.rate": "{rate} tokens/s",
    "receipt.waited": "waited {time}",
    "receipt.row.total": "In all",
    "error.not_found": "That is no longer here, or it is not yours.",
    "error.conflict": "This is busy with something else. Try again in a moment.",
    "error.too_large": "That is too long for this site.",
    "error.context_length_exceeded": (
        "The conversation is longer than the model can read. Start a new one or ask more briefly."
    ),
    "error.line_full": "The line is full right now. Try again in a little while.",
    "error.engine_unavailable": "The model is starting or cannot be reached. Try again in a moment.",
    "error.engine_refused": "The model did not accept this question.",
    "error.engine_broken": "The model broke off. Try again.",
    "error.engine_stalled": "The model went silent. Try again.",
    "error.storage_full": "The site has no room left to keep conversations. Its operator has to make room.",
    "error.storage_unavailable": "The site cannot keep conversations right now. Try again in a moment.",
    "error.interrupted": "The site stopped while answering. Try again.",
    "error.other": "Something went wrong. Try again.",
    "plain.title": "Without JavaScript",
    "plain.lead": "This is the plain way in: it needs no script, and works in every browser.",
    "plain.full": "The full page, with JavaScript",
    "plain.recent": "Your conversations",
    "plain.more": "Ask further",
    "plain.languages": "Languages",
    "plain.back": "Back",
    "plain.leftOut": "The conversation is long: its oldest messages were not read this time.",
    "plain.running": "This answer is still being written. Load the page again to read on.",
    "plain.empty": "The question is empty.",
    "plain.stale": "This form is too old, or it came from another page. Ask again here.",
    "plain.share": (
        "Many people are asking now. Here you share one part of the machine with everybody of your "
        "network: you will be answered, perhaps later than in the full page."
    ),
    "plain.price": "price {amount}",
    "plain.free": "free of charge",
    "plain.energy": "energy {amount}",
    "plain.energyGuess": "energy about {amount}",
    "plain.behind": "after the others, since the quota was used up",
    "error.forbidden": "That is not allowed here, so nothing was done.",
    "error.blocked": "The operator of this site does not take questions from here.",
    "error.over_quota": "Your quota is used up for now. Ask again later.",
    "error.too_many_at_once": (
        "More questions of yours are waiting than this site takes at once. Wait for an answer first."
    ),
    "receipt.ended.budget": "at the length you chose",
    "receipt.ended.site": "at the most that this site allows",
    "line.withinQuota": "People who are within their quota came in between.",
    "line.behind": "Your quota is used up, so the others go first.",
    "line.behindUntil": "Your quota is used up, so the others go first. It begins anew: {when}.",
    "error.too_many_tries": "Too many tries have failed. Wait a little before the next one.",
    "error.wrong_sign_in": "That name, password or passkey does not fit. Try again.",
    "error.name_taken": "Somebody already has that name. Choose another.",
    "error.link_used": "That link was used before, or it is too old. Ask for a new one.",
    "error.not_signed_in": "That is for members. Sign in first.",
    "error.budget_spent": "The budget of this key is used up. Its owner can give it more.",
    "error.out_of_scope": "This key may not do that.",
    "error.proof_refused": (
        "Your browser’s calculation was not accepted. Nothing is lost; you keep your place."
    ),
    "error.log_expired": "The course of this answer is no longer kept. Load the page again.",
    "error.againAt": "{problem} Possible again: {when}.",
    "error.sign_in_over": "That sign-in is over, or it was begun in another browser. Begin it again.",
    "error.provider_unavailable": "Your organisation’s sign-in cannot be reached. Try again in a moment.",
    "error.provider_broken": (
        "Your organisation’s sign-in gave an answer that does not hold. Nothing was changed; tell its "
        "operator."
    ),
}
