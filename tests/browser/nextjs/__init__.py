"""The main stories in the Next.js example, which is served at another origin than the Rasa server."""
