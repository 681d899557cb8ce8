"""Measures speed, size and memory; run from the repository's root."""
