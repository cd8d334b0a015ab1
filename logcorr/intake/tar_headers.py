"""What tarfile passes over without a word: blocks that should be headers and are none, and an end that is missing."""

from __future__ import annotations

import tarfile

from logcorr.dataclass import dataclass

_BLOCK = tarfile.BLOCKSIZE


@dataclass(slots=True)
class Headers:
    """The blocks of one archive that were taken for headers of members.

    A tar ends with blocks of zeros (POSIX pax, "ustar Interchange Format"); one that was cut off has none.
    """

    damaged: int = 0
    ended: bool = False

    def member(self) -> type[tarfile.TarInfo]:
        """The class of the archive's members, for ``tarfile.open``, that tells its headers here."""

        class Member(tarfile.TarInfo):
            @classmethod
            def frombuf(cls, buf: bytes | bytearray, encoding: str, errors: str) -> Member:
                """Make a member of a block. Raises HeaderError where it is no header."""
                self.ended = (len(buf) == _BLOCK and not any(buf)) or (self.ended and not buf)
                try:
                    return super().frombuf(buf, encoding, errors)
                except tarfile.HeaderError:
                    self.damaged += bool(any(buf))
                    raise

        return Member

    def problem(self) -> str:
        """What is wrong with an archive that was read to its end; empty where nothing is."""
        if self.damaged:
            blocks = "a block is" if self.damaged == 1 else f"{self.damaged:,} blocks are"
            return f"{blocks} no member's and no header of one; the members that are listed are read"
        return "" if self.ended else "its end is missing, and with it perhaps members; what came before is read"
