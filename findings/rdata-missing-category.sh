#!/usr/bin/env bash
# rdata 1.1.0: a missing category, written to an R file and read back, is the last category.
#
# A status column (never, treated) with one unknown, as a pandas categorical, through `write_rds` and `read_rds`.
# Guess: NA in R, missing in pandas; or a refusal, as for other types that the writer does not know.
# Seen: the missing value is written as factor code 0, which R does not know as NA, and read back as "treated". An
# ordered categorical comes back unordered. No error, no warning.
set -euo pipefail
work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT
cd "$work"
python3 -m venv venv
venv/bin/pip install --quiet 'rdata==1.1.0' 'numpy==2.4.6' 'pandas==3.1.1'
venv/bin/python -I - <<'PY'
import warnings

import pandas as pd
import rdata

warnings.simplefilter("error", UserWarning)  # a warning would end this script
status = pd.Categorical(["never", None, "treated"], categories=["never", "treated"], ordered=True)
rdata.write_rds("panel.rds", pd.DataFrame({"status": status}))
codes = [int(code) for code in rdata.parser.parse_file("panel.rds").object.value[0].value]
back = rdata.read_rds("panel.rds")["status"]
print("written", status.tolist(), "; codes in the file", codes, "; read back", back.tolist())
assert codes == [1, 0, 2], "another code is written now"
assert back.tolist() == ["never", "treated", "treated"], "a missing category survives now"
assert not back.cat.ordered
PY
