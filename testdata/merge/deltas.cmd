report -b stop merge/delta-a.log merge/delta-b.log
