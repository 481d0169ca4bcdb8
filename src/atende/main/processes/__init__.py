"""What runs: web, worker, both in one, and the embedded database.

advanced-alchemy, which Litestar imports, takes numpy along wherever it is installed, to compare arrays; no row of ours has any.
Qdrant's client installs numpy. So it is out of sight while those two are imported for the first time: 20 MB in every process.
"""

import sys
from importlib import import_module

if "numpy" not in sys.modules:
    sys.modules["numpy"] = None  # type: ignore[assignment]  # the documented way to make an import fail
    try:
        import_module("litestar")
        import_module("advanced_alchemy.repository")
    finally:
        del sys.modules["numpy"]
