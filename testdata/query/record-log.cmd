record -o query/quiet.log klog/legacy-trace.kmsg
