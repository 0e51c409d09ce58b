"""Files for others: rows of schema `report`, written as their readers want them.

Python writes files here and works nothing out: each figure is a column of a view or function, so
that `psql` gives the same.
"""
