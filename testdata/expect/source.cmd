check expect/source.expect expect/unanswered.kmsg
