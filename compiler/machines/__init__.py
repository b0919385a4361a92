"""Small deterministic machines, one file per kind of rule, and the step from constraints to diagrams."""

from lapt_dsl.compiler.machines.compile import base_set, compile_constraint

__all__ = ["base_set", "compile_constraint"]
