"""The recipe: rebuilds the shipped sentiment model from open weights and data.

`python -m models.recipe --help` lists the stages. Nothing here is imported by the
product; the product reads only what the last stage writes to `models/sentiment`.
"""
