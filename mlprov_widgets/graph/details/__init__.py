"""Everything about an element, and where a text occurs."""
