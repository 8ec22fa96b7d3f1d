"""Do the links of the sources still live, and where is an archived copy? The only tool that asks other sites by itself.

`python -m links check` asks each address and says what moved and what is gone. `python -m links archive` looks for
archived copies and proposes them as corrections. Both need a network, and say so if there is none. Nothing here is
needed to read, validate or release the dataset.
"""
