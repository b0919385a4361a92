"""The grammar that holds a language model to one space: `principles.lark` with what the space has in its places.

The text is Lark's, inside the subset that llama.cpp, vLLM and OpenAI share. It describes one whole `.lp` file in the
formatter's layout, and every text it describes parses, resolves and compiles; it may ask for too much and then denotes
no architecture. It is derived from `principles.lark`, so a change there either shows here or is refused.
"""

from __future__ import annotations

import re
from collections.abc import Sequence

from lapt_dsl.compiler.space.model import Space
from lapt_dsl.compiler.targets.decoder.collected import Collected
from lapt_dsl.compiler.targets.decoder.compound import StatementRules
from lapt_dsl.compiler.targets.decoder.from_json import principles_from_json
from lapt_dsl.compiler.targets.decoder.lists import MAX_ENTRIES, name_expression
from lapt_dsl.compiler.targets.decoder.metrics import measurable
from lapt_dsl.compiler.targets.decoder.schema import principles_schema
from lapt_dsl.compiler.targets.decoder.source import GrammarProductions, quoted
from lapt_dsl.compiler.targets.decoder.validation import validate
from lapt_dsl.compiler.targets.decoder.whole_file import add_file
from lapt_dsl.language.forms.grammar_rules import patterns
from lapt_dsl.language.forms.keywords import reserved
from lapt_dsl.language.forms.vocabulary import MAX_NAME

__all__ = ["decoder_grammar", "principles_from_json", "principles_schema", "validate"]

_NAME = re.compile(patterns("principles")["NAME"])


def decoder_grammar(
    space: Space,
    *,
    extends: str | None = None,
    names: Sequence[str] = (),
    defines: Sequence[str] | None = None,
    max_principles: int = 12,
    max_statements: int = 12,
    max_nesting: int = 3,
    max_sentence: int = 300,
    max_items: int = MAX_ENTRIES,
) -> str:
    """The grammar of the principle files that may be written for a space.

    Args:
        space: The space; only its operators, traits, layers, cells, places and numbers can be written.
        extends: The name of the file that the reply must extend, as it is to be written. None: it extends nothing.
        names: The principles in force there. Each may be dropped, or replaced by one of its name, or both; drops
            and replacements stand in this order.
        defines: The only names that principles may have, in the order in which they may stand. None: those of `names`,
            then new ones, which are numbered, since no such
            grammar can say that no two names are the same: `p1`, `p2_deep_path`, ...
        max_principles: How many new principles there may be.
        max_statements: How many statements a block may hold. Blocks inside rules hold fewer where a space has several
            cells, because a rule is expanded over all of them.
        max_nesting: How deep `in`, `if` and `one of` may stand inside each other.
        max_sentence: How many characters a principle's sentence may have.
        max_items: How many entries a list may have; of layers, places and predicates never more than 8.

    Returns:
        The Lark text, the same on every run. Files that the formatter prints keep to it but for comments, number ranges
        whose ends are no candidates, numbers with leading zeros, and what exceeds the bounds.

    Raises:
        ValueError: A name of `names` or `defines` cannot be a principle's or is there twice, or `extends` cannot be
            written.
    """
    _check(extends, names, defines)
    source = GrammarProductions()
    out = Collected()
    _terminals(out, space, max_sentence)
    metrics = _words(source, out, space)
    statements = StatementRules(source, out, space, metrics, max_nesting, max_statements, max_items)
    body = statements.add()
    start = add_file(
        source,
        out,
        body,
        space=space.name,
        extends=extends,
        names=names,
        defines=defines,
        most=max_principles,
    )
    return out.text(start, [f"Principle files for {space.name}, made from principles.lark."])


def _check(extends: str | None, names: Sequence[str], defines: Sequence[str] | None) -> None:
    for each in (names, defines or ()):
        if len(set(each)) != len(each):
            raise ValueError("a principle's name is given twice")
        for name in each:
            if not _NAME.fullmatch(name) or name in reserved("principles") | reserved("space"):
                raise ValueError(f"{name!r} cannot be the name of a principle")
    if extends is not None and not re.fullmatch(r'[^"\\\x00-\x1f\x7f]{1,4000}', extends):
        raise ValueError(f"{extends!r} cannot be written after `extends`")


def _terminals(out: Collected, space: Space, max_sentence: int) -> None:
    """Add the terminals that depend on no context."""
    known = patterns("principles")
    most = max(9, *(len(cell.operator_layers) for cell in space.cells))
    counts = "|".join(str(number) for number in range(most, -1, -1))
    out.terminal("SP", '" " | /\\n(  ){0,9}/')
    out.terminal("NL", "/\\n\\n?(  ){0,9}/")
    out.terminal("THEN", 'SP "then"')
    out.terminal("STRING", "/" + re.sub(r"\{0,\d+\}", f"{{0,{max_sentence}}}", known["STRING"]) + "/")
    out.terminal("FILE_NAME", f"/{name_expression(reserved('principles') | reserved('space'), MAX_NAME)}/")
    out.terminal("COUNT", f"/({counts})/")
    out.terminal("EVIDENCE_COUNT", "/([1-9][0-9]{0,8}|0)/")
    out.terminal("LIMIT", r"/(0|[1-9][0-9]{0,17})(\.[0-9]{1,9})?[kMG]?/")
    out.terminal("WEIGHT", r"/(50(\.0{1,9})?|([1-4][0-9]|[0-9])(\.[0-9]{1,9})?)/")


def _words(source: GrammarProductions, out: Collected, space: Space) -> bool:
    """Add the choices of words; whether the network of the space can be measured."""
    for rule in ("quantifier", "comparison", "metric"):
        alternatives = source.words_of(rule)
        if alternatives is None:
            raise ValueError(f"the rule `{rule}` of principles.lark is no choice of words")
        for words in alternatives:
            text = " ".join(word.text for word in words)
            if rule != "metric" or measurable(space, text):
                out.add(rule, " SP ".join(quoted(word.text) for word in words).split(" "))
    return "metric" in out.rules
