report -r query/README.md klog/legacy-trace.kmsg
