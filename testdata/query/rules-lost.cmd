rules -r findings/trace-gap.rules findings/trace-gap.log
