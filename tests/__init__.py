"""Tests: one module per module, against real servers, files and models."""
