"""Claims drawn at random and read again beside their document, by somebody who does not see what was entered.

draw        the lot: which entries an audit reads again
masking     what a reader may see of a record: nothing that gives the value away
worksheet   the file that a reader fills in
page        the same at the terminal, question by question
answers     read a filled worksheet, strictly
compare     does an answer say what was entered?
enter       write the results, and settle what differs
drafts      the corrections that follow
report      the rates, as text, Markdown or JSON
"""
