diff findings/healthy-not.log findings/reply-blocked.log
