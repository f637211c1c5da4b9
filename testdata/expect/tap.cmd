check -F tap expect/gateway.expect klog/legacy-trace.kmsg
