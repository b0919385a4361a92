"""The offline proposer: induction of principles from archives by statistics."""

from lapt_dsl.propose.induction.induction import Induction

__all__ = ["Induction"]
