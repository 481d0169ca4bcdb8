"""The errors of the child process for a file that cannot be read."""


class Refused(Exception):
    """The reason, as a sentence for the person who uploaded the file."""


class NoRecognition(Exception):
    """Text in images cannot be recognised, because Tesseract is not installed."""
