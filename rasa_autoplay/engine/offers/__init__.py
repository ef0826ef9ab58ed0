"""Offers and their receipts: open offers, history, the ledger."""
