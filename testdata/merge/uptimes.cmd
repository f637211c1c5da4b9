report -b stop merge/uptimes.log
