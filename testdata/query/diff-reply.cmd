diff --ruleset-before findings/reply-blocked-not.rules --ruleset-after findings/reply-blocked.rules findings/reply-blocked-not.log findings/reply-blocked.log
