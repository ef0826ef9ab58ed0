"""The gateway's part of traces: requests of pages, events for the engine, delivered offers."""
