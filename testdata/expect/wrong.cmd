check expect/wrong.expect klog/legacy-trace.kmsg
