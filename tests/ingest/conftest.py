"""Synthetic raw files in the layouts of the released ones: a folder of small workbooks that a test then spoils."""

from __future__ import annotations

import csv
import shutil
from collections.abc import Callable
from datetime import datetime
from pathlib import Path
from typing import Any

import openpyxl
import pytest
from openpyxl.workbook.workbook import Workbook

from borderledger.package import Package

REPOSITORY = Path(__file__).parents[2]

ID_FIRST = ["Operation ID", "Date of Departure ", "MS", "DESTINATION[S]", "TCNs (accepted)"]
DATE_FIRST = ["Date of Departure ", "Operation ID", "MS", "DESTINATION[S]", "TCNs (accepted)"]
SHORT = ["DATE OF DEPARTURE", "TYPE OF OPERATION", "DESTINATION (S)", "ROID"]
MONITORS = "MONITORS ON BOARD\n(from MS or/and \nfrom FX pool)"
LONG = [*SHORT[:3], MONITORS, "ROID", "FRONTEX STAFF ON BOARD"]

OPERATIONS = "frontex-return-operations"
GRANTS = "frontex-grants"


def day(text: str) -> datetime:
    """A date cell."""
    return datetime.fromisoformat(text)


def workbook(sheets: dict[str, list[list[Any]]]) -> Workbook:
    """A workbook with the given sheets, each a list of lines."""
    book = Workbook()
    book.remove(book.worksheets[0])
    for title, lines in sheets.items():
        sheet = book.create_sheet(title)
        for line in lines:
            sheet.append(line)
    return book


COSTS = ["RO", "Date", "MS/SAC/TC", "TOTAL PAID"]
FAR = ["RO Title", "RO Date", "MSSAC", "Escort Leaders", "Escorts"]
STAFF_2018 = [*FAR, "Escorts from Pool", "Medical Personnel", "Observers"]
STAFF = [*FAR, *(f"FRESO {kind}" for kind in ("airport CAT 1", "airport CAT 2", "HQ CAT 1", "HQ CAT 2", "CAT 3"))]
STAFF += ["Medical Personnel", "Observers (MS)", "Observers (TC)", "Monitors national ", "Monitors from Pool (MS)"]
STAFF += ["Monitors from Pool (FRO)"]
FRONTEX_STAFF = ["RO Title", "RO Date", "Fundamental Rights Monitors", "Frontex\nRepresentative\non Board"]
OFFICIALS = (
    "Officials: (escorts, medics, interpreters, observer, representatives, etc.) except the returnees and monitors"
)
OFFICIALS += " / ONLY FOR 2016 not registered in FAR"
#: The sheets of 2013-2018 on staff and costs, without lines.
SHEETS_2018: dict[str, list[list[Any]]] = {
    **{f"{year}_staff_FAR": [STAFF_2018] for year in (2018, 2017, 2016)},
    "2016_staff_not in FAR": [["DATE OF DEPARTURE", "ROID", OFFICIALS]],
    **{f"{year}_costs": [COSTS] for year in (2018, 2017)},
    "2016_costs_I part": [["DATE OF DEPARTURE", "MS", "ROID", "TOTAL PAID", None]],
    "2016_costs_II part": [[None, "ROs in 2016", "date", "TOTAL PAID"], [" ", "2016/RSU/01"]],
    **{f"{year}_costs_staff": [[f"Completed JRO {year} for reviewing"]] for year in (2015, 2014, 2013)},
}

RETURNS: dict[str, dict[str, list[list[Any]]]] = {
    "Returns_CF_2006-2012.xlsx": {
        "2006-2012": [
            [*LONG, None, None],
            [day("2006-06-12"), "JRO", "Serbia", None, "RO-2006-001", 0, None, "not co-financed by Frontex"],
            [day("2010-01-14"), "JRO", "Kosovo", "2 CZE", "RO-2010-001", 0],
        ],
        "2006-2012_TCNs": [
            ID_FIRST,
            ["RO-2010-001", day("2010-01-14"), "Austria", "KOSOVO*", 36],
            ["RO-2010-001", day("2010-01-14"), "Sweden", "KOSOVO*", 4],
        ],
    },
    "returns_cf_2006_2012.xlsx": {
        "2006-2012_TCNs": [
            ID_FIRST,
            ["RO-2006-001", day("2006-06-12"), "Austria", "SERBIA", 3],
            ["RO-2006-001", day("2006-06-12"), "Austria", "GEORGIA", 5],
            ["RO-2010-001", day("2010-01-14"), "Austria", "KOSOVO*", 36],
            ["RO-2010-001", day("2010-01-14"), "Sweden", "KOSOVO*", 4],
        ],
    },
    "Returns_CF_2013-2018.xlsx": {
        "2013-2018": [LONG, [day("2016-03-16"), "NRO", "Albania", None, "RO-00019", 1]],
        "2013-2018_TCNs": [ID_FIRST, ["RO-00019 ", day("2016-03-17"), "United Kingdom", "ALBANIA", 42]],
        **SHEETS_2018,
        "2016_costs_I part": [
            *SHEETS_2018["2016_costs_I part"],
            [day("2016-03-17"), "United Kingdom", "RO-00019", 51427.9],
        ],
    },
    "document-pad-2023-00237-1.xlsx": {
        "2019-2022": [
            SHORT,
            [day("2020-07-22"), "VRD", "Albania", "VRD-2020-001"],
            [day("2022-01-25"), "FRONTEX-RO", "Albania", "RO-02051"],
        ],
        "2019-2022_TCNs": [
            ["Date of Departure", *DATE_FIRST[1:]],
            [day("2020-07-22"), "VRD-2020-001", "France", "ALBANIA", 105],
            [day("2022-01-25"), "RO-02051", "FRONTEX", "ALBANIA", 0],
            [day("2022-01-25"), "RO-02051", "Spain", "ALBANIA", 22],
            [day("2022-01-25"), "RO-02051", "Germany", "ALBANIA", 0],
        ],
        "2019-2022_staff": [
            STAFF,
            ["RO-02051", day("2022-01-25"), "Spain", 1, 30, 0, 1, 0, 2, 0, 2, 1, 1, 1, 1, 0],
            ["RO-02051", day("2022-01-25"), "Spain", 0, 4, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0],
            ["Report does not contain data related to Frontex Staff"],
        ],
        "2019-2022_Frontex staff": [FRONTEX_STAFF, ["RO-02051", day("2022-01-25"), 1, 2]],
        **{f"{year}_costs": [COSTS] for year in (2019, 2020, 2021)},
        "2022_costs": [
            COSTS,
            ["RO-02051", day("2022-01-25"), "FX", 54337.5],
            ["RO-02051", day("2022-01-25"), "ESP", 1895.4301],
            ["RO-02051", day("2022-01-25"), "ALB", 0],
        ],
    },
    "PAD-2024-00391 Document.xlsx": {
        "2023": [SHORT, [day("2023-05-09"), "JRO", "Bosnia and Herzegovina & North Macedonia", "RO-02510"]],
        "2023 TCNs": [
            DATE_FIRST,
            [day("2023-05-09"), "RO-02510", "Germany", "BOSNIA AND HERZEGOVINA", 42],
            [day("2023-05-09"), "RO-02510", "Germany", "NORTH MACEDONIA", 48],
            [day("2023-05-09"), "RO-02510", "Germany", "BOSNIA AND HERZEGOVINA", 1],
            [day("2023-05-09"), "VRD-00018", "Belgium", "Montenegro", 7],
        ],
        "2023 Staff": [STAFF],
        "2023 Frontex Staff": [FRONTEX_STAFF, ["RO-02510", day("2023-05-10"), 0, 1]],
        "2023_costs": [COSTS],
    },
    "Document-PAD-2025-00012.xlsx": {
        "2024": [SHORT, [day("2024-01-11"), "CRO", "Serbia", "RO-02774"], [None, None, None, None]],
        "2024 TCNs": [DATE_FIRST, [day("2024-01-11"), "RO-02774", "Greece", "SERBIA", 9.0]],
        "2024 Staff": [STAFF],
        "2024 Frontex Staff": [FRONTEX_STAFF],
        "2024_costs": [COSTS],
    },
}

ADDRESSED = ["Grant No", "Unit/\nSector", "Country", "Name of Beneficiary", "Address of Beneficiary"]
ADDRESSED += ["Project No. and title", "Total awarded in EUR"]
PLAIN = [*ADDRESSED[:4], *ADDRESSED[5:]]
HEAD_2023 = [
    *("Grant No", "Unit/\nSector", "Country", "Name of Beneficiary", "Address of the beneficiary", "Operation"),
    *("Project No. and title", "Start date", "End date", "Exception", "Cancelled? ", "Commitment", "Commitment year"),
    *("Fund source", "Amount granted", "Date of signature by AO", "FVA", "I.2 REM amount", "Ex-ante?"),
    *("Estimated amount to be checked", "Final Total amount checked", "FRO.", "Amending amount"),
    *("Date of signature by AO", "Total GRANTED"),
]
POLICE = "Aparati i Drejtorise se Pergjithshme te_x000D_Policise se Shtetit"
GARBLED = "Albania - Aparati i DrejtorisÃ« sÃ« PolicisÃ« sÃ« Shtetit"
RIGHT = "Albania - Aparati i Drejtorisë së Policisë së Shtetit"
RS = "Ministry of Internal Affairs"
_ROWS_2023: list[Any] = ["2023/275", "DMD", "Kosovo", "Kosovo -\xa0General Directorate of Kosovo Police ", "Street 1"]
_ROWS_2023 += ["Field Deployment", "JO Terra 2023", day("2023-06-13"), day("2023-07-13"), "no", None, "FRO.1", 2023]
_ROWS_2023 += ["C1", 18715.37, None, "EK", None, "no", None, None, "FRO.1", 1182.35, None, 19897.719999999998]

COLLECTED: dict[str, list[list[Any]]] = {
    "y2022": [ADDRESSED, ["2022/7", "ECRET", "Albania", RIGHT, "Street 1", "2022/ECRET/01", 9244.8]],
    "y2021": [
        ADDRESSED,
        ["2021/4", "ECRet", "Albania", GARBLED, "Street 1", "2021/ECRet/01-FOA-R pre-_x000D_return", "9 244,80"],
        ["2021/224", "FDU", "Montenegro", " Montenegro - Police Directorate", "Street 2", "Street 2", "7 470,74"],
        ["2021/225", "FDU", "Spain", "Guardia Civil", "Street 3", "JO Minerva", "no amount was_x9D_granted"],
    ],
    "y2020": [ADDRESSED],
    "y2019": [ADDRESSED],
    "y2018": [ADDRESSED, ["2018/208", "ORD", "FYR of_x000D_Macedonia", RS, "Street", "2018/ORD/01 Human Resources", 5]],
    "y2017": [
        ADDRESSED,
        ["2017/1", "RSU", "Albania", POLICE, "Street", "2017/RSU/01 CRO to Albania", 5992],
        [*ADDRESSED[:-1], "Total awarded_x9D_in EUR"],
    ],
    "y2016": [
        ADDRESSED,
        [
            "2016/302",
            "LBS",
            "Ministry of Interior of_x000D_Republic of Serbia",
            "Serbia",
            "Street",
            "2016/LBS/01 FOA",
            7509,
        ],
        ["2016/303", "LBS", "Cyprus Police", "Cyprus", "Street", "2016/LBS/01 FOA", 7509],
    ],
    "y2015": [ADDRESSED, ["2015/1", "SBS", "Serbia", RS, "Street", "2015/SBS/09 EPN-Triton", "1.234.567"]],
    "y2014": [ADDRESSED, ["2014/278", "LBS", "Serbia", RS, "Street", "2014/LBS/02 Focal Points", "5.528,69"]],
    "y2013": [ADDRESSED],
    "y2012": [PLAIN, ["2012/434", "ABS", "FYROM", "Ministry of Interior", "2012/ABS/04 PP Flexi Force", 10736.93]],
    "y2011": [
        PLAIN,
        ["2010/9/", "ABS", "Spain", "Guardia Civil", "2010/OPS/54 JO Agelaus", 2.5],
        [
            "2011/506/",
            "LBS",
            "Bosnia&Herzeg_x000D_ovina",
            "Border Police of Bosnia and Herzegovina",
            "Neptune",
            4120.28,
        ],
    ],
    "y2010": [PLAIN, ["2010/9/", "ABS", "Spain", "Guardia Civil", "2010/OPS/54 JO Agelaus", 4]],
    "y2009": [PLAIN, ["2009/216/ ", "LBS", "Serbia", RS, "2009/OPS/05 - Neptune", "3 4,023.20"]],
    "y2008": [["Grant No", "Unit\nSector", *PLAIN[2:]], ["2008/1/ ", "ABS", "UK", "Border Agency", "Longstop", None]],
}
_BLANK: list[list[Any]] = [[None]] * 4
GRANT_FILES: dict[str, dict[str, list[list[Any]]]] = {
    "Grants_2008_2022.xlsx": COLLECTED,
    "grants-awarded-in-2022.xlsx": {"Sheet1": [*_BLANK, ADDRESSED, [None], COLLECTED["y2022"][1]]},
    "grants-awarded-in-2023.xlsx": {
        "Sheet1": [
            *_BLANK,
            HEAD_2023,
            [None],
            _ROWS_2023,
            ["2023/137", "LES", None, "Maritime Analysis and Operations Centre (Narcotics) \N{EN DASH} MAOC(N)"],
        ]
    },
    "Grants 2024.xlsx": {
        "Overview_Grant": [["Year", 2020]],
        "Grants": [
            [*HEAD_2023[:4], None, "Operation", "Project No. and title", "Total GRANTED"],
            [None, None, None, None, "Address of the beneficiary"],
            ["2024/234", "RET", "Albania", RIGHT, "Street 1", "FOA-R 2024", "2024/ECRET/01", 0],
            ["2024/137", "RET", "NGOs for reintegration services", "Iraq - ETTC", "Street 4", "JRS", "2023/CFP", 5],
            [None, None, None, "ų"],
        ],
    },
}


@pytest.fixture
def raw(tmp_path: Path) -> Path:
    """A folder with all raw files, synthetic."""
    for folder, files in ((OPERATIONS, RETURNS), (GRANTS, GRANT_FILES)):
        (tmp_path / "raw" / folder).mkdir(parents=True)
        for name, sheets in files.items():
            workbook(sheets).save(tmp_path / "raw" / folder / name)
    return tmp_path / "raw"


Edit = Callable[[str, str, str, object], None]


@pytest.fixture
def edit(raw: Path) -> Edit:
    """A function that puts a value into a cell of a raw file: `edit(path, "y2020", "A2", "2020/1")`."""

    def change(path: str, sheet: str, cell: str, value: object) -> None:
        book = openpyxl.load_workbook(raw / path)
        book[sheet][cell].value = value
        book.save(raw / path)

    return change


@pytest.fixture
def package(tmp_path: Path) -> Path:
    """A data package with the schemas of the repository, one curated row in each table of the ingest, and no more."""
    root = tmp_path / "package"
    shutil.copytree(REPOSITORY / "schemas", root / "schemas")
    shutil.copy(REPOSITORY / "datapackage.json", root)
    (root / "data").mkdir()
    curated = {
        "returns": {"id": "ret-zz-curated", "source_id": "a-report", "note": 'Curated, with "quotes".'},
        "operations": {"id": "op-a-curated", "source_id": "a-report"},
        "operation_states": {"id": "op-a-curated-de", "source_id": "a-report"},
        "crossings": {"id": "crs-a-curated", "source_id": "a-report"},
        "projects": {"id": "prj-a-curated", "source_id": "a-report", "title": "Curated"},
        "control_totals": {"source_id": "a-report", "table": "claims", "rows": "3", "total": "0", "digest": "0" * 64},
    }
    for table in Package.read(root).tables.values():
        with open(root / table.path, "w", encoding="utf-8", newline="") as file:
            writer = csv.DictWriter(file, table.names, restval="", lineterminator="\n")
            writer.writeheader()
            if table.name in curated:
                writer.writerow(curated[table.name])
    return root
