"""Edits of generated notebooks, and what their records must and must not say."""
