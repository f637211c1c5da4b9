report -b path -w 'flags syn,!ack' -r ruleset/legacy-trace.iptables-save klog/legacy-trace.kmsg
