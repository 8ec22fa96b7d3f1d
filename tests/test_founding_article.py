"""What the founding article reports is in the dataset, each statement as a record of its own."""

import pytest

from borderledger.package import Package

REPORTED = [
    ("deployments", "dep-frontex-wb6-2025-06", {"officers": "500", "officers_qualifier": "about", "hosts": "WB6"}),
    ("deployments", "dep-frontex-ba-2025-plan", {"event": "plan", "date": "2025-08", "hosts": "BA"}),
    ("returns", "ret-forced-ba-tr-to-2025-06", {"from_place": "BA", "to_place": "TR"}),
    ("returns", "ret-forced-ba-pk-to-2025-06", {"from_place": "BA", "to_place": "PK"}),
    ("agreements", "agr-ba-bd-readmission", {"party_a": "BD", "party_b": "BA", "status": "negotiating"}),
    ("projects", "prj-ba-iom-return-pilot-2022", {"amount_eur": "500000"}),
    ("activities", "act-frontex-return-workshops", {"kind": "workshop", "target_places": "BD;DZ;MA;PK"}),
    ("projects", "prj-seefar-pathways-emr-wbr", {"amount_eur": "1400000", "partners": "meta"}),
    ("projects", "prj-nl-icmpd-return-2024-2025", {"amount_eur": "1000000", "funders": "NL", "start": "2024"}),
    ("activities", "act-ec-rec-multi-purpose-centres-2025", {"kind": "recommendation"}),
    ("returns", "ret-avrr-wb6-2016-2025-05", {"quantity": "3376", "period": "2016/2025-05"}),
    ("activities", "act-ec-finding-no-wb-return-structure-2025", {"kind": "finding", "target_places": "WB6"}),
    ("activities", "act-tfwb-2024-10", {"date": "2024-10"}),
    ("activities", "act-europol-otf-afghan-networks-2024", {"kind": "task_force", "target_places": "AF"}),
    ("activities", "act-frontex-escort-training", {"kind": "training"}),
    ("activities", "act-frontex-return-gap-analysis", {"kind": "gap_analysis"}),
]


@pytest.mark.parametrize(("table", "record", "values"), REPORTED)
def test_a_reported_statement_is_a_record_with_a_claim_of_the_article(
    whole: Package, table: str, record: str, values: dict[str, str]
) -> None:
    (row,) = (row for row in whole.sheets[table].records().values() if row["id"] == record)
    assert {name: row[name] for name in values} == values
    claims = whole.sheets["claims"].records().values()
    assert (record, "founding-article") in {(claim["record_id"], claim["source_id"]) for claim in claims}


def test_projects_of_half_a_million_are_not_merged(whole: Package) -> None:
    rows = whole.sheets["projects"].records().values()
    assert len([row for row in rows if row["amount_eur"] == "500000" and row["kind"] != "grant"]) > 1
