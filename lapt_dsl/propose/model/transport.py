"""The connection to a server through the OpenAI SDK, bounded in time and bytes whatever the server does.

The SDK repeats failed requests with growing pauses and heeds `Retry-After`. Around it: one deadline for a call with all
its repetitions, also for a server that sends a byte now and then; a largest body; no redirect followed; no key kept in
an error. Imported only when a server is asked, since it loads the SDK.
"""

from __future__ import annotations

import socket
import threading
import time
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any
from urllib.parse import urlsplit

from openai import DefaultHttpxClient, Omit, OpenAI, OpenAIError, Timeout

from lapt_dsl.diagnostics.diagnostic import LaptError
from lapt_dsl.propose.model.failures import failure
from lapt_dsl.propose.model.faults import gave_up, problem_of, shown
from lapt_dsl.propose.model.modes import Interface
from lapt_dsl.propose.model.options import OPENAI_HOST, ClientOptions
from lapt_dsl.propose.model.redact import Redactor

CONNECT_SECONDS = 20.0
LARGEST_ERROR = 64 * 1024
# About the body as it was sent; what is kept of it is plain.
_ABOUT_SENDING = frozenset({"content-encoding", "transfer-encoding", "content-length"})


@dataclass(frozen=True, slots=True)
class Body:
    """What came back, without the key, and the seconds it took with all attempts."""

    text: str
    seconds: float


class Deadline(Exception):
    """The time for a call is over."""


class WaitsTooLong(Exception):
    """The next attempt would be made after the time for the call is over."""


class TooLong(Exception):
    """A body is larger than what is read."""


class Guard:
    """One call's deadline, and the socket that is shut when it passes."""

    def __init__(self, seconds: float, wait: Callable[[float], None]) -> None:
        """Begin now, for `seconds`; `wait` is called to wait between attempts."""
        self.begun = time.monotonic()
        self._end = self.begun + seconds
        self._wait = wait
        self._socket: socket.socket | None = None
        self._timer = threading.Timer(seconds, self._shut)
        self._timer.daemon = True
        self._timer.start()
        self.status: int | None = None

    @property
    def left(self) -> float:
        """Seconds left."""
        return max(0.0, self._end - time.monotonic())

    def pause(self, seconds: float) -> None:
        """Wait before the next attempt. Raises WaitsTooLong where there is no time for it."""
        if seconds >= self.left:
            raise WaitsTooLong
        self._wait(seconds)

    def trace(self, event: str, details: dict[str, Any]) -> None:
        """Remember the socket when it is connected: only shutting it ends a read that a drip of bytes keeps alive."""
        if event.endswith("connect_tcp.complete"):
            self._socket = details["return_value"].get_extra_info("socket")

    def close(self) -> None:
        """End the watch."""
        self._timer.cancel()
        self._socket = None

    def _shut(self) -> None:
        watched = self._socket
        if watched is not None:
            try:
                # Past TLS, which another thread is reading from: that would wait for it.
                socket.socket.shutdown(watched, socket.SHUT_RDWR)
            except OSError:
                # Closed already: then nobody reads from it.
                return


class _Http(DefaultHttpxClient):
    """An HTTP client that reads bodies whole, but neither longer nor later than allowed."""

    guard: Guard | None = None
    most = 0

    def send(self, request: Any, *, stream: bool = False, **more: Any) -> Any:
        guard = self.guard
        if guard is None:
            raise RuntimeError("no call is under way")
        if not guard.left:
            raise Deadline
        guard.status = None
        request.extensions["trace"] = guard.trace
        try:
            response = super().send(request, stream=True, **more)
            try:
                guard.status = response.status_code
                body = self._body(response, guard)
            finally:
                response.close()
        except (TooLong, Deadline):
            raise
        except Exception:
            # A socket that was shut looks like a broken connection.
            if not guard.left:
                raise Deadline from None
            raise
        headers = [(name, value) for name, value in response.headers.multi_items() if name not in _ABOUT_SENDING]
        return type(response)(response.status_code, headers=headers, content=body, request=request)

    def _body(self, response: Any, guard: Guard) -> bytes:
        most = self.most if response.status_code < 400 else LARGEST_ERROR
        body = bytearray()
        for chunk in response.iter_bytes():
            body += chunk
            if len(body) > most:
                if response.status_code >= 400:
                    break
                raise TooLong
            if not guard.left:
                raise Deadline
        return bytes(body[:most])


class _Sdk(OpenAI):
    """The SDK, which waits as it is told to."""

    http: _Http

    def _calculate_retry_timeout(
        self, remaining_retries: int, options: Any, response_headers: Any | None = None
    ) -> float:
        seconds = super()._calculate_retry_timeout(remaining_retries, options, response_headers)
        if self.http.guard is None:
            return seconds
        self.http.guard.pause(seconds)
        return 0.0


class Wire:
    """A server, as it is reached with some options."""

    def __init__(self, options: ClientOptions, wait: Callable[[float], None] = time.sleep) -> None:
        """Connects to nothing yet; `wait` waits between attempts."""
        self._options = options
        self._wait = wait
        self.redact = Redactor(options.key)
        # No reuse of connections: each call has a socket of its own, that its deadline can shut.
        # On this machine no proxy is asked, and over plain http no certificates are loaded, which takes a while.
        plain = options.is_local and options.base_url.startswith("http:")
        self._http = _Http(
            follow_redirects=False,
            trust_env=not options.is_local,
            verify=not plain,
            headers={"Connection": "close"},
            timeout=None,
        )
        self._http.most = options.max_bytes
        headers: dict[str, Any] = {"Accept-Encoding": "identity"}
        # Without a key no such header is sent; the SDK wants to be told so with every request.
        self._per_call: dict[str, Any] = {} if options.key is not None else {"Authorization": Omit()}
        if urlsplit(options.base_url).hostname != OPENAI_HOST:
            headers |= {"OpenAI-Organization": Omit(), "OpenAI-Project": Omit()}
        self._sdk = _Sdk(
            base_url=options.base_url,
            api_key=options.key or "none",
            admin_api_key="",
            max_retries=options.retries,
            http_client=self._http,
            default_headers=headers,
        )
        self._sdk.http = self._http

    def post(self, interface: Interface, arguments: dict[str, Any], seconds: float) -> Body:
        """Ask for a completion, within `seconds` for all attempts.

        Raises:
            LaptError: E841 to E845, E847, E848, E852, E856, E857.
        """
        resource: Any = self._sdk.responses if interface == "responses" else self._sdk.chat.completions
        create = resource.with_raw_response.create
        more = {"extra_headers": self._per_call}
        return self._call(
            lambda limit: create(**arguments, **more, timeout=limit).http_response.content, seconds, interface
        )

    def models(self, seconds: float) -> Body:
        """Ask which models there are. Raises LaptError as `post` does."""
        listed = self._sdk.models.with_raw_response.list
        return self._call(
            lambda limit: listed(timeout=limit, extra_headers=self._per_call).http_response.content, seconds
        )

    def get(self, path: str, seconds: float) -> Body:
        """Get something beside the OpenAI interface, such as `/props`, at once or not. Raises LaptError as `post`."""
        parts = urlsplit(self._options.base_url)
        address = f"{parts.scheme}://{parts.netloc}{parts.path.rstrip('/').removesuffix('/v1')}{path}"

        def send(limit: Timeout) -> bytes:
            how: Any = {"max_retries": 0, "timeout": limit, "headers": self._per_call}
            return self._sdk.get(address, cast_to=str, options=how).encode()

        return self._call(send, seconds)

    def shown(self, text: str) -> str:
        """A server's words as they may be shown or stored: on one line, bounded, without the key."""
        return shown(self.redact(text))

    def close(self) -> None:
        """Give the connections back."""
        self._http.close()

    def __repr__(self) -> str:
        return f"Wire({self._options!r})"

    def _call(self, send: Callable[[Timeout], bytes], seconds: float, interface: Interface | None = None) -> Body:
        # Problems are raised outside of the handlers: nothing that is shown leads back to the SDK's request, which
        # holds the key.
        guard = self._http.guard = Guard(seconds, self._wait)
        self.redact.watch_logs()
        problem: LaptError
        try:
            content = send(Timeout(seconds, connect=min(seconds, CONNECT_SECONDS)))
            return Body(self.redact(content.decode("utf-8")), time.monotonic() - guard.begun)
        except UnicodeDecodeError as error:
            problem = failure("E848", f"the reply is not UTF-8 (byte {error.start:,})")
        except Deadline:
            problem = failure("E844", f"the model did not answer within {seconds:.3g} seconds")
        except TooLong:
            problem = failure("E847", f"the reply is longer than {self._http.most:,} bytes; reading was stopped")
        except WaitsTooLong:
            problem = gave_up(guard.status, seconds)
        except OpenAIError as error:
            problem = problem_of(error, self._options, self.redact, seconds, interface)
        finally:
            guard.close()
            self._http.guard = None
        raise problem
