"""Claims drawn at random and read again beside their document, by somebody who does not see what was entered.

draw        the lot: which entries an audit reads again
masking     what a reader may see of a record: nothing that gives the value away
worksheet   the file that a reader fills in
"""
