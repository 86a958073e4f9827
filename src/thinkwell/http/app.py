"""The ASGI application: all doors, the error map, the OpenAPI document."""

from __future__ import annotations

from typing import Any

from litestar import Litestar, Request, Response, get
from litestar.di import Provide
from litestar.openapi import OpenAPIConfig
from litestar.openapi.plugins import JsonRenderPlugin
from litestar.plugins import PluginProtocol
from litestar.plugins.core import MsgspecDIPlugin
from litestar.serialization import encode_json

from thinkwell import __version__
from thinkwell.http.callers import guard_acts
from thinkwell.http.doors import (
    account,
    adapters,
    anthropic,
    anthropic_control,
    blocked,
    branching,
    control,
    conversations,
    embeddings,
    files,
    keys,
    members,
    openai,
    operator,
    ops,
    organisation,
    pages,
    passkeys,
    plain,
    proof,
    push,
    quota,
    receipts,
    responses,
    rights,
    runs,
    statement,
    status,
    thoughts,
    training,
    web,
)
from thinkwell.http.errors import as_ours, told
from thinkwell.http.site import Site

HANDLERS: tuple[Any, ...] = (
    openai.chat_completions,
    responses.create_response,
    responses.retrieve_response,
    responses.delete_response,
    responses.list_input_items,
    responses.cancel_response,
    responses.answer_now,
    responses.think_on,
    anthropic.create_message,
    anthropic.count_tokens,
    anthropic_control.answer_now,
    anthropic_control.think_on,
    openai.list_models,
    openai.retrieve_model,
    control.answer_now,
    control.think_on,
    control.control,
    embeddings.embeddings,
    receipts.retrieve_receipt,
    receipts.turn_receipt,
    receipts.site_keys,
    statement.list_receipts,
    statement.summary,
    statement.receipts_csv,
    statement.receipts_json,
    keys.list_keys,
    keys.create_key,
    keys.change_key,
    keys.revoke_key,
    web.site_info,
    proof.offer,
    proof.prove,
    push.offer,
    push.subscribe,
    push.unsubscribe,
    training.consent,
    training.change_consent,
    conversations.read_shelf,
    conversations.list_conversations,
    web.read_conversation,
    thoughts.read_thought,
    conversations.change_conversation,
    conversations.delete_conversation,
    conversations.restore_conversation,
    conversations.make_folder,
    conversations.rename_folder,
    conversations.delete_folder,
    conversations.search,
    files.read_files,
    branching.fork_conversation,
    branching.export_conversation,
    web.ask,
    web.stop_turn,
    web.answer_now,
    web.think_on,
    web.follow_turn,
    account.me,
    account.change_me,
    quota.my_quota,
    quota.change_cap,
    account.sign_up,
    account.sign_in,
    account.leave,
    account.list_sessions,
    account.end_session,
    account.end_other_sessions,
    account.change_password,
    account.use_link,
    passkeys.begin,
    passkeys.sign_up,
    passkeys.sign_in,
    passkeys.list_passkeys,
    passkeys.add_passkey,
    passkeys.remove_passkey,
    organisation.begin,
    organisation.back,
    organisation.mine,
    organisation.unlink,
    account.password_by_link,
    members.list_members,
    members.change_member,
    members.make_link,
    operator.now,
    operator.days,
    operator.errors,
    operator.settings,
    operator.drain,
    adapters.adapters,
    adapters.candidate,
    adapters.share,
    adapters.complete,
    adapters.rollback,
    runs.runs,
    runs.run,
    rights.export,
    rights.erase,
    rights.retention,
    rights.list_deletions,
    blocked.blocked,
    blocked.block,
    blocked.unblock,
    status.status,
    ops.health,
    ops.metrics,
    plain.plain,
    plain.conversation,
    plain.ask,
    plain.style,
    pages.entry,
    pages.docs,
    pages.colours,
    pages.manifest,
    pages.logo,
    pages.asset,
)


@get("/openapi.json", include_in_schema=False)
async def openapi_json(request: Request[Any, Any, Any]) -> Response[bytes]:
    return Response(encode_json(request.app.openapi_schema.to_schema()), media_type="application/json")


class _App(Litestar):
    """Without the plug-ins for other libraries' shapes: none is spoken here, and that pydantic happens to be
    installed beside us must not cost ten megabytes."""

    @staticmethod
    def _get_default_plugins(plugins: list[PluginProtocol]) -> list[PluginProtocol]:
        return [*plugins, MsgspecDIPlugin()]


def make_app(site: Site) -> Litestar:
    """``site`` is open as long as the application serves."""

    def provide_site() -> Site:
        return site

    def turn_away(request: Request[Any, Any, Any], error: Exception) -> Response[Any]:
        ours = as_ours(error, request.url.path)
        site.watching.turned_away(ours.code)
        return told(request, error, ours)

    return _App(
        route_handlers=[*HANDLERS, openapi_json],
        guards=[guard_acts],
        dependencies={"site": Provide(provide_site, sync_to_thread=False)},
        exception_handlers={Exception: turn_away},
        openapi_config=OpenAPIConfig(
            title="Thinkwell",
            version=__version__,
            description="A public reasoning assistant on your own machines.",
            path="/schema",
            # With none at all the framework adds pages of its own, whose scripts come from other hosts.
            render_plugins=[JsonRenderPlugin()],
        ),
        request_max_body_size=site.settings.http.max_body_bytes,
        logging_config=None,
        debug=False,
    )
