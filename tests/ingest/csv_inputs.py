"""Synthetic raw CSV files in the layouts of the released ones: a few lines each, which a test then spoils."""

from __future__ import annotations

import csv
from pathlib import Path

DETECTIONS = "frontex-detections/frontex-detections-western-balkans.csv"
DETECTIONS_HEAD = "route,border,nationality_iso3,month,detections"
DETECTIONS_LINES = [
    "Western Balkan Route,Land,SYR,2015-09,40562",
    "Western Balkan Route,Sea,XKX,2015-09,3",
    "Western Balkan Route,Land,OOO,2015-09,7",
    "Western Balkan Route,Land,STL,2015-10,2",
    "Circular Route from Albania to Greece,Land,ALB,2009-01,75",
]

DESTINATION = "uk-home-office-returns/returns-by-destination-western-balkans.csv"
NATIONALITY = "uk-home-office-returns/returns-by-nationality-western-balkans.csv"
REFUSED_ENTRY = "Refused entry at port and subsequently departed"
HOME_OFFICE_HEADS = {
    DESTINATION: "Date,Year,Quarter,Return type group,Return type,Return destination,Return destination region,"
    "Number of returns",
    NATIONALITY: "Date,Year,Quarter,Nationality,Region,Return type group,Return type,Age,Sex,Return destination group,"
    "Number of returns",
}
HOME_OFFICE_LINES = {
    DESTINATION: [
        "2021-03-31,2021,1,Enforced return,Enforced removals from detention,Albania,Europe Other,5",
        "2021-03-31,2021,1,Enforced return,Other returns from detention,Albania,Europe Other,5",
        "2021-06-30,2021,2,Enforced return,Enforced removals from detention,Albania,Europe Other,235",
        "2021-06-30,2021,2,Voluntary return,Assisted returns,Albania,Europe Other,8",
        "2021-06-30,2021,2,Voluntary return,Controlled returns,Albania,Europe Other,20",
        "2021-06-30,2021,2,Voluntary return,Other verified returns,Albania,Europe Other,68",
        f"2021-06-30,2021,2,{REFUSED_ENTRY},Departed from UK Ports,Albania,Europe Other,9",
        "2004-03-31,2004,1,Enforced return,Enforced removals,Serbia and Montenegro,Europe Other,412",
        "2022-06-30,2022,2,Voluntary return,Other verified returns,Kosovo,Europe Other,2",
        "2022-06-30,2022,2,Voluntary return,Other verified returns,Kosovo,Europe Other,5",
    ],
    NATIONALITY: [
        "2021-03-31,2021,1,Albania,Europe Other,Enforced return,Enforced removals from detention,18 to 29,Male,"
        "Home country,10",
        "2021-03-31,2021,1,Albania,Europe Other,Enforced return,Enforced removals from detention,30 to 49,Male,"
        "Home Country,1",
        "2021-06-30,2021,2,Albania,Europe Other,Enforced return,Non-detained Enforced removals,18 to 29,Male,"
        "EU Member State,2",
        "2021-06-30,2021,2,Albania,Europe Other,Enforced return,Non-detained enforced removals,18 to 29,Female,"
        "Other country,1",
        f"2021-06-30,2021,2,Albania,Europe Other,{REFUSED_ENTRY},Departed from UK Ports,18 to 29,Male,EU Member State,40",
    ],
}

RETURNED = "eurostat-returns/migr_eirtn_Data_allcitizens.csv"
ORDERED = "eurostat-returns/migr_eiord_Data_allcitizens.csv"
TOTAL = "Total number of persons returned"
EU28 = "European Union (28 countries)"
GERMANY = "Germany (until 1990 former territory of the FRG)"
STATES = [
    *("Austria", "Belgium", "Bulgaria", "Croatia", "Cyprus", "Czech Republic", "Denmark", "Estonia", "Finland"),
    *("France", "Greece", "Hungary", "Ireland", "Italy", "Latvia", "Lithuania", "Luxembourg", "Malta", "Netherlands"),
    *("Poland", "Portugal", "Romania", "Slovakia", "Slovenia", "Spain", "Sweden", "United Kingdom", GERMANY),
]
OTHERS = ["Iceland", "Liechtenstein", "Norway", "Switzerland"]
KOSOVO = "Kosovo (under United Nations Security Council Resolution 1244/99)"
CITIZENS = [
    *("Albania", "Bosnia and Herzegovina", KOSOVO, "Former Yugoslav Republic of Macedonia, the"),
    *("Montenegro", "Serbia", "São Tomé and Príncipe"),
]
#: What is not 0: the value and the flag by table, year, place and citizenship.
FIGURES = {
    (RETURNED, 2015, EU28, "Albania"): ("36,635", "d"),
    (RETURNED, 2015, GERMANY, "Albania"): ("15,855", ""),
    (RETURNED, 2015, "Greece", "Albania"): ("9,630", ""),
    (RETURNED, 2015, "Malta", "Albania"): (":", ""),
    (RETURNED, 2015, "Norway", "Albania"): ("680", ""),
    (RETURNED, 2013, "United Kingdom", KOSOVO): ("100", "p"),
    (RETURNED, 2015, "Greece", "São Tomé and Príncipe"): ("5", ""),
    (ORDERED, 2015, GERMANY, "Albania"): ("10,960", ""),
}

Figures = dict[tuple[str, int, str, str], tuple[str, str]]


def write_detections(folder: Path, lines: list[str] = DETECTIONS_LINES) -> None:
    """The file of detections below a folder."""
    (folder / DETECTIONS).parent.mkdir(parents=True, exist_ok=True)
    (folder / DETECTIONS).write_text("\n".join([DETECTIONS_HEAD, *lines]) + "\n", encoding="utf-8")


def write_home_office(folder: Path) -> None:
    """Both tables of the Home Office below a folder."""
    for path, head in HOME_OFFICE_HEADS.items():
        (folder / path).parent.mkdir(parents=True, exist_ok=True)
        (folder / path).write_text("\n".join([head, *HOME_OFFICE_LINES[path]]) + "\n", encoding="utf-8")


def write_eurostat(folder: Path, figures: Figures = FIGURES, citizens: list[str] = CITIZENS) -> None:
    """Both tables of Eurostat below a folder: 0 for each year, place and citizenship, but for `figures`."""
    for path in (RETURNED, ORDERED):
        (folder / path).parent.mkdir(parents=True, exist_ok=True)
        indicator = [TOTAL] if path == RETURNED else []
        titles = ["TIME", "GEO", "CITIZEN", *(["INDIC_MG"] if indicator else []), "UNIT", "Value", "Flag and Footnotes"]
        with open(folder / path, "w", encoding="cp1252", newline="") as file:
            writer = csv.writer(file, quoting=csv.QUOTE_ALL, lineterminator="\n")
            writer.writerow(titles)
            for year in range(2012, 2017):
                for place in [EU28, *STATES, *OTHERS]:
                    for citizen in citizens:
                        value, flag = figures.get((path, year, place, citizen), ("0", ""))
                        writer.writerow([year, place, citizen, *indicator, "Person", value, flag])
