"""The host names that this installation serves."""

from collections.abc import Sequence


class ServedHosts:
    """Without `names`, all are served."""

    def __init__(self, names: Sequence[str]) -> None:
        self._names = frozenset(name.lower().encode() for name in names)

    def serve(self, host: bytes) -> bool:
        """`host` is the header of that name, with or without a port."""
        if not self._names:
            return True
        name = host.lower() if host.endswith(b"]") else host.lower().rpartition(b":")[0] or host.lower()
        return name in self._names
