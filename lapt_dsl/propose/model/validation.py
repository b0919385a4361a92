"""Validation of replies: extract the file, parse, lint and compile it, and check it against the acceptance criteria.

A reply is untrusted input, whatever the server promises. Validation takes bounded time and memory and reads no files.
The result is a principle file, or diagnostics with places in the reply.
"""

from __future__ import annotations

import math
import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace

from lapt_dsl.compiler.analyses.lint import lint_text
from lapt_dsl.compiler.program.inheritance import ImportScope, Program, assemble
from lapt_dsl.compiler.program.source_files import source_of_text
from lapt_dsl.compiler.refined.compiled import Compiled, compile_lowered, lower_program
from lapt_dsl.compiler.refined.refined_space import RefinedSpace, full
from lapt_dsl.compiler.space.model import Architecture, Space
from lapt_dsl.diagnostics.diagnostic import Diagnostic, Diagnostics, LaptError
from lapt_dsl.diagnostics.span import Span
from lapt_dsl.language.parsing.parser import parse
from lapt_dsl.language.parsing.source_text import SourceText
from lapt_dsl.language.replies.extract import FencedBlock
from lapt_dsl.language.replies.reply import read_reply
from lapt_dsl.language.tree import Extends, Principle, PrincipleFile
from lapt_dsl.propose.archive import Archive
from lapt_dsl.propose.model.numbers import Numbers, SizeCriteria, size_diagnostics
from lapt_dsl.propose.proposer import SearchState

KEEP_SHARE = 0.25
"""Minimum share of the best architectures that must satisfy the principles learned or adapted from them. Principles
describe what the best have in common and may have exceptions. Below a quarter they describe other architectures."""

MAX_CHARACTERS = 65_536
"""Maximum length of a reply. Principle files from models have a few thousand characters."""

MAX_RULES = 128
"""Maximum number of rules in a reply, counted per layer. Together with MAX_NODES it bounds the time of validation."""

MAX_NODES = 50_000
"""Maximum number of automaton states per rule of a reply: a sixth of the limit for other files."""

_UNSEEN = re.compile("[\\x80-\\x9f\\u2028\\u2029\\u202a-\\u202e\\u2066-\\u2069]")
"""Control characters that change how a terminal or an editor shows text. Strings of other files may hold them, but
generated text is shown to users who have not typed it."""


@dataclass(frozen=True, slots=True)
class AcceptanceCriteria:
    """The criteria for replies to one prompt.

    Attributes:
        space: The space.
        before: The refined space before the reply: the full space for `learn`, else that of the principles in force.
        evidence: The architectures that principles are drawn from: the best of an archive, or the best found.
        called: Their name in messages, such as `the 50 best of the archive`.
        least: Minimum number of them that the reply must keep.
        file: The file that the reply must extend; None if it must not extend any.
        parents: Texts that the reply may extend, by name.
        known: Evaluated architectures. The reply must allow at least one other.
        opens: Whether the reply must allow architectures that were excluded before, if there are any.
    """

    space: Space
    before: RefinedSpace
    evidence: Sequence[Architecture] = ()
    called: str = ""
    least: int = 0
    file: str | None = None
    parents: Mapping[str, str] = field(default_factory=dict)
    known: frozenset[Architecture] = frozenset()
    opens: bool = False


def to_learn(archive: Archive, keep_share: float = KEEP_SHARE) -> AcceptanceCriteria:
    """Criteria for principles learned from an archive."""
    best = tuple(entry.arch for entry in archive)
    least = math.ceil(keep_share * len(best))
    return AcceptanceCriteria(archive.space, full(archive.space), best, f"the {len(best)} best of the archive", least)


def to_follow(principles: str, state: SearchState, opens: bool, keep_share: float = KEEP_SHARE) -> AcceptanceCriteria:
    """Criteria for a file that extends the principles in force. One that `opens` need not keep any evidence."""
    best = () if opens else tuple(entry.arch for entry in state.best)
    return AcceptanceCriteria(
        state.refined.space,
        state.refined,
        best,
        f"the {len(best)} best found",
        math.ceil(keep_share * len(best)),
        state.file,
        {state.file: principles},
        frozenset(entry.arch for entry in state.found),
        opens,
    )


@dataclass(frozen=True, slots=True)
class ValidationResult:
    """The result of validating a reply.

    Attributes:
        text: The principle file, or None if the reply is rejected.
        diagnostics: All diagnostics, with places in the reply.
        numbers: Exact sizes, if the reply compiles.
        answer: The part of the reply that holds the file, or None if there is none.
    """

    text: str | None
    diagnostics: tuple[Diagnostic, ...]
    numbers: Numbers | None
    answer: FencedBlock | None

    @property
    def inside(self) -> tuple[Diagnostic, ...]:
        """The diagnostics with places relative to the answer instead of the reply."""
        block = self.answer
        return self.diagnostics if block is None else tuple(_moved(item, block) for item in self.diagnostics)


def validate(reply: str, criteria: AcceptanceCriteria, file: str = "reply") -> ValidationResult:
    """Validate a reply.

    Args:
        reply: The whole reply, including prose.
        criteria: The acceptance criteria.
        file: Name of the reply in diagnostics.

    Returns:
        The result. No reply raises an exception.
    """
    if len(reply) > MAX_CHARACTERS:
        message = f"the reply has {len(reply):,} characters, more than the maximum of {MAX_CHARACTERS:,}"
        return ValidationResult(
            None, (_diagnostic("E866", message, _start(file), "answer with one principle file"),), None, None
        )
    # Half a surrogate pair cannot be stored. It is replaced by a question mark of the same length, so places stay
    # correct.
    reply = reply.encode("utf-8", errors="replace").decode("utf-8")
    read = read_reply(reply, file)
    taken = read.block
    if taken is None:
        return ValidationResult(None, read.diagnostics, None, None)
    diagnostics, numbers = _linted(taken, criteria, file)
    diagnostics.sort(key=lambda item: (item.span.file != file, item.span.start, item.code))
    accepted = None if _errors(diagnostics) else f"{taken.text.strip()}\n"
    return ValidationResult(accepted, tuple(diagnostics), numbers, taken)


def _linted(taken: FencedBlock, criteria: AcceptanceCriteria, file: str) -> tuple[list[Diagnostic], Numbers | None]:
    """Diagnostics of an answer: of its text first, and of its meaning if the text has no errors."""
    space = criteria.space
    tree, diagnostics = parse(taken.text, file, offset=taken.offset, line=taken.line)
    if not isinstance(tree, PrincipleFile):
        return diagnostics, None
    program, more = assemble(tree, source_of_text(taken.text, file), ImportScope(texts=criteria.parents))
    if tree.space is not None and tree.space.text != space.name:
        # A file for another space gets no further diagnostics. That space is not loaded.
        return [*diagnostics, *more, *lower_program(program, space)[1]], None
    diagnostics = lint_text(
        taken.text,
        file,
        space_hint=space,
        texts=criteria.parents,
        meaning=False,
        offset=taken.offset,
        line=taken.line,
    )
    diagnostics += _out_of_form(tree, criteria)
    if not any(item.code == "E005" for item in diagnostics):
        diagnostics += _unseen(taken, file)
    if _errors(diagnostics):
        return diagnostics, None
    compiled, more = _compiled(program, space)
    if compiled is None:
        return [*diagnostics, *more], None
    numbers, against = _weighed(compiled, criteria)
    return [*diagnostics, *more, *against], numbers


def _out_of_form(tree: PrincipleFile, criteria: AcceptanceCriteria) -> list[Diagnostic]:
    """The diagnostic for a file that does not extend the principles in force."""
    diagnostics: list[Diagnostic] = []
    extended = {item.path for item in tree.items if isinstance(item, Extends)}
    if criteria.file is not None and criteria.file not in extended:
        message = f"the reply does not extend `{criteria.file}`, the principles in force"
        hint = f'write `extends "{criteria.file}";` below the first line; `drop NAME;` removes one of its principles'
        diagnostics.append(_diagnostic("E865", message, tree.name.span, hint))
    return diagnostics


def _unseen(taken: FencedBlock, file: str) -> list[Diagnostic]:
    """The first control character of an answer."""
    match = _UNSEEN.search(taken.text)
    if match is None:
        return []
    source = SourceText(taken.text, file, taken.offset, taken.line)
    message = f"the control character U+{ord(match[0]):04X} is not allowed"
    source.add("E005", message, match.start(), match.end(), hint="remove it")
    return source.diagnostics


def _compiled(program: Program, space: Space) -> tuple[Compiled | None, list[Diagnostic]]:
    """Compile a program. Diagnostics about its text were reported before."""
    lowered, _ = lower_program(program, space)
    own = {item.name.text for item in program.tree.items if isinstance(item, Principle)}
    rules = sum(len(each.rules) for each in lowered if each.name in own)
    if rules > MAX_RULES:
        message = f"the reply has {rules} rules, more than the maximum of {MAX_RULES}"
        return None, [_diagnostic("E866", message, program.tree.name.span, "state fewer and more general principles")]
    try:
        return compile_lowered(program, space, lowered, MAX_NODES), []
    except LaptError as error:
        return None, error.diagnostics


def _weighed(compiled: Compiled, criteria: AcceptanceCriteria) -> tuple[Numbers, list[Diagnostic]]:
    """The sizes of a compiled reply, and the diagnostics that follow from them."""
    left = compiled.refined
    kept = [arch for arch in criteria.evidence if arch in left]
    numbers = Numbers(
        full(criteria.space).size,
        criteria.before.size,
        left.size,
        (left - criteria.before).size,
        sum(arch in left for arch in criteria.known),
        len(kept),
        len(criteria.evidence),
        criteria.least,
    )
    size_criteria = SizeCriteria(criteria.evidence, criteria.called, criteria.file is not None, criteria.opens)
    return numbers, size_diagnostics(numbers, compiled, size_criteria)


def _moved(diagnostic: Diagnostic, block: FencedBlock) -> Diagnostic:
    def moved(span: Span) -> Span:
        if span.file != diagnostic.span.file or span.start < block.offset:
            return span
        return replace(
            span, start=span.start - block.offset, end=span.end - block.offset, line=span.line - block.line + 1
        )

    notes = tuple(replace(note, span=None if note.span is None else moved(note.span)) for note in diagnostic.notes)
    return replace(diagnostic, span=moved(diagnostic.span), notes=notes, fix=None)


def _errors(diagnostics: Sequence[Diagnostic]) -> bool:
    return any(item.severity == "error" for item in diagnostics)


def _diagnostic(code: str, message: str, span: Span, hint: str) -> Diagnostic:
    diagnostics = Diagnostics()
    diagnostics.add(code, message, span, hint=hint)
    return diagnostics.items[0]


def _start(file: str) -> Span:
    return Span(0, 0, 1, 1, file)
