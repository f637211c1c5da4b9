check -r query/xt-save.rules query/xt-save.expect query/xt-save.txt
