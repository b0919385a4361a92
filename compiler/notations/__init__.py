"""Architectures as text, both ways."""
