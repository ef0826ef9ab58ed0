"""The ledger of offers in a database."""
