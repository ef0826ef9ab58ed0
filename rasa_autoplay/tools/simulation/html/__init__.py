"""The simulation's report as a web page."""
