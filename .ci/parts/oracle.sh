# The sample is what its generator makes, and independent recomputations say what is committed.
need_python
python3 sample-data/zuoquan/generator/generate.py --check
for oracle in county recruits outreach tour campaigns diagnosis composite national; do
  python3 "tests/oracle/$oracle.py" >/dev/null
done
python3 examples/yunfeng/make_returns.py --check
git diff --exit-code --stat -- tests/oracle
