report -b stop --since +2934.5 --until +2935.0 -r ruleset/legacy-trace.iptables-save klog/legacy-trace.kmsg
