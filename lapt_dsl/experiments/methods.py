"""The methods that experiments compare."""

from __future__ import annotations

from lapt_dsl.diagnostics.diagnostic import Diagnostic, LaptError
from lapt_dsl.diagnostics.span import Span
from lapt_dsl.experiments.study import CROSSED, LEARNED, UNCONSTRAINED, Method
from lapt_dsl.propose.induction.library import require_scipy
from lapt_dsl.search.strategies.tpe import is_installed

METHODS = (
    Method("lapt", "LAPT", "lapt", LEARNED, adapts=True),
    Method("lapt-fixed", "LAPT without adaptation", "lapt", LEARNED),
    Method("lapt-cold", "LAPT without transfer", "lapt", UNCONSTRAINED, adapts=True),
    Method("box", "frequency box, evolution inside", "box"),
    Method("replay", "replay of the source's best", "replay"),
    Method("evolution", "evolution on the full space", "evolution"),
    Method("random", "random search", "random"),
    Method("local", "local search", "local"),
    Method("tpe", "TPE (Optuna)", "tpe"),
)

CROSS_METHODS = (
    Method("lapt-cross", "LAPT from another space", "lapt", CROSSED, adapts=True),
    Method("lapt-cross-fixed", "LAPT from another space, without adaptation", "lapt", CROSSED),
    Method("lapt-cold", "LAPT without transfer", "lapt", UNCONSTRAINED, adapts=True),
    Method("lapt", "LAPT from the same space", "lapt", LEARNED, adapts=True),
    Method("evolution", "evolution on the full space", "evolution"),
)

BUDGET_ONLY = ("tpe",)
"""Methods that stop at the budget, since they are too slow to run until the target is reached."""


def chosen(names: str | None, known: tuple[Method, ...]) -> tuple[Method, ...]:
    """Methods by a comma-separated list of names, in the order of `known`. None takes all installed methods.

    Raises:
        LaptError: E830, there is no such method, or it needs a package that is not installed; E832, SciPy is missing.
    """
    require_scipy("comparing methods")
    if names is None:
        return tuple(method for method in known if method.strategy != "tpe" or is_installed())
    wanted = [name.strip() for name in names.split(",") if name.strip()]
    for name in wanted:
        if name not in {method.name for method in known}:
            hint = f"choose from: {', '.join(method.name for method in known)}"
            raise _refused(f"there is no method `{name}`", hint)
        if name == "tpe" and not is_installed():
            raise _refused("the method `tpe` needs Optuna", "pip install 'lapt-dsl[bridges]'")
    if not wanted:
        raise _refused("no method is given", f"choose from: {', '.join(method.name for method in known)}")
    return tuple(method for method in known if method.name in wanted)


def _refused(message: str, hint: str) -> LaptError:
    return LaptError([Diagnostic("E830", "error", message, Span(0, 0, 1, 1, "--methods"), hint)])


__all__ = ["BUDGET_ONLY", "CROSSED", "CROSS_METHODS", "LEARNED", "METHODS", "UNCONSTRAINED", "chosen"]
