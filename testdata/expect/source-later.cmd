check expect/source-later.expect expect/unanswered-all.kmsg
