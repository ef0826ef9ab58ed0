"""The snippets of docs/put-it-in-your-app.md, built and opened; and the types of the ES module."""
