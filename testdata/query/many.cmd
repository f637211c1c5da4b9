report --year 2026 query/many.log
