"""Reading a document: companies, themes, quantities, sentiment. No I/O but loading."""
