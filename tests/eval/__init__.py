"""Measures what is read in documents against labelled passages."""
