"""The order in which a search processes results, and the number of evaluations in flight."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal, TypeAlias, get_args

Order: TypeAlias = Literal["asked", "finished"]

ORDERS: tuple[Order, ...] = get_args(Order)


@dataclass(frozen=True, slots=True)
class Schedule:
    """How evaluations overlap.

    In submission order a run depends on its window, but not on the number or the speed of the workers. In completion
    order it also depends on the order in which evaluations finish, so the run log records that order.

    Attributes:
        order: `asked` processes results in submission order, `finished` in completion order.
        window: Maximum number of architectures submitted and not processed yet. 1 evaluates one at a time.
    """

    order: Order = "asked"
    window: int = 1

    def __post_init__(self) -> None:
        if self.window < 1:
            raise ValueError(f"the window must be at least 1, not {self.window}")
