"""Random trees of both languages, whatever their names mean; and random layouts of a text.

`principle_files()` and `space_files()` draw trees that a text can say, so `parse(print_tree(tree)) == tree`.
"""

from __future__ import annotations

import re

from hypothesis import strategies as st

from lapt_dsl.language import tree as t
from lapt_dsl.language.forms.keywords import reserved
from lapt_dsl.language.parsing.parse_table import load

# Words of the languages that may be names are drawn often: they are where a grammar goes wrong.
SOFT = [text for text, kind in load("principles").literals.items() if kind in load("principles").soft]
SOFT_IN_SPACES = [text for text, kind in load("space").literals.items() if kind in load("space").soft]
PLAIN = ["conv3x3", "skip", "none", "a", "b1", "_", "Normal", "x", "k", "M", "principle_", "A" * 64]
ALL_RESERVED = reserved("principles") | reserved("space")

whole = st.integers(0, 10**18 - 1) | st.integers(0, 9)
free_text = st.text(st.characters(exclude_categories=["Cc", "Cs"]), max_size=40) | st.sampled_from(
    ['"', "\\", '\\"', "//"]
)
numbers = st.from_regex(r"[0-9]{1,18}(\.[0-9]{1,9})?[kMG]?", fullmatch=True).map(lambda text: t.Number(text))


def few(items: st.SearchStrategy, low: int = 1, high: int = 3) -> st.SearchStrategy:
    return st.lists(items, min_size=low, max_size=high).map(tuple)


random_words = st.from_regex(r"[A-Za-z_][A-Za-z0-9_]{0,8}", fullmatch=True).filter(lambda w: w not in ALL_RESERVED)
words = st.sampled_from(PLAIN + [word for word in SOFT if word != "output"]) | random_words
names = words.map(t.Name)
space_names = (st.sampled_from(PLAIN + SOFT_IN_SPACES) | random_words).map(t.Name)
ranges = few(st.tuples(whole, whole)).map(t.Ranges)
single = whole.map(lambda n: t.Ranges(((n, n),)))


# --- principle files ---

places = st.one_of(
    words.map(lambda w: t.PlaceRef("name", name=w)),
    whole.map(lambda n: t.PlaceRef("input", index=n)),
    whole.map(lambda n: t.PlaceRef("stage", index=n)),
    st.just(t.PlaceRef("output")),
    st.just(t.PlaceRef("previous")),
)
atoms = st.one_of(
    words.map(lambda w: t.OperatorAtom("name", name=w)),
    st.just(t.OperatorAtom("any")),
    whole.map(lambda n: t.OperatorAtom("number", low=n, high=n)),
    st.tuples(whole, whole).map(lambda pair: t.OperatorAtom("range", low=pair[0], high=pair[1])),
)
operators = st.builds(t.Operators, few(atoms), few(atoms, 0, 2))
predicates = st.one_of(
    st.builds(t.Only, operators, st.booleans()),
    st.builds(t.Count, st.sampled_from(["at least", "at most", "exactly"]), whole, operators),
    st.builds(t.Agree, st.booleans()),
    st.builds(t.Reads, st.sampled_from(["some", "only", "never"]), few(places)),
)
selectors = st.one_of(
    st.just(t.Selector("all")),
    st.just(t.Selector("each_stage")),
    st.sampled_from(["early", "middle", "late"]).map(lambda p: t.Selector("position", position=p)),
    st.builds(lambda kind, r: t.Selector(kind, ranges=r), st.sampled_from(["layers", "stages"]), ranges | single),
    few(names).map(lambda n: t.Selector("named", names=n)),
    st.builds(lambda kind, p: t.Selector(kind, place=p), st.sampled_from(["into", "from"]), places),
)
layer_rules = st.builds(t.LayerRule, selectors, predicates)
path_rules = st.builds(
    lambda quantifier, rules, ends: t.PathRule(quantifier, rules, *ends),
    st.sampled_from(["some", "every"]),
    few(predicates),
    st.just((None, None)) | st.tuples(places, places),
)
network_rules = st.builds(
    t.NetworkRule,
    st.sampled_from(["params", "flops", "depth", "live layers"]),
    st.sampled_from(["<=", ">="]),
    numbers,
)
rules = st.recursive(
    layer_rules | path_rules | network_rules,
    lambda inner: st.one_of(
        st.builds(t.IfRule, inner, inner),
        st.builds(t.OneOf, few(inner)),
        st.builds(t.InCells, few(names), few(inner)),
    ),
    max_leaves=6,
)
prefers = st.builds(t.Prefer, selectors, operators, st.none() | operators, st.none() | numbers)
statements = st.recursive(rules | prefers, lambda inner: st.builds(t.InCells, few(names), few(inner)), max_leaves=4)
principles = st.builds(
    t.Principle,
    names,
    st.none() | free_text,
    st.none() | st.builds(t.Evidence, whole, whole),
    few(statements),
)
items = st.one_of(principles, st.builds(t.Extends, free_text), st.builds(t.Drop, names))


def principle_files() -> st.SearchStrategy[t.PrincipleFile]:
    return st.builds(t.PrincipleFile, names, st.none() | names, few(items, 0, 4))


# --- space files ---

values = st.one_of(whole, free_text, space_names)
arguments = st.one_of(
    free_text.map(lambda text: t.Argument(None, text)),
    st.builds(lambda name, value: t.Argument(name.text, value), space_names, values),
)
calls = st.builds(t.Call, space_names, few(arguments, 0, 3))
wirings = st.one_of(
    space_names.map(lambda name: t.Wiring("fixed", (name,))),
    st.builds(t.Wiring, st.sampled_from(["one", "any", "some"]), few(space_names)),
)
terms = st.builds(t.LayerTerm, whole, wirings, st.none() | whole | space_names)
kinds = st.sampled_from(["node", "stage", "output"])
node_items = st.one_of(
    st.builds(
        lambda kind, name, layers, apart: t.NodeItem(kind, name, layers, distinct_sources=apart),
        kinds,
        space_names,
        few(terms),
        st.booleans(),
    ),
    st.builds(lambda kind, name, parts: t.NodeItem(kind, name, (), parts), kinds, space_names, few(space_names)),
)
options = st.one_of(few(space_names).map(lambda n: (n, ())), few(whole).map(lambda n: ((), n)))
choose_items = st.builds(
    lambda where, chosen: t.ChooseItem(*where, *chosen),
    st.one_of(
        st.just((None, None)), (ranges | single).map(lambda r: (r, None)), space_names.map(lambda name: (None, name))
    ),
    options,
)
cell_items = st.one_of(
    st.builds(t.InputsItem, few(space_names), st.none() | calls),
    node_items,
    choose_items,
    whole.map(t.SourceBudget),
)
parts = st.one_of(
    few(arguments, 0, 3).map(lambda given: t.NetworkLine("image", t.Call(t.Name("image"), given))),
    st.builds(t.NetworkLine, st.sampled_from(["stem", "head"]), calls),
    st.builds(lambda call, repeat: t.NetworkLine("body", call, repeat), calls, whole),
)
space_items = st.one_of(
    st.builds(t.OperatorItem, space_names, calls, few(space_names, 0, 2)),
    st.builds(t.CandidatesItem, space_names, few(space_names)),
    st.builds(t.CellItem, space_names, few(cell_items)),
    st.builds(t.NetworkItem, st.none() | space_names, few(parts)),
    st.builds(t.NotationItem, few(free_text, 1, 2), few(st.tuples(space_names, free_text), 0, 2)),
)


def space_files() -> st.SearchStrategy[t.SpaceFile]:
    return st.builds(t.SpaceFile, space_names, st.none() | free_text, few(space_items, 1, 5))


def files() -> st.SearchStrategy[t.File]:
    return principle_files() | space_files()


# --- layouts ---

endings = st.sampled_from(["", " {", " }", " ;", ' "', " é"])
TOKEN = re.compile(r'"(?:[^"\\]|\\.)*"|[A-Za-z_][A-Za-z0-9_]*|[0-9]+(?:\.[0-9]+)?[kMG]?|<=|>=|\.\.|[^\s]')


def tokens_of(text: str) -> list[str]:
    """The tokens of a text without comments."""
    return TOKEN.findall(text)


@st.composite
def layouts(draw: st.DrawFn, text: str) -> tuple[str, list[str]]:
    """The tokens of a text with other white space and comments between them, and those comments."""
    comments: list[str] = []
    out: list[str] = []
    for token in ["", *tokens_of(text)]:
        out.append(token)
        gap = draw(st.sampled_from([" ", " ", " ", " ", "\n", "\t\r\n", "\n\n\n", "c", "nc", "ncnnc"]))
        for letter in gap:
            if letter == "c":
                comments.append(f"// {len(comments)}{draw(endings)}")
                out.append(f" {comments[-1]}\n")
            else:
                out.append("\n" if letter == "n" else letter)
    return "".join(out), comments
