"""How much a test tries: a little in every run, all of it in the thorough run (`make test-thorough`).

`pytest --hypothesis-profile=thorough` is the one switch. It makes properties draw new examples every time, and
`EXAMPLES` times as many; it takes the large number wherever a test asks `either`; and it runs the tests marked
`thorough`, which every other run leaves out. Each of those has a small sibling that always runs.
"""

from __future__ import annotations

from hypothesis import HealthCheck, settings

USUAL, THOROUGH = "usual", "thorough"
"""The names of the profiles."""
EXAMPLES = 50
"""How many times as many examples a property draws in the thorough run."""

# A busy machine makes any example late, so no test has a deadline and none fails for being slow to draw.
_LATE = [HealthCheck.too_slow, HealthCheck.data_too_large, HealthCheck.filter_too_much]
settings.register_profile(USUAL, derandomize=True, database=None, deadline=None, suppress_health_check=_LATE)
settings.register_profile(THOROUGH, derandomize=False, deadline=None, suppress_health_check=_LATE, print_blob=True)


def is_thorough() -> bool:
    """Whether this is the thorough run; known as soon as test files are imported."""
    return settings.get_current_profile_name() == THOROUGH


def either(usual: int, thorough: int) -> int:
    """One number for every run, another for the thorough one."""
    return thorough if is_thorough() else usual


def examples(count: int) -> settings:
    """A property's settings: `count` examples, the same ones every time, or many new ones in the thorough run."""
    return settings(max_examples=either(count, count * EXAMPLES))
