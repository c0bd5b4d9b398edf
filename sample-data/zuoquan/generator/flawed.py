"""Faulty versions of October 2013: only the files that replace or join the good month."""


def files(world, month):
    return {}
