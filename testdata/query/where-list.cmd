report -w tcp -w 'dport {80, 443' -r ruleset/legacy-trace.iptables-save klog/legacy-trace.kmsg
