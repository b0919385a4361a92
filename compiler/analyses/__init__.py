"""What a program means beyond its size: findings, conflicts, what is left."""
