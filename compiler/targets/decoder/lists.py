"""Lists such as `convolution, pooling except conv1x1` as regular expressions over the entries that a space has.

A list that stands for nothing is refused by the compiler (E206), and which lists do is a matter of sets: no small
LALR(1) grammar says it, but a regular expression does, as a union over the one thing that is left in the list.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping

SEPARATOR = r"( |\n(  ){0,9})"
"""A blank, or a line's end with the formatter's indentation."""

MAX_EXACT = 12
"""Up to so many things a list may leave any of them out; above, `except` follows `any` and names single things."""

MAX_EXACT_NUMBERS = 6
"""The same for numbers, of which ranges make many more entries."""

MAX_ENTRIES = 12
"""How many entries a list may have, on either side of `except`, by default."""


def list_expression(entries: Mapping[str, frozenset[str]], exact: int = MAX_EXACT, most: int = MAX_ENTRIES) -> str:
    """The expression of all lists that stand for something.

    Args:
        entries: What may stand in the list, as it is written, and what it stands for.
        exact: Up to so many things, a list may leave out any of them.
        most: How many entries stand on either side of `except`.
    """
    things = frozenset[str]().union(*entries.values())
    count = min(most, max(2, len(entries)))
    every = choice(entries)
    plain = f"{every}(,{SEPARATOR}{every}){{0,{count - 1}}}"
    if len(things) > exact:
        # A list of fewer single things than there are leaves some.
        single = choice(text for text, stands_for in entries.items() if len(stands_for) == 1)
        few = min(most, len(things) - 1)
        return f"({plain}|any{SEPARATOR}except{SEPARATOR}{single}(,{SEPARATOR}{single}){{0,{few - 1}}})"
    ways = [plain]
    for left in sorted(things):
        holding = choice(text for text, stands_for in entries.items() if left in stands_for)
        sparing = [text for text, stands_for in entries.items() if left not in stands_for]
        if sparing:
            include = f"({every},{SEPARATOR}){{0,{count - 1}}}{holding}(,{SEPARATOR}{every}){{0,{count - 1}}}"
            exclude = f"{choice(sparing)}(,{SEPARATOR}{choice(sparing)}){{0,{count - 1}}}"
            ways.append(f"{include}{SEPARATOR}except{SEPARATOR}{exclude}")
    # In parentheses, because Lark puts terminals side by side as they are written.
    return f"({'|'.join(ways)})"


def number_entries(numbers: Iterable[int]) -> dict[str, frozenset[str]]:
    """What may stand in a list of these numbers: `any`, each of them, and ranges up to no smaller one."""
    ordered = sorted(set(numbers))
    entries = {"any": frozenset(map(str, ordered))}
    for at, low in enumerate(ordered):
        for high in ordered[at:]:
            entries[f"{low}..{high}"] = frozenset(str(each) for each in ordered if low <= each <= high)
        entries[str(low)] = frozenset({str(low)})
    return entries


def choice(texts: Iterable[str]) -> str:
    """Any of some texts; longer ones first, for matchers that take the first alternative that fits.

    >>> choice(["a", "b1", "2..3"])
    '(2\\\\.\\\\.3|b1|a)'
    """
    ordered = sorted(set(texts), key=lambda text: (-len(text), text))
    return "(" + "|".join(text.replace(".", r"\.") for text in ordered) + ")"


def name_expression(reserved: Iterable[str], length: int) -> str:
    """Names of at most `length` characters that are none of the lower-case words `reserved`.

    Without lookahead this is a walk along the words: a name leaves them at some letter, ends inside one, or goes on
    behind one.
    """
    words = frozenset(reserved)
    prefixes = {word[:end] for word in words for end in range(1, len(word) + 1)}

    def after(prefix: str) -> str:
        following = sorted(
            {each[len(prefix)] for each in prefixes if len(each) > len(prefix) and each.startswith(prefix)}
        )
        rest = length - len(prefix) - 1
        ways = [f"[{_others(following, first=not prefix)}][A-Za-z0-9_]{{0,{rest}}}"]
        ways += [f"{letter}{after(prefix + letter)}" for letter in following]
        optional = "?" if prefix and prefix not in words else ""
        return f"({'|'.join(ways)}){optional}"

    return after("")


def _others(letters: list[str], *, first: bool) -> str:
    """The characters of names that are not among `letters`, as the inside of a character class."""
    alphabet = "ABCDEFGHIJKLMNOPQRSTUVWXYZ_abcdefghijklmnopqrstuvwxyz" + ("" if first else "0123456789")
    left = [character for character in alphabet if character not in letters]
    spans: list[list[str]] = []
    for character in left:
        if spans and ord(character) == ord(spans[-1][-1]) + 1:
            spans[-1].append(character)
        else:
            spans.append([character])
    return "".join(span[0] if len(span) == 1 else f"{span[0]}-{span[-1]}" for span in spans)
