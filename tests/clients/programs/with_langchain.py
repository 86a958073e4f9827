"""A small program as people write it with LangChain: with_langchain.py SITE_URL MODEL WHAT. Prints JSON."""

from __future__ import annotations

import json
import sys
from typing import Any

from langchain_core.messages import HumanMessage, ToolMessage
from langchain_core.tools import tool
from langchain_openai import ChatOpenAI, OpenAIEmbeddings
from pydantic import BaseModel, SecretStr


class City(BaseModel):
    name: str
    people: int


@tool
def get_weather(city: str) -> str:
    """The weather of a city."""
    return f"Sun in {city}"


@tool
def get_time() -> str:
    """The time."""
    return "noon"


URL, MODEL, WHAT = sys.argv[1:]
KEY = SecretStr("none")
chat = ChatOpenAI(model=MODEL, base_url=f"{URL}/v1", api_key=KEY, max_retries=0)


def whole() -> Any:
    answer = chat.invoke("Why is the sky blue?")
    used = answer.usage_metadata
    return {"answer": answer.content, "tokens": used and used["output_tokens"]}


def streamed() -> Any:
    return {"answer": "".join(str(chunk.content) for chunk in chat.stream("Why is the sky blue?"))}


def tools() -> Any:
    offered = {"get_weather": get_weather, "get_time": get_time}
    with_tools = chat.bind_tools(list(offered.values()))
    messages: list[Any] = [HumanMessage("How is the weather?")]
    first = with_tools.invoke(messages)
    messages.append(first)
    for call in first.tool_calls:
        messages.append(ToolMessage(offered[call["name"]].invoke(call["args"]), tool_call_id=call["id"]))
    return {"answer": with_tools.invoke(messages).content}


def shape() -> Any:
    """By response_format, LangChain's default way."""
    found = chat.with_structured_output(City).invoke("Name a city.")
    assert isinstance(found, City)
    return found.model_dump()


def embeddings() -> Any:
    made = OpenAIEmbeddings(model=MODEL, base_url=f"{URL}/v1", api_key=KEY, check_embedding_ctx_length=False)
    return made.embed_documents(["one two", "three"])


ASKED = {"whole": whole, "streamed": streamed, "tools": tools, "shape": shape, "embeddings": embeddings}
print(json.dumps(ASKED[WHAT]()))
