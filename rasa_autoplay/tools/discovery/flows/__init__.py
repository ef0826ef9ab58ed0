"""The goals of an app, and the ways that users take to them."""
