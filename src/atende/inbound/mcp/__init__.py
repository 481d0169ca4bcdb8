"""The Model Context Protocol: documents as tools of other people's assistants."""
