"""Reads news and SEC filings about AI compute, and scores each company in them."""

__version__ = "0.1.0"
