"""The one tree of errors. A class has a fixed code, says whose fault it is, and what the reader can do.

    ThinkwellError
    ├── Refused                     the caller's to mend; nothing was started
    │   ├── BadRequest              bad_request          the request has a wrong shape or value
    │   │   ├── UnknownField        unknown_field        a field outside the allow-list
    │   │   └── TooLarge            too_large            over a stated size limit
    │   ├── PromptTooLong           context_length_exceeded  the prompt is over the model's context
    │   ├── UnknownModel            model_not_found      no such model here
    │   ├── NotFound                not_found            no such thing, or not yours
    │   ├── Conflict                conflict             the thing is busy with something else
    │   ├── NotAuthenticated        invalid_key          a key of ours that does not hold
    │   │   ├── NotSignedIn         not_signed_in        for members, and nobody is signed in
    │   │   └── WrongSignIn         wrong_sign_in        no such name, password or passkey
    │   ├── Forbidden               forbidden            a request from another origin, or not allowed
    │   │   ├── OutOfScope          out_of_scope         the key may not do this
    │   │   └── Blocked             blocked              an operator keeps this person out
    │   ├── NameTaken               name_taken           somebody has that name
    │   ├── LinkUsed                link_used            a link that worked once, or is too old
    │   ├── SignInOver              sign_in_over         a sign-in elsewhere, over or another browser's
    │   ├── ProofRefused            proof_refused        work that does not hold, was used, or is another's
    │   ├── KeyReused               idempotency_key_reused   the same key with another body
    │   ├── OverQuota               over_quota           the quota is used up; it says when it begins anew
    │   ├── BudgetSpent             budget_spent         the key's budget is used up
    │   ├── TooManyAtOnce           too_many_at_once     more turns of one person than may run and wait
    │   ├── TooManyTries            too_many_tries       too many failed sign-ins; it says when to try again
    │   ├── LogExpired              log_expired          the event log is no longer kept
    │   ├── WouldWait               would_wait           longer than the caller said to wait; it says when
    │   └── LineFull                line_full            the line's memory is full; come back later
    ├── EngineError                 the engine's side; the turn fails, the site lives
    │   ├── EngineUnavailable       engine_unavailable   cannot be reached, or died
    │   ├── EngineRefused           engine_refused       it answered with an error
    │   ├── EngineBroken            engine_broken        its reply could not be understood, or was cut
    │   └── EngineStalled           engine_stalled       it stopped sending
    ├── ProviderError               the organisation's identity provider; nobody is signed in, nothing changed
    │   ├── ProviderUnavailable     provider_unavailable it cannot be reached, or is slow; try again
    │   └── ProviderBroken          provider_broken      what it said does not hold or is unclear
    ├── StoreError                  the database's side
    │   ├── StoreFull               storage_full         no room on the disk
    │   └── StoreUnavailable        storage_unavailable  locked, unreadable or damaged
    ├── Interrupted                 interrupted          the site ended while the turn ran
    └── SetupError                  setup                the operator's to mend; the site does not start

Domain errors know no HTTP: http/errors.py maps codes to statuses, and a test enumerates every class.
"""

from __future__ import annotations

from typing import ClassVar


class ThinkwellError(Exception):
    """``message`` is one sentence for the person who meets it; it says what to do where that is known."""

    code: ClassVar[str] = "error"

    def __init__(self, message: str, *, param: str | None = None, retry_after_s: float | None = None) -> None:
        super().__init__(message)
        self.message = message
        self.param = param
        self.retry_after_s = retry_after_s


class Refused(ThinkwellError):
    code = "refused"


class BadRequest(Refused):
    code = "bad_request"


class UnknownField(BadRequest):
    code = "unknown_field"


class TooLarge(BadRequest):
    code = "too_large"


class PromptTooLong(Refused):
    code = "context_length_exceeded"


class UnknownModel(Refused):
    code = "model_not_found"


class NotFound(Refused):
    code = "not_found"


class Conflict(Refused):
    code = "conflict"


class NotAuthenticated(Refused):
    code = "invalid_key"


class NotSignedIn(NotAuthenticated):
    code = "not_signed_in"


class WrongSignIn(NotAuthenticated):
    code = "wrong_sign_in"


class Forbidden(Refused):
    code = "forbidden"


class OutOfScope(Forbidden):
    code = "out_of_scope"


class Blocked(Forbidden):
    code = "blocked"


class NameTaken(Refused):
    code = "name_taken"


class LinkUsed(Refused):
    code = "link_used"


class SignInOver(Refused):
    code = "sign_in_over"


class ProofRefused(Refused):
    code = "proof_refused"


class KeyReused(Refused):
    code = "idempotency_key_reused"


class OverQuota(Refused):
    code = "over_quota"


class BudgetSpent(Refused):
    code = "budget_spent"


class TooManyAtOnce(Refused):
    code = "too_many_at_once"


class TooManyTries(Refused):
    code = "too_many_tries"


class LogExpired(Refused):
    code = "log_expired"


class WouldWait(Refused):
    code = "would_wait"


class LineFull(Refused):
    code = "line_full"


class EngineError(ThinkwellError):
    code = "engine_error"


class EngineUnavailable(EngineError):
    code = "engine_unavailable"


class EngineRefused(EngineError):
    code = "engine_refused"


class EngineBroken(EngineError):
    code = "engine_broken"


class EngineStalled(EngineError):
    code = "engine_stalled"


class ProviderError(ThinkwellError):
    code = "provider_error"


class ProviderUnavailable(ProviderError):
    code = "provider_unavailable"


class ProviderBroken(ProviderError):
    code = "provider_broken"


class StoreError(ThinkwellError):
    code = "storage_error"


class StoreFull(StoreError):
    code = "storage_full"


class StoreUnavailable(StoreError):
    code = "storage_unavailable"


class Interrupted(ThinkwellError):
    code = "interrupted"


class SetupError(ThinkwellError):
    code = "setup"
