diff -r findings/reply-blocked.rules findings/reply-blocked.log findings/reply-blocked.log
