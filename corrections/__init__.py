"""From "this number is wrong" to a sourced change of the tables.

One correction
    document            read and write the file of a correction
    schema              the form of a correction, and what is wrong with a file
    plain_text          tests of its text: plain, and about no person

What it does
    book                the rows of the tables while corrections are applied
    edits               each action: change, claim, dispute, record, retire, privacy
    cells               an entry as cells of a row
    evidence            the claims, sources and organisations of a correction
    apply               several corrections, all or none: edit, validate, compare, write
    pending             proposals: one file each, laid over the tables, carried out together
    log                 the log of corrections, the version and the changelog
    outcome             the commands check, propose and apply

The dialogue
    dialogue            the command new: questions that produce the file of a correction
    questions           which record, which field, which value
    evidence_questions  which source, and where in it
    prompt              ask a question, check the answer, go back
    find                find records and sources by words
    meant               what people type for a date or a figure, as the form that they mean
    names               what records are called, and places and bodies by the names that people type
    pasted              what a pasted address, DOI, CELEX or OJ number says about a document
    fetch               ask the address of a document for its title and its day
    ids                 identifiers and spellings for new records and sources

Tables edited by hand
    from_edit           the command from-edit: edited tables become proposals, and are put back
    edited              what somebody changed in the tables

Reports from GitHub
    issue               the command from-issue: answer a report
    report              read a report
    forms               the issue forms and the answers in them
    draft               answers as the keys of a correction
    answer              the answer to a report
    suggest             which records a report in free words may mean

For editors
    explain             where a value is, and how to change it by hand
    review              what a pull request changes, as a comment
    comment             make such a comment safe to post
"""
