"""What the child says when a file cannot be read."""


class Refused(Exception):
    """The reason, in a sentence for the person who sent the file."""
