"""A document as a graph of elements, and each element in a few words."""
