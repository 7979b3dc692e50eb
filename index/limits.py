"""What one input file may cost: bytes, pages, members, seconds and memory. Each bound is named in its message."""

from __future__ import annotations

MIB = 2**20

MAX_FILE = 64 * MIB
"""Bytes of a file that is read whole, packed or unpacked."""
MAX_STREAM = 2048 * MIB
"""Bytes of a file of records, of a mailbox and of an archive: these are never held in memory whole."""
MAX_UNPACKED = 2048 * MIB
"""Bytes that a packed file or all members of an archive may unpack to."""
MAX_RATIO = 200
"""Unpacked bytes for each packed one; ordinary text stays below 20."""
SMALL = MIB
"""Unpacked bytes that need no ratio: a short repetitive file packs very well."""
MAX_MEMBERS = 10_000
"""Members of an archive, those of archives inside it included."""
MAX_DEPTH = 2
"""Archives inside one another: a .zip in a .zip is read, one inside that is not."""
MAX_PAGES = 2_000
"""Pages of a PDF."""
MAX_LINE = 64 * MIB
"""Bytes of one record in a file of records."""
MAX_MESSAGE = 32 * MIB
"""Bytes of one message in a mailbox."""
CPU_SECONDS = 60
"""Processor seconds from one article to the next, in a process of its own."""
WALL_SECONDS = 600
"""Seconds on the clock for the same, against what waits for ever without computing."""
ARCHIVE_SECONDS = 600
"""Processor seconds for all members of an archive."""
MEMORY = 1024 * MIB
"""Bytes of address space of the process that reads."""
APART = MIB // 4
"""Bytes from which even a plain text is read in a process of its own."""
