"""How long a prompt is, and making it fit: without a tokenizer, on the safe side."""

from __future__ import annotations

import re
from collections.abc import Callable, Sequence
from dataclasses import dataclass

from lapt_dsl.diagnostics.diagnostic import LaptError
from lapt_dsl.propose.exchange import Message

Count = Callable[[str], int]

PER_MESSAGE = 8
"""What a chat template adds around a message."""

BUDGET = 6_000
"""Tokens of a prompt unless another budget is given: with the answer it fits a context of 8,192."""

_PIECES = re.compile(r"[A-Za-z]+|[0-9]|\n[ \n]*|[ \t]+(?=[A-Za-z])|[ \t]+|[^\x00-\x7f]|.", re.DOTALL)


def estimated_tokens(text: str) -> int:
    """How many tokens a text takes at most, estimated from above for any byte-pair tokenizer of code models.

    A word counts one token for every four letters begun, each digit, sign and run of blank lines one, a blank before a
    word none, and any other character one for each of its bytes. For messages about the shipped spaces and published
    tables this is 3 to 38 % more than the tokenizers of SmolLM2 and Qwen2.5-Coder count. It is no bound for other text:
    letters in no known order may take more.

    >>> estimated_tokens("layers: never none;")
    7
    """
    total = 0
    for match in _PIECES.finditer(text):
        piece = match[0]
        if piece[0].isascii() and piece[0].isalpha():
            total += (len(piece) + 3) // 4
        elif piece[0] in " \t":
            # A blank belongs to the word behind it; more of them are one token, before signs too.
            total += 0 if len(piece) == 1 else 1
        elif piece[0].isascii():
            total += 1
        else:
            total += len(piece.encode("utf-8", errors="surrogatepass"))
    return total


def counted(messages: Sequence[Message], count: Count) -> int:
    """Tokens of messages, with what a chat template adds."""
    return sum(count(message.content) + PER_MESSAGE for message in messages)


@dataclass(frozen=True, slots=True)
class Fitted:
    """What fits: the messages, their tokens, and how much of each part that may be cut stands in them."""

    messages: tuple[Message, ...]
    tokens: int
    kept: tuple[int, ...]


def fit(
    build: Callable[[Sequence[int]], tuple[Message, ...]],
    most: Sequence[int],
    least: Sequence[int],
    budget: int,
    count: Count,
) -> Fitted:
    """Cut parts until messages fit a budget: the first as far as needed, down to its least, then the second, and on.

    Args:
        build: Makes the messages with so many items of each part.
        most: How many items each part has.
        least: How many each must keep.
        budget: Tokens the messages may take.
        count: Counts the tokens of a text.

    Raises:
        LaptError: E891, even the least does not fit.
    """

    def made(kept: Sequence[int]) -> Fitted:
        messages = build(kept)
        return Fitted(messages, counted(messages, count), tuple(kept))

    kept = list(most)
    fitted = made(kept)
    for place, fewest in enumerate(least):
        if fitted.tokens <= budget:
            return fitted
        low, high = fewest, kept[place]
        kept[place] = low
        fitted = made(kept)
        while fitted.tokens <= budget and high - low > 1:
            middle = (low + high) // 2
            tried = made([*kept[:place], middle, *kept[place + 1 :]])
            if tried.tokens <= budget:
                low, fitted = middle, tried
            else:
                high = middle
    if fitted.tokens > budget:
        raise too_long(fitted.tokens, budget)
    return fitted


def too_long(tokens: int, budget: int) -> LaptError:
    """The refusal of a prompt that does not fit (E891)."""
    message = f"the prompt needs {tokens:,} tokens with everything optional left out, and {budget:,} are allowed"
    return LaptError.of("E891", message, "<prompt>", hint=f"allow at least {tokens:,} tokens")
