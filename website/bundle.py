"""The scripts of the pages."""
from pathlib import Path
def bundle(to: Path) -> None:
    for name in ("site.js","correct.js","sql.js"): (to/name).write_text("")
