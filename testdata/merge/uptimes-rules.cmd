rules merge/uptimes.log
