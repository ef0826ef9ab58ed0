"""What keeps a toast from coming, or a chat from opening, in this project? One check for each known trap."""
