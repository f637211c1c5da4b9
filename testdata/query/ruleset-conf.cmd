report -r query/nftables.conf klog/legacy-trace.kmsg
