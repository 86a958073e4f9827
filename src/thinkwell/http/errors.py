"""The one map from errors to HTTP: statuses, and each door's shape. A test enumerates every class."""

from __future__ import annotations

import logging
import math
import re
import secrets
from typing import Any

import msgspec
from litestar import Request
from litestar.exceptions import HTTPException, ValidationException
from litestar.response import Response

from thinkwell import errors
from thinkwell.http.dialects import speaks_anthropic
from thinkwell.http.ratelimits import of_refusal
from thinkwell.http.wire.anthropic_replies import MessagesError, MessagesErrorBody, MessagesErrorDetail
from thinkwell.http.wire.openai_error import IN_ITS_PLACE, ErrorBody, ErrorReply
from thinkwell.http.wire.web import WebError, WebErrorBody

log = logging.getLogger(__name__)

# A part of a path that may be somebody's, and does not belong into a log.
_ID = re.compile(r"/(?!v1(?:/|$))[^/]*[^a-z_/.][^/]*")

# By code, as a turn's Failed event carries it too. 5xx says: ours, or the engine's; try again.
STATUS: dict[str, int] = {
    errors.ThinkwellError.code: 500,
    errors.Refused.code: 400,
    errors.BadRequest.code: 400,
    errors.UnknownField.code: 400,
    errors.TooLarge.code: 413,
    errors.PromptTooLong.code: 400,
    errors.UnknownModel.code: 404,
    errors.NotFound.code: 404,
    errors.Conflict.code: 409,
    errors.NotAuthenticated.code: 401,
    errors.NotSignedIn.code: 401,
    errors.WrongSignIn.code: 401,
    errors.Forbidden.code: 403,
    errors.OutOfScope.code: 403,
    errors.Blocked.code: 403,
    errors.NameTaken.code: 409,
    errors.LinkUsed.code: 410,
    errors.SignInOver.code: 400,
    errors.ProofRefused.code: 400,
    errors.KeyReused.code: 422,
    errors.OverQuota.code: 429,
    errors.BudgetSpent.code: 429,
    errors.TooManyAtOnce.code: 429,
    errors.TooManyTries.code: 429,
    errors.LogExpired.code: 410,
    errors.WouldWait.code: 503,
    errors.LineFull.code: 503,
    errors.EngineError.code: 502,
    errors.EngineUnavailable.code: 503,
    errors.EngineRefused.code: 502,
    errors.EngineBroken.code: 502,
    errors.EngineStalled.code: 504,
    errors.ProviderError.code: 502,
    errors.ProviderUnavailable.code: 503,
    errors.ProviderBroken.code: 502,
    errors.StoreError.code: 503,
    errors.StoreFull.code: 507,
    errors.StoreUnavailable.code: 503,
    errors.Interrupted.code: 503,
    errors.SetupError.code: 500,
}


def openai_type(status: int) -> str:
    """The ``type`` that OpenAI's clients know for a status."""
    if status >= 500:
        return "server_error"
    return {
        401: "authentication_error",
        403: "permission_error",
        404: "not_found_error",
        429: "rate_limit_error",
    }.get(status, "invalid_request_error")


def openai_error(code: str, message: str, param: str | None = None) -> tuple[int, ErrorReply]:
    """Status and body, as OpenAI's clients know them. ``code`` is one of errors.py."""
    status = STATUS[code]
    return status, ErrorReply(ErrorBody(message=message, type=openai_type(status), code=code, param=param))


ANTHROPIC_TYPES = {
    401: "authentication_error",
    403: "permission_error",
    404: "not_found_error",
    413: "request_too_large",
    429: "rate_limit_error",
    504: "timeout_error",
    529: "overloaded_error",
}


def messages_error(
    code: str, message: str, request_id: str, param: str | None = None
) -> tuple[int, MessagesError]:
    """Status and body, as Anthropic's clients know them. "Not now" is 529 there.

    Their shape has no room for the field that is meant: it is named in the sentence.
    """
    status = 529 if STATUS[code] == 503 else STATUS[code]
    kind = ANTHROPIC_TYPES.get(status, "api_error" if status >= 500 else "invalid_request_error")
    if code == errors.PromptTooLong.code:
        message = f"prompt is too long: {message}"  # what their clients look for, to shorten it themselves
    elif param is not None and param not in message:
        message = f"{param}: {message}"
    return status, MessagesError(
        error=MessagesErrorBody(type=kind, message=message),
        request_id=request_id,
        thinkwell=MessagesErrorDetail(code=code, param=param),
    )


# Said with a 503 that does not know better: an engine that is brought back takes about that long.
RETRY_AFTER_S = 30.0


def retry_headers(status: int, retry_after_s: float | None) -> tuple[tuple[bytes, bytes], ...]:
    """When to come back, of an answer that says that it is worth it."""
    if retry_after_s is None and status in (503, 529):
        retry_after_s = RETRY_AFTER_S
    return () if retry_after_s is None else ((b"retry-after", b"%d" % math.ceil(retry_after_s)),)


def error_reply(
    path: str, error: errors.ThinkwellError, *, anthropic: bool = False
) -> tuple[int, dict[str, str], ErrorReply | MessagesError | WebError]:
    """Status, headers and body of an error, of the door that ``path`` belongs to or Anthropic's dialect."""
    if anthropic:
        request_id = f"req_{secrets.token_hex(12)}"
        status, body = messages_error(error.code, error.message, request_id, error.param)
        retry = {name.decode(): value.decode() for name, value in retry_headers(status, error.retry_after_s)}
        return status, {"request-id": request_id} | retry, body
    status = STATUS[error.code]
    headers = {} if error.retry_after_s is None else {"retry-after": str(math.ceil(error.retry_after_s))}
    if path.startswith("/v1/"):
        return status, headers, openai_error(error.code, error.message, error.param)[1]
    return (
        status,
        headers,
        WebError(
            WebErrorBody(
                code=error.code, message=error.message, param=error.param, retry_after=error.retry_after_s
            )
        ),
    )


def handle(request: Request[Any, Any, Any], error: Exception) -> Response[Any]:
    """Litestar's exception handler for everything."""
    return told(request, error, as_ours(error, request.url.path))


def told(request: Request[Any, Any, Any], error: Exception, ours: errors.ThinkwellError) -> Response[Any]:
    """The reply to ``error``, which is ``ours`` in our words."""
    status_of_framework = error.status_code if isinstance(error, HTTPException) else None
    status, headers, body = error_reply(request.url.path, ours, anthropic=speaks_anthropic(request))
    if status_of_framework in (405, 406, 415):
        status = status_of_framework
    if isinstance(error, HTTPException) and error.headers:
        headers |= {name.lower(): value for name, value in error.headers.items() if name.lower() == "allow"}
    if isinstance(ours, errors.Refused):
        headers |= of_refusal(request)
    return Response(body, status_code=status, headers=headers, media_type="application/json")


def as_ours(error: Exception, path: str) -> errors.ThinkwellError:
    """Any exception that reaches a door, as one of ours."""
    if isinstance(error, errors.ThinkwellError):
        return error
    if isinstance(error, ValidationException):
        return _invalid(error)
    if isinstance(error, msgspec.ValidationError):
        return _of_validator(str(error))
    if isinstance(error, UnicodeDecodeError):
        return errors.BadRequest("The body is not valid UTF-8.")
    if isinstance(error, RecursionError):
        return errors.BadRequest("The request is nested too deep.")
    if isinstance(error, HTTPException):
        return _of_framework(error, path)
    log.error("a fault of the site at %s", _ID.sub("/…", path), exc_info=error)
    return errors.ThinkwellError("The site made a mistake. The operator can find it in the log.")


# Of parts of a message and of tools, other services have more kinds.
OF_TYPE = "Messages are text, pictures and tool calls; tools are run by the caller."


def _invalid(error: ValidationException) -> errors.BadRequest:
    """A body or parameter of the wrong shape: the reason, and where, in the words of the validator."""
    reason = str(error.__cause__) if error.__cause__ is not None else str(error.detail)
    if error.__cause__ is None and isinstance(error.extra, list) and error.extra:
        first = error.extra[0]
        text, param = str(first.get("message", reason)), str(first.get("key", "")) or None
        return errors.BadRequest(f"{param}: {text}." if param else f"{text}.", param=param)
    return _of_validator(reason)


def _of_validator(reason: str) -> errors.BadRequest:
    """``Expected `int`, got `str` - at `$.max_tokens``` and its kin."""
    text, _, where = reason.partition(" - at `")
    param = re.sub(r"^\$\.?(data\.?)?", "", where.rstrip("`")) or None
    unknown = re.search(r"unknown field `(.{1,200})`", text)
    if unknown:
        name = f"{param}.{unknown[1]}" if param else unknown[1]
        instead = IN_ITS_PLACE.get(unknown[1], "Leave it out.")
        return errors.UnknownField(f"The field {name!r} is not supported here. {instead}", param=name)
    kind = re.fullmatch(r"Invalid (?:enum )?value '(.{1,200})'", text)
    if kind and param is not None and param.endswith(".type"):
        return errors.BadRequest(f"{param}: {kind[1]!r} is not taken here. {OF_TYPE}", param=param)
    return errors.BadRequest(f"{param}: {text}." if param else f"{text}.", param=param)


def _of_framework(error: HTTPException, path: str) -> errors.ThinkwellError:
    if error.status_code == 413:
        return errors.TooLarge("The request is larger than this site takes.")
    if error.status_code == 404:
        return errors.NotFound(f"There is nothing at {path}.")
    if error.status_code == 405:
        return errors.BadRequest("This address does not take that method.")
    if error.status_code < 500:
        return errors.BadRequest(f"The body is not valid JSON: {error.detail}.")
    log.error("a fault of the site at %s", _ID.sub("/…", path), exc_info=error)
    return errors.ThinkwellError("The site made a mistake. The operator can find it in the log.")
