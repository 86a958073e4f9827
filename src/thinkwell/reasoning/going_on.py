"""Going on with an answer that an earlier turn left unfinished: as the same reply where the model can go on
with one, else by asking for the rest. Pure.

What was said is told and not said again. Knows no dialects; which model can go on is on its card.
"""

from __future__ import annotations

import msgspec

from thinkwell.models.card import HarmonyDialect, PromptedDialect
from thinkwell.reasoning.asking import ask_for_answer
from thinkwell.reasoning.task import Task
from thinkwell.values.message import Message

# In the language of the answer: a model takes that of the last words that it reads for its own otherwise.
ASK_FOR_THE_REST = (
    "Your answer was cut off. Go on exactly where it stopped, in its language and form. Repeat nothing of "
    "it, and say nothing about the interruption."
)


def going_on(task: Task) -> Task:
    """The task of a reply whose last message was begun; what is left of the thought is planned anew."""
    *before, begun = task.wanted.messages
    wanted = msgspec.structs.replace(task.wanted, messages=tuple(before))
    answered, prompted = bool(begun.content.strip()), isinstance(task.splitters.dialect, PromptedDialect)
    # A thought that is over takes nothing more.
    plan = msgspec.structs.replace(task.plan, full=None) if answered or prompted else task.plan
    # Of a model that is made to think in a pass of its own, the thought is no part of the reply.
    whole = Message("assistant", begun.content, None if prompted else begun.reasoning)
    joins = task.continues and not isinstance(task.splitters.dialect, HarmonyDialect)
    if joins and (answered or not prompted):
        return msgspec.structs.replace(task, wanted=wanted, plan=plan, begun=whole)
    quiet = msgspec.structs.replace(
        wanted, template=plan.quiet or wanted.template, effort=plan.no_effort, thinking_budget=0
    )
    plan = msgspec.structs.replace(plan, full=None, off=True, template=quiet.template, effort=quiet.effort)
    if answered:
        told = Message("assistant", begun.content.rstrip())
        quiet = msgspec.structs.replace(quiet, messages=(*before, told, Message("user", ASK_FOR_THE_REST)))
    else:
        quiet = ask_for_answer(quiet, begun.reasoning or "", task.room)
    return msgspec.structs.replace(task, wanted=quiet, plan=plan)
