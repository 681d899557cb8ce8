"""Alerts and digests: what is told, to whom, once."""
