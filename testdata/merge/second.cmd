report -b flow --year 2026 merge/second.log merge/second.log.1
