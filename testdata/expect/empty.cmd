check expect/empty.expect klog/legacy-trace.kmsg
