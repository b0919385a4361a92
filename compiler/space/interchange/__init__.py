"""Architectures as other tools and people write them, brought into the notation of a space."""
