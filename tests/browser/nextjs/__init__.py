"""The main stories in the Next.js example, served at another origin than the Rasa server."""
