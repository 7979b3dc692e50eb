"""Ask questions of a folder of articles; every answer quotes the sentence it rests on."""

__version__ = "0.1.0"
