diff -r findings/trace-gap.rules findings/trace-gap.log findings/trace-gap-not.log
