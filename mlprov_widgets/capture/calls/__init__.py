"""What the calls of ``run.record`` say: of steps, and of the objects that have a role in them."""
