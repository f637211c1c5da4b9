report query/filters.txt
