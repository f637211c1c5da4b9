check expect/reply-unseen.expect expect/reply-unseen.kmsg
