"""Classes for code that a team wrote for the vendor's SDK: its names, its arguments, its behaviour."""
