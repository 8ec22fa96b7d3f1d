"""wip"""


def dataset_citation(descriptor, table=None):
    return "x"
