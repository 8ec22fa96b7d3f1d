"""What spreadsheets do to the cells of a CSV file: how to recognise it, how to undo it, how to report it."""
