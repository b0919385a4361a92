"""The connection to a server through the OpenAI SDK, with bounds on time and size.

The SDK retries failed requests with growing pauses and respects `Retry-After`. This module adds a deadline for a call
with all its retries, which also stops a server that sends single bytes slowly, and a maximum body size. Redirects are
not followed, and errors do not contain the key. Imported only when a server is asked, since it loads the SDK.
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
# These headers describe the encoded body. The body kept here is decoded.
_ABOUT_SENDING = frozenset({"content-encoding", "transfer-encoding", "content-length"})


@dataclass(frozen=True, slots=True)
class Body:
    """A response body without the key, and the seconds for all attempts."""

    text: str
    seconds: float


class Deadline(Exception):
    """The deadline of a call has passed."""


class WaitsTooLong(Exception):
    """The next attempt would start after the deadline."""


class TooLong(Exception):
    """A body exceeds the maximum size."""


class CallDeadline:
    """The deadline of one call, and the socket to shut down when it passes."""

    def __init__(self, seconds: float, wait: Callable[[float], None]) -> None:
        """Start now, for `seconds`. `wait` waits between attempts."""
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
        """Wait before the next attempt. Raises WaitsTooLong if there is no time for it."""
        if seconds >= self.left:
            raise WaitsTooLong
        self._wait(seconds)

    def trace(self, event: str, details: dict[str, Any]) -> None:
        """Store the socket when it connects. Only a shutdown ends a read that slow single bytes keep alive."""
        if event.endswith("connect_tcp.complete"):
            self._socket = details["return_value"].get_extra_info("socket")

    def close(self) -> None:
        """Cancel the deadline."""
        self._timer.cancel()
        self._socket = None

    def _shut(self) -> None:
        watched = self._socket
        if watched is not None:
            try:
                # Bypasses TLS: its shutdown would wait for the thread that is reading.
                socket.socket.shutdown(watched, socket.SHUT_RDWR)
            except OSError:
                # The socket is closed already.
                return


class _Http(DefaultHttpxClient):
    """An HTTP client that reads whole bodies within the size and time limits."""

    guard: CallDeadline | None = None
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
            # A shutdown by the guard looks like a broken connection.
            if not guard.left:
                raise Deadline from None
            raise
        headers = [(name, value) for name, value in response.headers.multi_items() if name not in _ABOUT_SENDING]
        return type(response)(response.status_code, headers=headers, content=body, request=request)

    def _body(self, response: Any, guard: CallDeadline) -> bytes:
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
    """The SDK with a replaceable wait function."""

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
        """Request a completion, within `seconds` for all attempts.

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
        """Get the list of models. Raises LaptError as `post` does."""
        listed = self._sdk.models.with_raw_response.list
        return self._call(
            lambda limit: listed(timeout=limit, extra_headers=self._per_call).http_response.content, seconds
        )

    def get(self, path: str, seconds: float) -> Body:
        """Get a path outside the OpenAI interface, such as `/props`, without retries. Raises LaptError as `post`."""
        parts = urlsplit(self._options.base_url)
        address = f"{parts.scheme}://{parts.netloc}{parts.path.rstrip('/').removesuffix('/v1')}{path}"

        def send(limit: Timeout) -> bytes:
            how: Any = {"max_retries": 0, "timeout": limit, "headers": self._per_call}
            return self._sdk.get(address, cast_to=str, options=how).encode()

        return self._call(send, seconds)

    def shown(self, text: str) -> str:
        """Text of a server for messages and records: on one line, shortened, without the key."""
        return shown(self.redact(text))

    def close(self) -> None:
        """Close the connections."""
        self._http.close()

    def __repr__(self) -> str:
        return f"Wire({self._options!r})"

    def _call(self, send: Callable[[Timeout], bytes], seconds: float, interface: Interface | None = None) -> Body:
        # Errors are raised outside of the handlers, so that their context does not lead to the request of the SDK,
        # which holds the key.
        guard = self._http.guard = CallDeadline(seconds, self._wait)
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
            problem = failure("E847", f"the reply is longer than {self._http.most:,} bytes")
        except WaitsTooLong:
            problem = gave_up(guard.status, seconds)
        except OpenAIError as error:
            problem = problem_of(error, self._options, self.redact, seconds, interface)
        finally:
            guard.close()
            self._http.guard = None
        raise problem
