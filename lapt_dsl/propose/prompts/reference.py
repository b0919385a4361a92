"""The language reference cut to what one space has, for a model to read.

What forms mean is taken from the language's own reference, sentence by sentence; what speaks of something that the
space has not is left out, and each form is shown by an example in the space's own names.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping

from lapt_dsl.compiler.space.model import Cell, Space
from lapt_dsl.language.forms.form import Form
from lapt_dsl.language.forms.principles import FORM_BY_KEY, PRINCIPLE_SECTIONS
from lapt_dsl.language.printing.formatter import format_text
from lapt_dsl.propose.prompts.describe import layer_text, positions
from lapt_dsl.propose.prompts.examples import example
from lapt_dsl.propose.prompts.words import Words

BRIEF = 110
"""Of a form's meaning, whole sentences up to this many characters are kept, and always the first."""


def reference(space: Space) -> str:
    """The part of the language that this space has, as Markdown."""
    words = Words(space)
    lines = [_rules_of_writing(words), ""]
    for section in PRINCIPLE_SECTIONS[1:]:
        shown = [(form, text) for form in section.forms if (text := example(form, words))]
        if shown:
            about = section.text.partition(".")[0]
            lines += [
                f"{section.title}. {about}:",
                *(f"- `{text}` {_meaning(form, words)}" for form, text in shown),
                "",
            ]
    return "\n".join(lines).strip()


def names(space: Space) -> str:
    """Every name that principles over this space can use, and what it stands for, as Markdown."""
    alike: dict[str, list[str]] = {}
    for cell in space.cells:
        alike.setdefault("; ".join(_layers(cell) + _nodes(cell)), []).append(cell.name)
    several = len(space.cells) > 1
    lines = [
        f"- {('cells ' if len(cells) > 1 else 'cell ') + _listed(cells) if several else 'the cell'}: {about}."
        for about, cells in alike.items()
    ]
    lines.append(f"- operators: {_listed(operator.name for operator in space.operators)}.")
    members: dict[str, list[str]] = {}
    for operator in space.operators:
        for trait in sorted(operator.traits):
            members.setdefault(trait, []).append(operator.name)
    if members:
        listed = "; ".join(f"`{trait}` = {', '.join(members[trait])}" for trait in members)
        lines.append(f"- traits (each stands for its operators): {listed}.")
    return "\n".join(lines)


def example_file(space: Space, name: str, extends: str | None = None) -> str:
    """A whole small file over a space that compiles, to show the form; its content is made up."""
    words = Words(space)
    forms = ["select_position", "if_rule"]
    if words.layers < 2:
        # One layer a cell: what there is to choose is numbers.
        forms = ["in_cells", "select_named", "at_least"]
    bodies = [text for key in forms if (text := example(FORM_BY_KEY[key], words))][:2]
    more = example(FORM_BY_KEY["prefer"], words)
    lines = [f"principles {name} for {space.name};"]
    if extends is not None:
        lines.append(f'extends "{extends}";')
    for number, body in enumerate(bodies, start=1):
        inside = f"{body} {more}" if more and number == 1 else body
        lines.append(f'principle p{number}_example "Why these rules help, in one sentence." {{ {inside} }}')
    # Laid out like everything in force, which is also the layout that a grammar holds a model to.
    return format_text("\n".join(lines), name).rstrip()


def _layers(cell: Cell) -> list[str]:
    keys = [int(layer.key) for layer in cell.operator_layers]
    about = [f"layers {layer_text(keys)}"] if len(keys) > 1 else [f"layer {keys[0]}"] if keys else []
    if len(keys) > 1:
        about += [f"`{name} layers` = {layer_text(found)}" for name, found in positions(cell).items() if found]
    if cell.number_layers:
        about.append(f"number layers {_listed(str(layer.key) for layer in cell.number_layers)}")
    return about


def _nodes(cell: Cell) -> list[str]:
    about = [f"input {number} = `{node.name}`" for number, node in enumerate(cell.inputs)]
    if cell.stages:
        about.append(", ".join(f"stage {number} = `{node.name}`" for number, node in enumerate(cell.stages, start=1)))
    plain = [node.name for node in cell.nodes if node.kind == "node"]
    if plain:
        about.append(f"nodes {_listed(plain)}")
    return [*about, f"output = `{cell.output.name}`"]


def _listed(items: Iterable[str]) -> str:
    return ", ".join(f"`{item}`" for item in items)


def _rules_of_writing(words: Words) -> str:
    """The introduction's paragraph on how the language is written."""
    paragraph = PRINCIPLE_SECTIONS[0].text.strip().split("\n\n")[1]
    return " ".join(_kept(paragraph, words))


def _meaning(form: Form, words: Words) -> str:
    if form.brief:
        return form.brief
    kept = _kept(form.meaning, words) or [form.meaning]
    text = kept[0]
    for sentence in kept[1:]:
        if len(text) + len(sentence) >= BRIEF:
            break
        text = f"{text} {sentence}"
    return text


def _kept(text: str, words: Words) -> list[str]:
    """The sentences of a text that speak of nothing the space has not."""
    lacking = [word for word, there in _speaks_of(words).items() if not there]
    sentences = re.split(r"(?<=[.])\s+", " ".join(text.split()))
    return [sentence for sentence in sentences if not any(re.search(word, sentence, re.I) for word in lacking)]


def _speaks_of(words: Words) -> Mapping[str, object]:
    """Words of the reference, and whether the space has what they are about."""
    return {
        r"\bstages?\b": words.stages,
        r"in CELL|every cell|per cell|of every cell": words.several_cells,
        r"\bsearched\b": words.searched,
        r"\bnumber layers?\b": words.number,
        r"`absent`": any(operator.absent for operator in words.used),
    }
