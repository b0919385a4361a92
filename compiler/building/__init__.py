"""From the tree of a space file to the model, and spaces by name or path."""
