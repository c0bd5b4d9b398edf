# The sample is what its generator makes, and independent recomputations say what is committed.
need_python
python3 sample-data/zuoquan/generator/generate.py --check
for oracle in county p01_p02_p10_p13 p03_p20 p05_p07_p08_p12_p18 p14_to_p17 p19 p13_scores national; do
  python3 "tests/oracle/$oracle.py" >/dev/null
done
python3 examples/yunfeng/make_returns.py --check
git diff --exit-code --stat -- tests/oracle
