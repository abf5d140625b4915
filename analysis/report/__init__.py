"""Results to exhibits, numbers and documents; nothing here computes a result.

`numbers` collects every number that a text may name, with its lineage; `exhibits` draws the figures
and writes the tables that `exhibits.yml` lists; `documents` fills the generated parts of README and paper.
"""
