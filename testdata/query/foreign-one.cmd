report query/filters.txt query/quiet.log
