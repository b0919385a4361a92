"""LAPT: design principles in, exact constrained search spaces out.

    import lapt_dsl as lapt

    refined = lapt.compile("examples/nas201_imagenet.lp")
    refined.size, refined.candidates, refined.sample(3, numpy.random.default_rng(0))

Names are loaded when they are first used, so importing the package costs next to nothing.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from lapt_dsl.api import build_module, compile, compile_principles, lint, load_space, parse
    from lapt_dsl.compiler.refined.compiled import Compiled, Effect
    from lapt_dsl.compiler.refined.refined_space import RefinedSpace
    from lapt_dsl.compiler.space.model import Architecture, Space
    from lapt_dsl.diagnostics.diagnostic import Diagnostic, LaptError
    from lapt_dsl.language.printing.printer import print_tree
    from lapt_dsl.language.tree import PrincipleFile, SpaceFile

__version__ = "0.1.0"

__all__ = [
    "Architecture",
    "Compiled",
    "Diagnostic",
    "Effect",
    "LaptError",
    "PrincipleFile",
    "RefinedSpace",
    "Space",
    "SpaceFile",
    "build_module",
    "compile",
    "compile_principles",
    "lint",
    "load_space",
    "parse",
    "print_tree",
]

_HOMES = {
    "lapt_dsl.api": ("build_module", "compile", "compile_principles", "lint", "load_space", "parse"),
    "lapt_dsl.compiler.space.model": ("Architecture", "Space"),
    "lapt_dsl.compiler.refined.compiled": ("Compiled", "Effect"),
    "lapt_dsl.compiler.refined.refined_space": ("RefinedSpace",),
    "lapt_dsl.diagnostics.diagnostic": ("Diagnostic", "LaptError"),
    "lapt_dsl.language.printing.printer": ("print_tree",),
    "lapt_dsl.language.tree": ("PrincipleFile", "SpaceFile"),
}

if not TYPE_CHECKING:

    def __getattr__(name: str) -> object:
        from importlib import import_module

        for module, names in _HOMES.items():
            if name in names:
                value = globals()[name] = getattr(import_module(module), name)
                return value
        raise AttributeError(f"module {__name__!r} has no attribute {name!r}")

    def __dir__() -> list[str]:
        return sorted({*globals(), *__all__})
