"""The budget of a run for a language model. It is checked before each call against the worst case of the call."""

from __future__ import annotations

import math
from collections.abc import Iterable
from dataclasses import dataclass

from lapt_dsl.diagnostics.diagnostic import LaptError
from lapt_dsl.propose.exchange import Exchange, Request, canonical
from lapt_dsl.propose.model.failures import billing, failure

MARGIN = 1.25
"""Safety factor on the highest ratio of tokens to bytes that the server has reported."""
AROUND_MESSAGE = 16
"""Tokens that a chat template may add to a message."""


@dataclass(frozen=True, slots=True)
class Spent:
    """The cost of calls: their number, tokens, seconds of waiting, and money if prices are known."""

    calls: int = 0
    prompt_tokens: int = 0
    completion_tokens: int = 0
    seconds: float = 0.0
    money: float = 0.0

    @property
    def tokens(self) -> int:
        """Tokens of prompts and replies."""
        return self.prompt_tokens + self.completion_tokens


class ModelBudget:
    """Limits on calls, tokens, seconds and money. None means no limit.

    The worst case of a call is a reply of `max_tokens`, and a prompt with one token per byte until the server has
    reported token counts. Counts that a server does not report are estimated in the same way.
    """

    def __init__(
        self,
        calls: int | None = None,
        tokens: int | None = None,
        seconds: float | None = None,
        money: float | None = None,
        *,
        price_in: float | None = None,
        price_out: float | None = None,
    ) -> None:
        """Set the limits.

        Args:
            calls: Maximum number of calls.
            tokens: Maximum number of tokens of prompts and replies.
            seconds: Maximum seconds of waiting for replies.
            money: Spending limit, in the unit of the prices.
            price_in: Price per million prompt tokens.
            price_out: Price per million reply tokens.

        Raises:
            LaptError: E840, a limit or price is not a number of at least 0, or `money` is given without prices.
        """
        limits = {"calls": calls, "tokens": tokens, "seconds": seconds, "money": money}
        for name, value in {**limits, "price in": price_in, "price out": price_out}.items():
            if value is not None and not 0 <= value < math.inf:
                raise failure("E840", f"the budget for {name} must be a number of at least 0", "give such a number")
        if money is not None and (price_in is None or price_out is None):
            raise failure(
                "E840", "a spending limit needs prices", "give --price-in and --price-out, per million tokens"
            )
        self.calls, self.tokens, self.seconds, self.money = calls, tokens, seconds, money
        self._prices = (price_in or 0.0, price_out or 0.0)
        self._calls = self._prompt = self._completion = 0
        self._waited: list[float] = []
        self._ratio: float | None = None

    @property
    def spent(self) -> Spent:
        """The cost so far."""
        money = self._money(self._prompt, self._completion)
        # fsum does not depend on the order, so a resumed run gets the same sum.
        return Spent(self._calls, self._prompt, self._completion, math.fsum(self._waited), money)

    @property
    def seconds_left(self) -> float:
        """Seconds of waiting left; infinite without a limit."""
        return math.inf if self.seconds is None else max(0.0, self.seconds - self.spent.seconds)

    def check(self, request: Request) -> None:
        """Reject a call that could exceed a limit. Raises LaptError (E850) with the numbers."""
        spent = self.spent
        if self.calls is not None and spent.calls + 1 > self.calls:
            raise _exhausted(f"{spent.calls:,} of {self.calls:,} calls are used")
        if self.seconds is not None and self.seconds_left <= 0:
            raise _exhausted(f"{spent.seconds:.1f} of {self.seconds:g} seconds are used")
        prompt, reply = self.prompt_estimate(request), most_reply_tokens(request)
        worst = f"{prompt + reply:,} tokens (prompt {prompt:,}, reply {reply:,})"
        if self.tokens is not None and spent.tokens + prompt + reply > self.tokens:
            raise _exhausted(f"{spent.tokens:,} of {self.tokens:,} tokens are used, the next call may use {worst}")
        if self.money is not None and self._money(self._prompt + prompt, self._completion + reply) > self.money:
            more = self._money(prompt, reply)
            raise _exhausted(
                f"{spent.money:.4f} of {self.money:g} are spent, the next call may cost {more:.4f} for {worst}"
            )

    def charge(self, exchange: Exchange) -> None:
        """Add the cost of an exchange."""
        self._calls += 1
        self._waited.append(exchange.seconds)
        request, reply = exchange.request, exchange.reply
        if reply is not None and reply.usage is not None:
            self._prompt += reply.usage.prompt_tokens
            self._completion += reply.usage.completion_tokens
            ratio = reply.usage.prompt_tokens / prompt_bytes(request)
            self._ratio = ratio if self._ratio is None else max(self._ratio, ratio)
        elif billing(exchange.failure) == "whole":
            self._prompt += self.prompt_estimate(request)
            longest = most_reply_tokens(request)
            written = longest if reply is None or exchange.failure else len(reply.text.encode()) + 1
            self._completion += min(longest, written)

    def wait(self, seconds: float) -> None:
        """Add waiting time outside of exchanges, such as for the list of models."""
        self._waited.append(seconds)

    def restore(self, exchanges: Iterable[Exchange]) -> None:
        """Add the cost of recorded exchanges, so that a resumed run continues with the remaining budget."""
        for exchange in exchanges:
            self.charge(exchange)

    def prompt_estimate(self, request: Request) -> int:
        """Upper estimate of the prompt tokens of a request."""
        ratio = 1.0 if self._ratio is None else self._ratio * MARGIN
        return math.ceil(prompt_bytes(request) * ratio)

    def _money(self, prompt: int, completion: int) -> float:
        return (prompt * self._prices[0] + completion * self._prices[1]) / 1_000_000


def prompt_bytes(request: Request) -> int:
    """Bytes of everything that a server may count as prompt. No tokenizer makes more tokens than bytes."""
    messages = sum(len(message.content.encode()) + AROUND_MESSAGE for message in request.messages)
    schema = 0 if request.schema is None else len(canonical(request.schema))
    # Grammars of tools and JSON schemas are part of the prompt. The grammar of a constrained decoder is not.
    grammar = len((request.grammar or "").encode()) if request.mode in ("openai", "openai-chat") else 0
    return AROUND_MESSAGE + messages + schema + grammar


def most_reply_tokens(request: Request) -> int:
    """Maximum reply tokens of a request."""
    most = request.parameters.get("max_tokens")
    return most if isinstance(most, int) else 0


def _exhausted(numbers: str) -> LaptError:
    return failure("E850", f"the budget for the model is exhausted: {numbers}")
