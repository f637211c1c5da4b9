check -r query/xt-save.rules query/absent.expect query/xt-save.txt
