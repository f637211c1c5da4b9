check -w 'not udp dport 5' expect/gateway.expect klog/legacy-trace.kmsg
