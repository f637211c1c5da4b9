check expect/mld.expect expect/mld.txt
