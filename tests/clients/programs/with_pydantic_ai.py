"""A small program as people write it with pydantic-ai: with_pydantic_ai.py SITE_URL MODEL WHAT. Prints JSON."""

from __future__ import annotations

import asyncio
import json
import sys
from typing import Any

from pydantic import BaseModel
from pydantic_ai import Agent
from pydantic_ai.messages import ThinkingPart
from pydantic_ai.models.openai import OpenAIChatModel
from pydantic_ai.providers.openai import OpenAIProvider


class City(BaseModel):
    name: str
    people: int


def model_of(url: str, name: str) -> OpenAIChatModel:
    return OpenAIChatModel(name, provider=OpenAIProvider(base_url=f"{url}/v1", api_key="none"))


async def whole(model: OpenAIChatModel) -> Any:
    result = await Agent(model).run("Why is the sky blue?")
    thoughts = [
        part.content
        for message in result.all_messages()
        for part in message.parts
        if isinstance(part, ThinkingPart)
    ]
    return {"answer": result.output, "thought": "".join(thoughts), "tokens": result.usage.output_tokens}


async def streamed(model: OpenAIChatModel) -> Any:
    async with Agent(model).run_stream("Why is the sky blue?") as result:
        pieces = [piece async for piece in result.stream_text(delta=True, debounce_by=None)]
    return {"answer": "".join(pieces)}


async def tools(model: OpenAIChatModel) -> Any:
    agent = Agent(model)

    @agent.tool_plain
    def get_weather(city: str) -> str:
        return f"Sun in {city}"

    @agent.tool_plain
    def get_time() -> str:
        return "noon"

    return {"answer": (await agent.run("How is the weather?")).output}


async def shape(model: OpenAIChatModel) -> Any:
    """By a tool, pydantic-ai's default way."""
    return (await Agent(model, output_type=City).run("Name a city.")).output.model_dump()


async def conversation(model: OpenAIChatModel) -> Any:
    agent = Agent(model)
    first = await agent.run("One?")
    return {"answer": (await agent.run("Two?", message_history=first.all_messages())).output}


async def main(url: str, name: str, what: str) -> None:
    asked = {
        "whole": whole,
        "streamed": streamed,
        "tools": tools,
        "shape": shape,
        "conversation": conversation,
    }
    print(json.dumps(await asked[what](model_of(url, name))))


asyncio.run(main(*sys.argv[1:]))
