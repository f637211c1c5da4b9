rules -F json query/filters.txt
