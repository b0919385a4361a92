"""The offline proposer: induction from archives by stated statistics."""

from lapt_dsl.propose.induction.induction import Induction

__all__ = ["Induction"]
