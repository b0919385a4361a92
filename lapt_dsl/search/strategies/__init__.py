"""Search strategies with the interface of `lapt_dsl.search.strategy`."""
