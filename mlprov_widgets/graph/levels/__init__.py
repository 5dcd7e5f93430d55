"""The two ways of looking at a document: what is grouped, folded and drawn."""
