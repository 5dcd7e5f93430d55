"""What surrounds a run: who runs it, on which machine, with which settings and seeds."""
