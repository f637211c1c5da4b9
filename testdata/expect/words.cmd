check expect/words.expect klog/legacy-trace.kmsg
