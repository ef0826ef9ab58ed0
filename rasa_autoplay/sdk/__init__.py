"""Names and behaviour of the vendor's SDK, for code written for it."""
