"""Languages of users: what each user reads, by their page, their browser and the bot's default."""
