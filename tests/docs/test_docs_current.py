"""The generated pages are what the generator writes, and every form of the grammars has an example that parses."""

from __future__ import annotations

import importlib.util
import json
import re
from pathlib import Path

import pytest

from lapt_dsl.diagnostics.codes import CODES
from lapt_dsl.language.forms.form import Form
from lapt_dsl.language.forms.reference import SECTIONS, alternatives
from lapt_dsl.language.parsing.parser import parse
from tests.places import ROOT


def _generator():
    spec = importlib.util.spec_from_file_location("generate", ROOT / "docs" / "generate.py")
    assert spec is not None
    assert spec.loader is not None
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    return module


def test_generated_pages_are_current() -> None:
    stale = [
        name
        for name, text in _generator().pages().items()
        if not (ROOT / "docs" / name).is_file() or (ROOT / "docs" / name).read_text(encoding="utf-8") != text
    ]
    assert stale == [], "run `make docs`"


def test_every_code_has_a_page_and_every_page_a_code() -> None:
    pages = {path.stem for path in (ROOT / "docs" / "diagnostics").glob("*.md")} - {"README"}
    assert pages == set(CODES)


@pytest.mark.parametrize("grammar", ["principles", "space"])
def test_every_alternative_of_a_described_rule_is_described(grammar: str) -> None:
    forms = {(form.rule, form.alias) for section in SECTIONS[grammar] for form in section.forms}
    rules = {rule for rule, alias in forms if alias is not None}
    known = {(a.rule, a.alias) for a in alternatives(grammar)}
    assert forms <= known
    assert {(rule, alias) for rule, alias in known if rule in rules and alias is not None} <= forms


WRAPPERS = {
    "principles": {
        "header": "{}",
        "item": "principles p for nas201; {}",
        "evidence": "principles p for nas201; {}",
        "": "principles p for nas201; principle q {{ {} }}",
    },
    "space": {
        "start": "{}",
        "item": "space s {{ {} }}",
        "call": "space s {{ {} }}",
        "argument": "space s {{ {} }}",
        "part": "space s {{ network {{ {} }} }}",
        "": "space s {{ cell c {{ {} }} }}",
    },
}
FORMS = [
    pytest.param(grammar, form, id=f"{grammar}-{form.rule}-{form.alias}")
    for grammar, sections in SECTIONS.items()
    for section in sections
    for form in section.forms
]


@pytest.mark.parametrize(("grammar", "form"), FORMS)
def test_every_example_parses(grammar: str, form: Form) -> None:
    wrapper = WRAPPERS[grammar].get(form.rule, WRAPPERS[grammar][""])
    tree, findings = parse(wrapper.format(form.example), "example")
    assert findings == []
    assert tree is not None


def _markdown() -> list[Path]:
    """Every Markdown file of the repository; what a tool or a virtual environment has put there is not of it."""
    return [
        path
        for path in sorted(ROOT.rglob("*.md"))
        if not any(part.startswith(".") and part != ".github" for part in path.relative_to(ROOT).parts)
    ]


def _anchors(page: Path) -> set[str]:
    """The fragments that the headings of a page can be linked by."""
    headings = re.findall(r"(?m)^#+ +(.*)$", page.read_text(encoding="utf-8"))
    return {re.sub(r"[^\w\- ]", "", heading.lower()).replace(" ", "-") for heading in headings}


def _prose(page: Path) -> str:
    """A page without its blocks and snippets of code, where brackets are no links."""
    return re.sub(r"(?ms)^ *```.*?^ *```|`[^`\n]*`", "", page.read_text(encoding="utf-8"))


def test_links_lead_somewhere() -> None:
    pages = _markdown()
    assert ROOT / "README.md" in pages
    broken = []
    for page in pages:
        for target in re.findall(r"\]\((?!https?:)([^)\s]+)", _prose(page)):
            file, _, fragment = target.partition("#")
            leads = (page.parent / file) if file else page
            if not leads.exists() or (fragment and leads.suffix == ".md" and fragment not in _anchors(leads)):
                broken.append(f"{page.relative_to(ROOT)}: {target}")
    assert broken == []


def test_a_heading_is_found_by_its_fragment() -> None:
    assert "darts-on-a-surrogate" in _anchors(ROOT / "docs" / "experiments.md")


def test_the_schema_is_json() -> None:
    schema = json.loads((ROOT / "docs" / "constraints.schema.json").read_text(encoding="utf-8"))
    assert schema["properties"]["schema_version"]["const"] == 1
