"""The bill of materials of a release: what it consists of, what it needs, and what made it, as CycloneDX 1.6.

https://cyclonedx.org/docs/1.6/json/

The subject is the package `borderledger` of that version. Its components are of three kinds:

    type file           a file of the release, with its SHA-256
    scope required      what the wheel needs. It has no version, because the reader's installer chooses one: the
      or optional       property `borderledger:requirement` is the line of the wheel's metadata. Optional is what an
                        extra brings
    scope excluded      what checks, tests and builds the dataset, in the versions of constraints.txt. Nobody who uses
                        the release gets it

Licences are those that the packages state of themselves. A package that only some platforms need has none here, so that
every platform gives the same bytes.
"""

from __future__ import annotations

import io
import re
import zipfile
from collections.abc import Iterable, Iterator, Mapping
from datetime import datetime
from hashlib import sha256
from importlib import metadata
from uuid import NAMESPACE_URL, uuid5

from cyclonedx.contrib.license.factories import LicenseFactory
from cyclonedx.model import HashAlgorithm, HashType, Property
from cyclonedx.model.bom import Bom, BomMetaData
from cyclonedx.model.component import Component, ComponentScope, ComponentType
from cyclonedx.model.license import License, LicenseAcknowledgement
from cyclonedx.output.json import JsonV1Dot6
from packageurl import PackageURL
from packaging.metadata import Metadata
from packaging.requirements import Requirement
from packaging.utils import canonicalize_name

__all__ = ["locked", "sbom", "unlike_installed"]

_REQUIREMENT = "borderledger:requirement"
#: The extra of everything that is meant for users of the wheel. An extra that brings more is for the checkout.
_ALL = "all"


def locked(constraints: str) -> dict[str, Requirement]:
    """The requirements of a constraints file, each with one version, by the name of the package."""
    lines = re.findall(r"^([A-Za-z0-9].*?)\s*\\?$", constraints, re.MULTILINE)
    return {canonicalize_name(one.name): one for one in map(Requirement, lines)}


def unlike_installed(constraints: str) -> Iterator[str]:
    """What is not installed in the version of a constraints file, in words."""
    for name, requirement in locked(constraints).items():
        if requirement.marker is None or requirement.marker.evaluate():
            try:
                found = metadata.version(name)
            except metadata.PackageNotFoundError:
                found = ""
            if not requirement.specifier.contains(found or "0", prereleases=True):
                yield f"{requirement.name}{requirement.specifier} ({found or 'not'} installed)"


def sbom(wheel: bytes, files: Mapping[str, bytes], constraints: str, created: datetime) -> bytes:
    """The bill of materials of a release as JSON.

    wheel        the file that is installed
    files        all files of the release, by their paths
    constraints  the versions that checked and built it; they have to be installed, see `unlike_installed`
    created      the time of the data, which stands for the time of the bill
    """
    about = _metadata(wheel)
    purl = PackageURL("pypi", name=about.name, version=str(about.version))
    subject = Component(
        name=about.name,
        version=str(about.version),
        type=ComponentType.LIBRARY,
        description=about.summary,
        purl=purl,
        bom_ref=purl.to_string(),
        licenses=_licences([about.license_expression or ""]),
    )
    needed = list(_needed(about))
    sums = {path: sha256(raw).hexdigest() for path, raw in sorted(files.items())}
    bom = Bom(
        # From the content: a random one would make each build another release.
        serial_number=uuid5(NAMESPACE_URL, f"{purl}#{sha256(repr((sums, constraints)).encode()).hexdigest()}"),
        metadata=BomMetaData(timestamp=created, component=subject),
        components=[*_files(sums), *needed, *_tools(locked(constraints).values())],
    )
    bom.register_dependency(subject, needed)
    return (JsonV1Dot6(bom).output_as_string(indent=2) + "\n").encode()


def _files(sums: Mapping[str, str]) -> Iterator[Component]:
    for path, digest in sums.items():
        yield Component(
            name=path,
            type=ComponentType.FILE,
            bom_ref=f"file:{path}",
            hashes=[HashType(alg=HashAlgorithm.SHA_256, content=digest)],
        )


def _needed(about: Metadata) -> Iterator[Component]:
    """The packages that a wheel requires, always or by an extra for its users."""
    brings: dict[str, set[str]] = {}
    for one in about.requires_dist or []:
        for extra in _extras(one):
            brings.setdefault(extra, set()).add(one.name)
    offered = {extra for extra, names in brings.items() if names <= brings.get(_ALL, set())}
    always: set[str] = set()
    lines: dict[str, list[str]] = {}
    for one in about.requires_dist or []:
        extras = _extras(one)
        if not extras:
            always.add(one.name)
        if extras <= offered:
            lines.setdefault(one.name, []).append(str(one))
    for name, said in lines.items():
        yield Component(
            name=name,
            type=ComponentType.LIBRARY,
            scope=ComponentScope.REQUIRED if name in always else ComponentScope.OPTIONAL,
            purl=PackageURL("pypi", name=canonicalize_name(name)),
            bom_ref=f"requirement:{canonicalize_name(name)}",
            properties=[Property(name=_REQUIREMENT, value=line) for line in said],
        )


def _extras(requirement: Requirement) -> set[str]:
    """The extras that bring a requirement; none if it is always there. The platform makes no difference."""
    return set(re.findall(r'extra == "([^"]+)"', str(requirement.marker)))


def _tools(requirements: Iterable[Requirement]) -> Iterator[Component]:
    for one in requirements:
        (pin,) = one.specifier
        purl = PackageURL("pypi", name=canonicalize_name(one.name), version=pin.version)
        yield Component(
            name=one.name,
            version=pin.version,
            type=ComponentType.LIBRARY,
            scope=ComponentScope.EXCLUDED,
            purl=purl,
            bom_ref=purl.to_string(),
            licenses=[] if one.marker else _licences(_stated(one.name)),
        )


def _stated(name: str) -> list[str]:
    """The licences that an installed package states: as an expression, else in one line, else as classifiers."""
    about = metadata.metadata(name)
    for field in ("License-Expression", "License"):
        for text in about.get_all(field) or []:
            if text and "\n" not in text.strip():
                return [text.strip()]
    classifiers = [text.split(" :: ") for text in about.get_all("Classifier") or []]
    return [parts[-1] for parts in classifiers if parts[0] == "License" and parts[-1] != "OSI Approved"]


def _licences(texts: Iterable[str]) -> list[License]:
    make = LicenseFactory().make_from_string
    return [make(text, license_acknowledgement=LicenseAcknowledgement.DECLARED) for text in texts if text]


def _metadata(wheel: bytes) -> Metadata:
    with zipfile.ZipFile(io.BytesIO(wheel)) as archive:
        (name,) = (path for path in archive.namelist() if path.endswith(".dist-info/METADATA"))
        return Metadata.from_email(archive.read(name))
