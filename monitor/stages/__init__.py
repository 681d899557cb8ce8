"""The stages, one module an arrow: each asks the store what is due and does it."""
