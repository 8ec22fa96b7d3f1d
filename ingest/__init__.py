"""Publishers' raw files to rows of the data package: `python -m ingest DATASET --raw DIR`.

Each publisher has a module whose docstring says how its files are read and what was decided. `inputs.toml` names the
files. A layout that is not known is refused (`LayoutError`), never guessed.
"""

from ingest.errors import IngestError, LayoutError

__all__ = ["IngestError", "LayoutError"]
