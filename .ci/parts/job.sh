# The README's main-job command, and what an auditor does with its report.
reported
"$dangtong" audit verify reports/2013-10
