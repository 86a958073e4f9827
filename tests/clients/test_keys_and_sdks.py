"""Keys and idempotency keys with OpenAI's and Anthropic's own SDKs."""

from __future__ import annotations

from typing import Any

import anthropic
import openai
import pytest
from tests.http.keyholders import make_key, new_member, owners

from thinkwell.people import keys
from thinkwell.testing.scripted_engine import ScriptedEngine
from thinkwell.testing.site import RunningSite
from thinkwell.turns.run import now_us

MESSAGES: Any = [{"role": "user", "content": "What is 2 + 2?"}]
ONCE = {"Idempotency-Key": "7e2c"}


async def test_openais_sdk_asks_with_a_key_and_once(running: RunningSite, engine: ScriptedEngine) -> None:
    zoe = await new_member(running)
    key, text = await make_key(running, zoe, doors=("chat", "responses"))
    async with openai.AsyncOpenAI(base_url=f"{running.url}/v1", api_key=text, max_retries=0) as sdk:
        ask: Any = {"model": "scripted", "messages": MESSAGES, "extra_headers": ONCE}
        first = await sdk.chat.completions.create(**ask)
        assert await sdk.chat.completions.create(**ask) == first
        with pytest.raises(openai.UnprocessableEntityError) as reused:
            await sdk.chat.completions.create(**ask, max_tokens=7)
        assert reused.value.code == "idempotency_key_reused"

        again = {"Idempotency-Key": "stream"}
        pieces = []
        for _ in range(2):
            stream = await sdk.chat.completions.create(
                model="scripted", messages=MESSAGES, stream=True, extra_headers=again
            )
            pieces.append([chunk async for chunk in stream])
        assert pieces[0] == pieces[1]

        respond: Any = {"model": "scripted", "input": "x", "extra_headers": {"Idempotency-Key": "response"}}
        response = await sdk.responses.create(**respond)
        assert (await sdk.responses.create(**respond)).id == response.id
        assert (await sdk.responses.retrieve(response.id)).output_text == response.output_text

        with pytest.raises(openai.PermissionDeniedError) as refused:
            await sdk.embeddings.create(model="scripted", input="x")
        assert refused.value.code == "out_of_scope"
        await running.site.database.write(lambda tx: keys.revoke(tx, key.id, zoe.id, now_us()))
        running.site.keyring.forget(key.id)
        with pytest.raises(openai.AuthenticationError):
            await sdk.chat.completions.create(**ask)
    assert await owners(running) == [(zoe.id, key.id)] * 3
    assert len(engine.asked) == 3


async def test_anthropics_sdk_asks_with_a_key_and_once(running: RunningSite, engine: ScriptedEngine) -> None:
    zoe = await new_member(running)
    key, text = await make_key(running, zoe, doors=("messages",))
    ask: Any = {"model": "scripted", "max_tokens": 99, "messages": MESSAGES}
    for named in ({"api_key": text}, {"auth_token": text}):
        async with anthropic.AsyncAnthropic(base_url=running.url, max_retries=0, **named) as sdk:
            first = await sdk.messages.create(**ask, extra_headers=ONCE)
            assert await sdk.messages.create(**ask, extra_headers=ONCE) == first
            finals = []
            for _ in range(2):
                async with sdk.messages.stream(**ask, extra_headers={"Idempotency-Key": "stream"}) as stream:
                    finals.append(await stream.get_final_message())
            assert finals[0] == finals[1]
            with pytest.raises(anthropic.UnprocessableEntityError):
                await sdk.messages.create(**(ask | {"max_tokens": 98}), extra_headers=ONCE)
            with pytest.raises(anthropic.PermissionDeniedError):
                await sdk.models.list()
    assert await owners(running) == [(zoe.id, key.id)] * 2
    assert len(engine.asked) == 2
