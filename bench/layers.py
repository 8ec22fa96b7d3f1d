"""Which layer catches a fault of the whole package: validate, the gate, verify, or none.

Each layer is asked only if those before it say nothing. The gate sees the fault as the next patch version, with its
section in the changelog: the least that somebody does who wants it released.
"""

from __future__ import annotations

import hashlib
import re
import shutil
from collections.abc import Callable, Iterable, Iterator
from contextlib import contextmanager
from pathlib import Path

from bench.package_faults import PackageFault
from borderledger.dataset import Dataset
from borderledger.errors import BorderledgerError
from borderledger.output.shipped import packed
from borderledger.package import Finding, Package
from release.gate import refusals
from release.manifest import MANIFEST, Manifest, file_hash, read_tables
from release.planted import PLANTED
from release.required_version import least
from release.verify import CannotVerify, verify
from release.versions import Version
from release.working_rules import RULES as PAGE
from release.working_rules import Listed, Rules, listed_rules, rules_at_work, try_faults
from validate.fix import seal
from validate.report import Report

__all__ = ["LAYERS", "Bench"]

LAYERS = ("validate", "gate", "verify", "none")
Check = Callable[[Path], Report]


class Bench:
    """A package that faults are put into, beside the same package as it was released."""

    def __init__(self, package: Path, folder: Path, check: Check) -> None:
        """Take two copies of a package that validation is content with."""
        self.check = check
        self.released, self.root, self.shipped = (folder / name for name in ("released", "spoilt", "shipped"))
        for copy in (self.released, self.root):
            for table in Package.read(package).tables.values():
                for path in (table.path, table.schema_path):
                    (copy / path).parent.mkdir(parents=True, exist_ok=True)
                    shutil.copyfile(package / path, copy / path)
            shutil.copyfile(package / "datapackage.json", copy / "datapackage.json")
        self.good = {p.relative_to(self.root).as_posix(): p.read_bytes() for p in self.root.rglob("*") if p.is_file()}
        self.old = Version("released", Dataset(self.released), None)
        self.following = least(self.old.dataset.data_version, "patch")
        self._tables = {table.path: name for name, table in Package.read(package).tables.items()}
        self._said: dict[bytes, tuple[Finding, ...]] = {}

    def layer(self, fault: PackageFault, last: str = "verify") -> str:
        """The first layer that catches a fault, up to the last that is asked."""
        if fault.without:
            with self.spoilt(fault):
                return "gate" if self._gate(self._rules(fault), None) else "none"
        with self.spoilt(fault):
            report = self.check(self.root)
            if not report.ok:
                return "validate"
            shipped = self._ship() if last == "verify" else None  # before the gate gives it another version
            if last != "validate" and self._gate(None, report):
                return "gate"
            return "verify" if last == "verify" and self._verify(shipped) else "none"

    @contextmanager
    def spoilt(self, fault: PackageFault) -> Iterator[Path]:
        """The folder with a fault in it, which is undone."""
        try:
            for path, content in fault.files.items():
                if content is None:
                    (self.root / path).unlink()
                else:
                    (self.root / path).write_bytes(content)
            if fault.sealed:
                seal(self.root, list(fault.sealed))
            yield self.root
        finally:
            self._undo()

    def _undo(self) -> None:
        for file in self.root.rglob("*"):
            if file.is_file() and file.relative_to(self.root).as_posix() not in self.good:
                file.unlink()
        for path, content in self.good.items():
            file = self.root / path
            if not file.is_file() or file.read_bytes() != content:
                file.write_bytes(content)

    # --- the layers ---

    def _gate(self, working: Rules | None, report: Report | None) -> bool:
        """Whether the gate refuses what is there as the next patch version."""
        descriptor = self.root / "datapackage.json"
        text = re.sub(
            r'^  "version": "[^"]*"', f'  "version": "{self.following}"', descriptor.read_text("utf-8"), flags=re.M
        )
        text = re.sub(r'^  "created": "[^"]*"', '  "created": "2999-01-01T00:00:00Z"', text, flags=re.M)
        descriptor.write_text(text, encoding="utf-8", newline="")
        changelog = f"## [{self.following}] - 2999-01-01\n\n- Corrected.\n"
        try:
            new = Version("spoilt", Dataset(self.root), changelog)
            return bool(refusals(new, self.old, working, report or Report((), ())))
        except BorderledgerError:
            return True  # it says why it cannot compare the two, and ends with the exit code 2

    def _ship(self) -> dict[str, bytes] | None:
        """The files of a release of what is there; None if there can be none."""
        try:
            return packed(self.root)
        except BorderledgerError:
            return None

    def _verify(self, shipped: dict[str, bytes] | None) -> bool:
        """Whether what is there is told from the release, if somebody passes it on as the release."""
        manifest = self.shipped.with_name(MANIFEST)
        if not manifest.exists():
            content = packed(self.released)
            self._unpack(content)
            tables = {name: table.hash for name, table in read_tables(self.shipped, []).items()}
            files = {path: file_hash(raw) for path, raw in content.items()}
            version, created = self.old.dataset.data_version, str(self.old.dataset.descriptor["created"])
            manifest.write_bytes(Manifest(version, created, files, tables).json())
            if not verify(self.shipped, manifest).ok:
                raise AssertionError("the release itself is not verified")
        if shipped is None:
            return True
        self._unpack(shipped)
        try:
            return not verify(self.shipped, manifest).ok
        except CannotVerify:
            return True

    def _unpack(self, files: dict[str, bytes]) -> None:
        shutil.rmtree(self.shipped, ignore_errors=True)
        for path, raw in files.items():
            (self.shipped / path).parent.mkdir(parents=True, exist_ok=True)
            (self.shipped / path).write_bytes(raw)

    def _rules(self, fault: PackageFault) -> Rules:
        """What the gate learns of the rules when some find nothing."""

        def findings(folder: Path) -> list[Finding]:
            return [one for one in self._found(folder) if not fault.without & self._listed(one)]

        listed = listed_rules(PAGE.read_text(encoding="utf-8"))
        if not fault.forgot:
            return rules_at_work(self.released, PLANTED, listed=listed, findings=findings)
        # Whoever takes a rule out takes out what was planted for it, and writes the page again.
        kept = try_faults(self.released, PLANTED, findings).found
        listed = [rule for rule in listed if rule not in fault.without]
        return rules_at_work(self.released, PLANTED, planted=kept, listed=listed, findings=findings)

    def _found(self, folder: Path) -> Iterable[Finding]:
        """What validation finds, worked out once for each content of the folder."""
        files = sorted(path for path in folder.rglob("*") if path.is_file())
        held = hashlib.sha256(b"".join(str(path.relative_to(folder)).encode() + path.read_bytes() for path in files))
        if held.digest() not in self._said:
            self._said[held.digest()] = self.check(folder).findings
        return self._said[held.digest()]

    def _listed(self, one: Finding) -> set[Listed]:
        place = f"{self._tables.get(one.file, '')}.{one.field}"
        return {Listed(one.rule), Listed(one.rule, place, one.fix)}
