"""The recorder in whole apps: people record workflows, and the drafts replay without an edit."""
