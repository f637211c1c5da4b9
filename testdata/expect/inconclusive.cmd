check expect/gateway.expect klog/legacy-trace.kmsg
