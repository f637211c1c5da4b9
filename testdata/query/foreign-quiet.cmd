report -q -F ndjson query/filters.txt
