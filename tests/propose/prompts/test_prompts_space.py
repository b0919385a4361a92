"""What a prompt says of a space: Python that parses, names that exist, examples that compile, whatever the space."""

from __future__ import annotations

import ast

import pytest

from lapt_dsl.compiler.building.library import load_space
from lapt_dsl.compiler.space.model import Space
from lapt_dsl.language.forms.principles import FORMS
from lapt_dsl.propose.prompts.describe import class_name, describe, layer_text, positions
from lapt_dsl.propose.prompts.examples import example
from lapt_dsl.propose.prompts.reference import example_file, names, reference
from lapt_dsl.propose.prompts.words import Words
from tests.compiler.texts import NETWORK, OPERATORS
from tests.compiler.texts import space as parsed_space
from tests.propose.prompts.prompt_cases import compiled, spaces

ALL = list(spaces())


@pytest.mark.parametrize("space", ALL, ids=lambda space: space.name)
def test_description_is_python_with_a_class_a_cell(space: Space) -> None:
    tree = ast.parse(describe(space))
    classes = {node.name: node for node in tree.body if isinstance(node, ast.ClassDef)}
    assert set(classes) >= {class_name(cell) for cell in space.cells}
    assert all(len(line) <= 160 for line in describe(space).splitlines())
    operators = ast.literal_eval(ast.unparse(_keys(tree)))
    assert operators == [operator.name for operator in space.operators]


def _keys(tree: ast.Module) -> ast.List:
    assign = tree.body[0]
    assert isinstance(assign, ast.Assign)
    assert isinstance(assign.value, ast.Dict)
    return ast.List([key for key in assign.value.keys if key is not None], ast.Load())


@pytest.mark.parametrize("space", ALL, ids=lambda space: space.name)
def test_every_layer_reads_what_it_reads(space: Space) -> None:
    text = describe(space)
    for cell in space.cells:
        for layer in cell.operator_layers:
            assert f"layer[{layer.key}]" in text
        for node in cell.nodes[len(cell.inputs) :]:
            assert f"        {node.name} = " in text


def test_names_that_python_keeps_stay_readable() -> None:
    space = parsed_space(
        f"space s {{ {OPERATORS} cell class {{ input lambda; node pass = layer 0 (lambda); output y = layer 1 (pass); "
        "layers choose none, skip; } network { stem conv_bn(kernel=3, channels=4); 2 x class; "
        "head bn_relu_pool_linear(); } }"
    )
    ast.parse(describe(space))
    assert "pass_ = layer[0](lambda_)" in describe(space)
    assert "nodes `pass`" in names(space)


def test_a_description_from_a_file_stays_on_its_line() -> None:
    space = parsed_space(
        f'space s "Quotes \\"\\"\\" and ``` and <!-- -->" {{ {OPERATORS} '
        f"cell main {{ input x; output y = layer 0 (x); layers choose none, skip; }} {NETWORK} }}"
    )
    first, *rest = describe(space).splitlines()
    assert first == "# s: Quotes ''' and ''' and (!-- --)"
    assert rest[0] == "OPERATORS = {"


def test_every_form_of_the_language_has_an_example_or_a_reason() -> None:
    without = {form.key for form in FORMS if not form.prompt}
    assert without == {"header_for", "header_any", "extends", "drop", "principle", "evidence", "layer_rule"}


@pytest.mark.parametrize("space", ALL, ids=lambda space: space.name)
def test_every_example_compiles(space: Space) -> None:
    for form in FORMS:
        text = example(form, Words(space))
        if text is not None:
            made = compiled(f"principles e for {space.name}; principle p {{ {text} }}", space)
            assert made.lowered, form


@pytest.mark.parametrize("space", ALL, ids=lambda space: space.name)
def test_the_example_file_compiles_alone_and_on_a_parent(space: Space) -> None:
    text = example_file(space, "mine")
    assert compiled(text, space).refined
    assert "principle" in text
    parents = {"00-learn.lp": f"principles start for {space.name};\n"}
    assert compiled(example_file(space, "mine", "00-learn.lp"), space, parents).refined


def test_all_forms_are_shown_somewhere() -> None:
    shown = {(form.rule, form.alias) for space in ALL for form in FORMS if example(form, Words(space)) is not None}
    assert shown == {(form.rule, form.alias) for form in FORMS if form.prompt}


@pytest.mark.parametrize(
    ("name", "there", "missing"),
    [
        (
            "nas201",
            ["some path", "early layers", "convolution", "`a`"],
            ["stage", "in main", "reads", "CELL", ".. range"],
        ),
        ("darts", ["in normal", "each stage", "reads previous stage", "stage 4 = `s4`"], ["16..32", "number layer"]),
        ("mobilenet", ["in stage1", "layer depth: only 2, 3;", "number layers"], ["reads", "early layers", "path"]),
        ("nb101", ["reads", "never reads"], ["stage", "in main"]),
    ],
)
def test_the_reference_is_cut_to_the_space(name: str, there: list[str], missing: list[str]) -> None:
    text = f"{names(load_space(name))}\n{reference(load_space(name))}"
    assert [word for word in there if word not in text] == []
    assert [word for word in missing if word in text] == []


@pytest.mark.parametrize("space", ALL, ids=lambda space: space.name)
def test_positions_are_those_of_the_compiler(space: Space) -> None:
    for cell in space.cells:
        for position, keys in positions(cell).items():
            if not keys:
                continue
            said = compiled(_over(space, cell.name, f"{position} layers: never {space.operators[0].name};"), space)
            listed = "layers" if len(keys) > 1 else "layer"
            meant = f"{listed} {layer_text(keys)}: never {space.operators[0].name};"
            assert said.refined == compiled(_over(space, cell.name, meant), space).refined


def _over(space: Space, cell: str, rule: str) -> str:
    return f"principles e for {space.name}; principle p {{ in {cell} {{ {rule} }} }}"
