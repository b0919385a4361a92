"""What a program means beyond its size: diagnostics, conflicts, what is left."""
