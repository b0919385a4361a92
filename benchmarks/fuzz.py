"""Mutated and random files through parsing, formatting, linting and compiling.

    python benchmarks/fuzz.py --files 100000

Every file must come back with diagnostics or a result, within a time limit and without memory that keeps growing.
Anything else (another exception, a hang, growth) is a finding: the file is written under `--keep` and the run fails.
`tests/fuzz` runs a small slice of the same.
"""

from __future__ import annotations

import argparse
import random
import re
import resource
import signal
import sys
import time
import traceback
from collections import Counter
from collections.abc import Callable
from contextlib import contextmanager
from pathlib import Path
from typing import TYPE_CHECKING, NamedTuple

import lapt_dsl as lapt
from lapt_dsl.compiler.analyses.lint import lint_text
from lapt_dsl.compiler.building.space import check_space
from lapt_dsl.compiler.refined.refined_space import full
from lapt_dsl.diagnostics.diagnostic import LaptError
from lapt_dsl.language import tree as t
from lapt_dsl.language.parsing.parser import parse
from lapt_dsl.language.printing.formatter import format_text

if TYPE_CHECKING:
    from collections.abc import Iterator

ROOT = Path(__file__).parent.parent
MAX_NODES = 20_000
KEYWORDS = re.findall(
    r"\S+",
    """
    principles principle for any extends drop evidence of in if then one prefer over by some every path from to and
    network params flops depth live layer layers into each stage stages early middle late only never at least most
    exactly same distinct operator operators reads except input output previous space candidates cell node choose
    preprocess concat sources image stem head notation or where x
    """,
)
WORDS = [
    *KEYWORDS,
    *re.findall(r"\S+", '{ } ( ) : ; , .. <= >= = + " // 0 1 5 64 1.3M 99999999'),
    *re.findall(r"\S+", "nas201 darts trans101 main normal reduction skip conv3x3 convolution pooling none"),
]
WORD = re.compile(r"\w")
ODDITIES = (
    "\x00",
    "\ufeff",
    "\u202e",
    "é",
    "𝒙",
    "\r",
    "\t",
    "\x0b",
    "\ud800",
    "\\",
    "'",
    "`",
    "\u2028",
    "{" * 40,
    "if " * 40,
)


class Timeout(BaseException):
    """A file took longer than allowed. No Exception, so that no handler of the tested code can swallow it."""


@contextmanager
def time_limit(limit: float) -> Iterator[None]:
    """Raise Timeout inside the block after `limit` seconds of processor time, or ten times as many by the wall."""

    def stop(signum: int, frame: object) -> None:
        raise Timeout

    timers = ((signal.SIGPROF, signal.ITIMER_PROF, limit), (signal.SIGALRM, signal.ITIMER_REAL, 10 * limit))
    before = [signal.signal(number, stop) for number, _, _ in timers]
    for _, timer, allowed in timers:
        signal.setitimer(timer, allowed)
    try:
        yield
    finally:
        for (number, timer, _), handler in zip(timers, before, strict=True):
            signal.setitimer(timer, 0)
            signal.signal(number, handler)


# --- inputs -------------------------------------------------------------------------------------------------------


def corpus() -> list[str]:
    """The shipped principle and space files."""
    paths = sorted([*(ROOT / "examples").glob("*.lp"), *(ROOT / "spaces").glob("*.space")])
    return [path.read_text(encoding="utf-8") for path in paths]


def without_comments(text: str) -> str:
    """`text` without its comments, in which most changes would change nothing."""
    return re.sub(r"//.*", "", text)


def tokens(text: str) -> list[str]:
    """Words, signs and the white space between them; joined they are the text again."""
    found: list[str] = []
    for character in text:
        if found and WORD.match(character) and WORD.match(found[-1]):
            found[-1] += character
        else:
            found.append(character)
    return found


def mutated(text: str, other: str, rng: random.Random) -> str:
    """`text` with one to six changes of the kinds a slip, a merge or a language model makes."""
    parts = tokens(text)
    for _ in range(rng.randint(1, 6)):
        at = rng.randrange(len(parts) + 1)
        end = min(len(parts), at + rng.choice((1, 1, 1, 3, 10, 60)))
        change = rng.randrange(9)
        if change == 0:
            del parts[at:end]
        elif change == 1:
            parts[at:at] = parts[at:end]
        elif change == 2:
            parts.insert(at, f" {rng.choice(WORDS)} ")
        elif change == 3:
            parts[at:end] = [rng.choice(WORDS)]
        elif change == 4:
            parts.insert(at, rng.choice(ODDITIES))
        elif change == 5:
            source = tokens(other)
            start = rng.randrange(len(source))
            parts[at:at] = source[start : start + rng.choice((1, 5, 40))]
        elif change == 6 and parts:
            parts[at : at + 1] = [str(rng.choice((0, 1, -1, 7, 64, 10**6, 10**9, 10**18, 10**30)))]
        elif change == 7:
            first, second = rng.randrange(len(parts)), rng.randrange(len(parts))
            parts[first], parts[second] = parts[second], parts[first]
        else:
            parts = parts[:at] or [" "]
    return "".join(parts)


def respelt(text: str, rng: random.Random) -> str:
    """`text` with one to four names or numbers exchanged for others: mostly still grammatical, seldom sensible."""
    parts = tokens(text)
    spelt = [at for at, part in enumerate(parts) if WORD.match(part) and part not in KEYWORDS]
    names = sorted({parts[at] for at in spelt if not parts[at].isdecimal()})
    for at in rng.sample(spelt, rng.randint(1, min(4, len(spelt)))):
        number = rng.choice((0, 1, 2, 3, 7, 64, 1000, 10**6, 10**9, 10**17))
        parts[at] = str(number) if parts[at].isdecimal() else rng.choice(names)
    return "".join(parts)


def noise(rng: random.Random) -> str:
    """Random words of both languages, random characters, or random bytes read as text."""
    kind, length = rng.randrange(3), rng.choice((0, 1, 10, 100, 1000))
    if kind == 0:
        return " ".join(rng.choice(WORDS) for _ in range(length))
    if kind == 1:
        return "".join(chr(rng.choice((rng.randrange(128), rng.randrange(0xD7FF)))) for _ in range(length))
    return rng.randbytes(length).decode("utf-8", errors="replace")


def inputs(count: int, seed: int) -> Iterator[str]:
    """`count` files; the same seed gives the same ones."""
    rng = random.Random(seed)
    texts = corpus()
    for _ in range(count):
        kind, text = rng.random(), rng.choice(texts)
        if kind < 0.1:
            yield noise(rng)
        elif kind < 0.5:
            yield mutated(text, rng.choice(texts), rng)
        else:
            yield respelt(without_comments(text), rng)


# --- what is done with a file -------------------------------------------------------------------------------------


def check(text: str) -> str:
    """Parse, format, lint and compile one file; what became of it. Raises what none of them may raise."""
    tree, found = parse(text, "fuzz")
    linted = lint_text(text, "fuzz.lp", max_nodes=MAX_NODES)
    if any(item.severity == "error" for item in found):
        assert linted, "the parser finds errors and lint none"
        return "syntax"
    assert tree is not None
    formatted = format_text(text, "fuzz")
    assert format_text(formatted, "fuzz") == formatted, "formatting is not idempotent"
    assert parse(formatted, "fuzz")[0] == tree, "formatting changes the tree"
    if isinstance(tree, t.SpaceFile):
        space, _ = check_space(tree, text)
        return "space rejected" if space is None else sized(lambda: full(space, MAX_NODES).size)
    return sized(lambda: lapt.compile(tree, max_nodes=MAX_NODES).size)


def sized(count: Callable[[], int]) -> str:
    """Whether a size came out, or the reason why not."""
    try:
        return "empty" if count() == 0 else "compiled"
    except LaptError as error:
        if not error.diagnostics:
            raise AssertionError("an error that says nothing") from error
        return "rejected"


class Finding(NamedTuple):
    """A file that broke a promise."""

    number: int
    what: str
    text: str


def run(count: int, seed: int, limit: float, report: Callable[[str], None] = lambda line: None) -> list[Finding]:
    """Check `count` files; the findings. `report` gets a line now and then."""
    findings: list[Finding] = []
    outcomes: Counter[str] = Counter()
    slowest, begun = 0.0, time.perf_counter()
    settled = 0
    for number, text in enumerate(inputs(count, seed)):
        start = time.process_time()
        try:
            with time_limit(limit):
                outcomes[check(text)] += 1
        except Timeout:
            findings.append(Finding(number, f"took more than {limit} s", text))
        except Exception:  # whatever it is, it is a finding
            findings.append(Finding(number, traceback.format_exc(limit=-6), text))
        slowest = max(slowest, time.process_time() - start)
        memory = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss // 1024
        if number == min(2000, count // 2):
            settled = memory
        if (number + 1) % 5000 == 0 or number + 1 == count:
            rate = (number + 1) / (time.perf_counter() - begun)
            shown = ", ".join(f"{what} {times}" for what, times in sorted(outcomes.items()))
            speed = f"{rate:.0f}/s, slowest {slowest:.2f} s, {memory} MB"
            report(f"{number + 1:8,} files, {speed}; {shown}; {len(findings)} findings")
    memory = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss // 1024
    if memory > 2 * settled + 200:
        findings.append(Finding(-1, f"memory grew from {settled} to {memory} MB", ""))
    return findings


def main() -> int:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--files", type=int, default=10_000)
    parser.add_argument("--seed", type=int, default=1)
    parser.add_argument("--limit", type=float, default=10.0, help="seconds of processor time a file may take")
    parser.add_argument("--keep", type=Path, default=ROOT / "out" / "fuzz", help="where files with findings go")
    arguments = parser.parse_args()
    findings = run(arguments.files, arguments.seed, arguments.limit, lambda line: print(line, flush=True))
    seen: set[str] = set()
    for finding in findings:
        arguments.keep.mkdir(parents=True, exist_ok=True)
        path = arguments.keep / f"{arguments.seed}-{finding.number}.txt"
        path.write_text(finding.text, encoding="utf-8", errors="surrogatepass")
        if finding.what not in seen:
            seen.add(finding.what)
            print(f"\n{path}\n{finding.what}")
    return 1 if findings else 0


if __name__ == "__main__":
    sys.exit(main())
