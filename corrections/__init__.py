"""From "this number is wrong" to a sourced change of the tables.

document   a correction as it is written down, read with all the suspicion that a stranger's file deserves
edits      what a correction does to the rows of the tables
apply      several corrections, all or none: validated, compared, written
log        what remains of it: the log of corrections, the version, the changelog
explain    what would have to change, and where, to alter a value by hand
new        a dialogue that ends in a correction
questions  what it asks: which record, which field, what value
prompt     how a question is asked, answered and taken back
find       records and sources by words
issue      a report made with a form on GitHub, turned into a correction or an answer
forms      the forms on GitHub, and what is written in them
propose    identifiers and spellings for what is new
review     what a pull request changes, as a comment
comment    such a comment, made safe to be posted by who holds a token
"""
