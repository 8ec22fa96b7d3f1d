"""Puts the data package into the wheel, as it is shipped, so that the loader works offline."""

from __future__ import annotations

import sys
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any

from hatchling.builders.hooks.plugin.interface import BuildHookInterface

# The package that is being built is not installed; packing needs nothing but Python itself.
sys.path.insert(0, str(Path(__file__).parent / "src"))

from borderledger.output.shipped import packed


class PackData(BuildHookInterface):  # type: ignore[type-arg]
    """Has the wheel take the data from a folder that lasts as long as the build."""

    def initialize(self, version: str, build_data: dict[str, Any]) -> None:
        """Before the build: hatchling names the files; an editable install reads the checkout instead."""
        if version == "editable":
            return
        self._folder = TemporaryDirectory()
        for path, content in packed(self.root).items():
            file = Path(self._folder.name) / path
            file.parent.mkdir(parents=True, exist_ok=True)
            file.write_bytes(content)
        build_data["force_include"][self._folder.name] = "borderledger/_data"

    def finalize(self, version: str, build_data: dict[str, Any], artifact_path: str) -> None:
        """After the build."""
        if version != "editable":
            self._folder.cleanup()
