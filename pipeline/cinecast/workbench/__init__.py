"""What scripts and notebooks take straight from `cinecast`: runs opened, and the stages as functions of arrays.

In: paths as text, arrays, and settings as plain values; what is not given has the defaults of the command line.
Out: arrays, tables as lists of dictionaries or columns that pandas takes, and matplotlib figures.
"""
