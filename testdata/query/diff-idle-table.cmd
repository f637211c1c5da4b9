diff --ruleset-before findings/healthy-not.rules --ruleset-after findings/reply-blocked.rules findings/healthy-not.log findings/reply-blocked.log
