# A whole month by the README's commands: late, wrong, sent back, explained, corrected, final, revised.
need_python
built
python3 tests/month/play.py "$dangtong"
