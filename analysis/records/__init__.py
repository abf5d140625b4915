"""Administrative records of orders and claims in, a panel of provinces and quarters out.

For an agency or a platform that holds the complete data: orders and claims are checked against
their contract, counted exactly on DuckDB or Spark, and released as cells behind a disclosure
rule. No row leaves the machine and no identifier is ever printed. ``records.synthetic`` makes
labelled artificial records with a known truth, to rehearse on.
"""
