# LibreOffice agrees with the report, and what it saves comes back as it went out.
need soffice libreoffice-calc
need_python
reported
# Forced to recalculate, it agrees with every cached result.
python3 tests/oracle/recalculate.py reports/2013-10/党建统计月报_2013-10.xlsx
# A month on paper is a booklet, not a book: no page that its rows do not need.
need pdftotext poppler-utils
python3 tests/oracle/pages.py reports/2013-10/党建统计月报_2013-10.xlsx
# Forms handed out, filled in and saved by other programs come back without a finding of layout.
python3 tests/month/roundtrip.py "$dangtong"
# Forms that were changed are told from those that were filled in, whatever program saved them.
python3 tests/month/drift.py "$dangtong"
# What goes back to a unit is its own workbook, also after LibreOffice.
python3 tests/month/slips.py "$dangtong"
