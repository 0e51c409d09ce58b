"""The HTTP surface made of rows: what the database says is served, described and checked.

`catalog` reads what `report.surface()` answers, `values` turns texts and JSON into typed values,
`statements` composes SQL of catalog names, `serving` answers requests, `openapi` describes it all.
"""
