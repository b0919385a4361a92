"""What a reply is worth: taken out of its prose, parsed, linted, compiled, and held against what it was to say.

A reply is input, whatever a server promised about it. It is judged by its meaning in bounded time and memory, reads no
file, and either stands as a principle file or comes back with findings that say why not, place by place.
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
from lapt_dsl.propose.model.numbers import Numbers, SizeCriteria, findings_about
from lapt_dsl.propose.proposer import SearchState

KEEP_SHARE = 0.25
"""Of the architectures that principles are learned or adapted from, at least this share must be among what they leave.
Principles speak of what the best have in common and need not hold for each of them; below a quarter they speak of
others."""

MAX_CHARACTERS = 65_536
"""Of a reply. A principle file that a model writes has a few thousand."""

MAX_RULES = 128
"""Of a reply, those for each of several layers counted singly. With MAX_NODES they bound how long judging one takes."""

MAX_NODES = 50_000
"""Automaton states that one rule of a reply may need: a sixth of what a person's file may."""

_UNSEEN = re.compile("[\\x80-\\x9f\\u2028\\u2029\\u202a-\\u202e\\u2066-\\u2069]")
"""Characters that a terminal or an editor obeys instead of showing them. A person's file may have them in its strings;
what nobody typed and everybody is shown may not."""


@dataclass(frozen=True, slots=True)
class AcceptanceCriteria:
    """What replies to one prompt are held to.

    Attributes:
        space: The space.
        before: What was left before: of the whole space for `learn`, of the principles in force else.
        evidence: The architectures principles are drawn from: the best of an archive, or the best found.
        called: What they are called in a message, as in `the 50 best of the archive`.
        least: How many of them must be kept.
        file: The file that the reply must extend, None where it must stand by itself.
        parents: The texts that it may extend, by name.
        known: Architectures that were evaluated already, and of which another one must be left.
        opens: Whether the reply must let in what was not left before, unless nothing was missing.
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
    """What principles learned from an archive are held to."""
    best = tuple(entry.arch for entry in archive)
    least = math.ceil(keep_share * len(best))
    return AcceptanceCriteria(archive.space, full(archive.space), best, f"the {len(best)} best of the archive", least)


def to_follow(principles: str, state: SearchState, opens: bool, keep_share: float = KEEP_SHARE) -> AcceptanceCriteria:
    """What a file that follows principles in force is held to; one that `opens` need not keep any evidence."""
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
    """What became of a reply.

    Attributes:
        text: The principle file, or None where the reply is refused.
        findings: Why it is refused, and what else was found; places are those of the reply.
        numbers: What it leaves, where it could be compiled.
        answer: The part of the reply that was taken for its answer, or None where there is none.
    """

    text: str | None
    findings: tuple[Diagnostic, ...]
    numbers: Numbers | None
    answer: FencedBlock | None

    @property
    def inside(self) -> tuple[Diagnostic, ...]:
        """The findings with places of the answer's own text instead of the reply's."""
        block = self.answer
        return self.findings if block is None else tuple(_moved(item, block) for item in self.findings)


def validate(reply: str, standard: AcceptanceCriteria, file: str = "reply") -> ValidationResult:
    """Judge a reply.

    Args:
        reply: All that was answered, prose included.
        standard: What it is held to.
        file: What to call it in the findings.

    Returns:
        The verdict. Whatever the reply is, this raises nothing.
    """
    if len(reply) > MAX_CHARACTERS:
        message = f"the reply has {len(reply):,} characters, more than the {MAX_CHARACTERS:,} that are read"
        return ValidationResult(
            None, (_finding("E866", message, _start(file), "answer with one principle file"),), None, None
        )
    # Half a surrogate pair is no text that could be stored; a question mark takes as much room, so places stay right.
    reply = reply.encode("utf-8", errors="replace").decode("utf-8")
    read = read_reply(reply, file)
    taken = read.block
    if taken is None:
        return ValidationResult(None, read.findings, None, None)
    findings, numbers = _linted(taken, standard, file)
    findings.sort(key=lambda item: (item.span.file != file, item.span.start, item.code))
    accepted = None if _errors(findings) else f"{taken.text.strip()}\n"
    return ValidationResult(accepted, tuple(findings), numbers, taken)


def _linted(taken: FencedBlock, standard: AcceptanceCriteria, file: str) -> tuple[list[Diagnostic], Numbers | None]:
    """What is found in an answer: first in its words, and where they are right, in what it means."""
    space = standard.space
    tree, found = parse(taken.text, file, offset=taken.offset, line=taken.line)
    if not isinstance(tree, PrincipleFile):
        return found, None
    program, more = assemble(tree, source_of_text(taken.text, file), ImportScope(texts=standard.parents))
    if tree.space is not None and tree.space.text != space.name:
        # Nothing else is said about a file for another space, which is not even loaded.
        return [*found, *more, *lower_program(program, space)[1]], None
    findings = lint_text(
        taken.text,
        file,
        space_hint=space,
        texts=standard.parents,
        meaning=False,
        offset=taken.offset,
        line=taken.line,
    )
    findings += [*_out_of_form(tree, standard), *_unseen(taken, file)]
    if _errors(findings):
        return findings, None
    compiled, more = _compiled(program, space)
    if compiled is None:
        return [*findings, *more], None
    numbers, against = _weighed(compiled, standard)
    return [*findings, *more, *against], numbers


def _out_of_form(tree: PrincipleFile, standard: AcceptanceCriteria) -> list[Diagnostic]:
    """What is wrong with a file whose every word may be right: that it does not extend what it is to follow."""
    found: list[Diagnostic] = []
    extended = {item.path for item in tree.items if isinstance(item, Extends)}
    if standard.file is not None and standard.file not in extended:
        message = f"the reply does not extend `{standard.file}`, the principles in force"
        hint = f'write `extends "{standard.file}";` below the first line; `drop NAME;` leaves a principle of it out'
        found.append(_finding("E865", message, tree.name.span, hint))
    return found


def _unseen(taken: FencedBlock, file: str) -> list[Diagnostic]:
    """The first character of an answer that would act on what shows it."""
    match = _UNSEEN.search(taken.text)
    if match is None:
        return []
    source = SourceText(taken.text, file, taken.offset, taken.line)
    message = f"the character U+{ord(match[0]):04X} is not shown but obeyed"
    source.add("E005", message, match.start(), match.end(), hint="remove it")
    return source.diagnostics


def _compiled(program: Program, space: Space) -> tuple[Compiled | None, list[Diagnostic]]:
    """What the words of a program mean; what there is to say about the words themselves was said before."""
    lowered, _ = lower_program(program, space)
    own = {item.name.text for item in program.tree.items if isinstance(item, Principle)}
    rules = sum(len(each.rules) for each in lowered if each.name in own)
    if rules > MAX_RULES:
        message = f"the reply has {rules} rules, more than the {MAX_RULES} that are taken"
        return None, [_finding("E866", message, program.tree.name.span, "state fewer and more general principles")]
    try:
        return compile_lowered(program, space, lowered, MAX_NODES), []
    except LaptError as error:
        return None, error.diagnostics


def _weighed(compiled: Compiled, standard: AcceptanceCriteria) -> tuple[Numbers, list[Diagnostic]]:
    """The numbers of a compiled reply, and what they say against it."""
    left = compiled.refined
    kept = [arch for arch in standard.evidence if arch in left]
    numbers = Numbers(
        full(standard.space).size,
        standard.before.size,
        left.size,
        (left - standard.before).size,
        sum(arch in left for arch in standard.known),
        len(kept),
        len(standard.evidence),
        standard.least,
    )
    demands = SizeCriteria(standard.evidence, standard.called, standard.file is not None, standard.opens)
    return numbers, findings_about(numbers, compiled, demands)


def _moved(finding: Diagnostic, block: FencedBlock) -> Diagnostic:
    def moved(span: Span) -> Span:
        if span.file != finding.span.file or span.start < block.offset:
            return span
        return replace(
            span, start=span.start - block.offset, end=span.end - block.offset, line=span.line - block.line + 1
        )

    notes = tuple(replace(note, span=None if note.span is None else moved(note.span)) for note in finding.notes)
    return replace(finding, span=moved(finding.span), notes=notes, fix=None)


def _errors(findings: Sequence[Diagnostic]) -> bool:
    return any(item.severity == "error" for item in findings)


def _finding(code: str, message: str, span: Span, hint: str) -> Diagnostic:
    found = Diagnostics()
    found.add(code, message, span, hint=hint)
    return found.items[0]


def _start(file: str) -> Span:
    return Span(0, 0, 1, 1, file)
