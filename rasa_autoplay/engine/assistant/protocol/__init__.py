"""What the language model is asked to answer, step by step, and how its answer becomes a chat bubble."""
