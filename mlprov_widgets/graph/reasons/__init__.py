"""What led to an element and what came of it."""
