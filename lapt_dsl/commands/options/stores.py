"""The run store of a verb that records what it evaluates."""

from __future__ import annotations

from dataclasses import dataclass, field

import click

from lapt_dsl.commands.options.common import PATH
from lapt_dsl.commands.options.groups import option


@dataclass(frozen=True, kw_only=True)
class StoreOptions:
    """Where a run is recorded, and whether it continues the run recorded there."""

    store: str | None = field(
        default=None, metadata=option("--store", type=PATH, metavar="FILE", help="Record the run in this file.")
    )
    resume: bool = field(
        default=False,
        metadata=option("--resume", flag=True, help="Continue the run in --store; a search needs no other option."),
    )

    def check(self) -> None:
        """Refuse to resume without a store. Raises click.UsageError."""
        if self.resume and self.store is None:
            raise click.UsageError("--resume continues a recorded run: name its file with --store")
