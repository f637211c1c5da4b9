report -b flow -r query/xt-save.rules query/xt-save.txt
