"""Rules of return operations: sums, states, destinations and days agree between the tables."""

from __future__ import annotations

import pytest

from borderledger.package import Package
from tests.validate.rules.examples import Row, findings, shows

OPERATIONS, STATES, RETURNS = "data/operations.csv", "data/operation_states.csv", "data/returns.csv"

#: A return in the operation that is typical.
RETURN: Row = {"operation_ref": "RO-1", "from_place": "DE", "to_place": "AL", "period": "2024-05-06", "quantity": "9"}
RETURN |= {"source_id": "file"}


class TestOperationId:
    """An identifier is made from the number, that of a state from the operation and the state."""

    rule = "operation.id"

    def test_fires_on_another_number(self, whole: Package) -> None:
        found = findings(whole, self.rule, operations=[{"reference": "RO-2"}])
        shows(found, f"{OPERATIONS}:2 id", "op-ro-1 is not made from RO-2", "the number in lower case")

    @pytest.mark.parametrize("cells", [{"state": "AT"}, {"operation_id": "op-ro-2"}])
    def test_fires_on_another_state_or_operation(self, whole: Package, cells: Row) -> None:
        found = findings(whole, self.rule, operation_states=[cells])
        shows(found, f"{STATES}:2 id", "op-ro-1-de is not made from", "a hyphen and the state")

    def test_passes_what_is_made_from_them(self, whole: Package) -> None:
        rows = [{}, {"id": "op-vrd-2020-001", "reference": "VRD-2020-001"}]
        assert findings(whole, self.rule, operations=rows, operation_states=[{}]) == []


class TestOperationReach:
    """The reach follows from the destinations, one of which is among the six."""

    rule = "operation.reach"

    @pytest.mark.parametrize(
        ("reach", "destinations"), [("wb6", "AL;HR"), ("wider", "AL;RS"), ("wider", "HR"), ("wb6", "HR")]
    )
    def test_fires_on_another_reach(self, whole: Package, reach: str, destinations: str) -> None:
        found = findings(whole, self.rule, operations=[{"reach": reach, "destinations": destinations}])
        message = f"is {reach}, but the destinations are {destinations}"
        shows(found, f"{OPERATIONS}:2 reach", message, "Correct the destinations")

    @pytest.mark.parametrize(("reach", "destinations"), [("wb6", "AL;RS"), ("wider", "AL;HR"), ("", "AL"), ("wb6", "")])
    def test_passes_the_reach_of_the_destinations(self, whole: Package, reach: str, destinations: str) -> None:
        assert findings(whole, self.rule, operations=[{"reach": reach, "destinations": destinations}]) == []


class TestOperationStates:
    """The states of an operation are those of its rows."""

    rule = "operation.states"

    @pytest.mark.parametrize(("states", "held"), [("AT;DE", "DE"), ("AT", "DE"), ("", "DE")])
    def test_fires_on_another_list(self, whole: Package, states: str, held: str) -> None:
        found = findings(whole, self.rule, operations=[{"states": states}], operation_states=[{}])
        shows(found, f"{OPERATIONS}:2 states", f"is {states}, but operation_states has {held}", "Correct the list")

    def test_fires_on_an_operation_without_rows(self, whole: Package) -> None:
        found = findings(whole, self.rule, operations=[{}])
        shows(found, f"{OPERATIONS}:2 states", "is DE, but operation_states has none", "the rows of operation_states")

    def test_passes_the_states_of_the_rows(self, whole: Package) -> None:
        rows = [{}, {"state": "AT"}, {"operation_id": "op-ro-2", "state": "FR"}]
        assert findings(whole, self.rule, operations=[{"states": "AT;DE"}], operation_states=rows) == []


class TestOperationSum:
    """A figure of an operation is the sum of those of its states."""

    rule = "operation.sum"

    @pytest.mark.parametrize("figure", ["persons", "persons_wb6", "monitors"])
    def test_fires_on_another_sum(self, whole: Package, figure: str) -> None:
        states = [{figure: "9"}, {figure: "3"}, {figure: ""}]
        found = findings(whole, self.rule, operations=[{figure: "11"}], operation_states=states)
        found = [one for one in found if one.field == figure]
        shows(found, f"{OPERATIONS}:2 {figure}", "11, but the states have 12 together", f"Compare {figure} of the")

    @pytest.mark.parametrize(
        ("operation", "states"),
        [
            ({"persons": "12"}, [{"persons": "9"}, {"persons": "3"}, {"persons": ""}]),
            ({"monitors": "2"}, [{"monitors": ""}]),
            ({"monitors": ""}, [{"monitors": "2"}]),
            ({"monitors": "0"}, [{"monitors": "0"}]),
            ({}, [{"operation_id": "op-ro-2", "persons": "7"}]),
        ],
    )
    def test_passes_the_sum_or_what_is_not_known(self, whole: Package, operation: Row, states: list[Row]) -> None:
        other = {"persons_wb6": ""}
        rows = [other | row for row in states]
        assert findings(whole, self.rule, operations=[other | operation], operation_states=rows) == []


class TestOperationPart:
    """A part is not larger than the figure, and all persons of an operation to the six alone go there."""

    rule = "operation.part"

    @pytest.mark.parametrize(
        ("table", "part", "whole_figure"),
        [
            ("operations", "persons_wb6", "persons"),
            ("operation_states", "persons_wb6", "persons"),
            ("operation_states", "pool_monitors", "monitors"),
        ],
    )
    def test_fires_on_a_larger_part(self, whole: Package, table: str, part: str, whole_figure: str) -> None:
        found = findings(whole, self.rule, **{table: [{part: "10", whole_figure: "9"}]})
        shows(found, f"data/{table}.csv:2 {part}", f"10 is more than {whole_figure}, 9", f"Correct {part}")

    def test_fires_on_persons_elsewhere_of_an_operation_to_the_six_alone(self, whole: Package) -> None:
        found = findings(whole, self.rule, operations=[{"persons": "10"}])
        shows(found, f"{OPERATIONS}:2 persons", "10 is more than persons_wb6, 9", "or the destinations")

    def test_passes_equal_figures_and_persons_elsewhere(self, whole: Package) -> None:
        rows = [{}, {"reach": "wider", "persons": "10"}, {"persons_wb6": ""}]
        states = [{}, {"monitors": "2", "pool_monitors": "2"}, {"persons": ""}]
        assert findings(whole, self.rule, operations=rows, operation_states=states) == []


class TestOperationDate:
    """A state takes part on the day of the operation."""

    rule = "operation.date"

    def test_fires_on_another_day(self, whole: Package) -> None:
        found = findings(whole, self.rule, operations=[{}], operation_states=[{"date": "2024-05-07"}])
        message = "2024-05-07, but op-ro-1 was on 2024-05-06"
        shows(found, f"{STATES}:2 date", message, "Copy the date of the operation")

    def test_passes_the_day_and_an_operation_that_is_not_there(self, whole: Package) -> None:
        states = [{}, {"operation_id": "op-ro-2", "date": "2024-05-07"}]
        assert findings(whole, self.rule, operations=[{}], operation_states=states) == []


class TestOperationReturns:
    """The persons of a state in an operation are those in returns."""

    rule = "operation.returns"

    def test_fires_on_other_persons(self, whole: Package) -> None:
        returns = [{**RETURN, "quantity": "5"}, {**RETURN, "to_place": "RS", "quantity": "3"}]
        found = findings(whole, self.rule, operations=[{}], operation_states=[{}], returns=returns)
        shows(found, f"{STATES}:2 persons_wb6", "9, but the rows of returns have 8", "Compare both tables")

    @pytest.mark.parametrize("cells", [{"from_place": "AT"}, {"source_id": "press"}, {"unit": "flights"}])
    def test_fires_if_the_rows_are_of_another_state_or_source_or_unit(self, whole: Package, cells: Row) -> None:
        found = findings(whole, self.rule, operations=[{}], operation_states=[{}], returns=[RETURN | cells])
        shows(found, f"{STATES}:2 persons_wb6", "9, but the rows of returns have 0", "with the file")

    def test_passes_the_persons_in_returns_whatever_another_source_says(self, whole: Package) -> None:
        returns = [{**RETURN, "quantity": "5"}, {**RETURN, "to_place": "RS", "quantity": "4"}]
        returns.append({**RETURN, "source_id": "press", "quantity": "11"})
        states = [{}, {"state": "AL", "persons_wb6": ""}, {"state": "AT", "persons_wb6": "0"}]
        assert findings(whole, self.rule, operations=[{}], operation_states=states, returns=returns) == []


class TestReturnOperation:
    """A return in an operation is by one of its states, to one of its destinations, on its day."""

    rule = "return.operation"

    @pytest.mark.parametrize("cells", [{"from_place": "AT"}, {"to_place": "RS"}])
    def test_fires_on_another_state_or_destination(self, whole: Package, cells: Row) -> None:
        found = findings(whole, self.rule, operations=[{}], returns=[RETURN | cells])
        shows(found, f"{RETURNS}:2 operation_ref", "RO-1 was by DE to AL", "Correct the number")

    def test_fires_on_another_day(self, whole: Package) -> None:
        found = findings(whole, self.rule, operations=[{}], returns=[RETURN | {"period": "2024-05-07"}])
        shows(found, f"{RETURNS}:2 period", "2024-05-07, but RO-1 was on 2024-05-06", "Compare both dates")

    @pytest.mark.parametrize(
        "cells", [{}, {"period": "2024-05"}, {"from_place": ""}, {"operation_ref": "", "from_place": "AT"}]
    )
    def test_passes_the_state_destination_and_day(self, whole: Package, cells: Row) -> None:
        assert findings(whole, self.rule, operations=[{}], returns=[RETURN | cells]) == []
