check expect/gateway.expect query/filters.txt
