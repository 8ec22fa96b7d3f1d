"""Rules that follow from the conventions of the data model, for every table to which they apply."""

import re

import pytest
from hypothesis import given
from hypothesis import strategies as st

from borderledger.package import Package
from tests.validate.rules.examples import Row, findings, shows
from validate.rules import general


class TestFigureCompanion:
    """A figure says what it counts, and nothing says so of a figure that is not there."""

    rule = "figure.companion"

    @pytest.mark.parametrize(
        ("table", "field", "values", "message", "fix"),
        [
            (
                "deployments",
                "officers_qualifier",
                {"officers": "7", "measure": "present"},
                "is empty, but officers is filled",
                "officers",
            ),
            (
                "deployments",
                "officers_qualifier",
                {"officers_qualifier": "about"},
                "is filled, but officers is empty",
                "officers",
            ),
            (
                "deployments",
                "measure",
                {"officers": "7", "officers_qualifier": "exact"},
                "is empty, but officers is filled",
                "officers",
            ),
            ("returns", "quantity_qualifier", {"quantity": "7"}, "is empty, but quantity is filled", "quantity"),
            ("facilities", "capacity_qualifier", {"capacity": "7"}, "is empty, but capacity is filled", "capacity"),
            (
                "facilities",
                "capacity_kind",
                {"capacity_kind": "design"},
                "is filled, but capacity is empty",
                "capacity",
            ),
            (
                "facilities",
                "capacity_as_of",
                {"capacity_as_of": "2024"},
                "is filled, but capacity is empty",
                "capacity",
            ),
            (
                "projects",
                "amount_eur_qualifier",
                {"amount_eur": "7", "amount_basis": "total"},
                "is empty, but amount_eur is filled",
                "amount_eur",
            ),
            (
                "projects",
                "amount_basis",
                {"amount_eur": "7", "amount_eur_qualifier": "exact"},
                "is empty, but amount_eur or original_amount is filled",
                "amount_eur or original_amount",
            ),
            (
                "projects",
                "original_currency",
                {"original_currency": "CHF"},
                "is filled, but original_amount is empty",
                "original_amount",
            ),
            ("projects", "start_kind", {"start": "2024"}, "is empty, but start is filled", "start"),
            ("projects", "status_as_of", {"status_as_of": "2024"}, "is filled, but status is empty", "status"),
            ("facilities", "status_as_of", {"status_as_of": "2024"}, "is filled, but status is empty", "status"),
            (
                "facilities",
                "latitude",
                {"longitude": "15.87", "coordinates_of": "locality", "locality": "A"},
                "is empty, but coordinates_of is filled",
                "coordinates_of",
            ),
            (
                "facilities",
                "longitude",
                {"latitude": "44.82", "coordinates_of": "locality", "locality": "A"},
                "is empty, but coordinates_of is filled",
                "coordinates_of",
            ),
            (
                "facilities",
                "longitude",
                {"longitude": "15.87", "locality": "A"},
                "is filled, but coordinates_of is empty",
                "coordinates_of",
            ),
            (
                "facilities",
                "coordinates_of",
                {"latitude": "44.82", "longitude": "15.87", "coordinates_of": "locality"},
                "is filled, but locality is empty",
                "locality",
            ),
            (
                "agreements",
                "status_as_of",
                {"status": "", "status_as_of": "2024"},
                "is filled, but status is empty",
                "status",
            ),
        ],
    )
    def test_fires_on_one_without_the_other(
        self, whole: Package, table: str, field: str, values: Row, message: str, fix: str
    ) -> None:
        found = findings(whole, self.rule, **{table: [values]})
        shows(found, f"data/{table}.csv:2 {field}", message, f"Fill or empty {field} together with {fix}.")

    @pytest.mark.parametrize(
        ("table", "values"),
        [
            ("deployments", {}),
            ("deployments", {"officers": "7", "officers_qualifier": "exact", "measure": "present"}),
            ("deployments", {"officers": "0", "officers_qualifier": "exact", "measure": "present"}),
            ("facilities", {"capacity": "7", "capacity_qualifier": "exact"}),
            ("projects", {"start": "2024", "start_kind": "signature"}),
            (
                "projects",
                {
                    "original_amount": "7",
                    "original_amount_qualifier": "exact",
                    "original_currency": "CHF",
                    "amount_basis": "total",
                },
            ),
            ("projects", {"status": "ongoing"}),
            ("facilities", {"status": "open"}),
            (
                "facilities",
                {"locality": "A", "latitude": "44.82", "longitude": "15.87", "coordinates_of": "locality"},
            ),
            ("facilities", {"status": "open", "status_as_of": "2024"}),
        ],
    )
    def test_passes_both_or_neither(self, whole: Package, table: str, values: Row) -> None:
        assert findings(whole, self.rule, **{table: [values]}) == []


class TestFigureRange:
    """Only a range has an upper end, and it lies above the lower one."""

    rule = "figure.range"

    @pytest.mark.parametrize(
        ("qualifier", "low", "high", "message"),
        [
            ("range", "20", "20", "the upper end 20 is not above quantity 20"),
            ("range", "30", "20", "the upper end 20 is not above quantity 30"),
            ("range", "20", "", "is empty, but quantity_qualifier is range"),
            ("exact", "20", "30", "is 30, but quantity_qualifier is exact"),
            ("about", "20", "30", "is 30, but quantity_qualifier is about"),
            ("", "", "30", "is 30, but quantity_qualifier is empty"),
        ],
    )
    def test_fires_on_half_a_range(self, whole: Package, qualifier: str, low: str, high: str, message: str) -> None:
        row = {"quantity": low, "quantity_qualifier": qualifier, "quantity_max": high}
        found = findings(whole, self.rule, returns=[row])
        shows(found, "data/returns.csv:2 quantity_max", message, "A range has quantity < quantity_max")

    @pytest.mark.parametrize(
        ("table", "figure"),
        [("deployments", "officers"), ("projects", "amount_eur"), ("facilities", "capacity")],
    )
    def test_fires_for_every_figure(self, whole: Package, table: str, figure: str) -> None:
        row = {figure: "30", f"{figure}_qualifier": "range", f"{figure}_max": "20"}
        found = findings(whole, self.rule, **{table: [row]})
        shows(found, f"data/{table}.csv:2 {figure}_max", f"20 is not above {figure} 30", "A range has")

    @pytest.mark.parametrize(
        ("qualifier", "low", "high"),
        [("range", "20", "21"), ("range", "9", "10"), ("exact", "20", ""), ("at_least", "0", ""), ("", "", "")],
    )
    def test_passes_a_range_of_any_width_and_a_figure_without_one(
        self, whole: Package, qualifier: str, low: str, high: str
    ) -> None:
        row = {"quantity": low, "quantity_qualifier": qualifier, "quantity_max": high}
        assert findings(whole, self.rule, returns=[row]) == []


class TestTextPersonal:
    """The dataset holds no personal data; people at risk read and are written about here."""

    rule = "text.personal"

    @pytest.mark.parametrize(
        ("text", "quoted"),
        [
            ("Write to desk.officer@ministry.example for it", "desk.officer@ministry.example"),
            ("Write to desk+x@mail.ministry.example.", "desk+x@mail.ministry.example"),
            ("Call +387 33 123 456", "+387 33 123 456"),
            ("Call +387/33/123-456", "+387/33/123-456"),
            ("Call +38733123456", "+38733123456"),
            ("Office, tel. 033 123", "tel. 0"),
            ("Office, Phone: 033 123", "Phone: 0"),
        ],
    )
    def test_fires_on_an_address_or_a_number(self, whole: Package, text: str, quoted: str) -> None:
        found = findings(whole, self.rule, activities=[{"note": text}])
        shows(found, "data/activities.csv:2 note", f"telephone number: {quoted}", "name the office, not the person")

    @given(
        st.lists(
            st.sampled_from(["tel", "Mob", "PHONE", "phone", "a", "7", "33 123 4567", ".", ":", "@", "+", " ", "-"]),
            max_size=9,
        )
    )
    def test_what_is_looked_for_first_is_in_every_address_and_number(self, parts: list[str]) -> None:
        text = "".join(parts)
        found = general._PERSONAL.search(text) if len(text) > 6 else None
        said = general.personal(text)
        assert (said and said[0]) == (found and found[0])
        assert not found or re.search(general._no_personal_data("activities", "note").maybe, text)

    @pytest.mark.parametrize(
        ("table", "field"),
        [
            ("claims", "locator"),
            ("claims", "value"),
            ("sources", "title"),
            ("corrections", "reason"),
        ],
    )
    def test_fires_in_every_text(self, whole: Package, table: str, field: str) -> None:
        found = findings(whole, self.rule, **{table: [{field: "someone@example.org"}]})
        shows(found, f"data/{table}.csv:2 {field}", "someone@example.org", "Remove it")

    @pytest.mark.parametrize(
        "text",
        [
            "",
            "The Facebook page @granicna.policija says so",
            "Paid 1 200 000 000 and 2016-2025",
            "Decision (EU) 2025/1348, OJ L, 2025/1348, 11.7.2025",
            "Grew by +12 000 persons",
            "Bonn 007/18",
            "Telephones and mobile radios were handed over",
        ],
    )
    def test_passes_figures_and_references(self, whole: Package, text: str) -> None:
        assert findings(whole, self.rule, activities=[{"note": text}]) == []

    @pytest.mark.parametrize(
        ("field", "text"),
        [
            ("id", "ep-e-001269-2023"),
            ("document_ref", "E-001269/2023"),
            ("url", "https://dserver.example/btd/18/007/1800782.pdf"),
            ("url", "https://news.example/articles/uk+to+tackle+crime+02042025120500?open"),
        ],
    )
    def test_passes_the_number_of_a_document(self, whole: Package, field: str, text: str) -> None:
        assert findings(whole, self.rule, sources=[{field: text}]) == []


class TestLinkCycle:
    """Nothing contains, replaces or reprints itself, not even by way of others."""

    rule = "link.cycle"

    @pytest.mark.parametrize(
        ("table", "link"),
        [
            ("agreements", "replaces"),
            ("agreements", "implements"),
            ("deployments", "part_of"),
            ("projects", "part_of"),
            ("returns", "part_of"),
            ("sources", "reprint_of"),
        ],
    )
    def test_fires_on_a_row_that_leads_to_itself(self, whole: Package, table: str, link: str) -> None:
        found = findings(whole, self.rule, **{table: [{"id": "x", link: "x"}]})
        shows(found, f"data/{table}.csv:2 {link}", "leads back to itself: x > x", f"Empty {link} of one record")

    def test_fires_on_each_member_of_a_circle_and_names_the_way(self, whole: Package) -> None:
        rows = [{"id": "a", "replaces": "c"}, {"id": "b", "replaces": "a"}, {"id": "c", "replaces": "b"}]
        found = findings(whole, self.rule, agreements=rows)
        assert [(f.line, f.message.partition(": ")[2]) for f in found] == [
            (2, "a > c > b > a"),
            (3, "b > a > c > b"),
            (4, "c > b > a > c"),
        ]

    def test_fires_not_on_a_row_that_only_leads_into_a_circle(self, whole: Package) -> None:
        rows = [{"id": "a", "part_of": "b"}, {"id": "b", "part_of": "b"}]
        shows(findings(whole, self.rule, projects=rows), "data/projects.csv:3 part_of", "b > b", "Empty part_of")

    def test_passes_a_chain_a_fork_and_a_link_to_nowhere(self, whole: Package) -> None:
        links = [("a", "b"), ("b", "c"), ("c", ""), ("d", "b"), ("e", "unknown")]
        rows = [{"id": record, "part_of": parent} for record, parent in links]
        assert findings(whole, self.rule, projects=rows) == []
