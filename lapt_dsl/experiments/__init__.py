"""Experiments: the same searches over many seeds, in numbers and figures."""
