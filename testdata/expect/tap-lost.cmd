check -F tap -r findings/trace-gap.rules expect/lost.expect findings/trace-gap.log
