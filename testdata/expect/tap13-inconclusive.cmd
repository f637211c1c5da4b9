check -F tap13 expect/gateway.expect klog/legacy-trace.kmsg
