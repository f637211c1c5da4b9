rules --never -r findings/unmatched-before-policy.rules findings/unmatched-before-policy.log
