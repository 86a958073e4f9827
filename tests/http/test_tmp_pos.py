from tests.http.test_web_door import *
async def test_x(running, engine):
    engine.slots = 1
    engine.gates.hold("0")
    async with visitor(running.url) as heavy, visitor(running.url) as light:
        running_turn = await ask(heavy, "first")
        await engine.gates.reached("0")
        mine = [await ask(heavy, f"more {n}") for n in range(3)]
        theirs = await ask(light, "just one")
        async with asyncio.timeout(3):
            async with light.get(f"/api/turns/{theirs['turn_id']}/events") as reply:
                print(await reply.content.readany())
                engine.gates.release("0")
                print(await reply.text())
        for turn in (running_turn, *mine):
            await follow(heavy, turn["turn_id"])
        print([asked.messages[-1].content for asked in engine.asked])
