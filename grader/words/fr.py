"""French."""

from __future__ import annotations

SENTENCES: dict[str, str] = {
    "shape-differs": "est de forme {have}, doit être de forme {want}",
}
