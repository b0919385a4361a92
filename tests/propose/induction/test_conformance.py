"""Proposers keep what searches rely on, and the suite notices when one does not."""

from __future__ import annotations

import numpy as np
import pytest

from lapt_dsl.compiler.building.library import load_space
from lapt_dsl.compiler.refined.refined_space import full
from lapt_dsl.propose.archive import Archive
from lapt_dsl.propose.conformance import check_proposer
from lapt_dsl.propose.induction import Induction, induction, kernel, source
from lapt_dsl.propose.induction.candidates import candidates_of
from lapt_dsl.propose.proposer import SearchState

pytest.importorskip("scipy", reason="needs SciPy: pip install 'lapt-dsl[learn]'")


def archive(name: str) -> Archive:
    space = load_space(name)
    archs = full(space).sample(60, np.random.default_rng(0))
    return Archive(space, "made", [(arch, float(sum(arch.encoding))) for arch in dict.fromkeys(archs)])


@pytest.mark.parametrize(
    ("name", "transfers"),
    [
        ("trans101", True),
        ("trans101", False),
        pytest.param("darts", True, marks=pytest.mark.thorough),
        pytest.param("mobilenet", False, marks=pytest.mark.thorough),
    ],
)
def test_induction_conforms(name: str, transfers: bool) -> None:
    known = archive(name)
    check_proposer(lambda: Induction(known.space, known if transfers else None, 20), known)


@pytest.mark.slow
@pytest.mark.parametrize(("name", "transfers"), [("darts", True), ("mobilenet", False)])
def test_induction_conforms_in_a_large_space(name: str, transfers: bool, monkeypatch: pytest.MonkeyPatch) -> None:
    # As above, but one candidate in a hundred is weighed, and the model is fitted coarsely.
    monkeypatch.setattr(kernel, "FIT_STEPS", 2)
    monkeypatch.setattr(source, "MEMBERS", 100)
    monkeypatch.setattr(induction, "candidates_of", lambda *given: candidates_of(*given)[::100])
    test_induction_conforms(name, transfers)


class Stubborn:
    """Writes the same file whatever happens."""

    def __init__(self, text: str) -> None:
        self.text = text

    def learn(self, archive: Archive) -> str:
        return self.text

    def adapt(self, principles: str, state: SearchState) -> str:
        return self.text

    explore = adapt


@pytest.mark.parametrize(
    ("text", "promise"),
    [
        (
            "principles x for trans101;\nprinciple a { layers: only skip; layers: never skip; }",
            "refined space of the learned file is empty",
        ),
        ("this is prose", "not a"),
        ('principles x for trans101;\nextends "missing.lp";', "not a valid principle file"),
    ],
)
def test_broken_promises_are_named(text: str, promise: str) -> None:
    known = archive("trans101")
    with pytest.raises(AssertionError, match=promise):
        check_proposer(lambda: Stubborn(text), known)
    check_proposer(lambda: Stubborn("principles x for trans101;\n"), known)
