check -r expect/prefix-shared.rules expect/prefix-shared.expect expect/prefix-shared.log
