report -w 'udp and dst 10.9.2.2' -r ruleset/legacy-trace.iptables-save klog/legacy-trace.kmsg
