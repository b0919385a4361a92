"""Errors of the SDK as failures. Imported only when a server is asked, since it loads the SDK."""

from __future__ import annotations

from urllib.parse import urlsplit

from openai import APIConnectionError, APIStatusError, APITimeoutError, OpenAIError

from lapt_dsl.diagnostics.diagnostic import LaptError
from lapt_dsl.propose.model.failures import failure
from lapt_dsl.propose.model.modes import Interface, error_in
from lapt_dsl.propose.model.options import ClientOptions
from lapt_dsl.propose.model.redact import Redactor

MOST_WORDS = 300


def problem_of(
    error: OpenAIError, options: ClientOptions, redact: Redactor, seconds: float, interface: Interface | None
) -> LaptError:
    """The failure for an error of the SDK, without the key."""
    if isinstance(error, APIStatusError):
        return _of_status(error, redact, interface)
    if isinstance(error, APIConnectionError):
        # The cause is an error of the HTTP library. Its class name is stable across versions.
        cause = type(error.__cause__).__name__
        if cause.startswith(("Connect", "Proxy", "UnsupportedProtocol")):
            return failure("E841", f"no server answers at {options.base_url}")
        if isinstance(error, APITimeoutError):
            return failure("E844", f"the model did not answer within {seconds:.3g} seconds")
        return failure("E857", "the connection broke before the reply was complete, in every attempt")
    return failure("E845", f"the OpenAI library rejects the request: {shown(redact(str(error)))}")


def gave_up(status: int | None, seconds: float) -> LaptError:
    """The failure of a call without time for the next attempt. `status` is that of the last response."""
    late = f"and the next attempt would exceed the time-out of {seconds:.3g} seconds"
    if status == 429:
        return failure("E843", f"the server limits requests (429), {late}")
    if status is not None and status >= 400:
        return failure("E845", f"the server failed ({status}), {late}")
    return failure("E857", f"the connection broke, {late}")


def shown(text: str) -> str:
    """Text of a server on one line, shortened, with control characters escaped."""
    cut = text if len(text) <= MOST_WORDS else text[:MOST_WORDS] + "..."
    line = " ".join(cut.split())
    return "".join(char if char.isprintable() else ascii(char)[1:-1] for char in line)


def _of_status(error: APIStatusError, redact: Redactor, interface: Interface | None) -> LaptError:
    status = error.status_code
    words = shown(redact(_words(error)))
    detail = f"({status}): {words}" if words else f"({status})"
    if 300 <= status < 400:
        target = urlsplit(error.response.headers.get("location", ""))
        where = shown(redact(f"{target.scheme}://{target.netloc}")) if target.netloc else "another of its paths"
        return failure("E856", f"the server redirects to {where} ({status}); redirects are not followed")
    if status in (401, 403):
        return failure("E842", f"the server rejects the key {detail}")
    if status == 429:
        return failure("E843", f"the server limits requests {detail}")
    if status == 408:
        return failure("E844", f"the server gave up waiting {detail}")
    if interface == "responses" and status in (404, 405, 501) and "model" not in words.lower():
        return failure("E852", f"the server has no Responses interface {detail}")
    if status >= 500:
        return failure("E845", f"the server failed {detail}")
    hint = "does --base-url lack /v1, or does the server not have this model?" if status == 404 else None
    return failure("E845", f"the server rejects the request {detail}", hint)


def _words(error: APIStatusError) -> str:
    """The error message of the server: from JSON or plain text; empty for a web page."""
    body = error.body
    if isinstance(body, str):
        return "" if "<" in body[:200] else body
    message = error_in({"error": body}) if isinstance(body, dict) and "error" not in body else error_in(body)
    return message or ""
