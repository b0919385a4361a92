"""Ways to search beside LAPT's own loop, all with the interface of `lapt_dsl.search.strategy`."""
