diff -r findings/trace-gap-not.rules -w 'not reply' findings/trace-gap-not.log findings/trace-gap-not.log
