"""Objects in memory: what they hold, which rows, and whether they are still as they were."""
