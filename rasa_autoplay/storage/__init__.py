"""Databases and Redis: connections, migrations, keys."""
