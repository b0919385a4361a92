"""In which order results are told to a search, and how far it may look ahead of them."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal, TypeAlias, get_args

Order: TypeAlias = Literal["asked", "finished"]

ORDERS: tuple[Order, ...] = get_args(Order)


@dataclass(frozen=True, slots=True)
class Schedule:
    """What of a run depends on evaluations that overlap.

    `order`: results are told in the order in which their architectures were `asked` for, or in the order in which
    their evaluations `finished`; `window`: how many architectures may have been asked for and not been told yet. With
    a window of 1 there is one evaluation at a time.

    In the order asked a run depends on its window and not on how many workers there are or how long they take. In the
    order finished it depends on the arrivals too, which the ledger records.
    """

    order: Order = "asked"
    window: int = 1

    def __post_init__(self) -> None:
        if self.window < 1:
            raise ValueError(f"a window holds at least 1 architecture, not {self.window}")
