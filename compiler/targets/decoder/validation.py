"""Whether a decoder can use a grammar, asked before it is sent: a server may take a bad one and answer freely."""

from __future__ import annotations


def validate(grammar_text: str) -> list[str]:
    """What is wrong with a decoder's grammar.

    Lark finds undefined names even in rules that nothing leads to, which llguidance does not; llguidance finds what
    Lark can do and decoders cannot. Without llguidance (`pip install 'lapt-dsl[llm]'`) only Lark is asked.

    Args:
        grammar_text: The Lark text.

    Returns:
        One sentence per problem; none where the grammar is sound.
    """
    return [*_by_lark(grammar_text), *_by_llguidance(grammar_text)]


def _by_lark(text: str) -> list[str]:
    import lark

    try:
        lark.Lark(text, parser="lalr")
    except (lark.exceptions.LarkError, ValueError) as error:
        return [f"Lark: {_first_lines(error)}"]
    return []


def _by_llguidance(text: str) -> list[str]:
    try:
        import llguidance
    except ImportError:
        return []
    tokenizer = llguidance.LLTokenizer("byte")
    problem = llguidance.LLMatcher.validate_grammar(llguidance.LLMatcher.grammar_from_lark(text), tokenizer)
    return [f"llguidance: {_first_lines(problem)}"] if problem else []


def _first_lines(problem: object) -> str:
    return " ".join(str(problem).split())[:300]
